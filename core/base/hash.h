// Content hashes: 128 bits of XXH3, stable across runs and machines. Not for secrets.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace archscope {

/// 64-bit hash of bytes.
std::uint64_t hash64(std::string_view bytes);
/// 128-bit hash of bytes as 32 lower-case hexadecimal digits.
std::string hashHex(std::string_view bytes);

} // namespace archscope
