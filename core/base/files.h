// Whole files: read (gzip or not), and written so that a reader sees the old content or the new, never half.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace archscope {

inline constexpr std::uint64_t maxFileBytes = std::uint64_t{8} << 30;

/// The file's bytes. Larger than `maxBytes` is refused before anything is allocated.
Result<std::string> readFile(const std::filesystem::path& path, std::uint64_t maxBytes = maxFileBytes);
/// The file's bytes, decompressed when it is gzip (by its first two bytes). The bound holds for the decompressed size;
/// a truncated or corrupt stream is an error.
Result<std::string> readFileGunzipped(const std::filesystem::path& path, std::uint64_t maxBytes = maxFileBytes);
/// Decompresses gzip bytes in memory; bytes that are not gzip are returned as they are.
Result<std::string> gunzipped(std::string bytes, std::uint64_t maxBytes = maxFileBytes);

/// Writes to a temporary file beside `path`, syncs it, renames it over `path` and syncs the folder. On failure the old file
/// stands and the temporary one is gone.
Result<void> writeFileAtomically(const std::filesystem::path& path, std::string_view bytes);

} // namespace archscope
