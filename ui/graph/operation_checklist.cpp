#include "ui/graph/operation_checklist.h"

#include "ui/graph/quick_add_popup.h"

#include <QCoreApplication>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QSignalBlocker>
#include <QVBoxLayout>

namespace archscope::ui {

OperationChecklist::OperationChecklist(std::vector<PaletteEntry> entries, QWidget* parent)
    : QFrame(parent, Qt::Popup)
    , m_entries(std::move(entries))
{
    setObjectName(QStringLiteral("operationChecklist"));
    setAttribute(Qt::WA_DeleteOnClose);
    setFrameShape(QFrame::StyledPanel);
    m_search = new QLineEdit(this);
    m_search->setObjectName(QStringLiteral("checklistSearch"));
    m_search->setAccessibleName(tr("Operations to add, with commas between them"));
    m_search->setPlaceholderText(tr("conv, pool, identity, zero"));
    m_search->setToolTip(tr("A comma or Enter ticks what fits best; Enter on an empty line adds all that is ticked."));
    m_search->installEventFilter(this);
    m_list = new QListWidget(this);
    m_list->setObjectName(QStringLiteral("checklistList"));
    m_list->setAccessibleName(tr("Operations"));
    m_list->setFrameShape(QFrame::NoFrame);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    for (const PaletteEntry& entry : m_entries) {
        auto* item = new QListWidgetItem(entry.icon(), entry.title, m_list);
        item->setData(Qt::UserRole, entry.key());
        item->setToolTip(entry.help);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(Qt::Unchecked);
    }
    m_add = new QPushButton(this);
    m_add->setObjectName(QStringLiteral("checklistAdd"));
    m_add->setDefault(true);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(6, 6, 6, 6);
    layout->setSpacing(4);
    layout->addWidget(m_search);
    layout->addWidget(m_list);
    layout->addWidget(m_add);
    setFixedSize(280, 360);
    connect(m_search, &QLineEdit::textEdited, this, &OperationChecklist::onTyped);
    connect(m_list, &QListWidget::itemChanged, this, [this](const QListWidgetItem* item) {
        const QString key = item->data(Qt::UserRole).toString();
        m_ticked.removeAll(key);
        if (item->checkState() == Qt::Checked)
            m_ticked << key;
        showTicked();
    });
    connect(m_add, &QPushButton::clicked, this, &OperationChecklist::finish);
    showTicked();
}

void OperationChecklist::popUp(QPoint globalPosition)
{
    move(insideScreen(globalPosition, size()));
    show();
    m_search->setFocus(Qt::PopupFocusReason);
}

void OperationChecklist::onTyped(const QString& text)
{
    QStringList words = text.split(QLatin1Char(','));
    const QString rest = words.takeLast();
    for (const QString& each : words)
        tickBest(each);
    if (!words.isEmpty())
        m_search->setText(rest.trimmed());
    filter(rest);
}

void OperationChecklist::filter(const QString& words)
{
    QListWidgetItem* best = nullptr;
    int bestScore = 0;
    for (int i = 0; i < m_list->count(); ++i) {
        const int score = matchScore(m_entries[static_cast<std::size_t>(i)], words);
        m_list->item(i)->setHidden(score == 0);
        if (score > bestScore) {
            bestScore = score;
            best = m_list->item(i);
        }
    }
    m_list->setCurrentItem(words.trimmed().isEmpty() ? nullptr : best);
}

void OperationChecklist::tickBest(const QString& words)
{
    if (words.trimmed().isEmpty())
        return;
    filter(words);
    if (QListWidgetItem* item = m_list->currentItem())
        item->setCheckState(Qt::Checked);
}

void OperationChecklist::showTicked()
{
    m_add->setEnabled(!m_ticked.isEmpty());
    m_add->setText(m_ticked.isEmpty() ? tr("Tick what to add") : tr("Add %n", nullptr, static_cast<int>(m_ticked.size())));
}

void OperationChecklist::finish()
{
    const QStringList keys = m_ticked;
    close();
    if (!keys.isEmpty())
        Q_EMIT chosen(keys);
}

bool OperationChecklist::eventFilter(QObject* watched, QEvent* event)
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
            if (m_search->text().trimmed().isEmpty()) {
                finish();
            } else {
                if (QListWidgetItem* item = m_list->currentItem())
                    item->setCheckState(item->checkState() == Qt::Checked ? Qt::Unchecked : Qt::Checked);
                m_search->clear();
                filter({});
            }
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
