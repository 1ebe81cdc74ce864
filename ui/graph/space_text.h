// How spaces read: parameters, domains and sizes in the few characters that a node or a status line has.
#pragma once

#include "core/network/shape_survey.h"
#include "core/space/operation_traits.h"
#include "core/space/search_space.h"

#include <QString>
#include <string>

namespace archscope::ui {

/// "3", "3·5·7", "8…64", "0.1…0.5", "7 options", "2*width".
QString valueText(const space::ParameterValue& value);
bool isOpen(const space::ParameterValue& value); ///< a domain of more than one value: a decision

/// "2", "1…3".
QString pickText(int low, int high);
/// "Convolution", "One of 3", "Repeat ×1…6", "Block", "Input"; an unknown operation by its name.
QString nodeTitle(const space::Node& node, const space::OperationSet& operations);
/// What its colour stands for: the operation's category, "Input/Output", "Structure", or "Unknown".
QString nodeCategory(const space::Node& node, const space::OperationSet& operations);
/// All that is set, in the descriptor's order: "kernel 3·5·7, channels 64".
QString parameterSummary(const space::Operation& operation, const space::OperationSet& operations);
/// "4 nodes, 3 decisions" of a block's body, nested ones included.
QString blockSummary(const space::Block& block);

/// "15,625", or "1.2 × 10⁸" from eight digits on. The text is a whole number in decimal.
QString countText(const std::string& decimal);
/// "12 k to 1.3 M", or one number when the ends read the same.
QString rangeText(const network::CostRange& range);
/// "0.214 to 1.31 ms"
QString rangeText(const network::LatencyRange& range);

} // namespace archscope::ui
