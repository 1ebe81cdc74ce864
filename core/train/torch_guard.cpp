#include "core/train/torch_guard.h"

#include <c10/util/Exception.h>

#include <new>
#include <string>
#include <string_view>

namespace archscope::train {

namespace {
Error outOfMemory()
{
    return { ErrorCode::OutOfMemory, "the network does not fit into memory", {} };
}

/// LibTorch's CPU allocator and oneDNN say so in words only.
bool saysOutOfMemory(std::string_view text)
{
    return text.find("can't allocate memory") != std::string_view::npos
        || text.find("out of memory") != std::string_view::npos || text.find("not enough memory") != std::string_view::npos;
}

std::string firstLine(std::string_view text)
{
    return std::string(text.substr(0, text.find('\n')));
}
} // namespace

Error errorOfCurrentException()
{
    try {
        throw;
    } catch (const c10::OutOfMemoryError&) {
        return outOfMemory();
    } catch (const c10::Error& error) {
        const std::string_view text = error.what_without_backtrace();
        return saysOutOfMemory(text) ? outOfMemory()
                                     : Error{ ErrorCode::Internal, "LibTorch failed: " + firstLine(text), {} };
    } catch (const std::bad_alloc&) {
        return outOfMemory();
    } catch (const std::exception& error) {
        return saysOutOfMemory(error.what()) ? outOfMemory() : Error{ ErrorCode::Internal, firstLine(error.what()), {} };
    } catch (...) {
        return { ErrorCode::Internal, "an unknown exception ended the training", {} };
    }
}

} // namespace archscope::train
