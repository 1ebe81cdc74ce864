#include "ui/graph/operation_checklist.h"

#include <QLineEdit>
#include <QListWidget>
#include <QPushButton>
#include <QVBoxLayout>

namespace archscope::ui {

OperationChecklist::OperationChecklist(std::vector<PaletteEntry> operations, QWidget* parent)
    : EntryPopup(QStringLiteral("checklist"), std::move(operations), parent)
{
    setObjectName(QStringLiteral("operationChecklist"));
    search()->setAccessibleName(tr("Operations to add, with commas between them"));
    search()->setPlaceholderText(tr("conv, pool, identity, zero"));
    search()->setToolTip(tr("A comma or Enter ticks what fits best; Enter on an empty line adds all that is ticked."));
    list()->setAccessibleName(tr("Operations"));
    for (const PaletteEntry& entry : entries()) {
        QListWidgetItem* item = add(entry);
        item->setFlags(Qt::ItemIsEnabled | Qt::ItemIsSelectable | Qt::ItemIsUserCheckable);
        item->setCheckState(Qt::Unchecked);
    }
    m_add = new QPushButton(this);
    m_add->setObjectName(QStringLiteral("checklistAdd"));
    m_add->setDefault(true);
    column()->addWidget(m_add);
    setFixedSize(280, 360);
    connect(search(), &QLineEdit::textEdited, this, &OperationChecklist::onTyped);
    connect(list(), &QListWidget::itemChanged, this, [this](const QListWidgetItem* item) {
        const QString key = item->data(Qt::UserRole).toString();
        m_ticked.removeAll(key);
        if (item->checkState() == Qt::Checked)
            m_ticked << key;
        showTicked();
    });
    connect(m_add, &QPushButton::clicked, this, &OperationChecklist::finish);
    showTicked();
}

void OperationChecklist::onTyped(const QString& text)
{
    QStringList words = text.split(QLatin1Char(','));
    const QString rest = words.takeLast();
    for (const QString& each : words)
        tickBest(each);
    if (!words.isEmpty())
        search()->setText(rest.trimmed());
    filter(rest);
}

void OperationChecklist::filter(const QString& words)
{
    QListWidgetItem* best = nullptr;
    int bestScore = 0;
    for (int i = 0; i < list()->count(); ++i) {
        const int score = matchScore(entries()[static_cast<std::size_t>(i)], words);
        list()->item(i)->setHidden(score == 0);
        if (score > bestScore) {
            bestScore = score;
            best = list()->item(i);
        }
    }
    list()->setCurrentItem(words.trimmed().isEmpty() ? nullptr : best);
}

void OperationChecklist::tickBest(const QString& words)
{
    if (words.trimmed().isEmpty())
        return;
    filter(words);
    if (QListWidgetItem* item = list()->currentItem())
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

bool OperationChecklist::takesKey(int key)
{
    if (!isEnter(key))
        return false;
    if (search()->text().trimmed().isEmpty()) {
        finish();
        return true;
    }
    if (QListWidgetItem* item = list()->currentItem())
        item->setCheckState(item->checkState() == Qt::Checked ? Qt::Unchecked : Qt::Checked);
    search()->clear();
    filter({});
    return true;
}

} // namespace archscope::ui
