// The built-in operations, each made by one function; builtin.cpp lists them for the catalog.
#pragma once

#include "core/ops/operation.h"

namespace archscope::ops {

std::unique_ptr<Operation> convolution();
std::unique_ptr<Operation> convolutionBlock();
std::unique_ptr<Operation> depthwiseConvolution();
std::unique_ptr<Operation> separableConvolution();
std::unique_ptr<Operation> batchNorm();
std::unique_ptr<Operation> groupNorm();
std::unique_ptr<Operation> layerNorm();
std::unique_ptr<Operation> activation();
std::unique_ptr<Operation> maxPool();
std::unique_ptr<Operation> averagePool();
std::unique_ptr<Operation> globalPool();
std::unique_ptr<Operation> linear();
std::unique_ptr<Operation> dropout();
std::unique_ptr<Operation> add();
std::unique_ptr<Operation> multiply();
std::unique_ptr<Operation> concat();
std::unique_ptr<Operation> flatten();
std::unique_ptr<Operation> identity();
std::unique_ptr<Operation> zero();

} // namespace archscope::ops
