// A genotype in one line and in many: what a person calls an architecture by.
#pragma once

#include "core/space/decision_space.h"

#include <QString>

namespace archscope::ui {

/// One line, most telling first: "layers ×3: conv kernel 3 width 32 | pool | conv kernel 5 width 64". Decisions with one
/// possible value are left out. Empty when the genotype does not belong to the space.
QString architectureText(const space::DecisionSpace& decisions, const space::Genotype& genotype);

/// One decision a line: "layers/0/op = conv"; active ones only.
QString architectureDetails(const space::DecisionSpace& decisions, const space::Genotype& genotype);

} // namespace archscope::ui
