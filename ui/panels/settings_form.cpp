#include "ui/panels/settings_form.h"

#include "core/space/domain.h"
#include "ui/graph/parameter_editor.h"
#include "ui/theme/theme.h"

#include <QFormLayout>
#include <QLabel>
#include <QLineEdit>

namespace archscope::ui {

namespace {
using Type = space::ParameterDescriptor::Type;

QString rangeText(const space::ParameterDescriptor& descriptor, const QLocale& locale)
{
    const bool whole = descriptor.type == Type::Integer;
    const auto number = [&](double value) { return whole ? locale.toString(static_cast<qint64>(value)) : locale.toString(value, 'g', 4); };
    return SettingsForm::tr("From %1 to %2.").arg(number(descriptor.low), number(descriptor.high));
}
} // namespace

QString settingTitle(const std::string& name)
{
    QString title = QString::fromStdString(name).replace(QLatin1Char('_'), QLatin1Char(' '));
    return title.replace(0, 1, title.left(1).toUpper());
}

SettingsForm::SettingsForm(QString prefix, QWidget* parent) : QWidget(parent), m_prefix(std::move(prefix)), m_form(new QFormLayout(this))
{
    m_form->setContentsMargins(0, 0, 0, 0);
}

void SettingsForm::setDescriptors(std::span<const space::ParameterDescriptor> descriptors)
{
    while (m_form->rowCount() > 0)
        m_form->removeRow(0);
    m_fields.clear();
    for (const space::ParameterDescriptor& descriptor : descriptors) {
        const bool chosen = descriptor.type == Type::Enumeration || descriptor.type == Type::Boolean;
        QWidget* field = chosen ? makeChoice(descriptor) : makeLine(descriptor);
        field->setObjectName(m_prefix + QLatin1Char('.') + QString::fromStdString(descriptor.name));
        field->setAccessibleName(settingTitle(descriptor.name));
        field->setAccessibleDescription(QString::fromStdString(descriptor.help));
        auto* label = new QLabel(settingTitle(descriptor.name), this);
        label->setBuddy(field);
        label->setToolTip(QString::fromStdString(descriptor.help));
        m_form->addRow(label, field);
    }
    setVisible(!m_fields.empty());
}

QWidget* SettingsForm::makeChoice(const space::ParameterDescriptor& descriptor)
{
    auto* box = new QuietComboBox(this);
    const QString fallback = QString::fromStdString(space::literalText(descriptor.fallback));
    if (descriptor.type == Type::Boolean) {
        box->addItem(tr("yes"), QStringLiteral("true"));
        box->addItem(tr("no"), QStringLiteral("false"));
    } else {
        for (const std::string& option : descriptor.options)
            box->addItem(QString::fromStdString(option), QString::fromStdString(option));
    }
    box->setCurrentIndex(box->findData(fallback));
    box->setToolTip(QString::fromStdString(descriptor.help));
    connect(box, &QComboBox::currentIndexChanged, this, &SettingsForm::edited);
    m_fields.push_back({descriptor, [box, fallback] {
                            const QString chosen = box->currentData().toString();
                            return chosen == fallback ? QString() : chosen;
                        }});
    return box;
}

QWidget* SettingsForm::makeLine(const space::ParameterDescriptor& descriptor)
{
    auto* line = new QLineEdit(this);
    // 0 stands for a number that follows from the others, as the help says.
    const bool automatic = descriptor.fallback == space::Literal(std::int64_t(0)) && descriptor.low == 0;
    line->setPlaceholderText(automatic ? tr("automatic") : tr("default: %1").arg(QString::fromStdString(space::literalText(descriptor.fallback))));
    QString help = QString::fromStdString(descriptor.help);
    if (descriptor.type != Type::Text)
        help += QLatin1Char('\n') + rangeText(descriptor, locale());
    line->setToolTip(help);
    connect(line, &QLineEdit::textChanged, this, [this, line, descriptor, help](const QString& text) {
        const auto value = descriptor.parse(text.toStdString());
        const bool good = text.isEmpty() || value;
        setMark(line, good ? Mark::None : Mark::Problem);
        line->setToolTip(good ? help : QString::fromStdString(value.error().message));
        Q_EMIT edited();
    });
    m_fields.push_back({descriptor, [line] { return line->text().trimmed(); }});
    return line;
}

std::map<std::string, space::Literal> SettingsForm::values() const
{
    std::map<std::string, space::Literal> values;
    for (const Field& field : m_fields) {
        if (const QString text = field.text(); !text.isEmpty()) {
            if (const auto value = field.descriptor.parse(text.toStdString()))
                values[field.descriptor.name] = *value;
        }
    }
    return values;
}

QString SettingsForm::problem() const
{
    for (const Field& field : m_fields) {
        if (const QString text = field.text(); !text.isEmpty()) {
            if (const auto value = field.descriptor.parse(text.toStdString()); !value)
                return QString::fromStdString(value.error().message);
        }
    }
    return {};
}

} // namespace archscope::ui
