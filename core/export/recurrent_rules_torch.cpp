#include "core/export/recurrent_rules_torch.h"

#include <functional>

namespace archscope::exporting {

namespace {

at::Tensor logistic(const at::Tensor& x)
{
    return 1 / (1 + (-x).exp());
}

/// One direction's matrices.
struct Direction {
    at::Tensor w, r, wb, rb;
};

/// A step: what the input adds to the gates {N, gates · hidden}, the state {N, hidden}; gives the next state. A cell that
/// remembers more keeps it itself.
using Step = std::function<at::Tensor(const at::Tensor& fromInput, const at::Tensor& state)>;

at::Tensor unrolled(const RecurrentCall& call, const std::function<Step(const Direction&, std::size_t)>& stepOf)
{
    const std::int64_t length = call.x.size(0);
    const std::int64_t rows = call.weights.size(1);
    const at::Tensor biases = call.biases.defined() ? call.biases : at::zeros({ call.weights.size(0), 2 * rows });
    std::vector<at::Tensor> directions;
    for (std::int64_t i = 0; i < call.weights.size(0); ++i) {
        const Direction direction{ call.weights[i], call.recurrence[i], biases[i].slice(0, 0, rows), biases[i].slice(0, rows) };
        const Step step = stepOf(direction, static_cast<std::size_t>(i));
        at::Tensor state = at::zeros({ call.x.size(1), call.recurrence.size(2) });
        std::vector<at::Tensor> states(static_cast<std::size_t>(length));
        for (std::int64_t count = 0; count < length; ++count) {
            const std::int64_t time = i == 0 ? count : length - 1 - count;
            state = step(call.x[time].matmul(direction.w.t()) + direction.wb, state);
            states[static_cast<std::size_t>(time)] = state;
        }
        directions.push_back(at::stack(states));
    }
    return at::stack(directions, 1);
}

} // namespace

at::Tensor evaluateRnn(const RecurrentCall& call, const std::vector<std::string>& activations)
{
    return unrolled(call, [&](const Direction& d, std::size_t index) -> Step {
        return [d, relu = activations.at(index) == "Relu"](const at::Tensor& fromInput, const at::Tensor& state) {
            const at::Tensor sum = fromInput + state.matmul(d.r.t()) + d.rb;
            return relu ? sum.clamp_min(0) : 2 * logistic(2 * sum) - 1;
        };
    });
}

at::Tensor evaluateLstm(const RecurrentCall& call)
{
    return unrolled(call, [](const Direction& d, std::size_t) -> Step {
        return [d, memory = at::Tensor()](const at::Tensor& fromInput, const at::Tensor& state) mutable {
            const std::vector<at::Tensor> gates = (fromInput + state.matmul(d.r.t()) + d.rb).chunk(4, 1); // i o f c
            const at::Tensor proposed = logistic(gates[0]) * gates[3].tanh();
            memory = memory.defined() ? logistic(gates[2]) * memory + proposed : proposed;
            return logistic(gates[1]) * memory.tanh();
        };
    });
}

at::Tensor evaluateGru(const RecurrentCall& call, bool linearBeforeReset)
{
    return unrolled(call, [linearBeforeReset](const Direction& d, std::size_t) -> Step {
        return [d, linearBeforeReset](const at::Tensor& fromInput, const at::Tensor& state) {
            const std::vector<at::Tensor> x = fromInput.chunk(3, 1); // z r h
            const std::vector<at::Tensor> r = d.r.chunk(3, 0);
            const std::vector<at::Tensor> b = d.rb.chunk(3, 0);
            const at::Tensor update = logistic(x[0] + state.matmul(r[0].t()) + b[0]);
            const at::Tensor reset = logistic(x[1] + state.matmul(r[1].t()) + b[1]);
            const at::Tensor past = linearBeforeReset ? reset * (state.matmul(r[2].t()) + b[2]) : (reset * state).matmul(r[2].t()) + b[2];
            return (1 - update) * (x[2] + past).tanh() + update * state;
        };
    });
}

} // namespace archscope::exporting
