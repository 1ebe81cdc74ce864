#include "ui/graph/quick_add_popup.h"

#include <QLineEdit>
#include <QListWidget>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

QuickAddPopup::QuickAddPopup(std::vector<PaletteEntry> entries, QWidget* parent)
    : EntryPopup(QStringLiteral("quickAdd"), std::move(entries), parent)
{
    setObjectName(QStringLiteral("quickAdd"));
    search()->setAccessibleName(tr("Add a node by name"));
    search()->setPlaceholderText(tr("Add a node: type its name"));
    list()->setAccessibleName(tr("Matching nodes"));
    list()->setFocusPolicy(Qt::NoFocus);
    setFixedSize(280, 320);
    connect(search(), &QLineEdit::textChanged, this, &QuickAddPopup::filter);
    connect(list(), &QListWidget::itemClicked, this, &QuickAddPopup::choose);
    filter({});
}

void QuickAddPopup::filter(const QString& words)
{
    std::vector<std::pair<int, const PaletteEntry*>> matches;
    for (const PaletteEntry& entry : entries())
        if (const int score = matchScore(entry, words); score > 0)
            matches.emplace_back(score, &entry);
    std::ranges::stable_sort(matches, std::ranges::greater{}, [](const auto& match) { return match.first; });
    list()->clear();
    for (const auto& [score, entry] : matches)
        add(*entry);
    list()->setCurrentRow(0);
}

void QuickAddPopup::choose()
{
    const QListWidgetItem* item = list()->currentItem();
    if (!item)
        return;
    const QString key = item->data(Qt::UserRole).toString();
    close();
    Q_EMIT chosen(key);
}

bool QuickAddPopup::takesKey(int key)
{
    if (!isEnter(key) && key != Qt::Key_Tab)
        return false;
    choose();
    return true;
}

} // namespace archscope::ui
