#include "core/ops/builtin.h"

namespace archscope::ops {

std::vector<std::unique_ptr<Operation>> builtinOperations()
{
    // In the order of the palette.
    using Make = std::unique_ptr<Operation> (*)();
    static constexpr Make makers[] = {
        convolutionBlock, convolution, depthwiseConvolution, separableConvolution,
        maxPool, averagePool, globalPool,
        batchNorm, groupNorm, layerNorm,
        activation, linear, dropout,
        add, multiply, concat,
        flatten, identity, zero,
    };
    std::vector<std::unique_ptr<Operation>> operations;
    for (const Make make : makers)
        operations.push_back(make());
    return operations;
}

} // namespace archscope::ops
