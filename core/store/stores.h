// Opens stores by URL.
#pragma once

#include "core/search/study_store.h"

#include <memory>
#include <string>

namespace archscope::store {

enum class OpenMode {
    ReadWrite,  ///< the file must exist
    CreateIfAbsent,
    ReadOnly,   ///< starts nothing, changes nothing
};

/// `sqlite:FILE`. Errors: not a store, made by a newer version, locked, read-only, no such file or folder, unsupported scheme.
Result<std::shared_ptr<search::StudyStore>> openStore(const std::string& url, OpenMode mode);

} // namespace archscope::store
