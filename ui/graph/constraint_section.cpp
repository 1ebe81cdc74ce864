#include "ui/graph/constraint_section.h"

#include "core/space/decision_space.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/elided_label.h"
#include "ui/graph/node_form.h"

#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPushButton>
#include <QToolButton>
#include <QVBoxLayout>

namespace archscope::ui {

using namespace space;

ConstraintSection::ConstraintSection(SpaceDocument* document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
{
    setObjectName(QStringLiteral("constraintSection"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(6);
    const std::size_t count = document->space().constraints.size();
    if (count == 0)
        m_layout->addWidget(noteLabel(tr("Which architectures do not count: forbidden combinations, budgets, shapes."),
            canvasColours().textMuted, this));
    for (std::size_t i = 0; i < count; ++i)
        m_layout->addWidget(row(i));
    m_problem = noteLabel({}, canvasColours().error, this);
    m_problem->setObjectName(QStringLiteral("constraintsProblem"));
    m_problem->hide();
    m_layout->addWidget(m_problem);
    m_place = new QVBoxLayout;
    m_layout->addLayout(m_place);
    m_layout->addWidget(addButton());
    check();
}

QWidget* ConstraintSection::row(std::size_t index)
{
    const Constraint& constraint = m_document->space().constraints[index];
    auto* frame = new QFrame(this);
    frame->setFrameShape(QFrame::StyledPanel);
    const QString name = QStringLiteral("constraint.%1").arg(index);
    frame->setObjectName(name);
    auto* text = new ElidedLabel(QString::fromStdString(constraintText(constraint)), frame);
    text->setObjectName(name + QStringLiteral(".text"));
    const auto button = [&](const char* action, const char* icon, const QString& tip) {
        auto* tool = new QToolButton(frame);
        tool->setObjectName(name + QLatin1Char('.') + QString::fromLatin1(action));
        tool->setIcon(canvasIcon(QString::fromLatin1(icon)));
        tool->setToolTip(tip);
        tool->setAccessibleName(tr("%1: %2").arg(tip, text->text()));
        tool->setAutoRaise(true);
        return tool;
    };
    auto* change = button("edit", "settings", tr("Change this constraint"));
    connect(change, &QToolButton::clicked, this, [this, index, kind = kindOf(constraint)] { openForm(kind, index); });
    auto* drop = button("remove", "remove", tr("Remove this constraint"));
    connect(drop, &QToolButton::clicked, this, [this, index] { remove(index); });
    auto* layout = new QHBoxLayout(frame);
    layout->setContentsMargins(6, 2, 4, 2);
    layout->addWidget(text, 1);
    layout->addWidget(change);
    layout->addWidget(drop);
    return frame;
}

QWidget* ConstraintSection::addButton()
{
    auto* add = new QPushButton(canvasIcon(QStringLiteral("add")), tr("Add constraint"), this);
    add->setObjectName(QStringLiteral("addConstraint"));
    auto* menu = new QMenu(add);
    const auto entry = [this, menu](ConstraintKind kind, const char* name, const QString& example) {
        QAction* action = menu->addAction(tr("%1, as in: %2").arg(kindTitle(kind), example));
        action->setObjectName(QStringLiteral("addConstraint.") + QString::fromLatin1(name));
        connect(action, &QAction::triggered, this, [this, kind] { openForm(kind, {}); });
    };
    entry(ConstraintKind::Forbid, "forbid", tr("no pooling with width 64"));
    entry(ConstraintKind::Count, "count", tr("at most 9 edges present"));
    entry(ConstraintKind::Budget, "budget", tr("at most a million parameters"));
    entry(ConstraintKind::Shape, "shape", tr("height at least 4 before the head"));
    add->setMenu(menu);
    return add;
}

void ConstraintSection::openForm(ConstraintKind kind, std::optional<std::size_t> index)
{
    closeForm();
    m_form = new ConstraintForm(m_document, kind, index, this);
    connect(m_form, &ConstraintForm::closed, this, &ConstraintSection::closeForm);
    m_place->addWidget(m_form);
    m_form->show();
}

void ConstraintSection::closeForm()
{
    if (!m_form)
        return;
    m_form->hide();
    m_form->deleteLater(); // its button may be the one that was just clicked
    m_form = nullptr;
}

void ConstraintSection::remove(std::size_t index)
{
    std::vector<Constraint> rest = m_document->space().constraints;
    const std::string text = constraintText(rest[index]);
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(index));
    m_document->push(
        { SetConstraints{ std::move(rest) }, tr("Remove constraint: %1").arg(QString::fromStdString(text)).toStdString() });
}

void ConstraintSection::check()
{
    const auto run = [this] {
        if (m_document->space().constraints.empty())
            return;
        m_latest.run(
            this,
            [space = m_document->space()]() -> Result<void> {
                ARCHSCOPE_ASSIGN(const DecisionSpace decisions, DecisionSpace::compile(space));
                return decisions.requireSatisfiable();
            },
            [this](const Result<void>& sound) {
                m_problem->setText(sound ? QString() : QString::fromStdString(sound.error().text()));
                m_problem->setVisible(!sound);
            });
    };
    connect(m_document, &SpaceDocument::changed, this, run);
    run();
}

} // namespace archscope::ui
