#include "core/store/stores.h"

#include "core/base/text.h"
#include "core/store/sqlite_store.h"

#include <fmt/format.h>

namespace archscope::store {

Result<std::shared_ptr<search::StudyStore>> openStore(const std::string& url, OpenMode mode)
{
    constexpr std::string_view sqlite = "sqlite:";
    if (url.starts_with("postgresql://") || url.starts_with("postgres://"))
        return fail(ErrorCode::Unsupported, "stores in PostgreSQL come with a later release: use 'sqlite:FILE'", url);
    if (!url.starts_with(sqlite))
        return fail(ErrorCode::InvalidArgument,
            "this is no store's URL: write 'sqlite:FILE', as in 'sqlite:search.archscope'", fmt::format("'{}'", url));
    const std::string file = url.substr(sqlite.size());
    if (trimmed(file).empty())
        return fail(ErrorCode::InvalidArgument, "the file is missing: write 'sqlite:FILE', as in 'sqlite:search.archscope'",
            fmt::format("'{}'", url));
    return SqliteStore::open(file, url, mode);
}

} // namespace archscope::store
