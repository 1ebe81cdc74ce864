// What a search aims at and what it must keep: rows of metrics, to be added and removed.
#pragma once

#include "core/search/objective.h"

#include <QWidget>
#include <vector>

class QComboBox;
class QLineEdit;
class QToolButton;
class QVBoxLayout;

namespace archscope::ui {

/// Rows under each other, each with a button that removes it, and one button below that adds a row.
class RowList : public QWidget {
    Q_OBJECT
Q_SIGNALS:
    void edited();

protected:
    RowList(const QString& name, const QString& addText, QWidget* parent);
    /// A row to put fields into; called by `addRow`.
    QWidget* makeRow();
    virtual void addRow() = 0;
    virtual void removeRow(QWidget* row) = 0;
    void setRemovable(QWidget* row, bool removable);
    QToolButton* addButton() const { return m_add; }

private:
    QString m_name;
    QVBoxLayout* m_rows = nullptr;
    QToolButton* m_add = nullptr;
};

/// The first objective comes first everywhere: the best trial is the best by it. There is always one.
class ObjectiveList : public RowList {
    Q_OBJECT
public:
    explicit ObjectiveList(QWidget* parent = nullptr);
    std::vector<search::Objective> objectives() const; ///< needs `problem()` to be empty
    QString problem() const; ///< a metric twice, a target that is no number
    QString summary() const;

protected:
    void addRow() override;
    void removeRow(QWidget* row) override;

private:
    struct Row {
        QWidget* widget;
        QComboBox* metric;
        QComboBox* direction;
        QLineEdit* target; ///< of the second and further ones
        std::string text() const; ///< as on the command line
    };
    void addRow(const QString& metric);
    void showTargets();
    Result<std::vector<search::Objective>> read() const;
    std::vector<Row> m_entries;
};

class ConstraintList : public RowList {
    Q_OBJECT
public:
    explicit ConstraintList(QWidget* parent = nullptr);
    std::vector<search::Constraint> constraints() const; ///< needs `problem()` to be empty
    QString problem() const; ///< a bound that is no number
    QString summary() const;

protected:
    void addRow() override;
    void removeRow(QWidget* row) override;

private:
    struct Row {
        QWidget* widget;
        QComboBox* metric;
        QComboBox* relation;
        QLineEdit* bound;
        std::string text() const;
    };
    std::vector<Row> m_entries;
};

} // namespace archscope::ui
