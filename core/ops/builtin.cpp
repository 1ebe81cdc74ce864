#include "core/ops/builtin.h"

namespace archscope::ops {

std::vector<std::unique_ptr<Operation>> builtinOperations()
{
    // In the order of the palette.
    using Make = std::unique_ptr<Operation> (*)();
    static constexpr Make makers[] = {
        convolutionBlock, convolution, depthwiseConvolution, separableConvolution,
        factorizedConvolution, transposedConvolution, factorizedReduce, mobileConvolution, squeezeExcite,
        timeConvolution, depthwiseTimeConvolution, separableTimeConvolution,
        maxPool, averagePool, globalPool, maxTimePool, averageTimePool, timePool,
        batchNorm, groupNorm, layerNorm,
        activation, glu, linear, feedForward, dropout, dropPath,
        embedding, positionalEncoding, attention, simpleRecurrent, lstm, gru,
        add, mean, multiply, concat, gate, attentionMerge,
        flatten, reshape, transpose, slice, upsample, channelShuffle, truncate,
        identity, zero, skipConnect, cellInput,
    };
    std::vector<std::unique_ptr<Operation>> operations;
    for (const Make make : makers)
        operations.push_back(make());
    return operations;
}

} // namespace archscope::ops
