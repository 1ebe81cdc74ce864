#include "ui/graph/edge_form.h"

#include "ui/commands/primitive_edits.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/node_form.h"
#include "ui/graph/structure_glyph.h"

#include <QButtonGroup>
#include <QLabel>
#include <QPushButton>
#include <QRadioButton>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

using namespace space;

EdgeForm::EdgeForm(SpaceDocument* document, NodeId block, std::vector<Edge> edges, QWidget* parent)
    : QWidget(parent)
    , m_document(document)
    , m_block(block)
    , m_edges(std::move(edges))
{
    setObjectName(QStringLiteral("edgeForm"));
    m_layout = new QVBoxLayout(this);
    m_layout->setContentsMargins(12, 10, 12, 12);
    m_layout->setSpacing(10);
    addEnds();
    addPresence();
    if (m_edges.size() == 1)
        addActions();
    m_layout->addStretch();
}

void EdgeForm::addEnds()
{
    m_layout->addWidget(
        headingLabel(m_edges.size() == 1 ? tr("Connection") : tr("%1 connections").arg(m_edges.size()), this));
    const Block* block = m_document->space().findBlock(m_block);
    for (const Edge& edge : m_edges) {
        const Node* from = block ? nodeIn(*block, edge.from) : nullptr;
        const Node* to = block ? nodeIn(*block, edge.to) : nullptr;
        if (!from || !to)
            continue;
        const auto link = [](const Node& node) {
            return QStringLiteral("<a href='%1'>%2</a>")
                .arg(node.id.value())
                .arg(QString::fromStdString(node.name).toHtmlEscaped());
        };
        auto* label = noteLabel(tr("%1 to %2").arg(link(*from), link(*to)), canvasColours().text, this);
        label->setTextInteractionFlags(Qt::TextBrowserInteraction);
        connect(label, &QLabel::linkActivated, this,
            [this](const QString& id) { Q_EMIT revealWished(NodeId(id.toLongLong())); });
        m_layout->addWidget(label);
    }
    if (m_edges.size() != 1)
        return;
    auto* shape = noteLabel({}, canvasColours().textMuted, this);
    shape->setObjectName(QStringLiteral("edgeShape"));
    m_layout->addWidget(shape);
    const auto show = [this, shape] {
        const network::ShapeRange* shapes = m_document->shapesAt(m_edges.front().from);
        shape->setText(shapes ? tr("Shape: %1").arg(QString::fromStdString(shapes->text())) : QString());
        shape->setVisible(shapes != nullptr);
    };
    connect(m_document, &SpaceDocument::surveyChanged, shape, show);
    show();
}

void EdgeForm::addPresence()
{
    struct Entry {
        const char* name;
        QString text;
        QString tip;
        Presence presence;
    };
    const Entry entries[] = {
        { "edgeRequired", tr("Always there"), tr("The connection is in every architecture"), Presence::Required },
        { "edgeOptional", tr("Optional: the search may leave it out"), tr("An optional connection is drawn dashed"),
            Presence::Optional },
        { "edgeLoose", tr("Loose: only where nothing else takes it"),
            tr("There only in architectures where no other connection takes what the node above gives, as where a cell "
               "gathers "
               "its loose ends; drawn dotted"),
            Presence::Loose },
    };
    auto* group = new QButtonGroup(this);
    auto* rows = new QVBoxLayout;
    rows->setSpacing(4);
    for (const Entry& entry : entries) {
        auto* button = new QRadioButton(entry.text, this);
        button->setObjectName(QString::fromLatin1(entry.name));
        button->setToolTip(entry.tip);
        button->setChecked(
            std::ranges::all_of(m_edges, [&entry](const Edge& edge) { return presenceOf(edge) == entry.presence; }));
        group->addButton(button);
        connect(button, &QRadioButton::clicked, this, [this, presence = entry.presence] {
            m_document->push(edgePresenceEdit(m_document->space(), m_block, m_edges, presence));
        });
        rows->addWidget(button);
    }
    m_layout->addLayout(rows);
}

void EdgeForm::addActions()
{
    const auto add = [this](const QIcon& icon, const QString& text, const QString& tip, const char* action) {
        auto* button = new QPushButton(icon, text, this);
        button->setToolTip(tip);
        button->setObjectName(QStringLiteral("edgeForm.") + QString::fromLatin1(action));
        connect(
            button, &QPushButton::clicked, this, [this, name = QString::fromLatin1(action)] { Q_EMIT actionWished(name); });
        m_layout->addWidget(button);
    };
    add(glyphIcon(Glyph::EdgeChoice), tr("Insert a choice here"),
        tr("C does the same; dragging from port to port with Alt held draws a connection with a choice"), "spaceEdgeChoice");
    add(canvasIcon(QStringLiteral("add")), tr("Insert an operation here…"), tr("E does the same"), "spaceEdgeOperation");
}

} // namespace archscope::ui
