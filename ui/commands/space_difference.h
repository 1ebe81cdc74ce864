// From one space to another as one edit, for text that was edited by hand: what both have keeps its id.
#pragma once

#include "core/space/space_edit.h"

namespace archscope::ui {

/// Applied to `from`, the edit gives `to` up to ids; nodes are the same when their paths of names are. Empty compound when
/// nothing differs. The edit's error, when it is applied, says what `to` has that cannot be drawn (a cycle).
space::SpaceEdit differenceEdit(const space::SearchSpace& from, const space::SearchSpace& to, const std::string& title);

} // namespace archscope::ui
