#include "ui/plots/plot_panel.h"

#include "ui/bridge/background.h"
#include "ui/models/architecture_text.h"
#include "ui/models/trial_values.h"
#include "ui/plots/legend_strip.h"
#include "ui/plots/qcustomplot_header.h"
#include "ui/theme/symbols.h"
#include "ui/theme/theme.h"

#include <QAction>
#include <QApplication>
#include <QBuffer>
#include <QClipboard>
#include <QContextMenuEvent>
#include <QFileDialog>
#include <QHBoxLayout>
#include <QLabel>
#include <QMenu>
#include <QPdfWriter>
#include <QSaveFile>
#include <QStackedWidget>
#include <QSvgGenerator>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace archscope::ui {

namespace {
constexpr int replotIntervalMs = 33;
constexpr double zoomStep = 0.8;

QCPScatterStyle ringStyle(const QColor& colour, double width, double diameter)
{
    return QCPScatterStyle(QCPScatterStyle::ssCircle, QPen(colour, width), Qt::NoBrush, diameter);
}
} // namespace

PlotPanel::PlotPanel(Theme* theme, TrialSelection* selection, const QString& title, QWidget* parent)
    : QWidget(parent)
    , m_theme(theme)
    , m_selection(selection)
    , m_title(title)
    , m_plot(new QCustomPlot)
    , m_tools(new QHBoxLayout)
    , m_legend(new LegendStrip)
    , m_emptyLabel(new QLabel)
    , m_pages(new QStackedWidget)
    , m_menu(new QMenu(this))
{
    setAccessibleName(title);
    m_plot->setObjectName(QStringLiteral("plot"));
    m_plot->setAccessibleName(title);
    m_plot->setFocusPolicy(Qt::StrongFocus);
    m_plot->setMouseTracking(true);
    m_plot->setInteractions(QCP::iRangeDrag | QCP::iRangeZoom);
    m_plot->setMinimumSize(160, 100);
    m_plot->axisRect()->setupFullAxesBox(true);
    m_plot->axisRect()->setRangeZoomFactor(zoomStep);
    m_plot->axisRect()->setMinimumMargins(QMargins(0, 8, 12, 0));
    for (QCPAxis* axis : {m_plot->xAxis2, m_plot->yAxis2}) {
        axis->setTicks(false);
        axis->setTickLabels(false);
    }
    m_plot->installEventFilter(this);

    m_emptyLabel->setObjectName(QStringLiteral("emptyText"));
    m_emptyLabel->setAlignment(Qt::AlignCenter);
    m_emptyLabel->setWordWrap(true);
    m_emptyLabel->setMargin(24);
    m_emptyLabel->setProperty("muted", true);
    m_emptyLabel->setAutoFillBackground(true);
    m_emptyLabel->setBackgroundRole(QPalette::Base);

    m_legend->setObjectName(QStringLiteral("legend"));
    m_tools->setContentsMargins(8, 4, 8, 4);
    m_tools->setSpacing(8);
    m_tools->addWidget(m_legend, 1);
    m_pages->addWidget(m_emptyLabel);
    m_pages->addWidget(m_plot);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    layout->addLayout(m_tools);
    layout->addWidget(m_pages, 1);

    const auto overlayGraph = [this] {
        QCPGraph* graph = m_plot->addGraph();
        graph->setLineStyle(QCPGraph::lsNone);
        graph->setLayer(QStringLiteral("overlay"));
        return graph;
    };
    m_selectedHalo = overlayGraph();
    m_selectedMark = overlayGraph();
    m_bestMark = overlayGraph();

    connect(m_plot, &QCustomPlot::mousePress, this, &PlotPanel::press);
    connect(m_plot, &QCustomPlot::mouseMove, this, &PlotPanel::move);
    connect(m_plot, &QCustomPlot::mouseRelease, this, &PlotPanel::release);
    connect(m_plot, &QCustomPlot::mouseDoubleClick, this, &PlotPanel::resetZoom);
    connect(m_plot, &QCustomPlot::mouseWheel, this, [this](QWheelEvent* event) { wheel(event->position()); });
    m_replotTimer.setSingleShot(true);
    connect(&m_replotTimer, &QTimer::timeout, this, &PlotPanel::draw);
    connect(theme, &Theme::changed, this, [this] {
        applyTheme();
        reload();
        scheduleReplot();
    });
    if (selection)
        connect(selection, &TrialSelection::changed, this, [this] {
            if (drawsSelection()) {
                scheduleReplot();
            } else if (!m_empty) {
                // Only the layer of the marks: 100,000 points stay as they are.
                updateMarks();
                m_plot->layer(QStringLiteral("overlay"))->replot();
            }
        });
    makeActions();
    applyTheme();
    showTrials(false);
}

