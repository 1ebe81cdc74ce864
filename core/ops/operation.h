// An operation of the catalog: everything that is known about it, in one class, in one file of this folder.
#pragma once

#include "core/ops/onnx_emitter.h"
#include "core/space/operation_traits.h"

#include <memory>
#include <span>
#include <string>
#include <vector>

namespace at {
struct Generator;
}

namespace archscope::ops {

class Module; // module_torch.h

using space::Cost;
using space::OperationDescriptor;
using space::ParameterDescriptor;
using space::Parameters;
using space::Shape;

class Operation : public space::OperationTraits {
public:
    /// A module with freshly drawn weights on the CPU, for inputs of these shapes.
    virtual std::unique_ptr<Module> module(std::span<const Shape> inputs, const Parameters& parameters, const at::Generator& generator) const = 0;

    /// Writes the operation in evaluation mode (opset 17); returns the name of its output.
    virtual std::string emitOnnx(OnnxEmitter& emitter, const std::vector<std::string>& inputs, std::span<const Shape> inputShapes,
                                 const Parameters& parameters) const = 0;
};

/// One function a file, named in core/catalog. Owned by the caller.
std::vector<std::unique_ptr<Operation>> builtinOperations();

} // namespace archscope::ops
