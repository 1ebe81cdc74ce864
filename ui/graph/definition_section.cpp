#include "ui/graph/definition_section.h"

#include "ui/commands/primitive_edits.h"
#include "ui/commands/rename_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/elided_label.h"
#include "ui/graph/node_form.h"
#include "ui/graph/structure_glyph.h"

#include <QCheckBox>
#include <QFormLayout>
#include <QFrame>
#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>
#include <QVBoxLayout>

namespace archscope::ui {

using namespace space;

namespace {

/// The sentence says why not, and is empty when done.
QString pushed(SpaceDocument& document, const Result<SpaceEdit>& edit)
{
    const Result<void> done = edit ? document.push(*edit) : fail(edit.error());
    return done ? QString() : QString::fromStdString(done.error().message);
}

} // namespace

QString usesText(int uses)
{
    return uses == 0 ? DefinitionList::tr("not used")
        : uses == 1  ? DefinitionList::tr("1 use")
                     : DefinitionList::tr("%1 uses").arg(uses);
}

DefinitionList::DefinitionList(SpaceDocument* document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
{
    setObjectName(QStringLiteral("definitionList"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(0, 0, 0, 0);
    m_layout->setSpacing(4);
    if (document->space().definitions.empty())
        m_layout->addWidget(
            noteLabel(tr("Blocks that are drawn once and used many times: select a block and choose Make Reusable."),
                canvasColours().textMuted, this));
    for (const Definition& definition : document->space().definitions)
        m_layout->addWidget(row(definition));
    m_problem = noteLabel({}, canvasColours().error, this);
    m_problem->setObjectName(QStringLiteral("definitionsProblem"));
    m_problem->hide();
    m_layout->addWidget(m_problem);
}

QWidget* DefinitionList::row(const Definition& definition)
{
    const QString name = QString::fromStdString(definition.name);
    const QString prefix = QStringLiteral("definition.") + name;
    auto* frame = new QFrame(this);
    frame->setFrameShape(QFrame::StyledPanel);
    frame->setObjectName(prefix);
    auto* sign = new QLabel(frame);
    sign->setPixmap(glyphIcon(Glyph::Link).pixmap(14, 14));
    const QString sharing = definition.shared ? tr("all uses alike") : tr("each use its own");
    auto* text = new ElidedLabel(
        tr("@%1  %2, %3").arg(name, usesText(usesOf(m_document->space(), definition.name)), sharing), frame);
    text->setObjectName(prefix + QStringLiteral(".text"));
    auto* open = new QToolButton(frame);
    open->setObjectName(prefix + QStringLiteral(".open"));
    open->setIcon(canvasIcon(QStringLiteral("open")));
    open->setToolTip(tr("Open @%1").arg(name));
    open->setAccessibleName(open->toolTip());
    open->setAutoRaise(true);
    connect(open, &QToolButton::clicked, this, [this, id = definition.id] { Q_EMIT openWished(id); });
    auto* remove = new QToolButton(frame);
    remove->setObjectName(prefix + QStringLiteral(".remove"));
    remove->setIcon(canvasIcon(QStringLiteral("remove")));
    remove->setToolTip(tr("Delete @%1").arg(name));
    remove->setAccessibleName(remove->toolTip());
    remove->setAutoRaise(true);
    connect(remove, &QToolButton::clicked, this, [this, key = definition.name] {
        const QString why = pushed(*m_document, removeDefinitionEdit(m_document->space(), key));
        m_problem->setText(why);
        m_problem->setVisible(!why.isEmpty());
    });
    auto* layout = new QHBoxLayout(frame);
    layout->setContentsMargins(6, 2, 4, 2);
    layout->setSpacing(6);
    layout->addWidget(sign);
    layout->addWidget(text, 1);
    layout->addWidget(open);
    layout->addWidget(remove);
    return frame;
}

DefinitionForm::DefinitionForm(SpaceDocument* document, const Definition& definition, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
{
    setObjectName(QStringLiteral("definitionForm"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(headingLabel(tr("Reusable block @%1").arg(QString::fromStdString(definition.name)), this));
    layout->addWidget(noteLabel(usesText(usesOf(document->space(), definition.name)), canvasColours().textMuted, this));
    auto* name = new QLineEdit(QString::fromStdString(definition.name), this);
    name->setObjectName(QStringLiteral("definitionName"));
    name->setAccessibleName(tr("Name of the reusable block"));
    auto* problem = noteLabel({}, canvasColours().error, this);
    problem->setObjectName(QStringLiteral("definitionNameProblem"));
    problem->hide();
    connect(name, &QLineEdit::editingFinished, this, [this, name, problem, before = definition.name] {
        name->setModified(false);
        const std::string wanted = name->text().trimmed().toStdString();
        if (wanted == before)
            return;
        const QString why = pushed(*m_document, renameDefinitionEdit(m_document->space(), before, wanted));
        problem->setText(why);
        problem->setVisible(!why.isEmpty());
    });
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->addRow(tr("Name"), name);
    layout->addLayout(form);
    layout->addWidget(problem);
    auto* shared = new QCheckBox(tr("All uses alike: one set of decisions"), this);
    shared->setObjectName(QStringLiteral("definitionShared"));
    shared->setToolTip(tr("Otherwise each use has decisions of its own, and the space is much larger"));
    shared->setChecked(definition.shared);
    connect(shared, &QCheckBox::clicked, this, [this, key = definition.name](bool checked) {
        m_document->push(shareDefinitionEdit(m_document->space(), key, checked ? Sharing::Shared : Sharing::Independent));
    });
    layout->addWidget(shared);
}

} // namespace archscope::ui
