#include "core/store/sqlite_connection.h"

#include "core/store/sqlite_schema.h"

#include <QtCore/QUrl>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <unistd.h>

namespace archscope::store {

namespace {

constexpr int busyTimeoutMs = 2000;

/// SQLite's primary result codes, which are part of its stable interface (sqlite.org/rescode.html).
enum SqliteCode {
    busy = 5,
    locked = 6,
    readOnly = 8,
    ioError = 10,
    corrupt = 11,
    full = 13,
    cannotOpen = 14,
    notADatabase = 26
};

bool isWritable(const std::filesystem::path& path)
{
    return ::faccessat(AT_FDCWD, path.c_str(), W_OK, AT_EACCESS) == 0;
}

std::filesystem::path folderOf(const std::filesystem::path& file)
{
    return file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
}

std::filesystem::path walOf(const std::filesystem::path& file)
{
    return file.string() + "-wal";
}

tl::unexpected<Error> notAStore(const char* why)
{
    return fail(ErrorCode::InvalidInput, fmt::format("this is not an Archscope store: {}", why));
}

/// What can be said about the file before SQLite sees it.
Result<void> checkFile(const std::filesystem::path& file, OpenMode mode)
{
    std::error_code code;
    const std::filesystem::file_status status = std::filesystem::status(file, code);
    if (status.type() == std::filesystem::file_type::not_found) {
        if (!std::filesystem::is_directory(folderOf(file), code))
            return fail(ErrorCode::NotFound,
                fmt::format("the folder '{}' does not exist: create it first", folderOf(file).string()));
        if (mode != OpenMode::CreateIfAbsent)
            return fail(ErrorCode::NotFound, "there is no such file");
        if (!isWritable(folderOf(file)))
            return fail(ErrorCode::Io,
                fmt::format("the folder '{}' is read-only: choose one that can be written", folderOf(file).string()));
        return {};
    }
    if (code)
        return fail(ErrorCode::Io, fmt::format("the file cannot be reached: {}", code.message()));
    if (!std::filesystem::is_regular_file(status))
        return notAStore(std::filesystem::is_directory(status) ? "it is a folder" : "it is no ordinary file");
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return fail(ErrorCode::Io, fmt::format("the file cannot be read: {}", std::strerror(errno)));
    char head[16] = {};
    stream.read(head, sizeof head);
    constexpr char magic[16] = { 'S', 'Q', 'L', 'i', 't', 'e', ' ', 'f', 'o', 'r', 'm', 'a', 't', ' ', '3', '\0' };
    if (stream.gcount() == 0) {
        if (mode != OpenMode::CreateIfAbsent)
            return notAStore("the file is empty");
    } else if (stream.gcount() < 16 || std::memcmp(head, magic, sizeof magic) != 0) {
        return notAStore("it is another kind of file");
    }
    if (mode != OpenMode::ReadOnly && (!isWritable(file) || !isWritable(folderOf(file))))
        return fail(ErrorCode::Io,
            fmt::format("the {} is read-only: make it writable, or open the study for reading only",
                isWritable(file) ? "folder of the store" : "file"));
    return {};
}

} // namespace

QByteArray bytes(std::string_view text)
{
    return QByteArray(text.data(), static_cast<qsizetype>(text.size()));
}

SqliteConnection::SqliteConnection(std::filesystem::path file, QString name)
    : m_file(std::move(file))
    , m_name(std::move(name))
{
}

SqliteConnection::~SqliteConnection()
{
    m_statements.clear();
    m_database.close();
    m_database = {};
    QSqlDatabase::removeDatabase(m_name);
}

Result<std::unique_ptr<SqliteConnection>> SqliteConnection::open(const std::filesystem::path& file, OpenMode mode)
{
    static std::atomic<int> count = 0;
    ARCHSCOPE_TRY(checkFile(file, mode));
    std::error_code ignored;
    const bool existed = std::filesystem::exists(file, ignored);
    std::unique_ptr<SqliteConnection> connection(
        new SqliteConnection(file, QStringLiteral("archscope-store-%1").arg(++count)));
    QString database = QString::fromStdString(file.string());
    QString options = QStringLiteral("QSQLITE_BUSY_TIMEOUT=%1").arg(busyTimeoutMs);
    // Where it can, even a reader opens for writing (and promises not to): only so does the last one to leave tidy up the
    // write-ahead log and its index beside the store.
    if (mode == OpenMode::ReadOnly && (!isWritable(file) || !isWritable(folderOf(file)))) {
        options += QStringLiteral(";QSQLITE_OPEN_READONLY");
        // Where nothing can be written beside the store and there is no log, nobody is writing: SQLite may take it as it is.
        if (!isWritable(folderOf(file)) && !std::filesystem::exists(walOf(file), ignored)) {
            database = QStringLiteral("file:") + QString::fromUtf8(QUrl::toPercentEncoding(database, "/"))
                + QStringLiteral("?immutable=1");
            options += QStringLiteral(";QSQLITE_OPEN_URI");
        }
    }
    Result<void> opened = connection->connect(database, options);
    if (opened)
        opened = connection->prepareFile(mode);
    if (!opened) {
        connection.reset();
        if (!existed) {
            for (const char* suffix : { "", "-wal", "-shm", "-journal" })
                std::filesystem::remove(file.string() + suffix, ignored);
        }
        return fail(std::move(opened.error()));
    }
    return connection;
}

Result<void> SqliteConnection::connect(const QString& database, const QString& options)
{
    m_database = QSqlDatabase::addDatabase(QStringLiteral("QSQLITE"), m_name);
    if (!m_database.isValid())
        return fail(ErrorCode::Unsupported, "Qt's SQLite driver is not installed: install the package libqt6sql6-sqlite");
    m_database.setDatabaseName(database);
    m_database.setConnectOptions(options);
    if (!m_database.open())
        return fail(error(m_database.lastError()));
    return {};
}

Result<void> SqliteConnection::prepareFile(OpenMode mode)
{
    ARCHSCOPE_ASSIGN(const int application, pragma("PRAGMA application_id"));
    ARCHSCOPE_ASSIGN(const int version, pragma("PRAGMA user_version"));
    ARCHSCOPE_ASSIGN(const int objects, pragma("SELECT count(*) FROM sqlite_master"));
    const bool isNew = application == 0 && version == 0 && objects == 0;
    if (isNew ? mode != OpenMode::CreateIfAbsent : application != applicationId)
        return notAStore(isNew ? "the database is empty" : "it is a database of another program");
    if (version > newestSchema)
        return fail(ErrorCode::Unsupported,
            fmt::format("the store has version {}, this program reads up to {}: a newer Archscope is needed", version,
                newestSchema));
    if (mode == OpenMode::ReadOnly) {
        if (version < newestSchema)
            return fail(ErrorCode::Unsupported,
                "the store was made by an older version: open it once for writing, which brings it up to date");
        return execute("PRAGMA query_only = ON");
    }
    // Write-ahead log: readers and the writer do not wait for each other. FULL: a commit is on disk when it returns.
    ARCHSCOPE_TRY(execute("PRAGMA journal_mode = WAL"));
    ARCHSCOPE_TRY(execute("PRAGMA synchronous = FULL"));
    ARCHSCOPE_TRY(execute("PRAGMA foreign_keys = ON"));
    return version < newestSchema ? migrate(version) : Result<void>();
}

Result<void> SqliteConnection::migrate(int from)
{
    ARCHSCOPE_TRY(begin());
    const auto steps = [&]() -> Result<void> {
        // Another process may have been quicker.
        ARCHSCOPE_ASSIGN(const int found, pragma("PRAGMA user_version"));
        for (int version = std::max(from, found) + 1; version <= newestSchema; ++version) {
            for (const char* statement : migrationTo(version))
                ARCHSCOPE_TRY(execute(statement));
        }
        ARCHSCOPE_TRY(execute(fmt::format("PRAGMA application_id = {}", applicationId).c_str()));
        return execute(fmt::format("PRAGMA user_version = {}", newestSchema).c_str());
    };
    if (auto done = steps(); !done) {
        rollback();
        return done;
    }
    return commit();
}

Result<int> SqliteConnection::pragma(const char* statement)
{
    QSqlQuery query(m_database);
    if (!query.exec(QString::fromLatin1(statement)) || !query.next())
        return fail(error(query.lastError()));
    return query.value(0).toInt();
}

Result<void> SqliteConnection::execute(const char* statement)
{
    QSqlQuery query(m_database);
    if (!query.exec(QString::fromLatin1(statement)))
        return fail(error(query.lastError()));
    return {};
}

Result<void> SqliteConnection::commit()
{
    auto committed = execute("COMMIT");
    if (!committed)
        rollback();
    return committed;
}

void SqliteConnection::rollback()
{
    // After some errors (a full disk) SQLite has rolled back already; then this fails, which is all right.
    static_cast<void>(execute("ROLLBACK"));
}

Result<QSqlQuery*> SqliteConnection::prepared(const char* statement)
{
    const auto known = m_statements.find(statement);
    if (known != m_statements.end())
        return &known->second;
    QSqlQuery query(m_database);
    query.setForwardOnly(true);
    if (!query.prepare(QString::fromLatin1(statement)))
        return fail(error(query.lastError()));
    return &m_statements.emplace(statement, std::move(query)).first->second;
}

Result<bool> SqliteConnection::next(QSqlQuery& query) const
{
    if (query.next())
        return true;
    if (query.lastError().isValid())
        return fail(error(query.lastError()));
    return false;
}

Error SqliteConnection::error(const QSqlError& error) const
{
    switch (error.nativeErrorCode().toInt() & 0xff) {
    case SqliteCode::busy:
    case SqliteCode::locked:
        return { ErrorCode::Io,
            fmt::format("the store is locked by another program for more than {} s: close that one and try again",
                busyTimeoutMs / 1000),
            {} };
    case SqliteCode::readOnly:
        return { ErrorCode::Io, "the store is read-only: make the file and its folder writable", {} };
    case SqliteCode::full:
        return { ErrorCode::Io, "the disk is full: free some space, then go on", {} };
    case SqliteCode::ioError:
        return { ErrorCode::Io, "reading or writing the file failed: check the disk and its free space, then go on", {} };
    case SqliteCode::corrupt:
    case SqliteCode::notADatabase:
        return { ErrorCode::InvalidInput,
            "the store is damaged: restore it from a copy, or save what can be read with 'sqlite3 FILE .recover'", {} };
    case SqliteCode::cannotOpen:
        return { ErrorCode::Io, "the file cannot be opened: check that the file and its folder can be read and written",
            {} };
    default:
        return { ErrorCode::Internal, fmt::format("SQLite reports: {}", error.text().toStdString()), {} };
    }
}

} // namespace archscope::store
