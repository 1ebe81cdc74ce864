#include "ui/panels/welcome_page.h"

#include "ui/theme/theme.h"

#include <QCommandLinkButton>
#include <QFileInfo>
#include <QLabel>
#include <QVBoxLayout>

namespace archscope::ui {

WelcomePage::WelcomePage(QWidget* parent) : QWidget(parent)
{
    setObjectName("welcomePage");
    auto* outer = new QHBoxLayout(this);
    outer->addStretch(1);
    auto* column = new QVBoxLayout;
    outer->addLayout(column);
    outer->addStretch(1);
    column->addStretch(1);
    auto* title = new QLabel(tr("Archscope"), this);
    QFont font = title->font();
    font.setPointSizeF(font.pointSizeF() * 2.2);
    font.setBold(true);
    title->setFont(font);
    column->addWidget(title);
    auto* subtitle = new QLabel(tr("Draw a search space, search it on your own data, watch and compare what it finds."), this);
    column->addWidget(subtitle);
    column->addSpacing(16);
    const auto add = [&](const char* name, const QString& text, const QString& description, const QString& icon, auto signal) {
        auto* button = new QCommandLinkButton(text, description, this);
        button->setObjectName(name);
        button->setMinimumWidth(460);
        button->setAutoDefault(false);
        if (Theme* theme = Theme::instance()) {
            const auto paint = [button, theme, icon] { button->setIcon(theme->icon(icon)); };
            paint();
            connect(theme, &Theme::changed, button, paint);
        }
        connect(button, &QCommandLinkButton::clicked, this, signal);
        column->addWidget(button);
        return button;
    };
    add("startSample", tr("Start with the sample"), tr("Handwritten digits and a chain of convolutions, ready to search"), "play", &WelcomePage::sampleRequested)->setFocus();
    add("newSpace", tr("Draw a new space"), tr("An empty canvas; your data and the search settings beside it"), "graph", &WelcomePage::newSpaceRequested);
    add("openFile", tr("Open…"), tr("A store of studies (.archscope) or a space (.space.json)"), "open", &WelcomePage::openRequested);
    column->addSpacing(16);
    m_recent = new QVBoxLayout;
    column->addLayout(m_recent);
    column->addStretch(2);
}

void WelcomePage::setRecent(const QStringList& recent)
{
    while (QLayoutItem* item = m_recent->takeAt(0)) {
        delete item->widget();
        delete item;
    }
    if (recent.isEmpty())
        return;
    m_recent->addWidget(new QLabel(tr("<b>Recent studies</b>"), this));
    for (const QString& entry : recent) {
        const QString file = entry.section('#', 0, 0);
        auto* link = new QLabel(QStringLiteral("<a href=\"%1\">%2</a> · %3")
                                    .arg(entry.toHtmlEscaped(), entry.section('#', 1).toHtmlEscaped(), QFileInfo(file).fileName().toHtmlEscaped()), this);
        link->setToolTip(file);
        link->setTextInteractionFlags(Qt::TextBrowserInteraction);
        connect(link, &QLabel::linkActivated, this, &WelcomePage::recentRequested);
        m_recent->addWidget(link);
    }
}

} // namespace archscope::ui
