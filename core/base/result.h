// How the project says that something in the world went wrong.
//
// Result<T> is for what the world can do wrong (files, data, spaces, stores); assertions are for what only we can.
// Exceptions of third parties are caught where they enter and become an Error.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace archscope {

enum class ErrorCode {
    InvalidArgument, ///< a setting, name or option is unknown or out of range (CLI exit 2 for options, 3 for content)
    InvalidInput,    ///< a file or value is malformed (CLI exit 3)
    NotFound,        ///< a file, study, preset does not exist (CLI exit 3)
    Io,              ///< reading or writing failed: full disk, permissions, lock (CLI exit 4)
    Unsupported,     ///< understood, but not possible here (CLI exit 3)
    Cancelled,       ///< the user stopped it
    OutOfMemory,     ///< the device's memory does not hold it
    NumericalFailure,///< NaN or infinity where numbers were needed
    Internal         ///< a third party failed in a way nobody foresaw (CLI exit 4)
};

struct Error {
    ErrorCode code = ErrorCode::Internal;
    std::string message; ///< one clear sentence: what is wrong and what to do
    std::string context; ///< where: file, line and column, JSON pointer, node name. May be empty.

    /// "context: message", or the message alone.
    std::string text() const { return context.empty() ? message : context + ": " + message; }

    /// The same error seen from further outside: `where` is put before the context.
    Error within(const std::string& where) const
    {
        return {code, message, context.empty() ? where : where + ": " + context};
    }
    bool operator==(const Error&) const = default;
};

template <class T>
using Result = tl::expected<T, Error>;

/// Makes an error to return from a function of any Result type.
inline tl::unexpected<Error> fail(ErrorCode code, std::string message, std::string context = {})
{
    return tl::unexpected<Error>(Error{code, std::move(message), std::move(context)});
}
inline tl::unexpected<Error> fail(Error error)
{
    return tl::unexpected<Error>(std::move(error));
}

} // namespace archscope

#define ARCHSCOPE_CONCAT_(a, b) a##b
#define ARCHSCOPE_CONCAT(a, b) ARCHSCOPE_CONCAT_(a, b)

/// TRY(result): leaves the function with the error of a Result<void>.
#define ARCHSCOPE_TRY(expression)                                                                                       \
    do {                                                                                                                \
        if (auto archscopeTried = (expression); !archscopeTried)                                                        \
            return ::archscope::fail(std::move(archscopeTried.error()));                                                \
    } while (false)

/// ASSIGN(auto x, result): x becomes the value, or the function is left with the error.
#define ARCHSCOPE_ASSIGN(declaration, expression)                                                                       \
    auto ARCHSCOPE_CONCAT(archscopeResult, __LINE__) = (expression);                                                    \
    if (!ARCHSCOPE_CONCAT(archscopeResult, __LINE__))                                                                   \
        return ::archscope::fail(std::move(ARCHSCOPE_CONCAT(archscopeResult, __LINE__).error()));                       \
    declaration = std::move(*ARCHSCOPE_CONCAT(archscopeResult, __LINE__))
