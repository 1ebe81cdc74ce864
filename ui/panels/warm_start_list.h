// The earlier studies a search learns from.
#pragma once

#include "core/search/study.h"
#include "ui/bridge/background.h"
#include "ui/panels/goal_lists.h"

#include <QPointer>

class QMenu;

namespace archscope::ui {

class WarmStartList : public RowList {
    Q_OBJECT
public:
    explicit WarmStartList(QWidget* parent = nullptr);

    void setStoreFile(const QString& file) { m_storeFile = file; } ///< whose studies are offered first
    std::vector<search::WarmStartSource> sources() const;
    void add(const search::WarmStartSource& source); ///< one that is there already is not added again
    QString summary() const;

protected:
    void addRow() override; ///< offers the studies of the store in a menu
    void removeRow(QWidget* row) override;

private:
    void offer(const QString& file);

    struct Row {
        QWidget* widget;
        search::WarmStartSource source;
    };
    std::vector<Row> m_entries;
    QString m_storeFile;
    LatestOnly m_listing;
    QPointer<QMenu> m_menu;
};

} // namespace archscope::ui
