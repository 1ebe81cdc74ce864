// Files built into the programs, by their path below resources/: "spaces/mlp.space.json", "data/digits.csv.gz".
#pragma once

#include <string_view>
#include <vector>

namespace archscope::resources {

/// Empty when there is none of that name.
std::string_view find(std::string_view path);
/// Paths that start with `prefix`, sorted.
std::vector<std::string_view> list(std::string_view prefix);

} // namespace archscope::resources
