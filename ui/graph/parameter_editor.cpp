#include "ui/graph/parameter_editor.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/prior_bars.h"

#include <QActionGroup>
#include <QGridLayout>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QToolButton>
#include <QWheelEvent>
#include <algorithm>

namespace archscope::ui {

using space::ParameterDescriptor;
using space::ParameterValue;

QuietComboBox::QuietComboBox(QWidget* parent)
    : QComboBox(parent)
{
    constexpr int leastLetters = 7;
    setSizeAdjustPolicy(AdjustToMinimumContentsLengthWithIcon);
    setMinimumContentsLength(leastLetters);
}

void QuietComboBox::wheelEvent(QWheelEvent* event)
{
    event->ignore();
}

namespace {

QString modeText(ValueMode mode)
{
    switch (mode) {
    case ValueMode::Fixed:
        return ParameterEditor::tr("Fixed");
    case ValueMode::Range:
        return ParameterEditor::tr("Range");
    case ValueMode::List:
        return ParameterEditor::tr("List");
    case ValueMode::Formula:
        return ParameterEditor::tr("Formula");
    }
    Q_UNREACHABLE();
}

QString modeHelp(ValueMode mode)
{
    switch (mode) {
    case ValueMode::Fixed:
        return ParameterEditor::tr("One value: nothing to decide");
    case ValueMode::Range:
        return ParameterEditor::tr("The search decides within a range");
    case ValueMode::List:
        return ParameterEditor::tr("The search decides among listed values");
    case ValueMode::Formula:
        return ParameterEditor::tr("Computed from variables, as 2*width");
    }
    Q_UNREACHABLE();
}

/// What stays in a list keeps its weight; what is new has 1.
void carryWeights(const ParameterValue& from, space::Domain& to)
{
    const auto* before = std::get_if<space::Domain>(&from);
    if (!before || before->kind != space::Domain::Kind::Categorical || before->weights.empty() || before->values == to.values
        || !to.weights.empty())
        return;
    for (const space::Literal& value : to.values) {
        const auto at = std::ranges::find(before->values, value) - before->values.begin();
        const auto known = static_cast<std::size_t>(at) < before->weights.size();
        to.weights.push_back(known ? before->weights[static_cast<std::size_t>(at)] : 1);
    }
    if (std::ranges::all_of(to.weights, [](double weight) { return weight <= 0; }))
        to.weights.clear();
}

QString literalOf(const ParameterValue& value)
{
    return QString::fromStdString(space::literalText(std::get<space::Literal>(value)));
}

} // namespace

ParameterEditor::ParameterEditor(Options options, QWidget* parent)
    : QWidget(parent)
    , m_options(std::move(options))
{
    setObjectName(m_options.prefix);
    auto* label = new QLabel(m_options.label, this);
    QString help = QString::fromStdString(m_options.descriptor.help);
    if (!m_options.descriptor.unit.empty())
        help += tr(" Unit: %1.").arg(QString::fromStdString(m_options.descriptor.unit));
    if (!m_options.value) {
        help += tr(" Not set: this is the default.");
        label->setForegroundRole(QPalette::PlaceholderText);
    }
    setToolTip(help);
    label->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
    auto* heading = new QHBoxLayout;
    heading->setSpacing(4);
    heading->addWidget(label, 1);
    if (m_options.value && m_options.canReset) {
        auto* reset = new QToolButton(this);
        reset->setObjectName(m_options.prefix + QStringLiteral(".reset"));
        reset->setIcon(canvasIcon(QStringLiteral("reset")));
        reset->setAutoRaise(true);
        reset->setAccessibleName(tr("Reset %1").arg(m_options.label));
        reset->setToolTip(
            tr("Back to the default, %1").arg(QString::fromStdString(space::literalText(m_options.descriptor.fallback))));
        connect(reset, &QToolButton::clicked, this, &ParameterEditor::resetWished);
        heading->addWidget(reset);
    }
    // A fixed value stands beside its name: most parameters are fixed, and so the form stays short.
    auto* fields = makeFields();
    const bool isFixed = modeOf(current()) == ValueMode::Fixed;
    if (isFixed) {
        constexpr int fixedWidth = 92;
        fields->setFixedWidth(fixedWidth);
        heading->addWidget(fields);
    }
    if (m_options.modes.size() > 1)
        heading->addWidget(makeModeButton());
    label->setBuddy(fields->focusProxy() ? fields->focusProxy() : fields);
    m_problem = new QLabel(this);
    m_problem->setObjectName(m_options.prefix + QStringLiteral(".problem"));
    m_problem->setWordWrap(true);
    QPalette palette = m_problem->palette();
    palette.setColor(QPalette::WindowText, canvasColours().error);
    m_problem->setPalette(palette);
    m_problem->hide();
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(2);
    layout->addLayout(heading);
    if (!isFixed)
        layout->addWidget(fields);
    addPrior(heading, layout);
    layout->addWidget(m_problem);
}

void ParameterEditor::addPrior(QHBoxLayout* heading, QVBoxLayout* layout)
{
    const ParameterValue value = current();
    const auto* domain = std::get_if<space::Domain>(&value);
    const std::int64_t size = domain && !domain->problem() ? domain->size().value_or(0) : 0;
    if (size < 2 || size > static_cast<std::int64_t>(PriorBars::most))
        return;
    QStringList labels;
    for (std::int64_t i = 0; i < size; ++i)
        labels << QString::fromStdString(space::literalText(domain->at(static_cast<double>(i))));
    auto* bars = new PriorBars(labels, domain->weights, this);
    bars->setObjectName(m_options.prefix + QStringLiteral(".weights"));
    bars->setVisible(!domain->weights.empty());
    connect(bars, &PriorBars::edited, this, [this, domain = *domain](const std::vector<double>& weights) mutable {
        domain.weights = weights;
        offer(ParameterValue{ domain });
    });
    auto* prior = new QToolButton(this);
    prior->setObjectName(m_options.prefix + QStringLiteral(".prior"));
    prior->setIcon(canvasIcon(QStringLiteral("plot")));
    prior->setAutoRaise(true);
    prior->setCheckable(true);
    prior->setChecked(!domain->weights.empty());
    prior->setAccessibleName(tr("Prior of %1").arg(m_options.label));
    prior->setToolTip(tr("Prior: how often samples take each value. Off: all alike."));
    connect(prior, &QToolButton::clicked, this, [this, bars, domain = *domain](bool on) mutable {
        bars->setVisible(on);
        if (on || domain.weights.empty())
            return;
        domain.weights.clear();
        offer(ParameterValue{ domain });
    });
    heading->insertWidget(1, prior);
    layout->addWidget(bars);
}

ParameterValue ParameterEditor::current() const
{
    return m_options.value.value_or(ParameterValue{ m_options.descriptor.fallback });
}

QToolButton* ParameterEditor::makeModeButton()
{
    const ValueMode now = modeOf(current());
    auto* button = new QToolButton(this);
    button->setObjectName(m_options.prefix + QStringLiteral(".mode"));
    button->setAccessibleName(tr("How %1 is given").arg(m_options.label));
    button->setText(modeText(now));
    button->setToolTip(modeHelp(now));
    button->setPopupMode(QToolButton::InstantPopup);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    constexpr int buttonWidth = 80; // all alike, so that the fields beside them stand in a column
    button->setFixedWidth(buttonWidth);
    auto* menu = new QMenu(button);
    auto* group = new QActionGroup(menu);
    for (const ValueMode mode : m_options.modes) {
        QAction* action = menu->addAction(tr("%1: %2").arg(modeText(mode), modeHelp(mode)));
        action->setObjectName(QStringLiteral("%1.mode.%2").arg(m_options.prefix, modeText(mode)));
        action->setCheckable(true);
        action->setChecked(mode == now);
        group->addAction(action);
        connect(action, &QAction::triggered, this,
            [this, mode] { offer(converted(current(), mode, m_options.descriptor, m_options.variables)); });
    }
    button->setMenu(menu);
    return button;
}

QWidget* ParameterEditor::makeFields()
{
    const ParameterValue value = current();
    if (const auto* expression = std::get_if<space::Expression>(&value))
        return makeFormula(*expression);
    const auto* domain = std::get_if<space::Domain>(&value);
    if (!domain)
        return makeFixed();
    if (domain->kind != space::Domain::Kind::Categorical)
        return makeRange(*domain);
    return optionTexts().isEmpty() ? makeList(*domain) : makeOptions(*domain);
}

QStringList ParameterEditor::optionTexts() const
{
    QStringList texts;
    if (m_options.descriptor.type == ParameterDescriptor::Type::Boolean)
        for (const bool value : { true, false })
            texts << QString::fromStdString(space::literalText(value));
    for (const std::string& option : m_options.descriptor.options)
        texts << QString::fromStdString(option);
    return texts;
}

QLineEdit* ParameterEditor::makeLine(
    const QString& name, const QString& accessibleName, const QString& text, QWidget* parent)
{
    auto* line = new QLineEdit(text, parent);
    line->setObjectName(m_options.prefix + QLatin1Char('.') + name);
    line->setAccessibleName(accessibleName);
    line->setMinimumWidth(36);
    return line;
}

void ParameterEditor::commitOn(QLineEdit* line, std::function<Result<ParameterValue>()> read)
{
    connect(line, &QLineEdit::editingFinished, this, [this, line, read = std::move(read)] {
        line->setModified(false);
        offer(read());
    });
    connect(line, &QLineEdit::textEdited, this, [this] { showProblem({}); });
}

QWidget* ParameterEditor::makeFixed()
{
    const QStringList texts = optionTexts();
    if (texts.isEmpty()) {
        auto* line = makeLine(QStringLiteral("value"), m_options.label, literalOf(current()), this);
        commitOn(line, [this, line] { return parseFixed(line->text(), m_options.descriptor); });
        return line;
    }
    auto* combo = new QuietComboBox(this);
    combo->setObjectName(m_options.prefix + QStringLiteral(".value"));
    combo->setAccessibleName(m_options.label);
    combo->addItems(texts);
    combo->setCurrentText(literalOf(current()));
    connect(combo, &QComboBox::textActivated, this,
        [this](const QString& text) { offer(parseFixed(text, m_options.descriptor)); });
    return combo;
}

QWidget* ParameterEditor::makeRange(const space::Domain& domain)
{
    const bool real = domain.kind == space::Domain::Kind::Real;
    const auto text = [](const space::Literal& value) { return QString::fromStdString(space::literalText(value)); };
    auto* fields = new QWidget(this);
    auto* low = makeLine(QStringLiteral("low"), tr("%1 from").arg(m_options.label),
        text(real ? space::Literal(domain.realLow) : domain.low), fields);
    auto* high = makeLine(QStringLiteral("high"), tr("%1 to").arg(m_options.label),
        text(real ? space::Literal(domain.realHigh) : domain.high), fields);
    auto* step = new QuietComboBox(fields);
    step->setObjectName(m_options.prefix + QStringLiteral(".step"));
    step->setAccessibleName(tr("Step of %1").arg(m_options.label));
    if (real) {
        step->addItem(tr("even"), QString());
        step->addItem(tr("log"), QStringLiteral("log"));
        step->setToolTip(tr("How the range is covered: evenly, or evenly in the logarithm"));
    } else {
        for (const QString& each : { QStringLiteral("1"), QStringLiteral("2"), QStringLiteral("4"), QStringLiteral("8"),
                 QStringLiteral("16"), QStringLiteral("32"), QStringLiteral("×2") })
            step->addItem(each == QStringLiteral("×2") ? tr("doubling") : tr("step %1").arg(each), each);
        step->setToolTip(tr("From one value to the next"));
    }
    int index = step->findData(stepText(domain));
    if (index < 0) {
        step->addItem(tr("step %1").arg(stepText(domain)), stepText(domain));
        index = step->count() - 1;
    }
    step->setCurrentIndex(index);
    auto* row = new QHBoxLayout(fields);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(4);
    row->addWidget(low, 1);
    row->addWidget(new QLabel(QStringLiteral("…"), fields));
    row->addWidget(high, 1);
    row->addWidget(step);
    fields->setFocusProxy(low);
    const auto read = [this, low, high, step] {
        return parseRange(low->text(), high->text(), step->currentData().toString(), m_options.descriptor);
    };
    commitOn(low, read);
    commitOn(high, read);
    connect(step, &QComboBox::activated, this, [this, read] { offer(read()); });
    return fields;
}

QWidget* ParameterEditor::makeList(const space::Domain& domain)
{
    auto* line = makeLine(QStringLiteral("list"), tr("Values of %1").arg(m_options.label), listText(domain), this);
    line->setPlaceholderText(tr("values, with commas between them"));
    commitOn(line, [this, line] { return parseList(line->text(), m_options.descriptor); });
    return line;
}

QWidget* ParameterEditor::makeOptions(const space::Domain& domain)
{
    auto* fields = new QWidget(this);
    auto* grid = new QGridLayout(fields);
    grid->setContentsMargins(0, 0, 0, 0);
    grid->setSpacing(4);
    QStringList chosen;
    for (const space::Literal& value : domain.values)
        chosen << QString::fromStdString(space::literalText(value));
    std::vector<QToolButton*> buttons;
    constexpr int columns = 3;
    int at = 0;
    for (const QString& text : optionTexts()) {
        auto* button = new QToolButton(fields);
        button->setObjectName(QStringLiteral("%1.option.%2").arg(m_options.prefix, text));
        button->setText(text);
        button->setCheckable(true);
        button->setChecked(chosen.contains(text));
        button->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Fixed);
        button->setToolTip(text);
        button->setToolButtonStyle(Qt::ToolButtonTextOnly);
        grid->addWidget(button, at / columns, at % columns);
        buttons.push_back(button);
        ++at;
    }
    for (QToolButton* button : buttons)
        connect(button, &QToolButton::clicked, this, [this, button, buttons] {
            QStringList texts;
            for (const QToolButton* each : buttons)
                if (each->isChecked())
                    texts << each->text();
            if (texts.isEmpty()) {
                button->setChecked(true);
                showProblem(tr("At least one value must stay."));
                return;
            }
            offer(parseList(texts.join(QLatin1Char(',')), m_options.descriptor));
        });
    if (!buttons.empty())
        fields->setFocusProxy(buttons.front());
    return fields;
}

QWidget* ParameterEditor::makeFormula(const space::Expression& expression)
{
    auto* line = makeLine(
        QStringLiteral("formula"), tr("Formula of %1").arg(m_options.label), QString::fromStdString(expression.text), this);
    QStringList names;
    for (const std::string& name : m_options.variables)
        names << QString::fromStdString(name);
    line->setToolTip(tr("Whole-number arithmetic over: %1").arg(names.join(QStringLiteral(", "))));
    commitOn(line, [this, line] { return parseFormula(line->text(), m_options.variables); });
    return line;
}

void ParameterEditor::offer(Result<ParameterValue> value)
{
    if (!value) {
        showProblem(QString::fromStdString(value.error().message));
        return;
    }
    showProblem({});
    if (auto* domain = std::get_if<space::Domain>(&*value); domain && domain->kind == space::Domain::Kind::Categorical)
        carryWeights(current(), *domain);
    if (*value != current())
        Q_EMIT changed(*value);
}

void ParameterEditor::showProblem(const QString& sentence)
{
    m_problem->setText(sentence);
    m_problem->setVisible(!sentence.isEmpty());
}

} // namespace archscope::ui
