// A store in one SQLite file.
#pragma once

#include "core/store/sqlite_connection.h"
#include "core/store/store_thread.h"
#include "core/store/study_lock.h"

#include <map>
#include <memory>
#include <string>

namespace archscope::store {

class SqliteStore : public search::StudyStore {
public:
    static Result<std::shared_ptr<search::StudyStore>> open(
        const std::filesystem::path& file, std::string url, OpenMode mode);
    ~SqliteStore() override;

    std::string url() const override { return m_url; }
    Result<std::vector<search::StudySummary>> list() override;
    Result<void> create(const search::StudySpec& spec) override;
    Result<search::StoredStudy> load(const std::string& study) override;
    Result<void> commit(const std::string& study, const search::StudyChanges& changes) override;
    Result<void> remove(const std::string& study) override;
    Result<std::shared_ptr<train::WeightBank>> weights(const std::string& study) override;
    Result<void> acquire(const std::string& study) override;
    void release(const std::string& study) override;
    Result<void> saveRetrain(const std::string& study, train::TrialId trial, const Json& result) override;
    Result<std::map<train::TrialId, Json>> retrains(const std::string& study) override;

private:
    SqliteStore(std::filesystem::path file, std::string url, OpenMode mode);

    /// What commits need of a study; fixed when it is created.
    struct Known {
        std::int64_t id = 0;
        std::vector<search::Objective> objectives;
        std::vector<search::Constraint> constraints;
    };

    /// Runs `work` on the store's thread; its error gets the URL in front.
    template <class Work> auto guarded(Work work) -> std::invoke_result_t<Work>;
    /// The same for what changes something: in one transaction, refused when open for reading.
    template <class Work> Result<void> inTransaction(Work work);

    // On the store's thread.
    Result<std::int64_t> studyId(const std::string& study);
    Result<Known> known(const std::string& study);
    Result<void> insertTrial(const Known& study, const train::Trial& trial);
    Result<void> updateStudy(std::int64_t id, const search::StudyChanges& changes);
    Result<std::vector<train::Trial>> loadTrials(std::int64_t id, std::size_t decisions);
    Result<void> addCounts(std::map<std::int64_t, search::StudySummary>& summaries);
    Result<std::optional<StudyLock>> tryLock(std::int64_t id);
    Error runningElsewhere(std::int64_t id, const std::string& study);

    std::filesystem::path m_file;
    std::string m_url;
    OpenMode m_mode;
    // Used on the store's thread alone.
    std::unique_ptr<SqliteConnection> m_connection;
    std::map<std::string, Known> m_known;
    std::map<std::string, StudyLock> m_locks; ///< of the studies that this store may run
    StoreThread m_thread; ///< last: ends before what it uses
};

} // namespace archscope::store
