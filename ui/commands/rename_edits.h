// Renaming: what calls a thing by its name goes along, in the same edit. Keys and paths in constraints, the answers they
// forbid or count, formulas, arguments, uses.
//
// A key with stars is changed where all it can mean at that place is the thing renamed; otherwise it stays as it is written.
#pragma once

#include "core/space/space_edit.h"

#include <string>

namespace archscope::ui {

/// A node of any block or definition, an alternative or a step. Error: the name is taken or none.
Result<space::SpaceEdit> renameNodeEdit(const space::SearchSpace& space, space::NodeId node, const std::string& name);
/// A variable of the block or definition `owner`. Error: there is no such variable, or the name is none. (Whether an outer
/// variable is called so already is for the caller to ask.)
Result<space::SpaceEdit> renameVariableEdit(
    const space::SearchSpace& space, space::NodeId owner, const std::string& variable, const std::string& name);
/// Error: the name is taken or none.
Result<space::SpaceEdit> renameDefinitionEdit(
    const space::SearchSpace& space, const std::string& definition, const std::string& name);

} // namespace archscope::ui
