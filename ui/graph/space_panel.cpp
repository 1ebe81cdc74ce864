#include "ui/graph/space_panel.h"

#include "core/base/text.h"
#include "core/layout/network_picture.h"
#include "core/space/decision_space.h"
#include "ui/graph/canvas_colours.h"
#include "ui/graph/network_view.h"
#include "ui/graph/section_heading.h"
#include "ui/graph/space_text.h"

#include <QFormLayout>
#include <QLabel>
#include <QListWidget>
#include <QPainter>
#include <QPainterPath>
#include <QVBoxLayout>
#include <algorithm>

namespace archscope::ui {

namespace {

constexpr QSize thumbnailSize(84, 112);

/// Boxes and curves without words: too small to read.
QImage thumbnailOf(const layout::NetworkPicture& picture, double pixelRatio, bool dark, const QColor& line)
{
    QImage image(thumbnailSize * pixelRatio, QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(pixelRatio);
    image.fill(Qt::transparent);
    if (picture.width <= 0 || picture.height <= 0)
        return image;
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    constexpr double rim = 4;
    const double scale = std::min(
        { (thumbnailSize.width() - 2 * rim) / picture.width, (thumbnailSize.height() - 2 * rim) / picture.height, 0.5 });
    painter.translate(thumbnailSize.width() / 2.0, thumbnailSize.height() / 2.0);
    painter.scale(scale, scale);
    painter.translate(-picture.width / 2, -picture.height / 2);
    painter.setPen(QPen(line, 1 / scale));
    for (const layout::PictureEdge& edge : picture.edges) {
        if (edge.spline.empty())
            continue;
        QPainterPath path(QPointF(edge.spline[0].x, edge.spline[0].y));
        for (std::size_t i = 1; i + 2 < edge.spline.size(); i += 3)
            path.cubicTo({ edge.spline[i].x, edge.spline[i].y }, { edge.spline[i + 1].x, edge.spline[i + 1].y },
                { edge.spline[i + 2].x, edge.spline[i + 2].y });
        painter.drawPath(path);
    }
    painter.setPen(Qt::NoPen);
    for (const layout::PictureNode& node : picture.nodes) {
        painter.setBrush(QColor(QString::fromStdString(layout::categoryColour(node.category, dark))));
        painter.drawRect(QRectF(
            node.centre.x - node.width / 2, node.centre.y - node.height / 2, node.width, std::max(node.height, 2 / scale)));
    }
    return image;
}

struct Sample {
    QImage picture;
    network::Network network;
};
struct Verdict {
    std::string title;
    std::string help;
    std::string obstacle; ///< empty: it can
};
struct Outlook {
    std::vector<Sample> samples;
    std::vector<Verdict> strategies;
};

} // namespace

SpacePanel::SpacePanel(std::shared_ptr<const catalog::Catalog> catalog, SpaceDocument* document, QWidget* parent)
    : QWidget(parent)
    , m_catalog(std::move(catalog))
    , m_document(document)
{
    setObjectName(QStringLiteral("spacePanel"));
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(12, 10, 12, 12);
    layout->setSpacing(8);
    const auto fact = [this](const char* name) {
        auto* label = new QLabel(this);
        label->setObjectName(QString::fromLatin1(name));
        label->setTextInteractionFlags(Qt::TextSelectableByMouse);
        label->setWordWrap(true);
        return label;
    };
    m_size = fact("spaceSize");
    m_decisions = fact("spaceDecisions");
    m_parameters = fact("spaceParameters");
    m_flops = fact("spaceFlops");
    m_latency = fact("spaceLatency");
    m_latency->setToolTip(tr("For one sample on one thread of this machine, predicted from operations that were measured"));
    m_fitting = fact("spaceFitting");
    auto* form = new QFormLayout;
    form->setContentsMargins(0, 0, 0, 0);
    form->setRowWrapPolicy(QFormLayout::WrapLongRows);
    form->addRow(tr("Architectures"), m_size);
    form->addRow(tr("Decisions"), m_decisions);
    form->addRow(tr("Parameters"), m_parameters);
    form->addRow(tr("FLOPs"), m_flops);
    form->addRow(tr("Latency"), m_latency);
    form->addRow(tr("Fit the task"), m_fitting);
    layout->addLayout(form);
    m_hint = fact("spaceHint");
    layout->addWidget(m_hint);
    layout->addWidget(sectionHeading(tr("Sampled networks"), this));
    m_samples = new QListWidget(this);
    m_samples->setObjectName(QStringLiteral("spaceSamples"));
    m_samples->setAccessibleName(tr("Sampled networks"));
    m_samples->setViewMode(QListView::IconMode);
    m_samples->setIconSize(thumbnailSize);
    m_samples->setResizeMode(QListView::Adjust);
    m_samples->setMovement(QListView::Static);
    m_samples->setUniformItemSizes(true);
    m_samples->setSpacing(4);
    m_samples->setToolTip(tr("Double-click to look at one; the number is that of its parameters"));
    layout->addWidget(m_samples, 2);
    layout->addWidget(sectionHeading(tr("Strategies"), this));
    m_strategies = new QListWidget(this);
    m_strategies->setObjectName(QStringLiteral("spaceStrategies"));
    m_strategies->setAccessibleName(tr("Which strategies can search this space"));
    m_strategies->setWordWrap(true);
    m_strategies->setSelectionMode(QAbstractItemView::NoSelection);
    layout->addWidget(m_strategies, 1);
    setMinimumWidth(220);
    connect(m_samples, &QListWidget::itemActivated, this, [this](const QListWidgetItem* item) {
        const auto index = item->data(Qt::UserRole).toULongLong();
        if (const auto& examples = m_document->survey().examples; index < examples.size())
            showNetwork(examples[index]);
    });
    connect(document, &SpaceDocument::changed, this, &SpacePanel::showFacts);
    connect(document, &SpaceDocument::latencyChanged, this, &SpacePanel::showFacts);
    connect(document, &SpaceDocument::surveyChanged, this, [this] {
        showFacts();
        explore();
    });
    if (Theme::instance())
        connect(Theme::instance(), &Theme::changed, this, &SpacePanel::explore);
    showFacts();
    explore();
}

void SpacePanel::showNetwork(const network::Network& network)
{
    if (!m_view) {
        m_view = new NetworkView(m_document->sharedOperations(), this);
        m_view->setObjectName(QStringLiteral("sampledNetwork"));
        m_view->setWindowFlag(Qt::Tool);
        m_view->setWindowTitle(tr("Sampled network"));
        constexpr QSize windowSize(420, 720);
        m_view->resize(windowSize);
    }
    m_view->setNetwork(network);
    m_view->show();
    m_view->raise();
}

void SpacePanel::showFacts()
{
    const network::ShapeSurvey& survey = m_document->survey();
    const QString unknown = m_document->isSurveying() ? tr("measuring…") : QStringLiteral("–");
    const auto& count = m_document->count();
    const QString exact = count ? QString::fromStdString(groupDigits(*count)) : QString();
    constexpr qsizetype readable = 24; // more digits say less than the power of ten
    m_size->setText(exact.isEmpty()    ? (m_document->sizeText().isEmpty() ? unknown : tr("uncountable"))
            : exact.size() <= readable ? exact
                                       : countText(*count));
    m_size->setToolTip(exact);
    m_decisions->setText(m_document->decisions() > 0
            ? QString::fromStdString(groupDigits(static_cast<std::int64_t>(m_document->decisions())))
            : unknown);
    const auto range = [&](const network::CostRange& cost) { return survey.fitting > 0 ? rangeText(cost) : unknown; };
    m_parameters->setText(range(survey.parameters));
    m_flops->setText(range(survey.flops));
    const auto& latency = m_document->latency();
    m_latency->setText(latency ? rangeText(*latency) : m_document->isPredicting() ? tr("measuring…") : unknown);
    m_fitting->setText(survey.sampled > 0 ? tr("%1 of %2 sampled").arg(survey.fitting).arg(survey.sampled) : unknown);
    m_hint->setText(m_document->hasErrors() ? tr("There are errors: mend them to see size and networks.") : QString());
    m_hint->setVisible(!m_hint->text().isEmpty());
}

void SpacePanel::explore()
{
    constexpr std::size_t shown = 20;
    std::vector<network::Network> examples = m_document->survey().examples;
    if (examples.size() > shown)
        examples.resize(shown);
    m_latest.run(
        this,
        [catalog = m_catalog, space = m_document->space(), sound = !m_document->hasErrors(), examples = std::move(examples),
            ratio = devicePixelRatioF(), dark = canvasIsDark(), line = canvasColours().textMuted] {
            Outlook outlook;
            for (const network::Network& network : examples)
                if (const auto picture = layout::pictureOf(network, catalog->operations()))
                    outlook.samples.push_back({ thumbnailOf(*picture, ratio, dark, line), network });
            const auto decisions = space::DecisionSpace::compile(space);
            for (const search::StrategyDescriptor& strategy : catalog->strategies().all()) {
                Verdict verdict{ strategy.title, strategy.help, {} };
                if (!sound)
                    verdict.obstacle = tr("the space has errors").toStdString();
                else if (!decisions)
                    verdict.obstacle = decisions.error().text();
                else if (strategy.obstacle)
                    verdict.obstacle = strategy.obstacle(*decisions).value_or(std::string());
                outlook.strategies.push_back(std::move(verdict));
            }
            return outlook;
        },
        [this](const Outlook& outlook) {
            m_samples->clear();
            for (std::size_t i = 0; i < outlook.samples.size(); ++i) {
                const network::Cost cost = outlook.samples[i].network.cost();
                auto* item = new QListWidgetItem(QIcon(QPixmap::fromImage(outlook.samples[i].picture)),
                    QString::fromStdString(siNumber(static_cast<double>(cost.parameters))), m_samples);
                item->setData(Qt::UserRole, static_cast<qulonglong>(i));
                item->setToolTip(tr("%1 parameters, %2 FLOPs")
                                     .arg(QString::fromStdString(groupDigits(cost.parameters)),
                                         QString::fromStdString(groupDigits(cost.flops))));
            }
            m_strategies->clear();
            for (const Verdict& verdict : outlook.strategies) {
                const bool can = verdict.obstacle.empty();
                const QString title = QString::fromStdString(verdict.title);
                auto* item = new QListWidgetItem(canvasIcon(can ? QStringLiteral("check") : QStringLiteral("error")),
                    can ? title : tr("%1: %2").arg(title, QString::fromStdString(verdict.obstacle)), m_strategies);
                item->setToolTip(QString::fromStdString(verdict.help));
            }
        });
}

} // namespace archscope::ui
