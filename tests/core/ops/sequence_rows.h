// Operations on sequences of {length, features}, with what they cost as counted by hand.
#pragma once

#include "tests/core/ops/operation_support.h"

namespace archscope::ops {

inline void addRecurrentRows(RowTable& table)
{
    const Shape sequence{6, 4};
    // Of one layer: gates · hidden · (inputs + hidden) weights, used at each step, and two biases for each row.
    table.add("default", "rnn", {}, {sequence}, {6, 64}, 64 * 68 + 128, 6 * 64 * 68);
    table.add("relu", "rnn", {{"hidden", whole(3)}, {"activation", word("relu")}}, {sequence}, {6, 3}, 3 * 7 + 6, 6 * 21);
    const std::pair<const char*, std::int64_t> cells[] = {{"rnn", 1}, {"gru", 3}, {"lstm", 4}};
    for (const auto& [cell, gates] : cells) {
        table.add("one layer", cell, {{"hidden", whole(3)}}, {sequence}, {6, 3}, gates * (3 * 7 + 6), 6 * gates * 21);
        table.add("last", cell, {{"hidden", whole(3)}, {"output", word("last")}}, {sequence}, {3}, gates * (3 * 7 + 6), 6 * gates * 21);
        table.add("both directions", cell, {{"hidden", whole(3)}, {"bidirectional", true}}, {sequence}, {6, 6}, 2 * gates * (3 * 7 + 6), 2 * 6 * gates * 21);
        table.add("stacked, last", cell, {{"hidden", whole(3)}, {"layers", whole(2)}, {"bidirectional", true}, {"dropout", 0.5}, {"output", word("last")}}, {sequence},
                  {6}, 2 * gates * (3 * 7 + 6) + 2 * gates * (3 * 9 + 6), 2 * 6 * gates * (21 + 27));
        table.add("one step", cell, {{"hidden", whole(2)}}, {{1, 1}}, {1, 2}, gates * (2 * 3 + 4), gates * 6);
    }
}

inline void addAttentionRows(RowTable& table)
{
    const Shape sequence{6, 4};
    table.add("default", "embedding", {{"vocabulary", whole(9)}}, {{6}}, {6, 128}, 9 * 128);
    table.add("dropout", "embedding", {{"vocabulary", whole(5)}, {"dimension", whole(3)}, {"dropout", 0.5}}, {{6}}, {6, 3}, 15);
    table.add("sinusoidal", "positional-encoding", {}, {sequence}, sequence);
    table.add("odd", "positional-encoding", {{"dropout", 0.25}}, {{3, 5}}, {3, 5});
    table.add("learned", "positional-encoding", {{"kind", word("learned")}}, {sequence}, sequence, 24);
    // Four projections of features × dimension at each step, and two products of length × length × dimension.
    table.add("default", "attention", {}, {sequence}, sequence, 4 * 16 + 16, 6 * 64 + 2 * 36 * 4);
    table.add("causal", "attention", {{"heads", whole(2)}, {"causal", true}}, {sequence}, sequence, 80, 6 * 64 + 2 * 36 * 4);
    table.add("dropout", "attention", {{"heads", whole(1)}, {"causal", true}, {"dropout", 0.3}}, {sequence}, sequence, 80, 6 * 64 + 2 * 36 * 4);
    table.add("wide", "attention", {{"heads", whole(3)}, {"dimension", whole(6)}}, {sequence}, sequence, 4 * 24 + 18 + 4, 6 * 96 + 2 * 36 * 6);
    table.add("one step", "attention", {}, {{1, 4}}, {1, 4}, 80, 64 + 8);
    table.add("default", "feed-forward", {}, {sequence}, sequence, 2 * 64 + 20, 6 * 128);
    table.add("gelu, dropout", "feed-forward", {{"expansion", whole(2)}, {"activation", word("gelu")}, {"dropout", 0.3}}, {sequence}, sequence, 2 * 32 + 12, 6 * 64);
    table.add("vector", "feed-forward", {{"expansion", whole(1)}}, {{4}}, {4}, 2 * 16 + 8, 32);
    table.add("sequence", "linear", {{"features", whole(3)}}, {sequence}, {6, 3}, 15, 6 * 12);
    table.add("sequence without bias", "linear", {{"features", whole(3)}, {"bias", false}}, {sequence}, {6, 3}, 12, 6 * 12);
}

inline void addTimeWindowRows(RowTable& table)
{
    const Shape sequence{6, 4};
    table.add("default", "conv1d", {}, {sequence}, {6, 32}, 32 * 12 + 32, 6 * 32 * 12);
    table.add("causal, dilated", "conv1d", {{"channels", whole(3)}, {"padding", word("causal")}, {"dilation", whole(2)}}, {sequence}, {6, 3}, 36 + 3, 6 * 36);
    table.add("even kernel", "conv1d", {{"channels", whole(3)}, {"kernel", whole(2)}}, {sequence}, {6, 3}, 24 + 3, 6 * 24);
    table.add("stride", "conv1d", {{"channels", whole(3)}, {"stride", whole(4)}}, {sequence}, {2, 3}, 36 + 3, 2 * 36);
    table.add("causal stride", "conv1d", {{"channels", whole(3)}, {"stride", whole(4)}, {"padding", word("causal")}}, {sequence}, {2, 3}, 36 + 3, 2 * 36);
    table.add("valid", "conv1d", {{"channels", whole(3)}, {"kernel", whole(5)}, {"padding", word("valid")}}, {sequence}, {2, 3}, 60 + 3, 2 * 60);
    table.add("groups, norm", "conv1d", {{"channels", whole(6)}, {"groups", whole(2)}, {"norm", word("layer")}, {"activation", word("relu")}}, {sequence}, {6, 6}, 36 + 12, 6 * 36);
    table.add("batch norm first", "conv1d", {{"channels", whole(6)}, {"norm", word("batch")}, {"activation", word("silu")}, {"order", word("norm-act-conv")}}, {sequence}, {6, 6}, 72 + 8, 6 * 72);
    table.add("longer than the sequence", "conv1d", {{"channels", whole(1)}, {"kernel", whole(31)}}, {{2, 1}}, {2, 1}, 32, 62);
    table.add("causal and longer", "conv1d", {{"channels", whole(1)}, {"kernel", whole(31)}, {"padding", word("causal")}}, {{2, 1}}, {2, 1}, 32, 62);
    table.add("default", "depthwise-conv1d", {}, {sequence}, sequence, 12 + 4, 6 * 12);
    table.add("multiplier", "depthwise-conv1d", {{"multiplier", whole(2)}, {"kernel", whole(5)}, {"padding", word("causal")}}, {sequence}, {6, 8}, 40 + 8, 6 * 40);
    table.add("default", "separable-conv1d", {{"channels", whole(3)}}, {sequence}, {6, 3}, 12 + 12 + 3, 6 * 24);
    table.add("stride, norm", "separable-conv1d", {{"channels", whole(3)}, {"stride", whole(2)}, {"norm", word("group")}}, {sequence}, {3, 3}, 12 + 12 + 6, 3 * 24);

    for (const char* pool : {"max-pool1d", "avg-pool1d"}) {
        table.add("default", pool, {}, {sequence}, {3, 4});
        table.add("3, stride 1", pool, {{"kernel", whole(3)}, {"stride", whole(1)}}, {sequence}, sequence);
        table.add("2, stride 1", pool, {{"stride", whole(1)}}, {sequence}, sequence);
        table.add("odd length", pool, {}, {{5, 2}}, {3, 2});
        table.add("causal", pool, {{"kernel", whole(3)}, {"stride", whole(1)}, {"padding", word("causal")}}, {sequence}, sequence);
        table.add("valid", pool, {{"kernel", whole(3)}, {"padding", word("valid")}}, {sequence}, {2, 4});
        table.add("longer stride", pool, {{"stride", whole(5)}}, {sequence}, {2, 4});
        table.add("one step", pool, {{"kernel", whole(3)}}, {{1, 2}}, {1, 2});
    }
    for (const char* kind : {"mean", "max", "last"})
        table.add(kind, "time-pool", {{"kind", word(kind)}}, {sequence}, {4});
    table.add("sequence", "batch-norm", {}, {sequence}, sequence, 8);
    table.add("sequence", "group-norm", {{"groups", whole(2)}}, {sequence}, sequence, 8);
    table.add("sequence", "layer-norm", {}, {sequence}, sequence, 8);
}

inline void addMergeAndShapeRows(RowTable& table)
{
    const Shape image{4, 6, 5};
    const Shape sequence{6, 4};
    const Shape vector{8};
    for (const char* merge : {"add", "mean", "multiply"})
        table.add("sequences", merge, {}, {sequence, sequence}, sequence);
    table.add("sequences", "concat", {}, {sequence, {6, 3}}, {6, 7});
    table.add("sequence", "activation", {{"kind", word("gelu")}}, {sequence}, sequence);
    table.add("sequence", "dropout", {}, {sequence}, sequence);
    table.add("sequence", "flatten", {}, {sequence}, {24});
    table.add("sequence", "identity", {}, {sequence}, sequence);
    table.add("sequence", "zero", {}, {sequence}, sequence);

    table.add("sequence", "glu", {}, {sequence}, {6, 2});
    table.add("vector", "glu", {}, {vector}, {4});
    table.add("image", "glu", {}, {image}, {2, 6, 5});
    table.add("two", "gate", {}, {sequence, sequence}, sequence);
    table.add("three", "gate", {}, {vector, vector, vector}, vector);
    table.add("image, without sigmoid", "gate", {{"sigmoid", false}}, {image, image, image}, image);

    // Two layers, channels → 32 → inputs · channels.
    table.add("one", "attention-merge", {}, {image}, image);
    table.add("images", "attention-merge", {}, {image, image}, image, 4 * 32 + 32 + 32 * 8 + 8, 4 * 32 + 32 * 8);
    table.add("sequences", "attention-merge", {}, {sequence, sequence, sequence}, sequence, 4 * 32 + 32 + 32 * 12 + 12, 6 * (4 * 32 + 32 * 12));
    table.add("vectors", "attention-merge", {{"reduction", whole(1)}}, {{40}, {40}}, {40}, 40 * 40 + 40 + 40 * 80 + 80, 40 * 40 + 40 * 80);

    table.add("to a sequence", "reshape", {{"shape", word("30, 4")}}, {image}, {30, 4});
    table.add("to an image", "reshape", {{"shape", word("2,-1,3")}}, {sequence}, {2, 4, 3});
    table.add("default", "reshape", {}, {sequence}, {24});
    table.add("default", "transpose", {}, {sequence}, {4, 6});
    table.add("image", "transpose", {{"order", word("2,0,1")}}, {image}, {5, 4, 6});
    table.add("default", "slice", {}, {sequence}, {1, 4});
    table.add("from the end", "slice", {{"start", whole(-2)}, {"length", whole(0)}}, {sequence}, {2, 4});
    table.add("features", "slice", {{"dimension", whole(1)}, {"start", whole(1)}, {"length", whole(2)}}, {sequence}, {6, 2});
    table.add("image", "slice", {{"start", whole(1)}, {"length", whole(2)}}, {image}, {2, 6, 5});
}

inline void addSequenceRows(RowTable& table)
{
    addRecurrentRows(table);
    addAttentionRows(table);
    addTimeWindowRows(table);
    addMergeAndShapeRows(table);
}

} // namespace archscope::ops
