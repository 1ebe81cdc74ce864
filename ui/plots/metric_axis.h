// Tick labels in a metric's own words: "98 %", "1.5 M", "0.2 ms".
#pragma once

#include "ui/plots/qcustomplot_header.h"

#include <string>

namespace archscope::ui {

enum class AxisScale { Linear, Logarithmic };

/// Labels and ticks for values of the metric, and the axis' scale.
void setMetricAxis(QCPAxis* axis, const std::string& metric, AxisScale scale = AxisScale::Linear);
/// Whole numbers with groups, never with a fraction: trials, epochs.
void setCountAxis(QCPAxis* axis, const QString& label);
/// "Latency (ms)", "Validation accuracy".
QString axisTitle(const std::string& metric);

} // namespace archscope::ui
