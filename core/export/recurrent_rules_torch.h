// ONNX's recurrent operators, by the text of its specification. Internal: includes ATen.
#pragma once

#include <ATen/ATen.h>
#include <string>
#include <vector>

namespace archscope::exporting {

/// The operator's inputs, with ONNX's shapes: time first, a matrix for each direction.
struct RecurrentCall {
    at::Tensor x;          ///< {length, N, features}
    at::Tensor weights;    ///< {directions, gates · hidden, features}
    at::Tensor recurrence; ///< {directions, gates · hidden, hidden}
    at::Tensor biases;     ///< {directions, 2 · gates · hidden}: of the input, then of the state; may be undefined
};

/// All states, {length, directions, N, hidden}. The second direction reads from the end. Without initial states.
at::Tensor evaluateRnn(const RecurrentCall& call, const std::vector<std::string>& activations); ///< "Tanh" or "Relu" a direction
at::Tensor evaluateLstm(const RecurrentCall& call);
at::Tensor evaluateGru(const RecurrentCall& call, bool linearBeforeReset);

} // namespace archscope::exporting
