// The compact text in which the lists of a trial stand in a store: JSON that a person and SQLite's json functions can read,
// written and read without building documents, because a study may have hundreds of thousands of trials.
#pragma once

#include "core/train/trial.h"

#include <string>
#include <string_view>
#include <vector>

namespace archscope::store {

/// [3,0.25,null]: one answer a decision, in the decisions' order; null where inactive.
std::string answersText(const space::Genotype& genotype);
Result<space::Genotype> answersFromText(std::string_view text);

/// [12,7]
std::string parentsText(const std::vector<train::TrialId>& parents);
Result<std::vector<train::TrialId>> parentsFromText(std::string_view text);

/// {"flops":220120000,"val_accuracy":0.98}
std::string metricsText(const train::Metrics& metrics);
Result<train::Metrics> metricsFromText(std::string_view text);

/// [[epoch,train loss,train accuracy,validation loss,validation accuracy,learning rate,seconds],…]
std::string curveText(const std::vector<train::CurvePoint>& curve);
Result<std::vector<train::CurvePoint>> curveFromText(std::string_view text);

} // namespace archscope::store
