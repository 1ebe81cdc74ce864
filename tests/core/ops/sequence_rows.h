// Operations on sequences of {length, features}, with what they cost as counted by hand.
#pragma once

#include "tests/core/ops/operation_support.h"

namespace archscope::ops {

inline void addSequenceRows(RowTable& table)
{
    const Shape sequence{6, 4};
    for (const char* merge : {"add", "multiply"})
        table.add("sequences", merge, {}, {sequence, sequence}, sequence);
    table.add("sequence", "identity", {}, {sequence}, sequence);
    table.add("sequence", "zero", {}, {sequence}, sequence);
}

} // namespace archscope::ops
