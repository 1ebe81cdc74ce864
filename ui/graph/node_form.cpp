#include "ui/graph/node_form.h"

#include "ui/commands/primitive_edits.h"
#include "ui/commands/rename_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/node_look.h"
#include "ui/graph/node_section.h"
#include "ui/graph/space_layout.h"
#include "ui/graph/space_text.h"

#include <QApplication>
#include <QCheckBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

using namespace space;

namespace {

/// The node of the block that shows `id`: itself, or the one that has it as an alternative or a step.
const Node* shownNode(const Block& block, NodeId id)
{
    for (const Node& node : block.nodes) {
        if (node.id == id)
            return &node;
        const auto* parts = partsOf(node);
        if (parts && std::ranges::find(*parts, id, &Node::id) != parts->end())
            return &node;
    }
    return nullptr;
}

/// What growing costs the others, in a block that was placed by hand.
Moves roomFor(const SpaceDocument& document, const Node& changed)
{
    const NodeId owner = document.space().ownerOf(changed.id);
    const Block* before = document.space().findBlock(owner);
    if (!before || std::ranges::any_of(before->nodes, [](const Node& node) { return !node.placed; }))
        return {};
    const auto sizeOf
        = [&document](const Node& node) { return lookOf(node, 1, document.operations(), QApplication::font()).size; };
    Boxes boxes;
    for (const Node& node : before->nodes) {
        const QSizeF size = sizeOf(node);
        boxes[node.id] = { { node.position.x - size.width() / 2, node.position.y }, size };
    }
    const Node* shown = shownNode(*before, changed.id);
    if (!shown)
        return {};
    Node after = *shown;
    if (after.id == changed.id)
        after.body = changed.body;
    else
        *std::ranges::find(*partsOf(after), changed.id, &Node::id) = changed;
    return roomToGrow(boxes, after.id, sizeOf(after).height());
}

} // namespace

QString replaceNode(SpaceDocument& document, Node node, const QString& title)
{
    Moves moves = roomFor(document, node);
    const auto done = document.push(replaceEdit(std::move(node), title, std::move(moves)));
    return done ? QString() : QString::fromStdString(done.error().message);
}

QString changeNode(SpaceDocument& document, NodeId id, const QString& title, const std::function<void(Node&)>& change)
{
    const Node* now = document.space().find(id);
    if (!now)
        return NodeForm::tr("This node is no longer there.");
    Node changed = *now;
    change(changed);
    return changed == *now ? QString() : replaceNode(document, std::move(changed), title);
}

QString renameNode(SpaceDocument& document, NodeId id, const std::string& name)
{
    const auto edit = renameNodeEdit(document.space(), id, name);
    if (!edit)
        return QString::fromStdString(edit.error().message);
    const auto done = document.push(*edit);
    return done ? QString() : QString::fromStdString(done.error().message);
}

QLabel* noteLabel(const QString& text, const QColor& colour, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    label->setWordWrap(true);
    label->setTextInteractionFlags(Qt::TextSelectableByMouse);
    QPalette palette = label->palette();
    palette.setColor(QPalette::WindowText, colour);
    label->setPalette(palette);
    return label;
}

QLabel* headingLabel(const QString& text, QWidget* parent)
{
    auto* heading = new QLabel(text, parent);
    heading->setObjectName(QStringLiteral("inspectorHeading"));
    QFont font = heading->font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * 1.15);
    heading->setFont(font);
    heading->setWordWrap(true);
    return heading;
}

IssueNotes::IssueNotes(SpaceDocument* document, NodeId node, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_node(node)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(6);
    connect(document, &SpaceDocument::issuesChanged, this, &IssueNotes::showIssues);
    showIssues();
}

