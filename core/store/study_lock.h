// The right to run a study, for one process at a time, on one machine or a shared folder.
//
// A lock of the kernel on one byte (the study's number) of `FILE-lock`, which stands beside the store as SQLite's own
// `FILE-wal` does and is removed when nobody holds anything in it. It belongs to an open file description (F_OFD_SETLK): it
// dies with the process however that dies, and two stores opened by one process exclude each other too. The store's file
// itself is not used for it: closing any descriptor of that would drop SQLite's own locks.
#pragma once

#include "core/base/result.h"

#include <cstdint>
#include <filesystem>
#include <optional>

namespace archscope::store {

class StudyLock {
public:
    /// Nothing when another holds it. Fails when the folder cannot be written or the file system cannot lock.
    static Result<std::optional<StudyLock>> tryTake(const std::filesystem::path& lockFile, std::int64_t study);

    StudyLock(StudyLock&& other) noexcept;
    StudyLock& operator=(StudyLock&&) = delete;
    ~StudyLock();

private:
    StudyLock(std::filesystem::path file, int descriptor);

    std::filesystem::path m_file;
    int m_descriptor;
};

} // namespace archscope::store
