#include "ui/graph/quick_add_popup.h"

#include "ui/graph/canvas_colours.h"

#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QScreen>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

QuickAddPopup::QuickAddPopup(std::vector<PaletteEntry> entries, QWidget* parent)
    : QFrame(parent, Qt::Popup)
    , m_entries(std::move(entries))
{
    setObjectName(QStringLiteral("quickAdd"));
    setAttribute(Qt::WA_DeleteOnClose);
    setFrameShape(QFrame::StyledPanel);
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("quickAddSearch"));
    m_search->setAccessibleName(tr("Add a node by name"));
    m_search->setPlaceholderText(tr("Add a node: type its name"));
    m_search->installEventFilter(this);
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("quickAddList"));
    m_list->setAccessibleName(tr("Matching nodes"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setFocusPolicy(Qt::NoFocus);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(4);
    layout->addWidget(m_search);
    layout->addWidget(m_list);
    setFixedSize(280, 320);
    connect(m_search, &QLineEdit::textChanged, this, &QuickAddPopup::filter);
    connect(m_list, &QListWidget::itemClicked, this, &QuickAddPopup::choose);
    filter({});
}

QPoint insideScreen(QPoint globalPosition, QSize size)
{
    const QScreen* screen = QGuiApplication::screenAt(globalPosition);
    const QRect room = (screen ? screen : QGuiApplication::primaryScreen())->availableGeometry();
    return { std::clamp(globalPosition.x(), room.left(), std::max(room.left(), room.right() - size.width())),
        std::clamp(globalPosition.y(), room.top(), std::max(room.top(), room.bottom() - size.height())) };
}

void QuickAddPopup::popUp(QPoint globalPosition)
{
    move(insideScreen(globalPosition, size()));
    show();
    m_search->setFocus(Qt::PopupFocusReason);
}

void QuickAddPopup::filter(const QString& words)
{
    std::vector<std::pair<int, const PaletteEntry*>> matches;
    for (const PaletteEntry& entry : m_entries)
        if (const int score = matchScore(entry, words); score > 0)
            matches.emplace_back(score, &entry);
    std::ranges::stable_sort(matches, std::ranges::greater{}, [](const auto& match) { return match.first; });
    m_list->clear();
    for (const auto& [score, entry] : matches) {
        auto* item = new QListWidgetItem(entry->icon(), entry->title, m_list);
        item->setData(Qt::UserRole, entry->key());
        item->setToolTip(entry->help);
    }
    m_list->setCurrentRow(0);
}

void QuickAddPopup::choose()
{
    const QListWidgetItem* item = m_list->currentItem();
    if (!item)
        return;
    const QString key = item->data(Qt::UserRole).toString();
    close();
    Q_EMIT chosen(key);
}

bool QuickAddPopup::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        switch (static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
            QCoreApplication::sendEvent(m_list, event);
            return true;
        case Qt::Key_Return:
        case Qt::Key_Enter:
        case Qt::Key_Tab:
            choose();
            return true;
        case Qt::Key_Escape:
            close();
            return true;
        default:
            break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace archscope::ui
