// The built-in operations, each made by one function; builtin.cpp lists them for the catalog.
#pragma once

#include "core/ops/operation.h"

namespace archscope::ops {

std::unique_ptr<Operation> convolution();
std::unique_ptr<Operation> convolutionBlock();
std::unique_ptr<Operation> depthwiseConvolution();
std::unique_ptr<Operation> separableConvolution();
std::unique_ptr<Operation> factorizedConvolution();
std::unique_ptr<Operation> transposedConvolution();
std::unique_ptr<Operation> factorizedReduce();
std::unique_ptr<Operation> mobileConvolution();
std::unique_ptr<Operation> squeezeExcite();
std::unique_ptr<Operation> timeConvolution();
std::unique_ptr<Operation> depthwiseTimeConvolution();
std::unique_ptr<Operation> separableTimeConvolution();
std::unique_ptr<Operation> batchNorm();
std::unique_ptr<Operation> groupNorm();
std::unique_ptr<Operation> layerNorm();
std::unique_ptr<Operation> activation();
std::unique_ptr<Operation> maxPool();
std::unique_ptr<Operation> averagePool();
std::unique_ptr<Operation> globalPool();
std::unique_ptr<Operation> maxTimePool();
std::unique_ptr<Operation> averageTimePool();
std::unique_ptr<Operation> timePool();
std::unique_ptr<Operation> glu();
std::unique_ptr<Operation> linear();
std::unique_ptr<Operation> feedForward();
std::unique_ptr<Operation> dropout();
std::unique_ptr<Operation> dropPath();
std::unique_ptr<Operation> embedding();
std::unique_ptr<Operation> positionalEncoding();
std::unique_ptr<Operation> attention();
std::unique_ptr<Operation> simpleRecurrent();
std::unique_ptr<Operation> lstm();
std::unique_ptr<Operation> gru();
std::unique_ptr<Operation> add();
std::unique_ptr<Operation> mean();
std::unique_ptr<Operation> multiply();
std::unique_ptr<Operation> concat();
std::unique_ptr<Operation> gate();
std::unique_ptr<Operation> attentionMerge();
std::unique_ptr<Operation> flatten();
std::unique_ptr<Operation> reshape();
std::unique_ptr<Operation> transpose();
std::unique_ptr<Operation> slice();
std::unique_ptr<Operation> upsample();
std::unique_ptr<Operation> channelShuffle();
std::unique_ptr<Operation> truncate();
std::unique_ptr<Operation> identity();
std::unique_ptr<Operation> zero();
std::unique_ptr<Operation> skipConnect();
std::unique_ptr<Operation> cellInput();

} // namespace archscope::ops
