#include "ui/panels/folded_section.h"

#include <QLabel>
#include <QToolButton>
#include <QVBoxLayout>

namespace archscope::ui {

FoldedSection::FoldedSection(const QString& name, const QString& title, QWidget* parent) : QWidget(parent)
{
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    m_heading = new QToolButton(this);
    m_heading->setObjectName(name + QStringLiteral(".fold"));
    m_heading->setText(title);
    m_heading->setCheckable(true);
    m_heading->setAutoRaise(true);
    m_heading->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
    m_heading->setArrowType(Qt::RightArrow);
    QFont bold = m_heading->font();
    bold.setBold(true);
    m_heading->setFont(bold);
    layout->addWidget(m_heading);
    m_summary = new QLabel(this);
    m_summary->setObjectName(name + QStringLiteral(".summary"));
    m_summary->setProperty("muted", true);
    m_summary->setWordWrap(true);
    m_summary->setContentsMargins(22, 0, 0, 0);
    layout->addWidget(m_summary);
    m_body = new QWidget(this);
    m_layout = new QVBoxLayout(m_body);
    m_layout->setContentsMargins(8, 0, 0, 4);
    layout->addWidget(m_body);
    m_body->hide();
    connect(m_heading, &QToolButton::toggled, this, [this](bool open) {
        m_heading->setArrowType(open ? Qt::DownArrow : Qt::RightArrow);
        m_body->setVisible(open);
        m_summary->setVisible(!open && !m_summary->text().isEmpty());
    });
}

void FoldedSection::setSummary(const QString& text)
{
    m_summary->setText(text);
    m_summary->setVisible(!isOpen() && !text.isEmpty());
}

void FoldedSection::setOpen(bool open)
{
    m_heading->setChecked(open);
}

bool FoldedSection::isOpen() const
{
    return m_heading->isChecked();
}

} // namespace archscope::ui
