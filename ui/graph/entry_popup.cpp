#include "ui/graph/entry_popup.h"

#include <QCoreApplication>
#include <QGuiApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QScreen>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

namespace {
/// Where a popup of that size stands wholly on the screen, as near as possible to the position.
QPoint insideScreen(QPoint globalPosition, QSize size)
{
    const QScreen* screen = QGuiApplication::screenAt(globalPosition);
    const QRect room = (screen ? screen : QGuiApplication::primaryScreen())->availableGeometry();
    return { std::clamp(globalPosition.x(), room.left(), std::max(room.left(), room.right() - size.width())),
        std::clamp(globalPosition.y(), room.top(), std::max(room.top(), room.bottom() - size.height())) };
}
} // namespace

EntryPopup::EntryPopup(const QString& name, std::vector<PaletteEntry> entries, QWidget* parent)
    : QFrame(parent, Qt::Popup)
    , m_entries(std::move(entries))
{
    setAttribute(Qt::WA_DeleteOnClose);
    setFrameShape(QFrame::StyledPanel);
    m_search = new QLineEdit(this);
    m_search->setObjectName(name + QStringLiteral("Search"));
    m_search->installEventFilter(this);
    m_list = new QListWidget(this);
    m_list->setObjectName(name + QStringLiteral("List"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_column = new QVBoxLayout(this);
    m_column->setContentsMargins(6, 6, 6, 6);
    m_column->setSpacing(4);
    m_column->addWidget(m_search);
    m_column->addWidget(m_list);
}

void EntryPopup::popUp(QPoint globalPosition)
{
    move(insideScreen(globalPosition, size()));
    show();
    m_search->setFocus(Qt::PopupFocusReason);
}

QListWidgetItem* EntryPopup::add(const PaletteEntry& entry)
{
    auto* item = new QListWidgetItem(entry.icon(), entry.title, m_list);
    item->setData(Qt::UserRole, entry.key());
    item->setToolTip(entry.help);
    return item;
}

bool EntryPopup::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_search && event->type() == QEvent::KeyPress) {
        switch (const int key = static_cast<QKeyEvent*>(event)->key()) {
        case Qt::Key_Up:
        case Qt::Key_Down:
        case Qt::Key_PageUp:
        case Qt::Key_PageDown:
            QCoreApplication::sendEvent(m_list, event);
            return true;
        case Qt::Key_Escape:
            close();
            return true;
        default:
            if (takesKey(key))
                return true;
            break;
        }
    }
    return QFrame::eventFilter(watched, event);
}

} // namespace archscope::ui