PlotPanel::~PlotPanel() = default;

void PlotPanel::setSession(StudySession* session)
{
    if (m_session == session)
        return;
    if (m_session)
        m_session->disconnect(this);
    m_session = session;
    const auto anew = [this] {
        m_zoomed = false;
        reload();
        scheduleReplot();
    };
    if (session) {
        connect(session, &StudySession::opened, this, anew);
        connect(session, &StudySession::trialsAppended, this, [this](int first, int last) {
            takeIn(first, last);
            scheduleReplot();
        });
        connect(session, &StudySession::trialsChanged, this, [this](const std::vector<int>& indices) {
            refresh(indices);
            scheduleReplot();
        });
        connect(session, &StudySession::bestChanged, this, &PlotPanel::scheduleReplot);
        connect(session, &QObject::destroyed, this, [this, anew] {
            m_session.clear();
            anew();
        });
    }
    anew();
}

search::Objective PlotPanel::objective() const
{
    const bool known = m_session && m_session->isOpen() && !m_session->spec().objectives.empty();
    return known ? m_session->spec().objectives.front() : search::Objective{"val_accuracy", true};
}

QString PlotPanel::csvNumber(double value)
{
    return std::isnan(value) ? QString() : QString::number(value, 'g', 10);
}

QString PlotPanel::describe(int index) const
{
    const train::Trial& trial = m_session->trials()[static_cast<std::size_t>(index)];
    QStringList lines;
    lines << tr("<b>Trial %1</b>, %2").arg(trial.id.value()).arg(stateText(trial.state).toLower());
    std::vector<std::string> metrics = {objective().metric};
    for (const char* name : {"latency_ms", "parameters", "flops"}) {
        if (objective().metric != name)
            metrics.emplace_back(name);
    }
    for (const std::string& metric : metrics) {
        const double value = currentValue(trial, metric);
        if (!std::isnan(value))
            lines << QStringLiteral("%1: %2").arg(metricTitle(metric), metricText(metric, value)).toHtmlEscaped();
    }
    if (!trial.message.empty())
        lines << QString::fromStdString(trial.message).toHtmlEscaped();
    const QString architecture = architectureText(m_session->decisions(), trial.genotype);
    if (!architecture.isEmpty())
        lines << architecture.toHtmlEscaped();
    return lines.join(QStringLiteral("<br>"));
}

void PlotPanel::appendMarksTo(std::vector<LegendItem>& items) const
{
    items.push_back({LegendItem::Symbol::Star, tr("best"), {m_theme->colours().best}});
    items.push_back({LegendItem::Symbol::Ring, tr("selected"), {m_theme->colours().selected}});
}

void PlotPanel::fit(QCPAxis* axis, double low, double high)
{
    constexpr double margin = 0.05;
    if (axis->scaleType() == QCPAxis::stLogarithmic) {
        if (!(low > 0) || !(high > 0))
            return;
        const double factor = high > low ? std::pow(high / low, margin) : 1.5;
        axis->setRange(low / factor, high * factor);
        return;
    }
    const double room = high > low ? (high - low) * margin : std::max(std::abs(low) * margin, 1e-3);
    axis->setRange(low - room, high + room);
}

void PlotPanel::scheduleReplot()
{
    if (m_replotTimer.isActive())
        return;
    const qint64 since = m_sinceReplot.isValid() ? m_sinceReplot.elapsed() : replotIntervalMs;
    m_replotTimer.start(static_cast<int>(std::clamp<qint64>(replotIntervalMs - since, 0, replotIntervalMs)));
}