void IssueNotes::showIssues()
{
    while (QLayoutItem* item = layout()->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    const std::vector<Issue> issues = m_document->issuesOf(m_node);
    for (const Issue& issue : issues)
        layout()->addWidget(noteLabel(QString::fromStdString(issue.message),
            issue.severity == Issue::Severity::Error ? canvasColours().error : canvasColours().warning, this));
    setVisible(!issues.empty());
}

NodeForm::NodeForm(SpaceDocument* document, NodeId node, NodeId unfolded, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_node(node)
    , m_unfolded(unfolded)
{
    setObjectName(QStringLiteral("nodeForm"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(12, 10, 12, 12);
    m_layout->setSpacing(10);
    const Node* shown = document->space().find(node);
    if (!shown)
        return;
    addHeading(*shown);
    if (std::holds_alternative<Input>(shown->body) || std::holds_alternative<Output>(shown->body)) {
        m_layout->addWidget(noteLabel(
            std::holds_alternative<Input>(shown->body) ? tr("What comes into this block.") : tr("What this block gives."),
            canvasColours().textMuted, this));
        if (std::holds_alternative<Input>(shown->body))
            addNameAndPresence(*shown);
    } else {
        addNameAndPresence(*shown);
        if (NodeSection* section = makeNodeSection(document, node, m_unfolded, {}, this)) {
            connect(section, &NodeSection::openWished, this, &NodeForm::openWished);
            connect(section, &NodeSection::unfoldWished, this, &NodeForm::unfoldWished);
            m_layout->addWidget(section);
        }
        if (document->space().findBlock(node))
            addOpenButton(*shown);
    }
    addOutputShapes();
    m_layout->addStretch();
}

void NodeForm::addHeading(const Node& node)
{
    QString title = nodeTitle(node, m_document->operations());
    if (std::holds_alternative<Select>(node.body))
        title = tr("Selection of inputs");
    auto* heading = headingLabel(title, this);
    auto* chip = new QLabel(this);
    const Glyph glyph = glyphOf(node);
    const QIcon icon = glyph == Glyph::None ? categoryChip(nodeCategory(node, m_document->operations())) : glyphIcon(glyph);
    chip->setPixmap(icon.pixmap(14, 14));
    auto* row = new QHBoxLayout;
    row->addWidget(chip);
    row->addWidget(heading, 1);
    m_layout->addLayout(row);
    m_layout->addWidget(new IssueNotes(m_document, node.id, this));
    if (const auto* operation = std::get_if<Operation>(&node.body))
        if (const OperationTraits* traits = m_document->operations().find(operation->type))
            m_layout->addWidget(
                noteLabel(QString::fromStdString(traits->descriptor().help), canvasColours().textMuted, this));
}

void NodeForm::addNameAndPresence(const Node& node)
{
    auto* name = new QLineEdit(QString::fromStdString(node.name), this);
    name->setObjectName(QStringLiteral("nodeName"));
    name->setAccessibleName(tr("Name"));
    name->setToolTip(tr("What its decisions are called by in studies and on the command line"));
    auto* problem = noteLabel({}, canvasColours().error, this);
    problem->setObjectName(QStringLiteral("nodeNameProblem"));
    problem->hide();
    connect(name, &QLineEdit::editingFinished, this, [this, name, problem] {
        name->setModified(false);
        const Node* now = m_document->space().find(m_node);
        const std::string wanted = name->text().trimmed().toStdString();
        if (!now || wanted == now->name)
            return;
        const QString why = renameNode(*m_document, m_node, wanted);
        problem->setText(why);
        problem->setVisible(!why.isEmpty());
    });
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Name"), name);
    m_layout->addLayout(form);
    m_layout->addWidget(problem);
    if (std::holds_alternative<Input>(node.body))
        return;
    auto* optional = new QCheckBox(tr("Optional: the search may leave it out"), this);
    optional->setObjectName(QStringLiteral("nodeOptional"));
    optional->setChecked(node.optional);
    optional->setToolTip(tr("Left out, its first input passes through"));
    connect(optional, &QCheckBox::clicked, this, [this](bool checked) {
        changeNode(*m_document, m_node, checked ? tr("Make optional") : tr("Make required"),
            [checked](Node& changed) { changed.optional = checked; });
    });
    m_layout->addWidget(optional);
}

void NodeForm::addOpenButton(const Node& node)
{
    const Block& body = *m_document->space().findBlock(node.id);
    auto* open
        = new QPushButton(canvasIcon(QStringLiteral("open")), tr("Open its inside (%1)").arg(blockSummary(body)), this);
    open->setObjectName(QStringLiteral("openBlock"));
    connect(open, &QPushButton::clicked, this, [this, id = node.id] { Q_EMIT openWished(id); });
    m_layout->addWidget(open);
    auto* reuse = new QPushButton(canvasIcon(QStringLiteral("duplicate")), tr("Make reusable"), this);
    reuse->setObjectName(QStringLiteral("makeReusable"));
    reuse->setToolTip(tr("Keep its inside as a block that can be used many times: the palette then lists it"));
    connect(reuse, &QPushButton::clicked, this, [this, id = node.id, name = node.name] {
        const SearchSpace& space = m_document->space();
        if (const auto edit = makeReusableEdit(space, id, freeDefinitionName(space, name)))
            m_document->push(*edit);
    });
    m_layout->addWidget(reuse);
}

void NodeForm::addOutputShapes()
{
    auto* label = noteLabel({}, canvasColours().textMuted, this);
    label->setObjectName(QStringLiteral("nodeShapes"));
    m_layout->addWidget(label);
    const auto show = [this, label] {
        const network::ShapeRange* shapes = m_document->shapesAt(m_node);
        QString text;
        if (shapes && !shapes->seen.empty()) {
            QStringList seen;
            constexpr std::size_t most = 8;
            for (std::size_t i = 0; i < std::min(shapes->seen.size(), most); ++i)
                seen << QString::fromStdString(shapeText(shapes->seen[i]));
            if (shapes->seen.size() > most)
                seen << tr("%1 more").arg(shapes->seen.size() - most);
            text = tr("Output: %1").arg(seen.join(QStringLiteral(", ")));
        }
        label->setText(text);
        label->setVisible(!text.isEmpty());
    };
    connect(m_document, &SpaceDocument::surveyChanged, label, show);
    show();
}

} // namespace archscope::ui
