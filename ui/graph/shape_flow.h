// The survey knows the shapes at operations. Choices, repeats, blocks and the ends of blocks show what flows through them.
#pragma once

#include "core/network/shape_survey.h"
#include "core/space/search_space.h"

namespace archscope::ui {

/// Adds the shapes at the outputs of all nodes that are no operations, from those that are. Pure: any thread.
void completeShapes(const space::SearchSpace& space, network::ShapeSurvey& survey);

} // namespace archscope::ui
