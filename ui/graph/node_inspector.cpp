#include "ui/graph/node_inspector.h"

#include "ui/commands/primitive_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/edge_form.h"
#include "ui/graph/node_form.h"
#include "ui/graph/node_section.h"
#include "ui/graph/space_editor.h"
#include "ui/graph/space_form.h"

#include <QAction>
#include <QApplication>
#include <QEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>
#include <algorithm>
#include <utility>

namespace archscope::ui {

NodeInspector::NodeInspector(SpaceDocument* document, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
{
    setObjectName(QStringLiteral("nodeInspector"));
    m_scroll = new QScrollArea(this);
    m_scroll->setWidgetResizable(true);
    m_scroll->setFrameShape(QFrame::NoFrame);
    m_scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_scroll);
    setMinimumWidth(240);
    connect(document, &SpaceDocument::changed, this, &NodeInspector::scheduleRebuild);
    rebuild();
}

void NodeInspector::follow(SpaceEditor* editor)
{
    if (m_editor)
        m_editor->disconnect(this);
    m_editor = editor;
    connect(editor, &SpaceEditor::selectionChanged, this,
        [this] { show(m_editor->block(), m_editor->selectedNodes(), m_editor->selectedEdges()); });
    connect(editor, &SpaceEditor::alternativeClicked, this, &NodeInspector::unfold);
    connect(editor, &SpaceEditor::inspectionWished, this, &NodeInspector::inspect);
    connect(
        editor, &SpaceEditor::accessChanged, this, [this] { setEnabled(m_editor->access() == SpaceEditor::Access::Edit); });
    setEnabled(editor->access() == SpaceEditor::Access::Edit);
    show(editor->block(), editor->selectedNodes(), editor->selectedEdges());
}

void NodeInspector::show(space::NodeId block, std::vector<space::NodeId> nodes, std::vector<space::Edge> edges)
{
    m_block = block;
    m_nodes = std::move(nodes);
    m_edges = std::move(edges);
    scheduleRebuild();
}

void NodeInspector::unfold(space::NodeId alternative)
{
    m_unfolded = alternative;
    scheduleRebuild();
}

void NodeInspector::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::FontChange) {
        m_shown.reset();
        scheduleRebuild();
    }
}

void NodeInspector::scheduleRebuild()
{
    // Later: a field of the form that goes may be the one that is talking. Several changes make one form.
    if (m_rebuildScheduled)
        return;
    m_rebuildScheduled = true;
    QMetaObject::invokeMethod(
        this,
        [this] {
            m_rebuildScheduled = false;
            rebuild();
            seek();
        },
        Qt::QueuedConnection);
}

void NodeInspector::inspect(space::NodeId node)
{
    m_sought = node;
    unfold(node);
    Q_EMIT attentionWished();
}

void NodeInspector::seek()
{
    const space::NodeId sought = std::exchange(m_sought, space::NodeId());
    QWidget* form = m_scroll->widget();
    if (!sought.isValid() || !form)
        return;
    QWidget* part = form; // a node's own form, unless one of its parts is meant
    for (QWidget* each : form->findChildren<QWidget*>())
        if (each->property(partProperty) == QVariant(static_cast<qlonglong>(sought.value())))
            part = each;
    form->layout()->activate(); // so that the part stands where it will
    m_scroll->ensureWidgetVisible(part);
    for (QWidget* each : part->findChildren<QWidget*>())
        if (each->focusPolicy() & Qt::TabFocus && each->isEnabled()) {
            each->setFocus(Qt::OtherFocusReason);
            break;
        }
}

NodeInspector::Shown NodeInspector::wanted() const
{
    Shown shown;
    shown.block = m_block;
    for (const space::NodeId id : m_nodes) {
        const space::Node* node = m_document->space().find(id);
        if (!node)
            continue;
        shown.nodes.push_back(*node);
        shown.nodes.back().position = {}; // moving it changes nothing here
        shown.nodes.back().placed = false;
    }
    if (const space::Block* block = m_document->space().findBlock(m_block))
        shown.variables = block->variables;
    // Of definitions a form shows name, sharing, variables and how often they are used.
    for (const space::Definition& definition : m_document->space().definitions) {
        shown.definitions.push_back({ definition.id, definition.name, definition.shared, {} });
        shown.definitions.back().body.variables = definition.body.variables;
        shown.uses.push_back(usesOf(m_document->space(), definition.name));
    }
    if (shown.nodes.size() == 1)
        if (const space::Block* block = m_document->space().findBlock(m_block))
            shown.connections = static_cast<int>(edgesInto(*block, shown.nodes.front().id).size());
    if (shown.nodes.empty()) {
        if (const space::Block* block = m_document->space().findBlock(m_block))
            std::ranges::copy_if(m_edges, std::back_inserter(shown.edges),
                [block](const space::Edge& edge) { return std::ranges::find(block->edges, edge) != block->edges.end(); });
        shown.constraints = m_document->space().constraints;
        shown.name = m_document->space().name;
        shown.description = m_document->space().description;
    }
    shown.unfolded = m_unfolded;
    return shown;
}

