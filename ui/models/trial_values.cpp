#include "ui/models/trial_values.h"

#include "core/base/text.h"

#include <QCoreApplication>
#include <limits>

namespace archscope::ui {

double currentValue(const train::Trial& trial, const std::string& metric)
{
    if (trial.state != train::TrialState::Running)
        return trial.metric(metric);
    if (!trial.curve.empty()) {
        const train::CurvePoint& point = trial.curve.back();
        if (metric == "val_accuracy")
            return point.validationAccuracy;
        if (metric == "train_accuracy")
            return point.trainAccuracy;
        if (metric == "gap")
            return point.trainAccuracy - point.validationAccuracy;
        if (metric == "val_loss")
            return point.validationLoss;
        if (metric == "seconds")
            return point.seconds;
    }
    return trial.metric(metric);
}

QString metricTitle(const std::string& metric)
{
    const train::MetricDescriptor* descriptor = train::findMetric(metric);
    return QString::fromStdString(descriptor ? descriptor->title : metric);
}

QString metricText(const std::string& metric, double value)
{
    const train::MetricDescriptor* descriptor = train::findMetric(metric);
    return QString::fromStdString(descriptor ? train::metricText(*descriptor, value) : plainNumber(value));
}

QString stateText(train::TrialState state)
{
    const auto tr = [](const char* text) { return QCoreApplication::translate("TrialState", text); };
    switch (state) {
    case train::TrialState::Queued:
        return tr(QT_TRANSLATE_NOOP("TrialState", "Queued"));
    case train::TrialState::Running:
        return tr(QT_TRANSLATE_NOOP("TrialState", "Running"));
    case train::TrialState::Completed:
        return tr(QT_TRANSLATE_NOOP("TrialState", "Completed"));
    case train::TrialState::Pruned:
        return tr(QT_TRANSLATE_NOOP("TrialState", "Pruned"));
    case train::TrialState::Failed:
        return tr(QT_TRANSLATE_NOOP("TrialState", "Failed"));
    case train::TrialState::Cancelled:
        return tr(QT_TRANSLATE_NOOP("TrialState", "Cancelled"));
    }
    return {};
}

} // namespace archscope::ui
