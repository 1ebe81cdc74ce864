#include "ui/panels/warm_start_list.h"

#include "core/store/stores.h"
#include "ui/graph/elided_label.h"

#include <QFileDialog>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QMenu>
#include <QToolButton>

namespace archscope::ui {

WarmStartList::WarmStartList(QWidget* parent) : RowList(QStringLiteral("warmStart"), tr("+ Earlier study…"), parent)
{
}

void WarmStartList::addRow()
{
    offer(m_storeFile);
}

void WarmStartList::offer(const QString& file)
{
    using Listed = Result<std::vector<search::StudySummary>>;
    m_listing.run(
        this,
        [url = "sqlite:" + file.toStdString(), exists = QFileInfo::exists(file)]() -> Listed {
            if (!exists)
                return std::vector<search::StudySummary>();
            ARCHSCOPE_ASSIGN(const auto store, store::openStore(url, store::OpenMode::ReadOnly));
            return store->list();
        },
        [this, file](const Listed& studies) {
            delete m_menu;
            m_menu = new QMenu(this);
            m_menu->setObjectName(QStringLiteral("warmStart.studies"));
            m_menu->setAttribute(Qt::WA_DeleteOnClose);
            if (!studies)
                m_menu->addAction(QString::fromStdString(studies.error().text()))->setEnabled(false);
            else if (studies->empty())
                m_menu->addAction(tr("No studies in %1 yet").arg(QFileInfo(file).fileName()))->setEnabled(false);
            else {
                for (const search::StudySummary& study : *studies) {
                    QAction* action = m_menu->addAction(tr("%1: %2 on %3, %n trial(s)", nullptr, static_cast<int>(study.completed))
                                                            .arg(QString::fromStdString(study.name), QString::fromStdString(study.space),
                                                                 QString::fromStdString(study.task)));
                    connect(action, &QAction::triggered, this, [this, file, name = study.name] {
                        add({"sqlite:" + file.toStdString(), name});
                        Q_EMIT edited();
                    });
                }
            }
            m_menu->addSeparator();
            connect(m_menu->addAction(tr("Another store…")), &QAction::triggered, this, [this] {
                const QString other = QFileDialog::getOpenFileName(this, tr("Learn from a study in"), m_storeFile, tr("Archscope stores (*.archscope)"));
                if (!other.isEmpty())
                    offer(other);
            });
            m_menu->popup(addButton()->mapToGlobal(QPoint(0, addButton()->height())));
        });
}

void WarmStartList::add(const search::WarmStartSource& source)
{
    for (const Row& row : m_entries) {
        if (row.source == source)
            return;
    }
    QWidget* widget = makeRow();
    auto* label = new ElidedLabel(QString::fromStdString(source.study), widget);
    label->setObjectName(QStringLiteral("warmStart.study"));
    label->setToolTip(QString::fromStdString(source.store + "#" + source.study));
    static_cast<QHBoxLayout*>(widget->layout())->insertWidget(0, label, 1);
    m_entries.push_back({widget, source});
}

void WarmStartList::removeRow(QWidget* row)
{
    std::erase_if(m_entries, [row](const Row& entry) { return entry.widget == row; });
}

std::vector<search::WarmStartSource> WarmStartList::sources() const
{
    std::vector<search::WarmStartSource> sources;
    for (const Row& row : m_entries)
        sources.push_back(row.source);
    return sources;
}

QString WarmStartList::summary() const
{
    QStringList names;
    for (const Row& row : m_entries)
        names << QString::fromStdString(row.source.study);
    return names.join(QStringLiteral(", "));
}

} // namespace archscope::ui