void NodeInspector::rebuild()
{
    Shown now = wanted();
    if (m_shown == now)
        return;
    // The same node with another value keeps place and focus, so that one can go on typing and tabbing.
    const bool sameSubject = m_shown && m_shown->block == now.block && m_shown->nodes.size() == now.nodes.size()
        && (now.nodes.empty() || m_shown->nodes.front().id == now.nodes.front().id)
        && m_shown->edges.size() == now.edges.size();
    const int scrolled = m_scroll->verticalScrollBar()->value();
    const QWidget* focused = QApplication::focusWidget();
    const QString focusName = focused && isAncestorOf(focused) ? focused->objectName() : QString();
    const auto* typing = qobject_cast<const QLineEdit*>(focused);
    const bool unfinished = typing && typing->isModified();
    const QString typed = unfinished ? typing->text() : QString();
    const int cursor = unfinished ? typing->cursorPosition() : 0;
    m_shown = std::move(now);
    if (QWidget* old = m_scroll->takeWidget()) {
        // Losing the focus by being hidden is not the end of an edit: the old form's fields show what is no longer so.
        for (QWidget* field : old->findChildren<QWidget*>())
            field->blockSignals(true);
        old->hide();
        old->deleteLater();
    }
    QWidget* form = makeForm();
    m_scroll->setWidget(form);
    form->show();
    if (!sameSubject) {
        if (!focusName.isEmpty() && m_editor)
            m_editor->setFocus(Qt::OtherFocusReason); // not whatever comes next in the window
        return;
    }
    m_scroll->verticalScrollBar()->setValue(scrolled);
    auto* again = focusName.isEmpty() ? nullptr : form->findChild<QWidget*>(focusName);
    if (!again)
        return;
    again->setFocus(Qt::OtherFocusReason);
    auto* line = qobject_cast<QLineEdit*>(again);
    if (line && unfinished) {
        line->setText(typed);
        line->setModified(true);
        line->setCursorPosition(cursor);
    } else if (line) {
        line->selectAll();
    }
}

QWidget* NodeInspector::makeForm()
{
    const auto reveal = [this](space::NodeId node) {
        if (m_editor)
            m_editor->reveal(node);
    };
    const auto open = [this](space::NodeId block) {
        if (m_editor)
            m_editor->openBlock(block);
    };
    if (!m_shown->edges.empty()) {
        auto* form = new EdgeForm(m_document, m_block, m_shown->edges);
        connect(form, &EdgeForm::revealWished, this, reveal);
        connect(form, &EdgeForm::actionWished, this, [this](const QString& name) {
            if (auto* action = m_editor ? m_editor->findChild<QAction*>(name) : nullptr)
                action->trigger();
        });
        return form;
    }
    if (m_shown->nodes.empty()) {
        auto* form = new SpaceForm(m_document, m_block);
        connect(form, &SpaceForm::revealWished, this, reveal);
        connect(form, &SpaceForm::openWished, this, open);
        return form;
    }
    if (m_shown->nodes.size() == 1) {
        auto* form = new NodeForm(m_document, m_shown->nodes.front().id, m_unfolded);
        connect(form, &NodeForm::unfoldWished, this, &NodeInspector::unfold);
        connect(form, &NodeForm::openWished, this, open);
        return form;
    }
    auto* form = new QWidget;
    auto* layout = new QVBoxLayout(form);
    layout->setContentsMargins(12, 10, 12, 12);
    layout->addWidget(
        noteLabel(tr("%1 nodes selected. Select one to edit it; move, copy, delete or make optional works on all.")
                      .arg(m_shown->nodes.size()),
            canvasColours().textMuted, form));
    layout->addStretch();
    return form;
}

} // namespace archscope::ui
