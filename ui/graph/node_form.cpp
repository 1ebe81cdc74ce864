#include "ui/graph/node_form.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/node_look.h"
#include "ui/graph/palette_entries.h"
#include "ui/graph/parameter_editor.h"
#include "ui/graph/quick_add_popup.h"
#include "ui/graph/space_layout.h"
#include "ui/graph/space_text.h"

#include <QApplication>
#include <QCheckBox>
#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPainter>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

using namespace space;

namespace {

/// The node of the block that shows `id`: itself, or the choice that has it as an alternative.
const Node* shownNode(const Block& block, NodeId id)
{
    for (const Node& node : block.nodes) {
        if (node.id == id)
            return &node;
        const auto* choice = std::get_if<Choice>(&node.body);
        if (choice && std::ranges::find(choice->alternatives, id, &Node::id) != choice->alternatives.end())
            return &node;
    }
    return nullptr;
}

/// A line that says at its end when it goes on.
class ElidedLabel : public QLabel {
public:
    ElidedLabel(const QString& text, QWidget* parent)
        : QLabel(text, parent)
    {
        setToolTip(text);
        setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        QPainter painter(this);
        painter.setPen(palette().color(foregroundRole()));
        painter.drawText(contentsRect(), Qt::AlignLeft | Qt::AlignVCenter,
            fontMetrics().elidedText(text(), Qt::ElideRight, contentsRect().width()));
    }
};

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
        *std::ranges::find(std::get<Choice>(after.body).alternatives, changed.id, &Node::id) = changed;
    return roomToGrow(boxes, after.id, sizeOf(after).height());
}

} // namespace

QString replaceNode(SpaceDocument& document, Node node, const QString& title)
{
    Moves moves = roomFor(document, node);
    const auto done = document.push(replaceEdit(std::move(node), title, std::move(moves)));
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
    } else {
        addNameAndPresence(*shown);
        if (std::holds_alternative<Operation>(shown->body))
            addOperation(m_layout, *shown, QString());
        else if (std::holds_alternative<Choice>(shown->body))
            addAlternatives(*shown);
        else if (std::holds_alternative<Repeat>(shown->body))
            addRepeat(*shown);
        if (document->space().findBlock(node))
            addOpenButton(*shown);
    }
    addOutputShapes();
    m_layout->addStretch();
}

void NodeForm::addHeading(const Node& node)
{
    auto* heading = new QLabel(nodeTitle(node, m_document->operations()), this);
    heading->setObjectName(QStringLiteral("inspectorHeading"));
    QFont font = heading->font();
    font.setBold(true);
    font.setPointSizeF(font.pointSizeF() * 1.15);
    heading->setFont(font);
    heading->setWordWrap(true);
    auto* chip = new QLabel(this);
    chip->setPixmap(categoryChip(nodeCategory(node, m_document->operations())).pixmap(14, 14));
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
        const QString why = wanted.empty() ? tr("A node needs a name.")
                                           : change(m_node, tr("Rename to %1").arg(name->text().trimmed()),
                                               [&wanted](Node& changed) { changed.name = wanted; });
        problem->setText(why);
        problem->setVisible(!why.isEmpty());
    });
    auto* optional = new QCheckBox(tr("Optional: the search may leave it out"), this);
    optional->setObjectName(QStringLiteral("nodeOptional"));
    optional->setChecked(node.optional);
    optional->setToolTip(tr("Left out, its first input passes through"));
    connect(optional, &QCheckBox::clicked, this, [this](bool checked) {
        change(m_node, checked ? tr("Make optional") : tr("Make required"),
            [checked](Node& changed) { changed.optional = checked; });
    });
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Name"), name);
    m_layout->addLayout(form);
    m_layout->addWidget(problem);
    m_layout->addWidget(optional);
}

