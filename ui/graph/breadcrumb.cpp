#include "ui/graph/breadcrumb.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QToolButton>
#include <algorithm>
#include <vector>

namespace archscope::ui {

Breadcrumb::Breadcrumb(QWidget* parent)
    : QWidget(parent)
{
    setObjectName(QStringLiteral("breadcrumb"));
    setAccessibleName(tr("Opened blocks"));
    m_layout = new QHBoxLayout(this);
    m_layout->setContentsMargins(6, 2, 6, 2);
    m_layout->setSpacing(0);
    m_layout->addStretch();
}

void Breadcrumb::show(const space::SearchSpace& space, const QString& rootTitle, space::NodeId owner)
{
    while (m_layout->count() > 1) {
        QLayoutItem* item = m_layout->takeAt(0);
        if (item->widget()) {
            item->widget()->hide();
            item->widget()->deleteLater(); // it may be the button that was just clicked
        }
        delete item;
    }
    std::vector<space::NodeId> chain;
    for (space::NodeId at = owner; at.isValid(); at = space.ownerOf(at))
        chain.insert(chain.begin(), at);
    addStep(rootTitle, {}, chain.empty());
    for (std::size_t i = 0; i < chain.size(); ++i) {
        const auto definition = std::ranges::find(space.definitions, chain[i], &space::Definition::id);
        if (definition != space.definitions.end())
            addStep(QLatin1Char('@') + QString::fromStdString(definition->name), chain[i], i + 1 == chain.size());
        else if (const space::Node* node = space.find(chain[i]))
            addStep(QString::fromStdString(node->name), chain[i], i + 1 == chain.size());
    }
}

void Breadcrumb::addStep(const QString& text, space::NodeId owner, bool isLast)
{
    if (m_layout->count() > 1) {
        auto* arrow = new QLabel(QStringLiteral("›"), this);
        arrow->setContentsMargins(2, 0, 2, 0);
        m_layout->insertWidget(m_layout->count() - 1, arrow);
    }
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setAutoRaise(true);
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setObjectName(QStringLiteral("breadcrumb%1").arg((m_layout->count() - 1 + 1) / 2));
    button->setAccessibleName(tr("Show block %1").arg(text));
    QFont font = button->font();
    font.setBold(isLast);
    button->setFont(font);
    m_layout->insertWidget(m_layout->count() - 1, button);
    connect(button, &QToolButton::clicked, this, [this, owner] { Q_EMIT blockWished(owner); });
}

} // namespace archscope::ui
