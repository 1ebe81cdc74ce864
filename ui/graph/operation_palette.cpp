#include "ui/graph/operation_palette.h"

#include "ui/graph/canvas_colours.h"
#include "ui/graph/space_document.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QMimeData>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <map>

namespace archscope::ui {

namespace {

constexpr int keyRole = Qt::UserRole;
constexpr int categoryRole = Qt::UserRole + 1;

/// A tree whose leaves are dragged as palette entries.
class PaletteTree : public QTreeWidget {
public:
    using QTreeWidget::QTreeWidget;

protected:
    QStringList mimeTypes() const override { return { QString::fromLatin1(paletteMimeType) }; }
    QMimeData* mimeData(const QList<QTreeWidgetItem*>& items) const override
    {
        if (items.isEmpty() || items.front()->data(0, keyRole).toString().isEmpty())
            return nullptr;
        auto* dragged = new QMimeData;
        dragged->setData(QString::fromLatin1(paletteMimeType), items.front()->data(0, keyRole).toString().toUtf8());
        return dragged;
    }
};

} // namespace

OperationPalette::OperationPalette(std::shared_ptr<const space::OperationSet> operations, QWidget* parent)
    : QWidget(parent)
    , m_operations(std::move(operations))
{
    setObjectName(QStringLiteral("operationPalette"));
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("paletteSearch"));
    m_search->setAccessibleName(tr("Search operations"));
    m_search->setPlaceholderText(tr("Search operations"));
    m_search->setClearButtonEnabled(true);
    m_search->installEventFilter(this);

    m_tree = new PaletteTree(this);
    m_tree->setObjectName(QStringLiteral("paletteTree"));
    m_tree->setAccessibleName(tr("Operations by category"));
    m_tree->setHeaderHidden(true);
    m_tree->setIndentation(14);
    m_tree->setFrameShape(QFrame::NoFrame);
    m_tree->setDragEnabled(true);
    m_tree->setDragDropMode(QAbstractItemView::DragOnly);
    m_tree->setSelectionMode(QAbstractItemView::SingleSelection);
    m_tree->setExpandsOnDoubleClick(false);
    m_tree->setUniformRowHeights(true);

    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 0);
    layout->setSpacing(6);
    layout->addWidget(m_search);
    layout->addWidget(m_tree);

    connect(m_search, &QLineEdit::textChanged, this, &OperationPalette::filter);
    connect(m_tree, &QTreeWidget::itemActivated, this, &OperationPalette::activate);
    if (Theme::instance())
        connect(Theme::instance(), &Theme::changed, this, [this] {
            fill();
            filter(m_search->text());
        });
    fill();
}

void OperationPalette::follow(const SpaceDocument* document)
{
    m_document = document;
    const auto update = [this] {
        QStringList now;
        for (const space::Definition& definition : m_document->space().definitions)
            now << QString::fromStdString(definition.name);
        if (now == m_definitions)
            return;
        m_definitions = now;
        fill();
        filter(m_search->text());
    };
    connect(document, &SpaceDocument::changed, this, update);
    update();
}

void OperationPalette::fill()
{
    m_tree->clear();
    std::map<QString, QTreeWidgetItem*> groups;
    for (const PaletteEntry& entry : paletteEntries(*m_operations, m_document ? &m_document->space() : nullptr)) {
        QTreeWidgetItem*& group = groups[entry.category];
        if (!group) {
            group = new QTreeWidgetItem(m_tree, { entry.category });
            group->setFlags(Qt::ItemIsEnabled);
            group->setSizeHint(0, QSize(0, m_tree->fontMetrics().height() + 8)); // rows are uniform: the first counts
            QFont font = m_tree->font();
            font.setBold(true);
            group->setFont(0, font);
        }
        auto* item = new QTreeWidgetItem(group, { entry.title });
        item->setIcon(0, entry.icon());
        item->setData(0, keyRole, entry.key());
        item->setData(0, categoryRole, entry.category);
        item->setToolTip(0,
            QStringLiteral("<b>%1</b><br>%2<br><i>%3</i>")
                .arg(entry.title.toHtmlEscaped(), entry.help.toHtmlEscaped(), tr("Drag onto the canvas, or double-click.")));
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsDragEnabled);
    }
    m_tree->expandAll();
}

void OperationPalette::filter(const QString& words)
{
    QTreeWidgetItem* best = nullptr;
    int bestScore = 0;
    for (int g = 0; g < m_tree->topLevelItemCount(); ++g) {
        QTreeWidgetItem* group = m_tree->topLevelItem(g);
        bool any = false;
        for (int i = 0; i < group->childCount(); ++i) {
            QTreeWidgetItem* item = group->child(i);
            const auto entry = paletteEntry(*m_operations, item->data(0, keyRole).toString());
            const int score = entry ? matchScore(*entry, words) : 0;
            item->setHidden(score == 0);
            any = any || score > 0;
            if (score > bestScore) {
                bestScore = score;
                best = item;
            }
        }
        group->setHidden(!any);
    }
    m_tree->setCurrentItem(words.trimmed().isEmpty() ? nullptr : best);
}

void OperationPalette::activate(QTreeWidgetItem* item)
{
    if (item && !item->data(0, keyRole).toString().isEmpty())
        Q_EMIT activated(item->data(0, keyRole).toString());
}

bool OperationPalette::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        const auto* key = static_cast<QKeyEvent*>(event);
        switch (key->key()) {
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
            QCoreApplication::sendEvent(m_tree, event);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
            activate(m_tree->currentItem());
            return true;
        case Qt::Key_Escape:
            if (m_search->text().isEmpty())
                break;
            m_search->clear();
            return true;
        default:
            break;
        }
    }
    return QWidget::eventFilter(watched, event);
}

} // namespace archscope::ui
