// The tables of a store, and how older ones become the newest.
#pragma once

#include <span>

namespace archscope::store {

inline constexpr int applicationId = 0x41726368; ///< "Arch", in the file's header: `file` and SQLite tools can tell it
inline constexpr int newestSchema = 4; ///< PRAGMA user_version

/// The statements that make schema `version` from the one before; from nothing for version 1. 1 to newestSchema.
std::span<const char* const> migrationTo(int version);

} // namespace archscope::store