void NodeForm::addOperation(QVBoxLayout* layout, const Node& node, const QString& prefix)
{
    const auto& operation = std::get<Operation>(node.body);
    const NodeId id = node.id;
    auto* type = new QuietComboBox(this);
    type->setObjectName(prefix + QStringLiteral("operationType"));
    type->setAccessibleName(tr("Operation"));
    for (const PaletteEntry& entry : paletteEntries(m_document->operations()))
        if (entry.kind == PaletteEntry::Kind::Operation)
            type->addItem(categoryChip(entry.category), entry.title, entry.operation);
    const OperationTraits* traits = m_document->operations().find(operation.type);
    if (!traits)
        type->addItem(QString::fromStdString(operation.type), QString::fromStdString(operation.type));
    type->setCurrentIndex(type->findData(QString::fromStdString(operation.type)));
    connect(type, &QComboBox::activated, this, [this, id, type] {
        const std::string wanted = type->currentData().toString().toStdString();
        const OperationTraits* next = m_document->operations().find(wanted);
        const Node* now = m_document->space().find(id);
        if (!next || !now || std::get<Operation>(now->body).type == wanted)
            return;
        change(id, tr("Change to %1").arg(type->currentText()), [&](Node& changed) {
            auto& body = std::get<Operation>(changed.body);
            body.type = wanted;
            // Settings that the new operation has too are kept.
            std::erase_if(body.parameters, [next](const auto& parameter) {
                return std::ranges::find(next->descriptor().parameters, parameter.first, &ParameterDescriptor::name)
                    == next->descriptor().parameters.end();
            });
        });
    });
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Operation"), type);
    layout->addLayout(form);
    if (!traits)
        return;
    const std::vector<std::string> variables = variablesInScope(m_document->space(), m_document->space().ownerOf(id));
    for (const ParameterDescriptor& descriptor : traits->descriptor().parameters) {
        const auto given = operation.parameters.find(descriptor.name);
        ParameterEditor::Options options;
        options.descriptor = descriptor;
        options.label = QString::fromStdString(descriptor.name).replace(QLatin1Char('_'), QLatin1Char(' '));
        if (given != operation.parameters.end())
            options.value = given->second;
        options.modes = modesFor(descriptor);
        options.variables = variables;
        options.canReset = true;
        options.prefix = prefix + QStringLiteral("param.") + QString::fromStdString(descriptor.name);
        auto* editor = new ParameterEditor(std::move(options), this);
        connect(editor, &ParameterEditor::changed, this,
            [this, id, editor, name = descriptor.name](
                const ParameterValue& value) { editor->showProblem(setParameter(id, name, value)); });
        connect(editor, &ParameterEditor::resetWished, this,
            [this, id, editor, name = descriptor.name] { editor->showProblem(setParameter(id, name, std::nullopt)); });
        layout->addWidget(editor);
    }
    // What the operation does not know stands in the file nevertheless; it can be taken out here.
    for (const auto& [name, value] : operation.parameters) {
        if (std::ranges::find(traits->descriptor().parameters, name, &ParameterDescriptor::name)
            != traits->descriptor().parameters.end())
            continue;
        auto* remove = new QPushButton(tr("Remove unknown parameter %1").arg(QString::fromStdString(name)), this);
        connect(remove, &QPushButton::clicked, this, [this, id, key = name] { setParameter(id, key, std::nullopt); });
        layout->addWidget(remove);
    }
}

void NodeForm::addAlternatives(const Node& node)
{
    const auto& choice = std::get<Choice>(node.body);
    m_layout->addWidget(noteLabel(tr("The search picks one of these:"), canvasColours().textMuted, this));
    auto* list = new QVBoxLayout;
    list->setSpacing(4);
    for (const Node& alternative : choice.alternatives)
        list->addWidget(alternativeRow(node, alternative));
    m_layout->addLayout(list);
    auto* add = new QPushButton(canvasIcon(QStringLiteral("add")), tr("Add alternative"), this);
    add->setObjectName(QStringLiteral("addAlternative"));
    connect(add, &QPushButton::clicked, this, [this, add] { pickAlternative(add); });
    m_layout->addWidget(add);
}

