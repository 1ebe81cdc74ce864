#include "ui/graph/node_section.h"

#include "ui/commands/space_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/elided_label.h"
#include "ui/graph/node_form.h"
#include "ui/graph/operation_checklist.h"
#include "ui/graph/palette_entries.h"
#include "ui/graph/quick_add_popup.h"
#include "ui/graph/space_text.h"

#include <QFormLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

using namespace space;

namespace {

bool contains(const Node& node, NodeId id)
{
    const auto* parts = partsOf(node);
    return node.id == id || (parts && std::ranges::any_of(*parts, [id](const Node& part) { return contains(part, id); }));
}

Block namesOf(const std::vector<Node>& nodes)
{
    Block names;
    for (const Node& node : nodes)
        names.nodes.push_back(makeNode(node.id, node.name, Input{}));
    return names;
}

} // namespace

PartsSection::PartsSection(
    SpaceDocument* document, const Node& node, NodeId unfolded, const QString& prefix, QWidget* parent)
    : NodeSection(document, node.id, prefix, parent)
    , m_ordered(std::holds_alternative<Order>(node.body))
    , m_unfolded(unfolded)
{
    if (m_ordered)
        m_layout->addWidget(noteLabel(
            tr("All of these, one after the other, in an order that the search finds:"), canvasColours().textMuted, this));
    else
        m_layout->addWidget(new PickSection(document, node, prefix, this));
    auto* list = new QVBoxLayout;
    list->setSpacing(4);
    for (const Node& part : *partsOf(node))
        list->addWidget(row(part));
    m_layout->addLayout(list);
    auto* buttons = new QHBoxLayout;
    auto* one = new QPushButton(canvasIcon(QStringLiteral("add")), m_ordered ? tr("Add step") : tr("Add alternative"), this);
    one->setObjectName(named(m_ordered ? "addStep" : "addAlternative"));
    connect(one, &QPushButton::clicked, this, [this, one] { pickOne(one); });
    auto* several = new QPushButton(tr("Add several…"), this);
    several->setObjectName(named("addSeveral"));
    several->setToolTip(tr("Tick operations in a list, or type their names with commas between them"));
    connect(several, &QPushButton::clicked, this, [this, several] { pickSeveral(several); });
    buttons->addWidget(one, 1);
    buttons->addWidget(several);
    m_layout->addLayout(buttons);
}

bool PartsSection::isUnfolded(const Node& part) const
{
    return m_unfolded.isValid() && contains(part, m_unfolded);
}

