#include "core/store/study_lock.h"

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <utility>

namespace archscope::store {

namespace {

/// length 0: to the end of the file, wherever that is.
bool tryLock(int descriptor, off_t begin, off_t length)
{
    struct flock lock = {};
    lock.l_type = F_WRLCK;
    lock.l_whence = SEEK_SET;
    lock.l_start = begin;
    lock.l_len = length;
    return ::fcntl(descriptor, F_OFD_SETLK, &lock) == 0;
}

/// Whether the path still leads to the open file: another may have removed it between opening and locking.
bool isStillAt(const std::filesystem::path& file, int descriptor)
{
    struct stat opened = {};
    struct stat named = {};
    return ::fstat(descriptor, &opened) == 0 && ::stat(file.c_str(), &named) == 0 && opened.st_ino == named.st_ino
        && opened.st_dev == named.st_dev;
}

} // namespace

Result<std::optional<StudyLock>> StudyLock::tryTake(const std::filesystem::path& lockFile, std::int64_t study)
{
    // Another's release locks the whole file for a moment before it removes it; a few tries tell that from a running study.
    constexpr int tries = 10;
    for (int i = 0; i < tries; ++i) {
        const int descriptor = ::open(lockFile.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
        if (descriptor < 0)
            return fail(ErrorCode::Io, fmt::format("cannot write the lock beside the store: {}", std::strerror(errno)),
                lockFile.string());
        if (tryLock(descriptor, study, 1)) {
            if (isStillAt(lockFile, descriptor))
                return std::optional<StudyLock>(StudyLock(lockFile, descriptor));
            ::close(descriptor);
            continue;
        }
        const int reason = errno;
        ::close(descriptor);
        if (reason != EAGAIN && reason != EACCES)
            return fail(ErrorCode::Unsupported,
                fmt::format("the file system cannot lock files ({}): put the store on a local disk", std::strerror(reason)),
                lockFile.string());
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return std::optional<StudyLock>();
}

StudyLock::StudyLock(std::filesystem::path file, int descriptor)
    : m_file(std::move(file))
    , m_descriptor(descriptor)
{
}

StudyLock::StudyLock(StudyLock&& other) noexcept
    : m_file(std::move(other.m_file))
    , m_descriptor(std::exchange(other.m_descriptor, -1))
{
}

StudyLock::~StudyLock()
{
    if (m_descriptor < 0)
        return;
    if (tryLock(m_descriptor, 0, 0))
        ::unlink(m_file.c_str());
    ::close(m_descriptor);
}

} // namespace archscope::store