QWidget* NodeForm::alternativeRow(const Node& choice, const Node& alternative)
{
    const NodeId id = alternative.id;
    const QString name = QString::fromStdString(alternative.name);
    const bool unfolded = id == m_unfolded;
    auto* frame = new QFrame(this);
    frame->setFrameShape(QFrame::StyledPanel);
    frame->setObjectName(QStringLiteral("alternative.") + name);
    auto* fold = new QToolButton(frame);
    fold->setObjectName(QStringLiteral("alternative.%1.fold").arg(name));
    fold->setAccessibleName(tr("Show parameters of %1").arg(name));
    fold->setArrowType(unfolded ? Qt::DownArrow : Qt::RightArrow);
    fold->setAutoRaise(true);
    connect(fold, &QToolButton::clicked, this, [this, id, unfolded] { Q_EMIT unfoldWished(unfolded ? NodeId() : id); });
    auto* chip = new QLabel(frame);
    chip->setPixmap(categoryChip(nodeCategory(alternative, m_document->operations())).pixmap(14, 14));
    QString summary = nodeTitle(alternative, m_document->operations());
    const auto* operation = std::get_if<Operation>(&alternative.body);
    if (operation)
        if (const QString set = parameterSummary(*operation, m_document->operations()); !set.isEmpty())
            summary += QStringLiteral("  ") + set;
    auto* label = new ElidedLabel(summary, frame);
    auto* remove = new QToolButton(frame);
    remove->setObjectName(QStringLiteral("alternative.%1.remove").arg(name));
    remove->setAccessibleName(tr("Remove alternative %1").arg(name));
    remove->setToolTip(tr("Remove this alternative"));
    remove->setIcon(canvasIcon(QStringLiteral("remove")));
    remove->setAutoRaise(true);
    connect(remove, &QToolButton::clicked, this, [this, owner = choice.id, id, name] {
        change(owner, tr("Remove alternative %1").arg(name), [id](Node& changed) {
            std::erase_if(std::get<Choice>(changed.body).alternatives, [id](const Node& each) { return each.id == id; });
        });
    });
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    row->addWidget(fold);
    row->addWidget(chip);
    row->addWidget(label, 1);
    row->addWidget(remove);
    auto* layout = new QVBoxLayout(frame);
    layout->setContentsMargins(4, 2, 4, 2);
    layout->setSpacing(8);
    layout->addLayout(row);
    layout->addWidget(new IssueNotes(m_document, id, frame));
    if (!unfolded)
        return frame;

    const QString prefix = QStringLiteral("alternative.%1.").arg(name);
    auto* nameLine = new QLineEdit(name, frame);
    nameLine->setObjectName(prefix + QStringLiteral("name"));
    nameLine->setAccessibleName(tr("Name of the alternative"));
    auto* problem = noteLabel({}, canvasColours().error, frame);
    problem->hide();
    connect(nameLine, &QLineEdit::editingFinished, this, [this, id, nameLine, problem] {
        nameLine->setModified(false);
        const Node* now = m_document->space().find(id);
        const std::string wanted = nameLine->text().trimmed().toStdString();
        if (!now || wanted == now->name)
            return;
        const QString why = wanted.empty()
            ? tr("An alternative needs a name.")
            : change(id, tr("Rename alternative"), [&wanted](Node& changed) { changed.name = wanted; });
        problem->setText(why);
        problem->setVisible(!why.isEmpty());
    });
    auto* form = new QFormLayout;
    form->addRow(tr("Name"), nameLine);
    layout->addLayout(form);
    layout->addWidget(problem);
    if (operation) {
        addOperation(layout, alternative, prefix);
    } else if (m_document->space().findBlock(id)) {
        auto* open = new QPushButton(tr("Open its inside"), frame);
        connect(open, &QPushButton::clicked, this, [this, id] { Q_EMIT openWished(id); });
        layout->addWidget(open);
    }
    layout->addSpacing(4);
    return frame;
}

