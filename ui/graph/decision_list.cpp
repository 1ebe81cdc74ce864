#include "ui/graph/decision_list.h"

#include "core/space/decision_space.h"

#include <QHeaderView>
#include <QLineEdit>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <map>

namespace archscope::ui {

using namespace space;

namespace {

/// The key with a star for each number that is a whole part of it: "layers/0/op" becomes "layers/*/op".
std::string starred(const std::string& key)
{
    std::string pattern;
    std::size_t begin = 0;
    while (begin <= key.size()) {
        const std::size_t end = std::min(key.find('/', begin), key.size());
        const std::string part = key.substr(begin, end - begin);
        const bool number = !part.empty() && part.find_first_not_of("0123456789") == std::string::npos;
        pattern += (begin == 0 ? "" : "/") + (number ? "*" : part);
        begin = end + 1;
    }
    return pattern;
}

QString textOf(const Literal& value)
{
    return QString::fromStdString(literalText(value));
}

} // namespace

std::vector<DecisionEntry> decisionEntries(SearchSpace space)
{
    space.constraints.clear();
    const auto decisions = DecisionSpace::compile(space);
    if (!decisions)
        return {};
    std::vector<DecisionEntry> entries;
    std::map<std::string, int> patterns;
    for (const Decision& decision : decisions->decisions()) {
        const auto size = decision.domain.size();
        if (!size)
            continue; // of a real domain no single value can be named
        DecisionEntry entry{ decision.key, {} };
        constexpr std::int64_t listed = 64;
        for (std::int64_t i = 0; i < std::min(*size, listed); ++i)
            entry.values.push_back(decision.domain.at(static_cast<double>(i)));
        if (const std::string pattern = starred(decision.key); pattern != decision.key && ++patterns[pattern] == 2)
            entries.push_back({ pattern, entry.values });
        entries.push_back(std::move(entry));
    }
    std::ranges::stable_sort(entries, [](const DecisionEntry& a, const DecisionEntry& b) {
        return std::pair(a.key.find('*') == std::string::npos, starred(a.key))
            < std::pair(b.key.find('*') == std::string::npos, starred(b.key));
    });
    return entries;
}

DecisionList::DecisionList(const SearchSpace& space, Mode mode, QWidget* parent)
    : QWidget(parent)
    , m_mode(mode)
{
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("decisionSearch"));
    m_search->setAccessibleName(tr("Search decisions"));
    m_search->setPlaceholderText(tr("Search decisions and values"));
    m_search->setClearButtonEnabled(true);
    m_tree = new QTreeWidget(this);
    m_tree->setObjectName(QStringLiteral("decisionTree"));
    m_tree->setAccessibleName(tr("Decisions and their values"));
    m_tree->setHeaderHidden(true);
    m_tree->setUniformRowHeights(true);
    m_tree->setIndentation(14);
    m_tree->setFixedHeight(m_tree->fontMetrics().lineSpacing() * 10);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_search);
    layout->addWidget(m_tree);
    connect(m_search, &QLineEdit::textChanged, this, &DecisionList::filter);
    connect(m_tree, &QTreeWidget::itemChanged, this, [this](const QTreeWidgetItem* item) {
        const QTreeWidgetItem* owner = item->parent();
        if (!owner)
            return;
        const std::string key = owner->text(0).toStdString();
        const auto entry = std::ranges::find(m_entries, key, &DecisionEntry::key);
        const Literal& value
            = entry->values[static_cast<std::size_t>(owner->indexOfChild(const_cast<QTreeWidgetItem*>(item)))];
        auto condition = std::ranges::find(m_ticked, key, &Forbid::Condition::key);
        if (condition == m_ticked.end())
            condition = m_ticked.insert(m_ticked.end(), { key, {} });
        std::erase(condition->values, value);
        if (item->checkState(0) == Qt::Checked)
            condition->values.push_back(value);
        if (condition->values.empty())
            m_ticked.erase(condition);
        Q_EMIT changed();
    });
    connect(m_tree, &QTreeWidget::currentItemChanged, this, [this](const QTreeWidgetItem* item) {
        if (m_mode == Mode::ChooseOne && item)
            Q_EMIT valueChosen(
                item->parent() ? item->parent()->text(0) : item->text(0), item->parent() ? item->text(0) : QString());
    });
    m_latest.run(
        this, [space] { return decisionEntries(space); },
        [this](const std::vector<DecisionEntry>& entries) { fill(entries); });
}

void DecisionList::setTicked(std::vector<Forbid::Condition> conditions)
{
    m_ticked = std::move(conditions);
    fill(m_entries);
}

void DecisionList::fill(const std::vector<DecisionEntry>& entries)
{
    const QSignalBlocker quiet(m_tree);
    m_entries = entries;
    m_tree->clear();
    for (const DecisionEntry& entry : m_entries) {
        auto* decision = new QTreeWidgetItem(m_tree, { QString::fromStdString(entry.key) });
        decision->setToolTip(0, decision->text(0));
        const auto condition = std::ranges::find(m_ticked, entry.key, &Forbid::Condition::key);
        for (const Literal& value : entry.values) {
            auto* item = new QTreeWidgetItem(decision, { textOf(value) });
            if (m_mode == Mode::ChooseOne)
                continue;
            const bool isTicked
                = condition != m_ticked.end() && std::ranges::find(condition->values, value) != condition->values.end();
            item->setFlags(item->flags() | Qt::ItemIsUserCheckable);
            item->setCheckState(0, isTicked ? Qt::Checked : Qt::Unchecked);
            if (isTicked)
                decision->setExpanded(true);
        }
    }
    constexpr int few = 3;
    if (m_tree->topLevelItemCount() <= few)
        m_tree->expandAll();
    filter(m_search->text());
}

void DecisionList::filter(const QString& words)
{
    const QStringList parts = words.split(QLatin1Char(' '), Qt::SkipEmptyParts);
    const auto fits = [&parts](const QString& text) {
        return std::ranges::all_of(parts, [&text](const QString& part) { return text.contains(part, Qt::CaseInsensitive); });
    };
    for (int i = 0; i < m_tree->topLevelItemCount(); ++i) {
        QTreeWidgetItem* decision = m_tree->topLevelItem(i);
        const bool byKey = fits(decision->text(0));
        bool any = byKey;
        for (int v = 0; v < decision->childCount(); ++v) {
            const bool shown = byKey || fits(decision->text(0) + QLatin1Char(' ') + decision->child(v)->text(0));
            decision->child(v)->setHidden(!shown);
            any = any || shown;
        }
        decision->setHidden(!any);
        if (any && !parts.isEmpty())
            decision->setExpanded(true);
    }
}

} // namespace archscope::ui
