#include "core/export/pending_file.h"

#include "core/base/files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <system_error>
#include <unistd.h>

namespace archscope::exporting {

namespace fs = std::filesystem;

namespace {

fs::path folderOf(const fs::path& file)
{
    return file.has_parent_path() ? file.parent_path() : fs::path(".");
}

} // namespace

Result<void> checkTarget(const fs::path& file)
{
    const auto refused = [&](std::string message) { return fail(ErrorCode::InvalidArgument, std::move(message), file.string()); };
    if (!file.has_filename())
        return refused("a file name is needed to export to");
    std::error_code code;
    if (fs::is_directory(file, code))
        return refused("this is a folder; name a file in it to export to");
    const fs::path folder = folderOf(file);
    if (!fs::is_directory(folder, code))
        return refused(fmt::format("there is no folder '{}'; make it or choose another", folder.string()));
    if (::access(folder.c_str(), W_OK) != 0)
        return fail(ErrorCode::Io, fmt::format("the folder '{}' cannot be written to; choose another", folder.string()), file.string());
    return {};
}

PendingFile::PendingFile(fs::path target)
    : m_target(std::move(target))
    , m_path(
          folderOf(m_target) / fmt::format(".{}.{}-{}.unverified", m_target.filename().string(), ::getpid(), fmt::ptr(this)))
{
}

PendingFile::~PendingFile()
{
    std::error_code ignored;
    if (!m_path.empty())
        fs::remove(m_path, ignored);
}

Result<void> PendingFile::write(std::string_view bytes) const
{
    return writeFileAtomically(m_path, bytes);
}

Result<void> PendingFile::commit()
{
    std::error_code code;
    fs::rename(m_path, m_target, code);
    if (code)
        return fail(ErrorCode::Io, "the exported file cannot be given its name: " + code.message(), m_target.string());
    m_path.clear();
    // The new name is on disk when the folder is.
    if (const int folder = ::open(folderOf(m_target).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); folder >= 0) {
        ::fsync(folder);
        ::close(folder);
    }
    return {};
}

} // namespace archscope::exporting
