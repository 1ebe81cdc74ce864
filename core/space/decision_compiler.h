// Walks a space in drawing order and lists its decisions. Internal to core/space.
#pragma once

#include "core/space/decision_space.h"

#include <vector>

namespace archscope::space {

Result<std::vector<Decision>> compileDecisions(const SearchSpace& space);

} // namespace archscope::space