void NodeForm::pickAlternative(QWidget* below)
{
    std::vector<PaletteEntry> entries = paletteEntries(m_document->operations());
    auto* popup = new QuickAddPopup(std::move(entries), this);
    connect(popup, &QuickAddPopup::chosen, this, &NodeForm::addAlternative);
    popup->popUp(below->mapToGlobal(QPoint(0, below->height())));
}

void NodeForm::addAlternative(const QString& entryKey)
{
    std::optional<Node> node = nodeFor(m_document->operations(), entryKey);
    const Node* choice = m_document->space().find(m_node);
    if (!node || !choice)
        return;
    std::int64_t next = m_document->space().freshId().value();
    renumber(*node, next);
    Block names;
    for (const Node& alternative : std::get<Choice>(choice->body).alternatives)
        names.nodes.push_back(makeNode(alternative.id, alternative.name, Input{}));
    node->name = freeName(names, node->name);
    const NodeId added = node->id;
    const QString title = tr("Add alternative %1").arg(QString::fromStdString(node->name));
    if (change(m_node, title, [&node](Node& changed) {
            std::get<Choice>(changed.body).alternatives.push_back(std::move(*node));
        }).isEmpty())
        Q_EMIT unfoldWished(added);
}

void NodeForm::addRepeat(const Node& node)
{
    const auto& repeat = std::get<Repeat>(node.body);
    constexpr std::int64_t mostRounds = 1000; // as the check has it
    ParameterEditor::Options options;
    options.descriptor = ParameterDescriptor::integer(
        "count", 1, 0, mostRounds, tr("How many times the body stands in a row.").toStdString());
    options.label = tr("Rounds");
    options.value = repeat.count;
    options.modes = { ValueMode::Fixed, ValueMode::Range };
    options.prefix = QStringLiteral("repeatCount");
    auto* count = new ParameterEditor(std::move(options), this);
    connect(count, &ParameterEditor::changed, this, [this, count](const ParameterValue& value) {
        count->showProblem(
            change(m_node, tr("Change rounds"), [&value](Node& changed) { std::get<Repeat>(changed.body).count = value; }));
    });
    m_layout->addWidget(count);
    auto* shared = new QCheckBox(tr("All rounds alike: one set of decisions"), this);
    shared->setObjectName(QStringLiteral("repeatShared"));
    shared->setToolTip(tr("Otherwise each round has decisions of its own, and the space is much larger"));
    shared->setChecked(repeat.shared);
    connect(shared, &QCheckBox::clicked, this, [this](bool checked) {
        change(m_node, checked ? tr("Share decisions") : tr("Decide each round"),
            [checked](Node& changed) { std::get<Repeat>(changed.body).shared = checked; });
    });
    m_layout->addWidget(shared);
}

void NodeForm::addOpenButton(const Node& node)
{
    const Block& body = *m_document->space().findBlock(node.id);
    auto* open
        = new QPushButton(canvasIcon(QStringLiteral("open")), tr("Open its inside (%1)").arg(blockSummary(body)), this);
    open->setObjectName(QStringLiteral("openBlock"));
    connect(open, &QPushButton::clicked, this, [this, id = node.id] { Q_EMIT openWished(id); });
    m_layout->addWidget(open);
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

QString NodeForm::change(NodeId id, const QString& title, const Change& change)
{
    const Node* now = m_document->space().find(id);
    if (!now)
        return tr("This node is no longer there.");
    Node changed = *now;
    change(changed);
    return changed == *now ? QString() : replaceNode(*m_document, std::move(changed), title);
}

QString NodeForm::setParameter(NodeId id, const std::string& name, const std::optional<ParameterValue>& value)
{
    return change(id, tr("Change %1").arg(QString::fromStdString(name)), [&](Node& changed) {
        auto& parameters = std::get<Operation>(changed.body).parameters;
        if (value)
            parameters[name] = *value;
        else
            parameters.erase(name);
    });
}

} // namespace archscope::ui