void PlotPanel::draw()
{
    if (!isVisible())
        return; // showEvent makes up for it
    m_sinceReplot.start();
    showTrials(hasData());
    if (m_empty)
        return;
    prepare();
    if (!m_zoomed)
        fitAxes();
    updateMarks();
    m_plot->replot(QCustomPlot::rpRefreshHint);
}

void PlotPanel::showTrials(bool show)
{
    m_empty = !show;
    m_legend->setVisible(show);
    m_pages->setCurrentWidget(show ? static_cast<QWidget*>(m_plot) : m_emptyLabel);
    if (!show)
        m_emptyLabel->setText(m_session && m_session->isOpen()
                                  ? emptyText()
                                  : tr("No study is open. Start a search or open a study to see its trials here."));
}

void PlotPanel::updateMarks()
{
    QVector<double> keys;
    QVector<double> values;
    if (m_session && m_selection) {
        for (const train::TrialId id : m_selection->selected()) {
            const int index = m_session->indexOf(id);
            if (const auto place = index < 0 ? std::nullopt : coordinatesOf(index)) {
                keys << place->x();
                values << place->y();
            }
        }
    }
    m_selectedHalo->setData(keys, values);
    m_selectedMark->setData(keys, values);
    const int best = m_session ? m_session->bestIndex() : -1;
    const auto place = best < 0 ? std::nullopt : coordinatesOf(best);
    m_bestMark->setData(place ? QVector<double>{place->x()} : QVector<double>(),
                        place ? QVector<double>{place->y()} : QVector<double>());
}

void PlotPanel::applyTheme()
{
    const ThemeColours& colours = m_theme->colours();
    m_plot->setBackground(QBrush(colours.surface));
    const bool focused = m_plot->hasFocus();
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis, m_plot->xAxis2, m_plot->yAxis2}) {
        // The frame is the focus ring as well.
        axis->setBasePen(QPen(focused ? colours.accent : colours.border, 1));
        axis->setTickPen(QPen(colours.border, 1));
        axis->setSubTickPen(Qt::NoPen);
        axis->setTickLabelColor(colours.textMuted);
        axis->setLabelColor(colours.text);
        axis->setTickLabelFont(font());
        axis->setLabelFont(font());
        axis->grid()->setPen(QPen(colours.grid, 1));
        axis->grid()->setZeroLinePen(Qt::NoPen);
        axis->setTickLabelPadding(4);
        axis->setLabelPadding(3);
    }
    m_selectedHalo->setScatterStyle(ringStyle(colours.surface, 4.5, 13));
    m_selectedMark->setScatterStyle(ringStyle(colours.selected, 2.5, 13));
    // Six is the size at which QCustomPlot draws a path as it is.
    QCPScatterStyle star(starPath(7.5), QPen(colours.surface, 1), QBrush(colours.best), 6);
    m_bestMark->setScatterStyle(star);
}

void PlotPanel::press(QMouseEvent* event)
{
    m_pressed = event->pos();
    m_dragging = false;
    m_pressedRanges.clear();
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis, m_plot->xAxis2, m_plot->yAxis2})
        m_pressedRanges.emplace_back(axis, std::make_pair(axis->range().lower, axis->range().upper));
}

void PlotPanel::move(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton) {
        if ((event->pos() - m_pressed).manhattanLength() >= QApplication::startDragDistance()) {
            m_dragging = true;
            m_zoomed = true; // at once: data that comes during the drag must not pull the axes away
        }
        return;
    }
    const auto hit = nearest(event->position());
    m_plot->setCursor(hit ? Qt::PointingHandCursor : Qt::ArrowCursor);
    if (hit)
        QToolTip::showText(event->globalPosition().toPoint(), hit->text, m_plot);
    else
        QToolTip::hideText();
}

void PlotPanel::release(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_dragging)
        return;
    // A click that trembled has moved the axes a little.
    for (const auto& [axis, range] : m_pressedRanges)
        axis->setRange(range.first, range.second);
    const auto hit = nearest(event->position());
    if (!hit || !m_selection)
        return;
    if (event->modifiers() & Qt::ControlModifier)
        m_selection->toggle(hit->trial);
    else
        m_selection->select(hit->trial);
}

