// What views show of a trial, running ones included.
#pragma once

#include "core/train/trial.h"

#include <QString>

namespace archscope::ui {

/// The metric; of a running trial what its curve says so far. NaN when there is none.
double currentValue(const train::Trial& trial, const std::string& metric);

/// The metric's title: "Validation accuracy". The name itself where it is no metric of ours.
QString metricTitle(const std::string& metric);
/// "98.72 %"; "n/a" for NaN.
QString metricText(const std::string& metric, double value);

/// "Completed": the state for people.
QString stateText(train::TrialState state);

} // namespace archscope::ui