QWidget* PartsSection::row(const Node& part)
{
    const NodeId id = part.id;
    const QString name = QString::fromStdString(part.name);
    const QString prefix
        = QStringLiteral("%1.%2").arg(m_ordered ? QStringLiteral("step") : QStringLiteral("alternative"), name);
    const bool unfolded = isUnfolded(part);
    auto* frame = new QFrame(this);
    frame->setFrameShape(QFrame::StyledPanel);
    frame->setObjectName(named(prefix));
    frame->setProperty(partProperty, static_cast<qlonglong>(id.value()));
    auto* fold = new QToolButton(frame);
    fold->setObjectName(named(prefix + QStringLiteral(".fold")));
    fold->setAccessibleName(tr("Show parameters of %1").arg(name));
    fold->setArrowType(unfolded ? Qt::DownArrow : Qt::RightArrow);
    fold->setAutoRaise(true);
    connect(fold, &QToolButton::clicked, this, [this, id, unfolded] { Q_EMIT unfoldWished(unfolded ? NodeId() : id); });
    auto* chip = new QLabel(frame);
    chip->setPixmap(categoryChip(nodeCategory(part, m_document->operations())).pixmap(14, 14));
    QString summary = nodeTitle(part, m_document->operations());
    const auto* operation = std::get_if<Operation>(&part.body);
    const QString set = operation ? parameterSummary(*operation, m_document->operations()) : QString();
    if (operation && part.name != operation->type)
        summary = name; // its own name says more; the tooltip has both
    if (!set.isEmpty())
        summary += QStringLiteral("  ") + set;
    auto* label = new ElidedLabel(summary, frame);
    label->setToolTip(QStringLiteral("%1: %2  %3").arg(name, nodeTitle(part, m_document->operations()), set));
    auto* remove = new QToolButton(frame);
    remove->setObjectName(named(prefix + QStringLiteral(".remove")));
    remove->setAccessibleName(m_ordered ? tr("Remove step %1").arg(name) : tr("Remove alternative %1").arg(name));
    remove->setToolTip(m_ordered ? tr("Remove this step") : tr("Remove this alternative"));
    remove->setIcon(canvasIcon(QStringLiteral("remove")));
    remove->setAutoRaise(true);
    connect(remove, &QToolButton::clicked, this, [this, id, title = remove->accessibleName()] {
        change(title,
            [id](Node& changed) { std::erase_if(*partsOf(changed), [id](const Node& each) { return each.id == id; }); });
    });
    auto* line = new QHBoxLayout;
    line->setSpacing(4);
    line->addWidget(fold);
    line->addWidget(chip);
    line->addWidget(label, 1);
    line->addWidget(moreButton(part, frame));
    line->addWidget(remove);
    auto* layout = new QVBoxLayout(frame);
    layout->setContentsMargins(4, 2, 4, 2);
    layout->setSpacing(8);
    layout->addLayout(line);
    layout->addWidget(new IssueNotes(m_document, id, frame));
    if (unfolded)
        addPartFields(layout, part, frame);
    return frame;
}

void PartsSection::addPartFields(QVBoxLayout* layout, const Node& part, QWidget* frame)
{
    const NodeId id = part.id;
    const QString prefix = named(QStringLiteral("%1.%2.").arg(
        m_ordered ? QStringLiteral("step") : QStringLiteral("alternative"), QString::fromStdString(part.name)));
    auto* name = new QLineEdit(QString::fromStdString(part.name), frame);
    name->setObjectName(prefix + QStringLiteral("name"));
    name->setAccessibleName(m_ordered ? tr("Name of the step") : tr("Name of the alternative"));
    auto* problem = noteLabel({}, canvasColours().error, frame);
    problem->setObjectName(prefix + QStringLiteral("nameProblem"));
    problem->hide();
    connect(name, &QLineEdit::editingFinished, this, [this, id, name, problem] {
        name->setModified(false);
        const Node* now = m_document->space().find(id);
        const std::string wanted = name->text().trimmed().toStdString();
        if (!now || wanted == now->name)
            return;
        const QString why = renameNode(*m_document, id, wanted);
        problem->setText(why);
        problem->setVisible(!why.isEmpty());
    });
    auto* form = new QFormLayout;
    form->addRow(tr("Name"), name);
    layout->addLayout(form);
    layout->addWidget(problem);
    if (NodeSection* section = makeNodeSection(m_document, id, m_unfolded, prefix, frame)) {
        forward(section);
        layout->addWidget(section);
    }
    if (m_document->space().findBlock(id)) {
        auto* open = new QPushButton(canvasIcon(QStringLiteral("open")), tr("Open its inside"), frame);
        open->setObjectName(prefix + QStringLiteral("open"));
        connect(open, &QPushButton::clicked, this, [this, id] { Q_EMIT openWished(id); });
        layout->addWidget(open);
    }
    layout->addSpacing(4);
}

