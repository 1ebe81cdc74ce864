// What can be a metric, and how its values are written.
#include "core/base/text.h"
#include "core/train/trial.h"

#include <cmath>
#include <fmt/format.h>

namespace archscope::train {

namespace {
MetricDescriptor ratio(std::string name, std::string title, bool maximise, std::string help)
{
    return { std::move(name), std::move(title), "%", maximise, true, std::move(help), true };
}
MetricDescriptor number(std::string name, std::string title, std::string unit, std::string help)
{
    return { std::move(name), std::move(title), std::move(unit), false, false, std::move(help), true };
}

std::vector<MetricDescriptor> allMetrics()
{
    std::vector<MetricDescriptor> metrics{
        ratio("val_accuracy", "Validation accuracy", true,
            "Share of the validation split that is classified correctly after the last epoch."),
        ratio("train_accuracy", "Training accuracy", true,
            "Share of training samples classified correctly after the last epoch: not augmented, as many samples as there "
            "are for validation."),
        ratio("test_accuracy", "Test accuracy", true,
            "Share of the test split that is classified correctly; measured by the final retrain alone."),
        number("val_loss", "Validation loss", "nats", "Cross entropy on the validation split after the last epoch."),
        ratio("gap", "Generalisation gap", false,
            "Training accuracy less validation accuracy, both after the last epoch: what a network knows by heart."),
        number("parameters", "Parameters", "", "Trainable numbers."),
        number("flops", "FLOPs", "", "Multiply-adds for one sample; one multiply-add counts one."),
        number(
            "latency_ms", "Latency", "ms", "Median time of one inference of one sample on the study's device, one thread."),
        number("memory_mb", "Memory", "MB",
            "Estimate for training: weights, gradients, optimiser state and the activations of one batch."),
        number("epochs", "Trained epochs", "", "Epochs that were really trained for this trial: none for a duplicate, the rest for a trial "
                                               "that went on with an earlier one."),
        number("seconds", "Time", "s", "Wall clock of the trial: training and measuring."),
        number("simulated_s", "Simulated time", "s", "What a table says that training takes: its cost column."),
    };
    for (MetricDescriptor& metric : metrics)
        metric.ofTrials = metric.name != "test_accuracy";
    return metrics;
}
} // namespace

const std::vector<MetricDescriptor>& metricDescriptors()
{
    static const std::vector<MetricDescriptor> metrics = allMetrics();
    return metrics;
}

const MetricDescriptor* findMetric(std::string_view name)
{
    for (const MetricDescriptor& metric : metricDescriptors()) {
        if (metric.name == name)
            return &metric;
    }
    return nullptr;
}

std::string metricText(const MetricDescriptor& metric, double value)
{
    if (!std::isfinite(value))
        return "n/a";
    if (metric.percent) // a share is at most 1: what is more is a table's number, in per cent already
        return fmt::format("{:.2f} %", std::abs(value) > 1 ? value : 100 * value);
    if (metric.unit == "s")
        return durationText(value);
    if (metric.unit == "MB")
        return byteText(value * 1e6);
    if (metric.unit == "ms")
        return fmt::format("{:.{}f} ms", value, value < 0.0995 ? 3 : value < 9.995 ? 2 : 1);
    if (metric.unit.empty())
        return siNumber(value);
    return plainNumber(value) + " " + metric.unit;
}

} // namespace archscope::train
