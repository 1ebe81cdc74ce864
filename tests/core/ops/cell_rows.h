// Operations of cells and mobile networks on images, with what they cost as counted by hand.
#pragma once

#include "tests/core/ops/operation_support.h"

namespace archscope::ops {

inline void addCellRows(RowTable& table)
{
    const Shape image{4, 6, 5};
    const Shape vector{7};
    const Given activeFirst{{"channels", whole(6)}, {"order", word("act-conv-norm")}};
    const auto with = [](Given given, const Given& more) {
        for (const auto& [name, value] : more)
            given[name] = value;
        return given;
    };

    table.add("activation first", "conv-block", activeFirst, {image}, {6, 6, 5}, 216 + 12, 216 * 30);
    table.add("norm first", "conv-block", {{"channels", whole(6)}, {"order", word("norm-act-conv")}}, {image}, {6, 6, 5}, 216 + 8, 216 * 30);
    for (const char* norm : {"batch", "group", "layer"})
        table.add(std::string("not affine, ") + norm, "conv-block", {{"channels", whole(6)}, {"norm", word(norm)}, {"affine", false}}, {image}, {6, 6, 5}, 216, 216 * 30);
    for (const char* norm : {"batch-norm", "group-norm", "layer-norm"}) {
        table.add("not affine", norm, {{"affine", false}}, {image}, image);
        table.add("vector, not affine", norm, {{"affine", false}}, {vector}, vector);
    }
    table.add("relu6", "activation", {{"kind", word("relu6")}}, {image}, image);

    table.add("DARTS dil_conv_5x5", "separable-conv", with(activeFirst, {{"kernel", whole(5)}, {"dilation", whole(2)}, {"stride", whole(2)}}), {image}, {6, 3, 3}, 100 + 24 + 12, (100 + 24) * 9);
    table.add("DARTS sep_conv_3x3", "separable-conv", with(activeFirst, {{"repeats", whole(2)}, {"stride", whole(2)}}), {image}, {6, 3, 3}, 36 + 16 + 8 + 36 + 24 + 12, (36 + 16 + 36 + 24) * 9);
    table.add("three times, not affine", "separable-conv", {{"channels", whole(6)}, {"repeats", whole(3)}, {"affine", false}}, {image}, {6, 6, 5}, 3 * 36 + 2 * 16 + 24, (3 * 36 + 2 * 16 + 24) * 30);

    table.add("default", "factorized-conv", {{"channels", whole(6)}}, {image}, {6, 6, 5}, 4 * 6 * 7 + 6 * 6 * 7 + 12, (4 * 6 * 7 + 6 * 6 * 7) * 30);
    table.add("stride", "factorized-conv", {{"channels", whole(6)}, {"kernel", whole(3)}, {"stride", whole(2)}, {"norm", word("none")}}, {image}, {6, 3, 3}, 72 + 108 + 6, 72 * 18 + 108 * 9);
    table.add("even kernel", "factorized-conv", with(activeFirst, {{"kernel", whole(2)}}), {image}, {6, 6, 5}, 48 + 72 + 12, (48 + 72) * 30);

    table.add("default", "transposed-conv", {{"channels", whole(3)}}, {image}, {3, 12, 10}, 192 + 3, 192 * 30);
    table.add("odd kernel", "transposed-conv", {{"channels", whole(3)}, {"kernel", whole(3)}, {"bias", false}}, {image}, {3, 12, 10}, 108, 108 * 30);
    table.add("even kernel, stride 1", "transposed-conv", {{"channels", whole(3)}, {"kernel", whole(2)}, {"stride", whole(1)}}, {image}, {3, 6, 5}, 48 + 3, 48 * 30);
    table.add("kernel below the stride", "transposed-conv", {{"channels", whole(3)}, {"kernel", whole(1)}, {"stride", whole(3)}}, {image}, {3, 18, 15}, 12 + 3, 12 * 30);
    table.add("dilated", "transposed-conv", {{"channels", whole(3)}, {"kernel", whole(2)}, {"dilation", whole(2)}}, {image}, {3, 12, 10}, 48 + 3, 48 * 30);
    table.add("grouped", "transposed-conv", {{"channels", whole(6)}, {"kernel", whole(3)}, {"groups", whole(2)}}, {image}, {6, 12, 10}, 4 * 3 * 9 + 6, 4 * 3 * 9 * 30);
    table.add("valid", "transposed-conv", {{"channels", whole(3)}, {"kernel", whole(3)}, {"padding", word("valid")}}, {image}, {3, 13, 11}, 108 + 3, 108 * 30);

    table.add("default", "factorized-reduce", {}, {image}, {4, 3, 3}, 16 + 8, 16 * 9);
    table.add("odd channels", "factorized-reduce", {{"channels", whole(5)}, {"affine", false}}, {image}, {5, 3, 3}, 20, 20 * 9);
    table.add("one channel", "factorized-reduce", {{"channels", whole(1)}}, {image}, {1, 3, 3}, 4 + 2, 4 * 9);
    table.add("one pixel", "factorized-reduce", {}, {{4, 1, 1}}, {4, 1, 1}, 16 + 8, 16);
    table.add("identity", "skip-connect", {}, {image}, image);
    table.add("identity of a vector", "skip-connect", {}, {vector}, vector);
    table.add("identity of a sequence", "skip-connect", {}, {{6, 4}}, {6, 4});
    table.add("stride", "skip-connect", {{"stride", whole(2)}}, {image}, {4, 3, 3}, 16 + 8, 16 * 9);
    table.add("channels", "skip-connect", {{"channels", whole(6)}}, {image}, {6, 6, 5}, 24 + 12, 24 * 30);
    table.add("same size", "cell-input", {{"channels", whole(6)}}, {image, {9, 6, 5}}, {6, 6, 5}, 24 + 12, 24 * 30);
    table.add("twice the size", "cell-input", {{"channels", whole(6)}, {"affine", false}}, {image, {9, 3, 3}}, {6, 3, 3}, 24, 24 * 9);
    table.add("stride", "zero", {{"stride", whole(2)}}, {image}, {4, 3, 3});

    table.add("default", "mbconv", {}, {image}, image, 96 + 48 + 216 + 48 + 96 + 8, (96 + 216 + 96) * 30);
    table.add("stride", "mbconv", {{"channels", whole(6)}, {"kernel", whole(5)}, {"stride", whole(2)}, {"expansion", whole(3)}, {"activation", word("relu")}}, {image}, {6, 3, 3}, 48 + 24 + 300 + 24 + 72 + 12, 48 * 30 + (300 + 72) * 9);
    table.add("without expansion", "mbconv", {{"expansion", whole(1)}, {"residual", false}, {"activation", word("hard-swish")}}, {image}, image, 36 + 8 + 16 + 8, (36 + 16) * 30);
    table.add("squeeze-excite", "mbconv", {{"expansion", whole(2)}, {"se_ratio", 0.5}, {"activation", word("silu")}}, {image}, image, 32 + 16 + 72 + 16 + 42 + 32 + 8, (32 + 72 + 32) * 30 + 32);
    table.add("default", "squeeze-excite", {}, {image}, image, 8 + 1 + 4, 8);
    table.add("hard", "squeeze-excite", {{"ratio", 0.5}, {"activation", word("silu")}, {"gate", word("hard-sigmoid")}}, {image}, image, 16 + 2 + 4, 16);

    table.add("default", "channel-shuffle", {}, {image}, image);
    table.add("all groups", "channel-shuffle", {{"groups", whole(4)}}, {image}, image);
    table.add("nearest", "upsample", {}, {image}, {4, 12, 10});
    table.add("bilinear", "upsample", {{"factor", whole(3)}, {"mode", word("bilinear")}}, {image}, {4, 18, 15});
    table.add("image", "truncate", {{"channels", whole(3)}}, {image}, {3, 6, 5});
    table.add("vector", "truncate", {{"channels", whole(7)}}, {vector}, vector);
    table.add("image", "drop-path", {}, {image}, image);
    table.add("sequence", "drop-path", {{"probability", 0.5}}, {{6, 4}}, {6, 4});
    table.add("never", "drop-path", {{"probability", 0.0}}, {vector}, vector);

    for (const char* pool : {"max-pool", "avg-pool"}) {
        const Given valid{{"padding", word("valid")}, {"ceil_mode", true}};
        table.add("rounded up", pool, valid, {image}, {4, 3, 3});
        table.add("3x3 rounded up", pool, with(valid, {{"kernel", whole(3)}}), {image}, {4, 3, 2});
        table.add("larger than the image", pool, with(valid, {{"kernel", whole(3)}}), {{4, 2, 2}}, {4, 1, 1});
        table.add("normalised", pool, {{"norm", word("batch")}}, {image}, {4, 3, 3}, 8);
        table.add("projected", pool, {{"channels", whole(6)}, {"kernel", whole(3)}, {"stride", whole(1)}}, {image}, {6, 6, 5}, 24 + 12, 24 * 30);
    }
    for (const std::int64_t kernel : {2, 3})
        for (const std::int64_t stride : {1, 2})
            table.add("padding counts, kernel " + std::to_string(kernel) + " stride " + std::to_string(stride), "avg-pool",
                      {{"count_include_pad", true}, {"kernel", whole(kernel)}, {"stride", whole(stride)}}, {image}, stride == 1 ? image : Shape{4, 3, 3});
}

} // namespace archscope::ops
