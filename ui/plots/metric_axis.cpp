#include "ui/plots/metric_axis.h"

#include "core/base/text.h"
#include "core/train/trial.h"
#include "ui/models/trial_values.h"

#include <QRegularExpression>
#include <cmath>

namespace archscope::ui {

namespace {

/// Digits after the point that a multiple of this step needs: 1 for 2.5, 2 for 0.05.
int decimalsFor(double step)
{
    constexpr int most = 8;
    for (int decimals = 0; decimals < most; ++decimals) {
        const double scaled = step * std::pow(10, decimals);
        if (std::abs(scaled - std::round(scaled)) < 1e-6 * scaled && scaled > 0.5)
            return decimals;
    }
    return most;
}

/// "1.5 M", "10 M": an SI number without zeros that say nothing on a tick.
QString shortSiNumber(double number)
{
    QString text = QString::fromStdString(siNumber(number));
    static const QRegularExpression noise(QStringLiteral("(\\.\\d*?)0+(?=\\D|$)"));
    return text.replace(noise, QStringLiteral("\\1")).replace(QStringLiteral(". "), QStringLiteral(" "));
}

QString labelFor(const train::MetricDescriptor* metric, double tick, double step)
{
    if (metric && metric->percent) {
        // Tables may hold per cent instead of shares (MetricDescriptor::percent).
        constexpr double mostMargin = 1.5;
        if (tick > mostMargin)
            return QString::number(tick, 'f', decimalsFor(step)) + QStringLiteral(" %");
        // A margin above 100 % is room, not a value.
        if (tick > 1 + 1e-9)
            return {};
        return QString::number(100 * tick, 'f', decimalsFor(100 * step)) + QStringLiteral(" %");
    }
    if (std::abs(tick) < step * 1e-6)
        return QStringLiteral("0");
    if (std::abs(tick) >= 10'000)
        return shortSiNumber(tick);
    return QString::number(tick, 'f', decimalsFor(step));
}

class MetricTicker : public QCPAxisTicker {
public:
    explicit MetricTicker(const train::MetricDescriptor* metric)
        : m_metric(metric)
    {
    }

protected:
    double getTickStep(const QCPRange& range) override { return m_step = QCPAxisTicker::getTickStep(range); }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override { return labelFor(m_metric, tick, m_step); }

private:
    const train::MetricDescriptor* m_metric;
    double m_step = 1;
};

/// Powers of ten where the range has several; 1, 2 and 5 between them where it has few; plain steps within less than that.
class MetricLogTicker : public QCPAxisTickerLog {
public:
    explicit MetricLogTicker(const train::MetricDescriptor* metric)
        : m_metric(metric)
    {
    }

protected:
    QVector<double> createTickVector(double, const QCPRange& range) override
    {
        QVector<double> ticks;
        if (range.lower <= 0)
            return ticks;
        const double decades = std::log10(range.upper / range.lower);
        m_step = 0;
        if (decades < 0.7) {
            m_step = QCPAxisTicker::getTickStep(range);
            for (double tick = std::ceil(range.lower / m_step) * m_step; tick <= range.upper; tick += m_step)
                ticks << tick;
            return ticks;
        }
        for (int power = static_cast<int>(std::floor(std::log10(range.lower))); std::pow(10, power) <= range.upper; ++power) {
            for (const double mantissa : {1.0, 2.0, 5.0}) {
                const double tick = mantissa * std::pow(10, power);
                if ((mantissa == 1.0 || decades < 2.5) && tick >= range.lower && tick <= range.upper)
                    ticks << tick;
            }
        }
        return ticks;
    }
    int getSubTickCount(double) override { return 0; }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return labelFor(m_metric, tick, m_step > 0 ? m_step : std::pow(10, std::floor(std::log10(tick) + 1e-9)));
    }

private:
    const train::MetricDescriptor* m_metric;
    double m_step = 0; ///< 0: steps differ
};

class CountTicker : public QCPAxisTicker {
protected:
    double getTickStep(const QCPRange& range) override { return std::max(1.0, std::round(QCPAxisTicker::getTickStep(range))); }
    int getSubTickCount(double) override { return 0; }
    QString getTickLabel(double tick, const QLocale&, QChar, int) override
    {
        return tick < 0 ? QString() : QString::fromStdString(groupDigits(static_cast<std::int64_t>(std::llround(tick))));
    }
};

} // namespace

QString axisTitle(const std::string& metric)
{
    const train::MetricDescriptor* descriptor = train::findMetric(metric);
    const QString title = metricTitle(metric);
    if (!descriptor || descriptor->unit.empty() || descriptor->percent)
        return title;
    return QStringLiteral("%1 (%2)").arg(title, QString::fromStdString(descriptor->unit));
}

void setMetricAxis(QCPAxis* axis, const std::string& metric, AxisScale scale)
{
    const train::MetricDescriptor* descriptor = train::findMetric(metric);
    axis->setLabel(axisTitle(metric));
    if (scale == AxisScale::Logarithmic) {
        axis->setScaleType(QCPAxis::stLogarithmic);
        axis->setTicker(QSharedPointer<MetricLogTicker>::create(descriptor));
    } else {
        axis->setScaleType(QCPAxis::stLinear);
        axis->setTicker(QSharedPointer<MetricTicker>::create(descriptor));
    }
}

void setCountAxis(QCPAxis* axis, const QString& label)
{
    axis->setLabel(label);
    axis->setTicker(QSharedPointer<CountTicker>::create());
}

} // namespace archscope::ui
