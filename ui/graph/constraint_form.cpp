#include "ui/graph/constraint_form.h"

#include "core/space/decision_space.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/node_form.h"
#include "ui/graph/parameter_editor.h"
#include "ui/graph/quiet_spin_box.h"
#include "ui/graph/section_heading.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

using namespace space;

namespace {

tl::unexpected<Error> missing(const QString& sentence)
{
    return fail(ErrorCode::InvalidArgument, sentence.toStdString());
}

template <class T> QString boundText(const std::optional<T>& bound)
{
    return bound ? QString::number(static_cast<double>(*bound), 'g', 12) : QString();
}

/// A value as it is written: true, 3, 0.5, or a word.
Literal literalFrom(const QString& text)
{
    if (text == QLatin1String("true") || text == QLatin1String("false"))
        return text == QLatin1String("true");
    bool isNumber = false;
    if (const qlonglong whole = text.toLongLong(&isNumber); isNumber)
        return static_cast<std::int64_t>(whole);
    if (const double real = text.toDouble(&isNumber); isNumber)
        return real;
    return text.toStdString();
}

std::optional<std::int64_t> whole(const std::optional<double>& bound)
{
    return bound ? std::optional(static_cast<std::int64_t>(std::llround(*bound))) : std::nullopt;
}

void collectPaths(const SearchSpace& space, const Block& block, QStringList& paths)
{
    constexpr qsizetype most = 2000;
    for (const Node& node : block.nodes) {
        if (paths.size() >= most)
            return;
        paths << QString::fromStdString(space.pathOf(node.id));
        if (const Block* body = bodyOf(node))
            collectPaths(space, *body, paths);
    }
}

} // namespace

ConstraintKind kindOf(const Constraint& constraint)
{
    return static_cast<ConstraintKind>(constraint.index());
}

QString kindTitle(ConstraintKind kind)
{
    switch (kind) {
    case ConstraintKind::Forbid:
        return ConstraintForm::tr("Forbidden combination");
    case ConstraintKind::Count:
        return ConstraintForm::tr("Count of answers");
    case ConstraintKind::Budget:
        return ConstraintForm::tr("Budget");
    case ConstraintKind::Shape:
        return ConstraintForm::tr("Shape");
    }
    Q_UNREACHABLE();
}

