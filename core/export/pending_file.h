// A file that gets its name only when it has been found good.
#pragma once

#include "core/base/result.h"

#include <filesystem>
#include <string_view>

namespace archscope::exporting {

/// One sentence when nothing can be written there: no name, a folder, a missing or read-only folder around it.
Result<void> checkTarget(const std::filesystem::path& file);

/// Stands beside its target under a hidden name until `commit`; without that it is removed.
class PendingFile {
public:
    explicit PendingFile(std::filesystem::path target);
    ~PendingFile();
    PendingFile(const PendingFile&) = delete;
    PendingFile& operator=(const PendingFile&) = delete;

    const std::filesystem::path& path() const { return m_path; }
    Result<void> write(std::string_view bytes) const;
    Result<void> commit(); ///< replaces what stands under the target's name

private:
    std::filesystem::path m_target;
    std::filesystem::path m_path;
};

} // namespace archscope::exporting
