#include "ui/graph/value_popup.h"

#include "ui/graph/node_form.h"
#include "ui/graph/parameter_editor.h"

#include <QGuiApplication>
#include <QLabel>
#include <QLineEdit>
#include <QScreen>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

using namespace space;

namespace {
const std::string roundsName = "count";
}

ValuePopup::ValuePopup(SpaceDocument* document, NodeId node, const QString& parameter, QWidget* parent)
    : QFrame(parent, Qt::Popup)
    , m_document(document)
    , m_node(node)
    , m_parameter(parameter.toStdString())
{
    setObjectName(QStringLiteral("valuePopup"));
    setAttribute(Qt::WA_DeleteOnClose);
    setFrameShape(QFrame::StyledPanel);
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(10, 8, 10, 8);
    m_layout->setSpacing(8);
    constexpr int popupWidth = 300;
    setFixedWidth(popupWidth);
    // Later: the field that changed the value is still talking.
    connect(document, &SpaceDocument::changed, this, &ValuePopup::rebuild, Qt::QueuedConnection);
    rebuild();
}

bool ValuePopup::canEdit(const SearchSpace& space, const OperationSet& operations, NodeId id)
{
    const Node* node = space.find(id);
    if (!node)
        return false;
    const auto* operation = std::get_if<Operation>(&node->body);
    const OperationTraits* traits = operation ? operations.find(operation->type) : nullptr;
    return std::holds_alternative<Repeat>(node->body) || (traits && !traits->descriptor().parameters.empty());
}

void ValuePopup::popUp(QPoint globalPosition)
{
    adjustSize();
    const QScreen* screen = QGuiApplication::screenAt(globalPosition);
    const QRect room = (screen ? screen : QGuiApplication::primaryScreen())->availableGeometry();
    move(std::clamp(globalPosition.x(), room.left(), std::max(room.left(), room.right() - width())),
        std::clamp(globalPosition.y(), room.top(), std::max(room.top(), room.bottom() - height())));
    show();
    // The value itself, not the button that says how it is given.
    const auto fields = findChildren<ParameterEditor*>();
    if (fields.empty())
        return;
    if (auto* line = fields.front()->findChild<QLineEdit*>()) {
        line->setFocus(Qt::PopupFocusReason);
        line->selectAll();
    } else if (auto* combo = fields.front()->findChild<QComboBox*>()) {
        combo->setFocus(Qt::PopupFocusReason);
    } else {
        focusNextChild();
    }
}

void ValuePopup::rebuild()
{
    const Node* node = m_document->space().find(m_node);
    if (!node) {
        close();
        return;
    }
    while (QLayoutItem* item = m_layout->takeAt(0)) {
        if (item->widget()) {
            item->widget()->blockSignals(true);
            item->widget()->deleteLater();
        }
        delete item;
    }
    auto* title = new QLabel(QStringLiteral("<b>%1</b>").arg(QString::fromStdString(node->name).toHtmlEscaped()), this);
    m_layout->addWidget(title);
    if (const auto* repeat = std::get_if<Repeat>(&node->body)) {
        addEditor(ParameterDescriptor::integer(roundsName, 1, 0, 1000, tr("How many times in a row.").toStdString()),
            repeat->count);
    } else if (const auto* operation = std::get_if<Operation>(&node->body)) {
        if (const OperationTraits* traits = m_document->operations().find(operation->type))
            for (const ParameterDescriptor& descriptor : traits->descriptor().parameters) {
                if (!m_parameter.empty() && m_parameter != descriptor.name)
                    continue;
                const auto given = operation->parameters.find(descriptor.name);
                addEditor(descriptor, given == operation->parameters.end() ? std::nullopt : std::optional(given->second));
            }
    }
    if (isVisible())
        adjustSize();
}

void ValuePopup::addEditor(const ParameterDescriptor& descriptor, const std::optional<ParameterValue>& value)
{
    const bool isRounds = std::holds_alternative<Repeat>(m_document->space().find(m_node)->body);
    ParameterEditor::Options options;
    options.descriptor = descriptor;
    options.label
        = isRounds ? tr("rounds") : QString::fromStdString(descriptor.name).replace(QLatin1Char('_'), QLatin1Char(' '));
    options.value = value;
    options.modes = modesFor(descriptor);
    if (isRounds)
        std::erase(options.modes, ValueMode::Formula);
    options.variables = variablesInScope(m_document->space(), m_document->space().ownerOf(m_node));
    options.canReset = !isRounds;
    options.prefix = QStringLiteral("value.") + QString::fromStdString(descriptor.name);
    auto* editor = new ParameterEditor(std::move(options), this);
    const ValueMode before = modeOf(value.value_or(ParameterValue{ descriptor.fallback }));
    connect(editor, &ParameterEditor::changed, this,
        [this, editor, before, name = descriptor.name](const ParameterValue& wanted) {
            const QString why = set(name, wanted);
            editor->showProblem(why);
            // Another way of giving the value asks for more; a value is the end.
            if (why.isEmpty() && !m_parameter.empty() && modeOf(wanted) == before)
                close();
        });
    connect(editor, &ParameterEditor::resetWished, this,
        [this, editor, name = descriptor.name] { editor->showProblem(set(name, std::nullopt)); });
    m_layout->addWidget(editor);
}

QString ValuePopup::set(const std::string& name, const std::optional<ParameterValue>& value)
{
    const Node* now = m_document->space().find(m_node);
    if (!now)
        return tr("The node is gone.");
    Node node = *now;
    if (auto* repeat = std::get_if<Repeat>(&node.body)) {
        repeat->count = value.value_or(ParameterValue{ Literal{ std::int64_t{ 1 } } });
        return replaceNode(*m_document, std::move(node), tr("Change rounds"));
    }
    auto& parameters = std::get<Operation>(node.body).parameters;
    if (value)
        parameters[name] = *value;
    else
        parameters.erase(name);
    return replaceNode(*m_document, std::move(node), tr("Change %1").arg(QString::fromStdString(name)));
}

} // namespace archscope::ui
