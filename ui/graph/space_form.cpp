#include "ui/graph/space_form.h"

#include "ui/commands/rename_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/constraint_section.h"
#include "ui/graph/definition_section.h"
#include "ui/graph/node_form.h"
#include "ui/graph/parameter_editor.h"
#include "ui/graph/section_heading.h"
#include "ui/graph/space_text.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <tuple>

namespace archscope::ui {

using namespace space;

namespace {

/// Tells when one is done with it, as a QLineEdit does.
class DescriptionEdit : public QPlainTextEdit {
public:
    DescriptionEdit(const QString& text, std::function<void(const QString&)> finished, QWidget* parent)
        : QPlainTextEdit(text, parent)
        , m_finished(std::move(finished))
    {
        setTabChangesFocus(true);
    }

protected:
    void focusOutEvent(QFocusEvent* event) override
    {
        QPlainTextEdit::focusOutEvent(event);
        if (!signalsBlocked())
            m_finished(toPlainText());
    }

private:
    std::function<void(const QString&)> m_finished;
};

} // namespace

SpaceForm::SpaceForm(SpaceDocument* document, NodeId block, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_block(block)
{
    setObjectName(QStringLiteral("spaceForm"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(12, 10, 12, 12);
    m_layout->setSpacing(10);
    addTitle();
    addFacts();
    addVariables();
    if (!block.isValid()) {
        addDefinitions();
        addConstraints();
    }
    addIssues();
    m_layout->addStretch();
}

void SpaceForm::addTitle()
{
    const auto& definitions = m_document->space().definitions;
    if (const auto definition = std::ranges::find(definitions, m_block, &Definition::id); definition != definitions.end()) {
        m_layout->addWidget(new DefinitionForm(m_document, *definition, this));
        return;
    }
    if (m_block.isValid()) {
        const Node* owner = m_document->space().find(m_block);
        m_layout->addWidget(sectionHeading(tr("Inside %1").arg(QString::fromStdString(owner ? owner->name : "")), this));
        return;
    }
    const SearchSpace& space = m_document->space();
    auto* name = new QLineEdit(QString::fromStdString(space.name), this);
    name->setObjectName(QStringLiteral("spaceName"));
    name->setAccessibleName(tr("Name of the space"));
    name->setPlaceholderText(tr("untitled"));
    connect(name, &QLineEdit::editingFinished, this, [this, name] {
        name->setModified(false);
        const SearchSpace& now = m_document->space();
        if (name->text().toStdString() != now.name)
            m_document->push(
                { SetTitle{ name->text().toStdString(), now.description }, tr("Rename the space").toStdString() });
    });
    auto* description = new DescriptionEdit(
        QString::fromStdString(space.description),
        [this](const QString& text) {
            const SearchSpace& now = m_document->space();
            if (text.toStdString() != now.description)
                m_document->push({ SetTitle{ now.name, text.toStdString() }, tr("Describe the space").toStdString() });
        },
        this);
    description->setObjectName(QStringLiteral("spaceDescription"));
    description->setAccessibleName(tr("Description of the space"));
    description->setPlaceholderText(tr("What this space is for"));
    description->setFixedHeight(description->fontMetrics().lineSpacing() * 4 + 14);
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    form->addRow(tr("Space"), name);
    m_layout->addLayout(form);
    m_layout->addWidget(description);
}

void SpaceForm::addFacts()
{
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setVerticalSpacing(4);
    const auto row = [&](const QString& title, const QString& objectName) {
        auto* value = new QLabel(this);
        value->setObjectName(objectName);
        value->setWordWrap(true);
        value->setTextInteractionFlags(Qt::TextSelectableByMouse);
        auto* label = new QLabel(title, this);
        label->setForegroundRole(QPalette::PlaceholderText);
        form->addRow(label, value);
        return value;
    };
    auto* size = row(tr("Size"), QStringLiteral("spaceSize"));
    auto* decisions = row(tr("Decisions"), QStringLiteral("spaceDecisions"));
    auto* parameters = row(tr("Parameters"), QStringLiteral("spaceParameters"));
    auto* flops = row(tr("FLOPs"), QStringLiteral("spaceFlops"));
    auto* fitting = row(tr("Fitting"), QStringLiteral("spaceFitting"));
    m_layout->addLayout(form);
    const auto show = [this, size, decisions, parameters, flops, fitting] {
        const network::ShapeSurvey& survey = m_document->survey();
        const QString unknown = m_document->isSurveying() ? tr("measuring…") : tr("unknown until the errors are mended");
        const QString sizeText = m_document->sizeText();
        const bool known = !sizeText.isEmpty();
        size->setText(known ? sizeText : unknown);
        size->setToolTip(m_document->count() ? QString::fromStdString(*m_document->count()) : QString());
        decisions->setText(known ? QString::number(m_document->decisions()) : QString(QChar(0x2013)));
        parameters->setText(survey.fitting > 0 ? rangeText(survey.parameters) : QString(QChar(0x2013)));
        flops->setText(survey.fitting > 0 ? rangeText(survey.flops) : QString(QChar(0x2013)));
        fitting->setText(
            survey.sampled > 0 ? tr("%1 of %2 sampled").arg(survey.fitting).arg(survey.sampled) : QString(QChar(0x2013)));
        fitting->setToolTip(tr("Sampled architectures whose shapes fit the task %1")
                                .arg(QString::fromStdString(shapeText(m_document->taskShape().input))));
    };
    connect(m_document, &SpaceDocument::surveyChanged, this, show);
    connect(m_document, &SpaceDocument::changed, this, show);
    show();
}

void SpaceForm::addDefinitions()
{
    m_layout->addWidget(sectionHeading(tr("Reusable blocks"), this));
    auto* list = new DefinitionList(m_document, this);
    connect(list, &DefinitionList::openWished, this, &SpaceForm::openWished);
    m_layout->addWidget(list);
}

void SpaceForm::addConstraints()
{
    m_layout->addWidget(sectionHeading(tr("Constraints"), this));
    m_layout->addWidget(new ConstraintSection(m_document, this));
}

std::vector<Variable> SpaceForm::variables() const
{
    const Block* block = m_document->space().findBlock(m_block);
    return block ? block->variables : std::vector<Variable>();
}

void SpaceForm::addVariables()
{
    m_layout->addWidget(sectionHeading(tr("Variables"), this));
    const std::vector<Variable> all = variables();
    if (all.empty())
        m_layout->addWidget(
            noteLabel(tr("Named values that formulas use: with a variable width, one layer may have width channels "
                         "and the next 2*width."),
                canvasColours().textMuted, this));
    for (std::size_t i = 0; i < all.size(); ++i)
        m_layout->addWidget(variableRow(i));
    auto* add = new QPushButton(canvasIcon(QStringLiteral("add")), tr("Add variable"), this);
    add->setObjectName(QStringLiteral("addVariable"));
    connect(add, &QPushButton::clicked, this, [this] {
        std::vector<Variable> changed = variables();
        const std::vector<std::string> taken = variablesInScope(m_document->space(), m_block);
        std::string name = "width";
        for (int i = 2; std::ranges::find(taken, name) != taken.end(); ++i)
            name = "width" + std::to_string(i);
        changed.push_back({ name, Domain::powersOfTwo(8, 64) });
        setVariables(std::move(changed), tr("Add variable %1").arg(QString::fromStdString(name)));
    });
    m_layout->addWidget(add);
}

QWidget* SpaceForm::variableRow(std::size_t index)
{
    const Variable variable = variables()[index];
    const QString name = QString::fromStdString(variable.name);
    auto* frame = new QFrame(this);
    frame->setFrameShape(QFrame::StyledPanel);
    auto* line = new QLineEdit(name, frame);
    line->setObjectName(QStringLiteral("variable.%1.name").arg(name));
    line->setAccessibleName(tr("Name of the variable"));
    auto* problem = noteLabel({}, canvasColours().error, frame);
    problem->hide();
    connect(line, &QLineEdit::editingFinished, this, [this, index, line, problem] {
        line->setModified(false);
        const QString why = renameVariable(index, line->text().trimmed());
        problem->setText(why);
        problem->setVisible(!why.isEmpty());
    });
    auto* remove = new QToolButton(frame);
    remove->setObjectName(QStringLiteral("variable.%1.remove").arg(name));
    remove->setAccessibleName(tr("Remove variable %1").arg(name));
    remove->setToolTip(tr("Remove this variable"));
    remove->setIcon(canvasIcon(QStringLiteral("remove")));
    remove->setAutoRaise(true);
    connect(remove, &QToolButton::clicked, this, [this, index, name] {
        std::vector<Variable> changed = variables();
        changed.erase(changed.begin() + static_cast<std::ptrdiff_t>(index));
        setVariables(std::move(changed), tr("Remove variable %1").arg(name));
    });
    ParameterEditor::Options options;
    options.descriptor = descriptorOf(variable);
    options.label = tr("Value");
    options.value = variable.value;
    options.modes = modesFor(options.descriptor);
    options.variables = variablesInScope(m_document->space(), m_block);
    std::erase(options.variables, variable.name); // it cannot be computed from itself
    options.prefix = QStringLiteral("variable.%1").arg(name);
    auto* value = new ParameterEditor(std::move(options), frame);
    connect(value, &ParameterEditor::changed, this, [this, index, value](const ParameterValue& wanted) {
        std::vector<Variable> changed = variables();
        if (index >= changed.size())
            return;
        changed[index].value = wanted;
        value->showProblem(setVariables(std::move(changed), tr("Change a variable")));
    });
    auto* row = new QHBoxLayout;
    row->addWidget(line, 1);
    row->addWidget(typeBox(index, variable, frame));
    row->addWidget(remove);
    auto* layout = new QVBoxLayout(frame);
    layout->setContentsMargins(8, 6, 8, 8);
    layout->addLayout(row);
    layout->addWidget(problem);
    layout->addWidget(value);
    return frame;
}

QWidget* SpaceForm::typeBox(std::size_t index, const Variable& variable, QWidget* parent)
{
    using Type = ParameterDescriptor::Type;
    auto* type = new QuietComboBox(parent);
    type->setObjectName(QStringLiteral("variable.%1.type").arg(QString::fromStdString(variable.name)));
    type->setAccessibleName(tr("Type of the variable"));
    const std::vector<std::tuple<QString, Type, Literal>> types{ { tr("whole"), Type::Integer, std::int64_t{ 8 } },
        { tr("real"), Type::Real, 0.1 }, { tr("yes or no"), Type::Boolean, true },
        { tr("text"), Type::Text, std::string("relu") } };
    const Type now = descriptorOf(variable).type;
    for (const auto& [title, each, start] : types) {
        type->addItem(title);
        if (each == now)
            type->setCurrentIndex(type->count() - 1);
    }
    connect(type, &QComboBox::activated, this, [this, index, types, now](int chosen) {
        const auto& [title, wanted, start] = types[static_cast<std::size_t>(chosen)];
        std::vector<Variable> changed = variables();
        if (wanted == now || index >= changed.size())
            return;
        changed[index].value = start;
        setVariables(std::move(changed), tr("Change a variable"));
    });
    return type;
}

QString SpaceForm::renameVariable(std::size_t index, const QString& wanted)
{
    const std::vector<Variable> now = variables();
    const std::string name = wanted.toStdString();
    if (index >= now.size() || now[index].name == name)
        return {};
    if (const auto problem = problemOfVariableName(name))
        return QString::fromStdString(*problem);
    const std::vector<std::string> taken = variablesInScope(m_document->space(), m_block);
    if (std::ranges::find(taken, name) != taken.end())
        return tr("There is a variable %1 already.").arg(wanted);
    const auto edit = renameVariableEdit(m_document->space(), m_block, now[index].name, name);
    if (!edit)
        return QString::fromStdString(edit.error().message);
    const auto done = m_document->push(*edit);
    return done ? QString() : QString::fromStdString(done.error().message);
}

QString SpaceForm::setVariables(std::vector<Variable> variables, const QString& title)
{
    const auto done = m_document->push({ SetVariables{ m_block, std::move(variables) }, title.toStdString() });
    return done ? QString() : QString::fromStdString(done.error().message);
}

void SpaceForm::addIssues()
{
    auto* heading = sectionHeading(tr("Issues"), this);
    auto* list = new QWidget(this);
    list->setObjectName(QStringLiteral("spaceIssues"));
    auto* rows = new QVBoxLayout(list);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(6);
    m_layout->addWidget(heading);
    m_layout->addWidget(list);
    const auto show = [this, heading, list, rows] {
        while (QLayoutItem* item = rows->takeAt(0)) {
            delete item->widget();
            delete item;
        }
        for (const Issue& issue : m_document->issues()) {
            const QString path = QString::fromStdString(issue.path);
            const QString message = QString::fromStdString(issue.message).toHtmlEscaped();
            auto* label = noteLabel(path.isEmpty()
                    ? message
                    : QStringLiteral("<a href='%1'>%2</a>: %3").arg(issue.node.value()).arg(path.toHtmlEscaped(), message),
                issue.severity == Issue::Severity::Error ? canvasColours().error : canvasColours().text, list);
            label->setTextInteractionFlags(Qt::TextBrowserInteraction);
            connect(label, &QLabel::linkActivated, this,
                [this](const QString& link) { Q_EMIT revealWished(NodeId(link.toLongLong())); });
            rows->addWidget(label);
        }
        heading->setVisible(!m_document->issues().empty());
        list->setVisible(!m_document->issues().empty());
    };
    // Queued: a click on one of the labels may be what changes the issues.
    connect(m_document, &SpaceDocument::issuesChanged, this, show, Qt::QueuedConnection);
    show();
}

} // namespace archscope::ui