ConstraintForm::ConstraintForm(
    SpaceDocument* document, ConstraintKind kind, std::optional<std::size_t> index, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_kind(kind)
    , m_index(index)
{
    setObjectName(QStringLiteral("constraintForm"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(8, 6, 8, 8);
    m_layout->addWidget(sectionHeading(kindTitle(kind), this));
    const Constraint* shown = index ? &document->space().constraints[*index] : nullptr;
    switch (kind) {
    case ConstraintKind::Forbid:
        makeForbid(shown ? &std::get<Forbid>(*shown) : nullptr);
        break;
    case ConstraintKind::Count:
        makeCount(shown ? &std::get<CountAnswers>(*shown) : nullptr);
        break;
    case ConstraintKind::Budget:
        makeBudget(shown ? &std::get<Budget>(*shown) : nullptr);
        break;
    case ConstraintKind::Shape:
        makeShape(shown ? &std::get<ShapeBound>(*shown) : nullptr);
        break;
    }
    m_problem = noteLabel({}, canvasColours().error, this);
    m_problem->setObjectName(QStringLiteral("constraintProblem"));
    m_layout->addWidget(m_problem);
    auto* buttons = new QHBoxLayout;
    m_save = new QPushButton(index ? tr("Change") : tr("Add"), this);
    m_save->setObjectName(QStringLiteral("constraintSave"));
    connect(m_save, &QPushButton::clicked, this, &ConstraintForm::save);
    auto* cancel = new QPushButton(tr("Cancel"), this);
    cancel->setObjectName(QStringLiteral("constraintCancel"));
    connect(cancel, &QPushButton::clicked, this, &ConstraintForm::closed);
    buttons->addStretch();
    buttons->addWidget(cancel);
    buttons->addWidget(m_save);
    m_layout->addLayout(buttons);
    validate();
}

void ConstraintForm::addDecisions(DecisionList::Mode mode)
{
    m_decisions = new DecisionList(m_document->space(), mode, this);
    m_layout->addWidget(m_decisions);
}

QLineEdit* ConstraintForm::addLine(
    const char* objectName, const QString& title, const QString& text, const QString& placeholder)
{
    auto* line = new QLineEdit(text, this);
    line->setObjectName(QString::fromLatin1(objectName));
    line->setAccessibleName(title);
    line->setPlaceholderText(placeholder);
    connect(line, &QLineEdit::textChanged, this, &ConstraintForm::validate);
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(title, line);
    m_layout->addLayout(form);
    return line;
}

void ConstraintForm::addBounds(const QString& min, const QString& max)
{
    m_min = addLine("constraintMin", tr("At least"), min, tr("any"));
    m_max = addLine("constraintMax", tr("At most"), max, tr("any"));
}

void ConstraintForm::makeForbid(const Forbid* shown)
{
    m_layout->addWidget(
        noteLabel(tr("Tick values that must not occur together. Of one decision, any of the ticked ones counts."),
            canvasColours().textMuted, this));
    addDecisions(DecisionList::Mode::TickValues);
    if (shown)
        m_decisions->setTicked(shown->all);
    connect(m_decisions, &DecisionList::changed, this, &ConstraintForm::validate);
}

void ConstraintForm::makeCount(const CountAnswers* shown)
{
    m_layout->addWidget(
        noteLabel(tr("How many decisions may have a value. A star in the key stands for any part of it: e*#present."),
            canvasColours().textMuted, this));
    addDecisions(DecisionList::Mode::ChooseOne);
    m_key = addLine(
        "constraintKey", tr("Decisions"), shown ? QString::fromStdString(shown->key) : QString(), tr("key, with stars"));
    m_value = addLine("constraintValue", tr("Value"), shown ? QString::fromStdString(literalText(shown->value)) : QString(),
        tr("that is counted"));
    connect(m_decisions, &DecisionList::valueChosen, this, [this](const QString& key, const QString& value) {
        m_key->setText(key);
        if (!value.isEmpty())
            m_value->setText(value);
    });
    addBounds(shown ? boundText(shown->min) : QString(), shown ? boundText(shown->max) : QString());
}

void ConstraintForm::makeBudget(const Budget* shown)
{
    m_choice = new QuietComboBox(this);
    m_choice->setObjectName(QStringLiteral("constraintMetric"));
    m_choice->setAccessibleName(tr("What is bounded"));
    m_choice->addItem(tr("Parameters"));
    m_choice->addItem(tr("FLOPs"));
    m_choice->addItem(tr("Layers"));
    m_choice->addItem(tr("Latency, ms"));
    m_choice->setCurrentIndex(shown ? static_cast<int>(shown->metric) : 0);
    connect(m_choice, &QComboBox::currentIndexChanged, this, &ConstraintForm::validate);
    m_layout->addWidget(m_choice);
    addBounds(shown ? boundText(shown->min) : QString(), shown ? boundText(shown->max) : QString());
}

void ConstraintForm::makeShape(const ShapeBound* shown)
{
    m_choice = new QuietComboBox(this);
    m_choice->setObjectName(QStringLiteral("constraintPath"));
    m_choice->setAccessibleName(tr("Node whose output is bounded"));
    m_choice->setEditable(true);
    QStringList paths;
    collectPaths(m_document->space(), m_document->space().root, paths);
    for (const Definition& definition : m_document->space().definitions)
        collectPaths(m_document->space(), definition.body, paths);
    m_choice->addItems(paths);
    m_choice->setCurrentText(shown ? QString::fromStdString(shown->path) : paths.value(0));
    connect(m_choice, &QComboBox::currentTextChanged, this, &ConstraintForm::validate);
    m_layout->addWidget(m_choice);
    m_dimension = new QuietSpinBox(this);
    m_dimension->setObjectName(QStringLiteral("constraintDimension"));
    m_dimension->setAccessibleName(tr("Dimension"));
    constexpr int mostDimensions = 7; // as the file format has it
    m_dimension->setRange(0, mostDimensions);
    m_dimension->setValue(shown ? shown->dimension : 0);
    connect(m_dimension, &QSpinBox::valueChanged, this, &ConstraintForm::validate);
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Dimension"), m_dimension);
    m_layout->addLayout(form);
    addBounds(shown ? boundText(shown->min) : QString(), shown ? boundText(shown->max) : QString());
}

Result<std::optional<double>> ConstraintForm::bound(const QLineEdit* line) const
{
    const QString text = line->text().trimmed().remove(QLatin1Char(',')).remove(QLatin1Char(' '));
    if (text.isEmpty())
        return std::optional<double>();
    bool isNumber = false;
    const double value = text.toDouble(&isNumber);
    if (!isNumber || !std::isfinite(value))
        return missing(tr("%1 is no number: write digits, as 1000000 or 1e6.").arg(line->text().trimmed()));
    return std::optional(value);
}

Result<Constraint> ConstraintForm::read() const
{
    if (m_kind == ConstraintKind::Forbid) {
        if (m_decisions->ticked().empty())
            return missing(tr("Tick at least one value."));
        return Constraint{ Forbid{ m_decisions->ticked() } };
    }
    ARCHSCOPE_ASSIGN(const std::optional<double> min, bound(m_min));
    ARCHSCOPE_ASSIGN(const std::optional<double> max, bound(m_max));
    if (!min && !max)
        return missing(tr("Give a least or a greatest number."));
    if (min && max && *min > *max)
        return missing(tr("Nothing is at least %1 and at most %2: swap them.").arg(m_min->text(), m_max->text()));
    if (m_kind == ConstraintKind::Count) {
        if (m_key->text().trimmed().isEmpty() || m_value->text().trimmed().isEmpty())
            return missing(tr("Choose a decision and the value to count."));
        return Constraint{ CountAnswers{
            m_key->text().trimmed().toStdString(), literalFrom(m_value->text().trimmed()), whole(min), whole(max) } };
    }
    if (m_kind == ConstraintKind::Budget)
        return Constraint{ Budget{ static_cast<Budget::Metric>(m_choice->currentIndex()), min, max } };
    return Constraint{ ShapeBound{
        m_choice->currentText().trimmed().toStdString(), m_dimension->value(), whole(min), whole(max) } };
}

std::vector<Constraint> ConstraintForm::withThis(Constraint constraint) const
{
    std::vector<Constraint> constraints = m_document->space().constraints;
    if (m_index && *m_index < constraints.size())
        constraints[*m_index] = std::move(constraint);
    else
        constraints.push_back(std::move(constraint));
    return constraints;
}

void ConstraintForm::validate()
{
    const auto constraint = read();
    const auto show = [this](const QString& sentence) {
        m_problem->setText(sentence);
        m_problem->setVisible(!sentence.isEmpty());
    };
    m_save->setEnabled(false);
    if (!constraint) {
        m_latest.drop();
        show(QString::fromStdString(constraint.error().message));
        return;
    }
    SearchSpace space = m_document->space();
    space.constraints = withThis(*constraint);
    m_latest.run(
        this,
        [space]() -> Result<void> {
            ARCHSCOPE_ASSIGN(const DecisionSpace decisions, DecisionSpace::compile(space));
            return decisions.requireSatisfiable();
        },
        [this, show](const Result<void>& sound) {
            show(sound ? QString() : QString::fromStdString(sound.error().text()));
            m_save->setEnabled(sound.has_value());
        });
}

void ConstraintForm::save()
{
    const auto constraint = read();
    if (!constraint)
        return;
    const QString title = (m_index ? tr("Change constraint: %1") : tr("Add constraint: %1"))
                              .arg(QString::fromStdString(constraintText(*constraint)));
    const auto done = m_document->push({ SetConstraints{ withThis(*constraint) }, title.toStdString() });
    if (done)
        Q_EMIT closed();
    else
        m_problem->setText(QString::fromStdString(done.error().message));
}

} // namespace archscope::ui
