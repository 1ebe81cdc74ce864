// A connection to an SQLite file through Qt Sql: opening with all checks, statements, transactions, and errors in words.
//
// Belongs to the thread that opened it. No QCoreApplication is needed: Qt finds its SQLite driver without one.
#pragma once

#include "core/base/result.h"
#include "core/store/stores.h"

#include <QtSql/QSqlDatabase>
#include <QtSql/QSqlError>
#include <QtSql/QSqlQuery>

#include <QtCore/QVariant>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace archscope::store {

/// Text is bound as UTF-8 bytes, which costs no conversion; statements say CAST(? AS TEXT).
QByteArray bytes(std::string_view text);

class SqliteConnection {
public:
    /// The file is a store of the newest schema when this returns: made, checked or migrated.
    static Result<std::unique_ptr<SqliteConnection>> open(const std::filesystem::path& file, OpenMode mode);
    ~SqliteConnection();
    SqliteConnection(const SqliteConnection&) = delete;
    SqliteConnection& operator=(const SqliteConnection&) = delete;

    /// Prepares once, binds, runs. The query is valid until the same statement runs again; `finish` it when not all rows are
    /// read.
    template <class... Values> Result<QSqlQuery*> run(const char* statement, const Values&... values)
    {
        ARCHSCOPE_ASSIGN(QSqlQuery * query, prepared(statement));
        int position = 0;
        (query->bindValue(position++, QVariant(values)), ...);
        if (!query->exec())
            return fail(error(query->lastError()));
        return query;
    }
    /// The next row of a query; false at the end.
    Result<bool> next(QSqlQuery& query) const;

    Result<void> begin() { return execute("BEGIN IMMEDIATE"); }
    Result<void> commit();
    void rollback();
    /// A statement without values and rows.
    Result<void> execute(const char* statement);

    Error error(const QSqlError& error) const;

private:
    SqliteConnection(std::filesystem::path file, QString name);

    Result<void> connect(const QString& database, const QString& options);
    Result<void> prepareFile(OpenMode mode);
    Result<void> migrate(int from);
    Result<int> pragma(const char* statement);
    Result<QSqlQuery*> prepared(const char* statement);

    std::filesystem::path m_file;
    QString m_name;
    QSqlDatabase m_database;
    std::unordered_map<const char*, QSqlQuery> m_statements; ///< by address: statements are literals
};

} // namespace archscope::store