void PlotPanel::wheel(const QPointF& position)
{
    const QRect area = m_plot->axisRect()->rect();
    Qt::Orientations orientations = Qt::Horizontal | Qt::Vertical;
    if (position.x() < area.left())
        orientations = Qt::Vertical;
    else if (position.y() > area.bottom())
        orientations = Qt::Horizontal;
    m_plot->axisRect()->setRangeZoom(orientations);
    m_zoomed = true;
}

void PlotPanel::resetZoom()
{
    m_zoomed = false;
    if (m_empty)
        return;
    fitAxes();
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotPanel::zoomBy(double factor)
{
    m_zoomed = true;
    for (QCPAxis* axis : {m_plot->xAxis, m_plot->yAxis}) {
        const double centre = axis->pixelToCoord(axis->orientation() == Qt::Horizontal ? axis->axisRect()->center().x()
                                                                                      : axis->axisRect()->center().y());
        axis->scaleRange(factor, centre);
    }
    m_plot->replot(QCustomPlot::rpQueuedReplot);
}

void PlotPanel::stepSelection(int direction)
{
    if (!m_session || !m_selection)
        return;
    const int count = static_cast<int>(m_session->trials().size());
    int index = m_session->indexOf(m_selection->current());
    if (index < 0)
        index = direction > 0 ? -1 : count;
    for (index += direction; index >= 0 && index < count; index += direction) {
        if (!coordinatesOf(index))
            continue;
        const train::TrialId id = m_session->trials()[static_cast<std::size_t>(index)].id;
        m_selection->select(id);
        if (const auto position = positionOf(id))
            QToolTip::showText(m_plot->mapToGlobal(position->toPoint()), describe(index), m_plot);
        return;
    }
}

bool PlotPanel::key(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Home:
        resetZoom();
        return true;
    case Qt::Key_Left:
        stepSelection(-1);
        return true;
    case Qt::Key_Right:
        stepSelection(1);
        return true;
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        zoomBy(zoomStep);
        return true;
    case Qt::Key_Minus:
        zoomBy(1 / zoomStep);
        return true;
    default:
        return false;
    }
}

bool PlotPanel::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == m_plot) {
        switch (event->type()) {
        case QEvent::KeyPress:
            if (key(static_cast<QKeyEvent*>(event)))
                return true;
            break;
        case QEvent::FocusIn:
        case QEvent::FocusOut:
            applyTheme();
            scheduleReplot();
            break;
        default:
            break;
        }
    }
    return QWidget::eventFilter(watched, event);
}

void PlotPanel::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    scheduleReplot();
}

void PlotPanel::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::FontChange) {
        applyTheme();
        scheduleReplot();
    }
}

void PlotPanel::makeActions()
{
    const auto add = [this](const char* name, const QString& text, const char* icon, const QKeySequence& shortcut, auto slot) {
        auto* action = new QAction(m_theme->icon(QString::fromLatin1(icon)), text, this);
        action->setObjectName(QString::fromLatin1(name));
        action->setShortcut(shortcut);
        action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
        connect(action, &QAction::triggered, this, slot);
        m_plot->addAction(action);
        m_menu->addAction(action);
    };
    m_menu->setObjectName(QStringLiteral("plotMenu"));
    add("copyImage", tr("Copy Picture"), "copy", QKeySequence::Copy, &PlotPanel::copyImage);
    add("copyData", tr("Copy Data as CSV"), "table", QKeySequence(Qt::CTRL | Qt::SHIFT | Qt::Key_C), &PlotPanel::copyData);
    add("exportPlot", tr("Export…"), "export", {}, &PlotPanel::chooseFileAndSave);
    m_menu->addSeparator();
    add("resetZoom", tr("Show Everything"), "zoom-fit", {}, &PlotPanel::resetZoom); // Home is handled by key()
}

void PlotPanel::contextMenuEvent(QContextMenuEvent* event)
{
    if (!m_empty)
        m_menu->popup(event->globalPos());
}