QWidget* PartsSection::moreButton(const Node& part, QWidget* parent)
{
    const NodeId id = part.id;
    const QString name = QString::fromStdString(part.name);
    const QString prefix
        = QStringLiteral("%1.%2").arg(m_ordered ? QStringLiteral("step") : QStringLiteral("alternative"), name);
    auto* more = new QToolButton(parent);
    more->setObjectName(named(prefix + QStringLiteral(".more")));
    more->setAccessibleName(tr("Move or duplicate %1").arg(name));
    more->setToolTip(tr("Move up or down, duplicate"));
    more->setIcon(canvasIcon(QStringLiteral("more")));
    more->setAutoRaise(true);
    more->setPopupMode(QToolButton::InstantPopup);
    auto* menu = new QMenu(more);
    const std::vector<Node>& all = *partsOf(*m_document->space().find(m_node));
    const auto add = [&](const QString& text, const char* action, bool enabled, auto&& done) {
        QAction* entry = menu->addAction(text);
        entry->setObjectName(named(prefix + QLatin1Char('.') + QString::fromLatin1(action)));
        entry->setEnabled(enabled);
        connect(entry, &QAction::triggered, this, done);
    };
    add(tr("Move up"), "up", all.front().id != id, [this, id] { move(id, -1); });
    add(tr("Move down"), "down", all.back().id != id, [this, id] { move(id, 1); });
    add(tr("Duplicate"), "duplicate", true, [this, id] { duplicate(id); });
    more->setMenu(menu);
    return more;
}

void PartsSection::move(NodeId part, int by)
{
    change(by < 0 ? tr("Move up") : tr("Move down"), [part, by](Node& changed) {
        std::vector<Node>& parts = *partsOf(changed);
        const auto at = std::ranges::find(parts, part, &Node::id) - parts.begin();
        if (at + by >= 0 && at + by < static_cast<std::ptrdiff_t>(parts.size()))
            std::swap(parts[static_cast<std::size_t>(at)], parts[static_cast<std::size_t>(at + by)]);
    });
}

void PartsSection::duplicate(NodeId part)
{
    std::int64_t next = m_document->space().freshId().value();
    const NodeId added(next);
    const QString why = change(tr("Duplicate"), [&](Node& changed) {
        std::vector<Node>& parts = *partsOf(changed);
        const auto at = std::ranges::find(parts, part, &Node::id);
        Node copy = *at;
        renumber(copy, next);
        copy.name = freeName(namesOf(parts), copy.name);
        parts.insert(at + 1, std::move(copy));
    });
    if (why.isEmpty())
        Q_EMIT unfoldWished(added);
}

void PartsSection::pickOne(QWidget* below)
{
    auto* popup = new QuickAddPopup(
        partEntries(m_document->operations(), m_document->space(), m_ordered ? PartOf::Order : PartOf::Choice), this);
    connect(popup, &QuickAddPopup::chosen, this, [this](const QString& key) { add({ key }); });
    popup->popUp(below->mapToGlobal(QPoint(0, below->height())));
}

void PartsSection::pickSeveral(QWidget* below)
{
    auto* popup = new OperationChecklist(
        partEntries(m_document->operations(), m_document->space(), m_ordered ? PartOf::Order : PartOf::Choice), this);
    connect(popup, &OperationChecklist::chosen, this, &PartsSection::add);
    popup->popUp(below->mapToGlobal(QPoint(0, below->height())));
}

void PartsSection::add(const QStringList& entryKeys)
{
    std::int64_t next = m_document->space().freshId().value();
    std::vector<Node> added;
    for (const QString& key : entryKeys)
        if (std::optional<Node> node = nodeFor(m_document->operations(), key)) {
            renumber(*node, next);
            added.push_back(std::move(*node));
        }
    if (added.empty())
        return;
    const NodeId last = added.back().id;
    const int count = static_cast<int>(added.size());
    const QString one = m_ordered ? tr("Add a step") : tr("Add an alternative");
    const QString several = m_ordered ? tr("Add %1 steps") : tr("Add %1 alternatives");
    const QString title = count == 1 ? one : several.arg(count);
    const QString why = change(title, [&added](Node& changed) {
        std::vector<Node>& parts = *partsOf(changed);
        for (Node& node : added) {
            node.name = freeName(namesOf(parts), node.name);
            parts.push_back(std::move(node));
        }
    });
    if (why.isEmpty() && count == 1)
        Q_EMIT unfoldWished(last);
}

} // namespace archscope::ui
