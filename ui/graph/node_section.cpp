#include "ui/graph/node_section.h"

#include "ui/commands/primitive_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/definition_section.h"
#include "ui/graph/node_form.h"
#include "ui/graph/palette_entries.h"
#include "ui/graph/parameter_editor.h"
#include "ui/graph/quiet_spin_box.h"
#include "ui/graph/space_text.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

using namespace space;

NodeSection::NodeSection(SpaceDocument* document, NodeId node, const QString& prefix, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_node(node)
    , m_prefix(prefix)
{
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(10);
}

QString NodeSection::change(const QString& title, const std::function<void(Node&)>& change)
{
    return changeNode(*m_document, m_node, title, change);
}

void NodeSection::forward(NodeSection* inner)
{
    connect(inner, &NodeSection::openWished, this, &NodeSection::openWished);
    connect(inner, &NodeSection::unfoldWished, this, &NodeSection::unfoldWished);
}

NodeSection* makeNodeSection(SpaceDocument* document, NodeId id, NodeId unfolded, const QString& prefix, QWidget* parent)
{
    const Node* node = document->space().find(id);
    if (!node)
        return nullptr;
    if (std::holds_alternative<Operation>(node->body))
        return new OperationSection(document, *node, prefix, parent);
    if (partsOf(*node))
        return new PartsSection(document, *node, unfolded, prefix, parent);
    if (std::holds_alternative<Select>(node->body))
        return new PickSection(document, *node, prefix, parent);
    if (std::holds_alternative<Repeat>(node->body))
        return new RepeatSection(document, *node, prefix, parent);
    if (std::holds_alternative<Recurrent>(node->body))
        return new RecurrentSection(document, *node, prefix, parent);
    if (std::holds_alternative<Use>(node->body))
        return new UseSection(document, *node, prefix, parent);
    return nullptr;
}

OperationSection::OperationSection(SpaceDocument* document, const Node& node, const QString& prefix, QWidget* parent)
    : NodeSection(document, node.id, prefix, parent)
{
    const auto& operation = std::get<Operation>(node.body);
    addType(operation);
    if (const OperationTraits* traits = document->operations().find(operation.type))
        addParameters(operation, *traits);
}

void OperationSection::addType(const Operation& operation)
{
    auto* type = new QuietComboBox(this);
    type->setObjectName(named("operationType"));
    type->setAccessibleName(tr("Operation"));
    for (const PaletteEntry& entry : paletteEntries(m_document->operations()))
        if (entry.kind == PaletteEntry::Kind::Operation)
            type->addItem(entry.icon(), entry.title, entry.operation);
    if (!m_document->operations().find(operation.type))
        type->addItem(QString::fromStdString(operation.type), QString::fromStdString(operation.type));
    type->setCurrentIndex(type->findData(QString::fromStdString(operation.type)));
    connect(type, &QComboBox::activated, this, [this, type] {
        const std::string wanted = type->currentData().toString().toStdString();
        const OperationTraits* next = m_document->operations().find(wanted);
        const Node* now = m_document->space().find(m_node);
        if (!next || !now || std::get<Operation>(now->body).type == wanted)
            return;
        change(tr("Change to %1").arg(type->currentText()), [&](Node& changed) {
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
    m_layout->addLayout(form);
}

void OperationSection::addParameters(const Operation& operation, const OperationTraits& traits)
{
    const std::vector<std::string> variables = variablesInScope(m_document->space(), m_document->space().ownerOf(m_node));
    for (const ParameterDescriptor& descriptor : traits.descriptor().parameters) {
        const auto given = operation.parameters.find(descriptor.name);
        ParameterEditor::Options options;
        options.descriptor = descriptor;
        options.label = QString::fromStdString(descriptor.name).replace(QLatin1Char('_'), QLatin1Char(' '));
        if (given != operation.parameters.end())
            options.value = given->second;
        options.modes = modesFor(descriptor);
        options.variables = variables;
        options.canReset = true;
        options.prefix = named(QStringLiteral("param.") + QString::fromStdString(descriptor.name));
        auto* editor = new ParameterEditor(std::move(options), this);
        connect(
            editor, &ParameterEditor::changed, this, [this, editor, name = descriptor.name](const ParameterValue& value) {
                editor->showProblem(setParameter(name, value));
            });
        connect(editor, &ParameterEditor::resetWished, this,
            [this, editor, name = descriptor.name] { editor->showProblem(setParameter(name, std::nullopt)); });
        m_layout->addWidget(editor);
    }
    // What the operation does not know stands in the file nevertheless; it can be taken out here.
    for (const auto& [name, value] : operation.parameters) {
        if (std::ranges::find(traits.descriptor().parameters, name, &ParameterDescriptor::name)
            != traits.descriptor().parameters.end())
            continue;
        auto* remove = new QPushButton(tr("Remove unknown parameter %1").arg(QString::fromStdString(name)), this);
        connect(remove, &QPushButton::clicked, this, [this, key = name] { setParameter(key, std::nullopt); });
        m_layout->addWidget(remove);
    }
}

QString OperationSection::setParameter(const std::string& name, const std::optional<ParameterValue>& value)
{
    return change(tr("Change %1").arg(QString::fromStdString(name)), [&](Node& changed) {
        auto& parameters = std::get<Operation>(changed.body).parameters;
        if (value)
            parameters[name] = *value;
        else
            parameters.erase(name);
    });
}

PickSection::PickSection(SpaceDocument* document, const Node& node, const QString& prefix, QWidget* parent)
    : NodeSection(document, node.id, prefix, parent)
{
    const auto* choice = std::get_if<Choice>(&node.body);
    const auto* select = std::get_if<Select>(&node.body);
    const int low = choice ? choice->pickLow : select->pickLow;
    const int high = choice ? choice->pickHigh : select->pickHigh;
    const std::string merge = choice ? choice->merge : select->merge;
    const Block* block = document->space().findBlock(document->space().ownerOf(node.id));
    const int count = choice ? static_cast<int>(choice->alternatives.size())
                             : static_cast<int>(block ? edgesInto(*block, node.id).size() : 0);
    auto* row = new QHBoxLayout;
    row->setSpacing(4);
    const auto spin = [this, row, count](const char* name, const QString& accessibleName, int value) {
        auto* box = new QuietSpinBox(this);
        box->setObjectName(named(name));
        box->setAccessibleName(accessibleName);
        box->setRange(0, std::max({ count, value, 1 }));
        box->setValue(value);
        row->addWidget(box);
        return box;
    };
    row->addWidget(new QLabel(tr("Pick"), this));
    auto* lowBox = spin("pickLow", tr("How many are picked at least"), low);
    row->addWidget(new QLabel(tr("to"), this));
    auto* highBox = spin("pickHigh", tr("How many are picked at most"), high);
    row->addWidget(new QLabel(choice ? tr("of %1").arg(count) : tr("of %1 inputs").arg(count), this), 1);
    // Each pushes the other along.
    connect(lowBox, &QSpinBox::valueChanged, this,
        [this, highBox](int value) { setPick(value, std::max(value, highBox->value())); });
    connect(highBox, &QSpinBox::valueChanged, this,
        [this, lowBox](int value) { setPick(std::min(value, lowBox->value()), value); });
    m_layout->addLayout(row);
    if (high <= 1)
        return;
    auto* merging = new QuietComboBox(this);
    merging->setObjectName(named("merge"));
    merging->setAccessibleName(tr("How the picked ones are merged"));
    merging->setToolTip(tr("The operation that joins what is picked; one alone passes as it is"));
    for (const OperationTraits* traits : document->operations().all())
        if (traits->descriptor().maxInputs == OperationDescriptor::anyInputs)
            merging->addItem(categoryChip(QString::fromStdString(traits->descriptor().category)),
                QString::fromStdString(traits->descriptor().title), QString::fromStdString(traits->descriptor().name));
    if (merging->findData(QString::fromStdString(merge)) < 0)
        merging->addItem(QString::fromStdString(merge), QString::fromStdString(merge));
    merging->setCurrentIndex(merging->findData(QString::fromStdString(merge)));
    connect(merging, &QComboBox::activated, this, [this, merging] {
        const std::string wanted = merging->currentData().toString().toStdString();
        change(tr("Merge by %1").arg(merging->currentText()), [&wanted](Node& changed) {
            if (auto* body = std::get_if<Choice>(&changed.body))
                body->merge = wanted;
            else
                std::get<Select>(changed.body).merge = wanted;
        });
    });
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Merged by"), merging);
    m_layout->addLayout(form);
}

void PickSection::setPick(int low, int high)
{
    change(tr("Pick %1").arg(pickText(low, high)), [low, high](Node& changed) {
        auto* choice = std::get_if<Choice>(&changed.body);
        (choice ? choice->pickLow : std::get<Select>(changed.body).pickLow) = low;
        (choice ? choice->pickHigh : std::get<Select>(changed.body).pickHigh) = high;
    });
}

RepeatSection::RepeatSection(SpaceDocument* document, const Node& node, const QString& prefix, QWidget* parent)
    : NodeSection(document, node.id, prefix, parent)
{
    const auto& repeat = std::get<Repeat>(node.body);
    constexpr std::int64_t mostRounds = 1000; // as the check has it
    ParameterEditor::Options options;
    options.descriptor = ParameterDescriptor::integer(
        "count", 1, 0, mostRounds, tr("How many times the body stands in a row.").toStdString());
    options.label = tr("Rounds");
    options.value = repeat.count;
    options.modes = { ValueMode::Fixed, ValueMode::Range, ValueMode::Formula };
    options.variables = variablesInScope(document->space(), document->space().ownerOf(node.id));
    options.prefix = named("repeatCount");
    auto* count = new ParameterEditor(std::move(options), this);
    connect(count, &ParameterEditor::changed, this, [this, count](const ParameterValue& value) {
        count->showProblem(
            change(tr("Change rounds"), [&value](Node& changed) { std::get<Repeat>(changed.body).count = value; }));
    });
    m_layout->addWidget(count);
    auto* shared = new QCheckBox(tr("All rounds alike: one set of decisions"), this);
    shared->setObjectName(named("repeatShared"));
    shared->setToolTip(tr("Otherwise each round has decisions of its own, and the space is much larger"));
    shared->setChecked(repeat.shared);
    connect(shared, &QCheckBox::clicked, this, [this](bool checked) {
        change(checked ? tr("Share decisions") : tr("Decide each round"),
            [checked](Node& changed) { std::get<Repeat>(changed.body).shared = checked; });
    });
    m_layout->addWidget(shared);
}

RecurrentSection::RecurrentSection(SpaceDocument* document, const Node& node, const QString& prefix, QWidget* parent)
    : NodeSection(document, node.id, prefix, parent)
{
    const auto& recurrent = std::get<Recurrent>(node.body);
    constexpr std::int64_t widest = 65536; // as the check has it
    ParameterEditor::Options options;
    options.descriptor = ParameterDescriptor::integer(
        "hidden", 64, 1, widest, tr("Numbers in the state; it starts from zeros.").toStdString());
    options.label = tr("Hidden features");
    options.value = recurrent.hidden;
    options.modes = modesFor(options.descriptor);
    options.variables = variablesInScope(document->space(), document->space().ownerOf(node.id));
    options.prefix = named("hidden");
    auto* hidden = new ParameterEditor(std::move(options), this);
    connect(hidden, &ParameterEditor::changed, this, [this, hidden](const ParameterValue& value) {
        hidden->showProblem(
            change(tr("Change hidden"), [&value](Node& changed) { std::get<Recurrent>(changed.body).hidden = value; }));
    });
    m_layout->addWidget(hidden);
    auto* last = new QCheckBox(tr("Give the last state only"), this);
    last->setObjectName(named("lastOnly"));
    last->setToolTip(tr("Otherwise the states of all steps come out, as a sequence"));
    last->setChecked(recurrent.lastOnly);
    connect(last, &QCheckBox::clicked, this, [this](bool checked) {
        change(checked ? tr("Give the last state") : tr("Give all states"),
            [checked](Node& changed) { std::get<Recurrent>(changed.body).lastOnly = checked; });
    });
    m_layout->addWidget(last);
    m_layout->addWidget(
        noteLabel(tr("Its inside has two inputs, a step's features and the state before, and gives the next state."),
            canvasColours().textMuted, this));
}

UseSection::UseSection(SpaceDocument* document, const Node& node, const QString& prefix, QWidget* parent)
    : NodeSection(document, node.id, prefix, parent)
{
    const auto& use = std::get<Use>(node.body);
    addDefinition(use);
    if (const Definition* definition = document->space().findDefinition(use.definition))
        addArguments(use, *definition);
}

void UseSection::addDefinition(const Use& use)
{
    auto* which = new QuietComboBox(this);
    which->setObjectName(named("definition"));
    which->setAccessibleName(tr("Reusable block"));
    for (const Definition& definition : m_document->space().definitions)
        which->addItem(QString::fromStdString(definition.name));
    if (which->findText(QString::fromStdString(use.definition)) < 0)
        which->addItem(QString::fromStdString(use.definition));
    which->setCurrentIndex(which->findText(QString::fromStdString(use.definition)));
    connect(which, &QComboBox::textActivated, this, [this](const QString& name) {
        change(tr("Use @%1").arg(name), [this, &name](Node& changed) {
            auto& body = std::get<Use>(changed.body);
            body.definition = name.toStdString();
            // Arguments that the other one has too are kept.
            const Definition* definition = m_document->space().findDefinition(body.definition);
            std::erase_if(body.arguments, [definition](const auto& argument) {
                return definition
                    && std::ranges::find(definition->body.variables, argument.first, &Variable::name)
                    == definition->body.variables.end();
            });
        });
    });
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Uses"), which);
    m_layout->addLayout(form);
    const Definition* definition = m_document->space().findDefinition(use.definition);
    if (!definition)
        return;
    auto* shared = new QCheckBox(tr("All uses alike: one set of decisions"), this);
    shared->setObjectName(named("definitionShared"));
    shared->setToolTip(tr("Otherwise each use has decisions of its own, and the space is much larger"));
    shared->setChecked(definition->shared);
    connect(shared, &QCheckBox::clicked, this, [this, name = definition->name](bool checked) {
        m_document->push(shareDefinitionEdit(m_document->space(), name, checked ? Sharing::Shared : Sharing::Independent));
    });
    m_layout->addWidget(shared);
    const int uses = usesOf(m_document->space(), definition->name);
    auto* open = new QPushButton(canvasIcon(QStringLiteral("open")),
        tr("Open @%1 (%2)").arg(QString::fromStdString(definition->name), usesText(uses)), this);
    open->setObjectName(named("openDefinition"));
    connect(open, &QPushButton::clicked, this, [this, id = definition->id] { Q_EMIT openWished(id); });
    m_layout->addWidget(open);
}

void UseSection::addArguments(const Use& use, const Definition& definition)
{
    if (definition.body.variables.empty()) {
        m_layout->addWidget(noteLabel(tr("A variable of @%1 can have another value here: open it and add one.")
                                          .arg(QString::fromStdString(definition.name)),
            canvasColours().textMuted, this));
        return;
    }
    const std::vector<std::string> scope = variablesInScope(m_document->space(), m_document->space().ownerOf(m_node));
    for (const Variable& variable : definition.body.variables) {
        const auto given = use.arguments.find(variable.name);
        const QString own = valueText(variable.value);
        ParameterEditor::Options options;
        options.descriptor = descriptorOf(variable);
        options.descriptor.help = tr("What the variable stands for here. The block's own value: %1.").arg(own).toStdString();
        options.label = given == use.arguments.end() ? tr("%1 (as in the block)").arg(QString::fromStdString(variable.name))
                                                     : QString::fromStdString(variable.name);
        options.value = given == use.arguments.end() ? variable.value : given->second;
        options.modes = modesFor(options.descriptor);
        options.variables = scope;
        options.canReset = given != use.arguments.end();
        options.prefix = named(QStringLiteral("argument.") + QString::fromStdString(variable.name));
        auto* editor = new ParameterEditor(std::move(options), this);
        const auto set = [this, editor, name = variable.name](const std::optional<ParameterValue>& value) {
            editor->showProblem(change(tr("Change %1").arg(QString::fromStdString(name)), [&](Node& changed) {
                auto& arguments = std::get<Use>(changed.body).arguments;
                if (value)
                    arguments[name] = *value;
                else
                    arguments.erase(name);
            }));
        };
        connect(editor, &ParameterEditor::changed, this, [set](const ParameterValue& value) { set(value); });
        connect(editor, &ParameterEditor::resetWished, this, [set] { set(std::nullopt); });
        m_layout->addWidget(editor);
    }
}

} // namespace archscope::ui
