// Operations on images and vectors, with what they cost as counted by hand.
#pragma once

#include "tests/core/ops/operation_support.h"

namespace archscope::ops {

inline void addImageRows(RowTable& table)
{
    const Shape image{4, 6, 5};
    const Shape vector{7};

    table.add("3x3", "conv", {{"channels", whole(8)}}, {image}, {8, 6, 5}, 8 * 4 * 9, 8 * 4 * 9 * 30);
    table.add("bias", "conv", {{"channels", whole(8)}, {"bias", true}}, {image}, {8, 6, 5}, 8 * 4 * 9 + 8, 8 * 4 * 9 * 30);
    table.add("1x1", "conv", {{"channels", whole(3)}, {"kernel", whole(1)}}, {image}, {3, 6, 5}, 12, 12 * 30);
    table.add("stride", "conv", {{"channels", whole(2)}, {"stride", whole(2)}}, {image}, {2, 3, 3}, 2 * 4 * 9, 2 * 4 * 9 * 9);
    table.add("stride 4", "conv", {{"channels", whole(2)}, {"stride", whole(4)}}, {image}, {2, 2, 2}, 2 * 4 * 9, 2 * 4 * 9 * 4);
    table.add("dilated", "conv", {{"channels", whole(2)}, {"dilation", whole(2)}}, {image}, {2, 6, 5}, 2 * 4 * 9, 2 * 4 * 9 * 30);
    table.add("even kernel", "conv", {{"channels", whole(2)}, {"kernel", whole(2)}}, {image}, {2, 6, 5}, 2 * 4 * 4, 2 * 4 * 4 * 30);
    table.add("even kernel, stride", "conv", {{"channels", whole(2)}, {"kernel", whole(4)}, {"stride", whole(2)}}, {image}, {2, 3, 3}, 2 * 4 * 16, 2 * 4 * 16 * 9);
    table.add("grouped", "conv", {{"channels", whole(6)}, {"groups", whole(2)}}, {image}, {6, 6, 5}, 6 * 2 * 9, 6 * 2 * 9 * 30);
    table.add("valid", "conv", {{"channels", whole(2)}, {"kernel", whole(5)}, {"padding", word("valid")}}, {image}, {2, 2, 1}, 2 * 4 * 25, 2 * 4 * 25 * 2);
    table.add("kernel larger than image", "conv", {{"channels", whole(1)}, {"kernel", whole(15)}}, {{1, 3, 2}}, {1, 3, 2}, 225, 225 * 6);
    table.add("even kernel, one pixel", "conv", {{"channels", whole(2)}, {"kernel", whole(2)}, {"stride", whole(2)}}, {{1, 1, 1}}, {2, 1, 1}, 8, 8);
    table.add("one pixel", "conv", {{"channels", whole(2)}, {"stride", whole(2)}}, {{1, 1, 1}}, {2, 1, 1}, 18, 18);

    table.add("default", "depthwise-conv", {}, {image}, image, 36, 36 * 30);
    table.add("multiplier", "depthwise-conv", {{"multiplier", whole(2)}, {"kernel", whole(5)}, {"stride", whole(2)}, {"bias", true}}, {image}, {8, 3, 3}, 200 + 8, 200 * 9);

    table.add("default", "separable-conv", {{"channels", whole(6)}}, {image}, {6, 6, 5}, 36 + 24 + 12, (36 + 24) * 30);
    table.add("bare, stride", "separable-conv", {{"channels", whole(6)}, {"stride", whole(2)}, {"norm", word("none")}, {"activation", word("none")}}, {image}, {6, 3, 3}, 36 + 24 + 6, (36 + 24) * 9);

    table.add("default", "conv-block", {{"channels", whole(8)}}, {image}, {8, 6, 5}, 288 + 16, 288 * 30);
    table.add("without norm", "conv-block", {{"channels", whole(8)}, {"norm", word("none")}, {"activation", word("none")}}, {image}, {8, 6, 5}, 288 + 8, 288 * 30);
    table.add("group norm", "conv-block", {{"channels", whole(12)}, {"norm", word("group")}, {"groups", whole(2)}, {"activation", word("silu")}}, {image}, {12, 6, 5}, 216 + 24, 216 * 30);
    table.add("layer norm", "conv-block", {{"channels", whole(2)}, {"norm", word("layer")}, {"kernel", whole(1)}, {"activation", word("gelu")}}, {image}, {2, 6, 5}, 8 + 4, 8 * 30);
    for (const char* kind : {"leaky-relu", "elu", "tanh", "sigmoid", "hard-swish"})
        table.add(kind, "conv-block", {{"channels", whole(2)}, {"kernel", whole(1)}, {"activation", word(kind)}}, {image}, {2, 6, 5}, 8 + 4, 8 * 30);

    table.add("image", "batch-norm", {}, {image}, image, 8);
    table.add("vector", "batch-norm", {{"momentum", 0.5}}, {vector}, vector, 14);
    table.add("image", "group-norm", {{"groups", whole(2)}}, {image}, image, 8);
    table.add("vector", "group-norm", {{"groups", whole(1)}}, {vector}, vector, 14);
    table.add("image", "layer-norm", {}, {image}, image, 8);
    table.add("vector", "layer-norm", {{"epsilon", 0.001}}, {vector}, vector, 14);

    for (const char* kind : {"relu", "leaky-relu", "elu", "gelu", "silu", "tanh", "sigmoid", "hard-swish"}) {
        table.add(std::string(kind) + " image", "activation", {{"kind", word(kind)}}, {image}, image);
        table.add(std::string(kind) + " vector", "activation", {{"kind", word(kind)}}, {vector}, vector);
    }

    for (const char* pool : {"max-pool", "avg-pool"}) {
        table.add("2x2", pool, {}, {image}, {4, 3, 3});
        table.add("3x3 stride 1", pool, {{"kernel", whole(3)}, {"stride", whole(1)}}, {image}, image);
        table.add("3x3 stride 2", pool, {{"kernel", whole(3)}}, {image}, {4, 3, 3});
        table.add("2x2 stride 1", pool, {{"stride", whole(1)}}, {image}, image);
        table.add("valid", pool, {{"padding", word("valid")}}, {image}, {4, 3, 2});
        table.add("one pixel", pool, {{"kernel", whole(3)}}, {{2, 1, 1}}, {2, 1, 1});
    }
    table.add("avg", "global-pool", {}, {image}, {4});
    table.add("max", "global-pool", {{"kind", word("max")}}, {image}, {4});

    table.add("image", "flatten", {}, {image}, {120});
    table.add("vector", "flatten", {}, {vector}, vector);
    table.add("default", "linear", {{"features", whole(3)}}, {vector}, {3}, 24, 21);
    table.add("without bias", "linear", {{"features", whole(3)}, {"bias", false}}, {vector}, {3}, 21, 21);
    table.add("image", "dropout", {}, {image}, image);
    table.add("rate 0", "dropout", {{"rate", 0.0}}, {vector}, vector);

    for (const char* merge : {"add", "mean", "multiply"}) {
        table.add("one", merge, {}, {image}, image);
        table.add("two", merge, {}, {vector, vector}, vector);
        table.add("three", merge, {}, {image, image, image}, image);
        table.add("four", merge, {}, {vector, vector, vector, vector}, vector);
    }
    table.add("one", "concat", {}, {vector}, vector);
    table.add("vectors", "concat", {}, {vector, {2}}, {9});
    table.add("images", "concat", {}, {image, {2, 6, 5}, image}, {10, 6, 5});
    table.add("image", "identity", {}, {image}, image);
    table.add("image", "zero", {}, {image}, image);
}

} // namespace archscope::ops
