// The one place where what LibTorch and the allocators throw becomes an Error. Internal.
#pragma once

#include "core/base/result.h"

#include <type_traits>
#include <utility>

namespace archscope::train {

/// To be called in a catch block. Out of memory is told apart from everything else.
Error errorOfCurrentException();

/// Runs `work`, which returns a Result.
template <class Work> auto guarded(Work&& work) -> std::invoke_result_t<Work>
{
    try {
        return std::forward<Work>(work)();
    } catch (...) {
        return fail(errorOfCurrentException());
    }
}

/// Runs `work(1)`; if the memory does not hold it, once more as `work(2)`: with each batch in two parts.
template <class Work> auto retriedSmaller(Work&& work) -> std::invoke_result_t<Work, int>
{
    auto whole = guarded([&] { return work(1); });
    if (whole || whole.error().code != ErrorCode::OutOfMemory)
        return whole;
    auto halved = guarded([&] { return work(2); });
    if (!halved && halved.error().code == ErrorCode::OutOfMemory)
        halved.error().message += ", with half the batch too; the result is censored, not bad";
    return halved;
}

} // namespace archscope::train
