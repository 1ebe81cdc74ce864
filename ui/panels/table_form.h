// A search on a table: the CSV file that metrics are looked up in, and what its columns mean.
#pragma once

#include "core/search/study.h"
#include "ui/bridge/background.h"

#include <QStringList>
#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;

namespace archscope::ui {

class TableForm : public QWidget {
    Q_OBJECT
public:
    explicit TableForm(QWidget* parent = nullptr);

    void setFile(const QString& file); ///< columns that speak for themselves are chosen
    /// Nothing while no file is chosen: candidates are trained.
    std::optional<search::TableSpec> table() const;
    double simulatedSeconds() const; ///< 0: no bound
    QString problem() const;
    QString summary() const;

Q_SIGNALS:
    void edited();

private:
    QComboBox* addColumn(const char* name, const QString& title, const QString& help, bool optional);
    void showColumns(const QStringList& columns);

    QLineEdit* m_file = nullptr;
    QLabel* m_note = nullptr;
    QComboBox* m_key = nullptr;
    QComboBox* m_metric = nullptr;
    QComboBox* m_test = nullptr;
    QComboBox* m_cost = nullptr;
    QLineEdit* m_budget = nullptr;
    QString m_unreadable; ///< why there are no columns
    LatestOnly m_reading;
};

} // namespace archscope::ui