QSize PlotPanel::exportSize() const
{
    return {m_plot->width(), m_plot->height() + m_legend->heightForWidth(m_plot->width() - 16) + 8};
}

void PlotPanel::paintOn(QPaintDevice* device, bool vector) const
{
    QCPPainter painter(device);
    painter.setMode(QCPPainter::pmNoCaching);
    painter.setMode(QCPPainter::pmVectorized, vector);
    painter.fillRect(QRect(QPoint(), exportSize()), m_theme->colours().surface);
    painter.save();
    painter.translate(8, 4);
    m_legend->paint(painter, m_plot->width() - 16);
    painter.restore();
    painter.translate(0, exportSize().height() - m_plot->height());
    m_plot->toPainter(&painter, m_plot->width(), m_plot->height());
}

QImage PlotPanel::image(double scale) const
{
    QImage image((QSizeF(exportSize()) * scale).toSize(), QImage::Format_ARGB32_Premultiplied);
    image.setDevicePixelRatio(scale);
    paintOn(&image, false);
    return image;
}

QByteArray PlotPanel::rendered(const QString& suffix) const
{
    QByteArray bytes;
    QBuffer buffer(&bytes);
    buffer.open(QIODevice::WriteOnly);
    if (suffix == QLatin1String("csv")) {
        buffer.write(csv().toUtf8());
    } else if (suffix == QLatin1String("svg")) {
        QSvgGenerator generator;
        generator.setOutputDevice(&buffer);
        generator.setSize(exportSize());
        generator.setViewBox(QRect(QPoint(), exportSize()));
        generator.setTitle(m_title);
        paintOn(&generator, true);
    } else if (suffix == QLatin1String("pdf")) {
        constexpr int pixelsPerInch = 96;
        QPdfWriter writer(&buffer);
        writer.setTitle(m_title);
        writer.setResolution(pixelsPerInch);
        writer.setPageMargins(QMarginsF());
        writer.setPageSize(QPageSize(QSizeF(exportSize()) / pixelsPerInch, QPageSize::Inch, QString(), QPageSize::ExactMatch));
        paintOn(&writer, true);
    } else {
        constexpr double resolution = 2; // sharp in print and on dense screens
        image(resolution).save(&buffer, "PNG");
    }
    return bytes;
}

void PlotPanel::save(const QString& path)
{
    const QString suffix = QFileInfo(path).suffix().toLower();
    static const QStringList suffixes = {"png", "svg", "pdf", "csv"};
    if (!suffixes.contains(suffix)) {
        Q_EMIT saved(path, tr("A plot is written as .png, .svg, .pdf or .csv, not as '%1'. Choose a name that ends so.").arg(suffix));
        return;
    }
    const auto write = [path, bytes = rendered(suffix)]() -> QString {
        QSaveFile file(path);
        if (file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit())
            return {};
        return tr("%1 could not be written: %2. Choose another place.").arg(path, file.errorString());
    };
    runInBackground(this, write, [this, path](const QString& problem) { Q_EMIT saved(path, problem); });
}

void PlotPanel::copyImage()
{
    if (!m_empty)
        QApplication::clipboard()->setImage(image(2));
}

void PlotPanel::copyData()
{
    QApplication::clipboard()->setText(csv());
}

void PlotPanel::chooseFileAndSave()
{
    auto* dialog = new QFileDialog(this, tr("Export Plot"), QString(),
                                   tr("Picture (*.png);;Vector graphic (*.svg);;PDF (*.pdf);;Data (*.csv)"));
    dialog->setObjectName(QStringLiteral("exportPlotDialog"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setAcceptMode(QFileDialog::AcceptSave);
    dialog->setDefaultSuffix(QStringLiteral("png"));
    connect(dialog, &QFileDialog::filterSelected, dialog, [dialog](const QString& filter) {
        dialog->setDefaultSuffix(filter.section(QStringLiteral("*."), 1).section(')', 0, 0));
    });
    connect(dialog, &QFileDialog::fileSelected, this, &PlotPanel::save);
    dialog->open();
}

} // namespace archscope::ui
