#include "core/store/sqlite_store.h"

#include "core/base/text.h"
#include "core/store/trial_text.h"
#include "core/train/weight_bank.h"

#include <cmath>
#include <ctime>
#include <fmt/chrono.h>
#include <fmt/format.h>
#include <limits>
#include <unistd.h>

namespace archscope::store {

namespace {

double wallClock()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

std::string textAt(const QSqlQuery& query, int column)
{
    return query.value(column).toByteArray().toStdString();
}

std::string_view view(const QByteArray& text)
{
    return { text.constData(), static_cast<std::size_t>(text.size()) };
}

QVariant trialOrNull(train::TrialId trial)
{
    return trial.isValid() ? QVariant(qint64(trial.value())) : QVariant();
}

QVariant real(double value)
{
    return std::isfinite(value) ? QVariant(value) : QVariant();
}

QVariant signedObjective(const train::Trial& trial, const std::vector<search::Objective>& objectives,
    const std::vector<search::Constraint>& constraints)
{
    if (trial.state != train::TrialState::Completed || objectives.empty()
        || !search::isFeasible(trial, objectives, constraints))
        return {};
    const double value = trial.metric(objectives.front().metric);
    return real(objectives.front().maximise ? value : -value);
}

/// "process 123 on host since 2026-01-31 12:00": for the message that another program gets.
std::string thisRunner()
{
    char host[256] = "this machine";
    ::gethostname(host, sizeof host - 1);
    const std::time_t now = std::time(nullptr);
    return fmt::format("process {} on {} since {:%Y-%m-%d %H:%M}", ::getpid(), host, fmt::localtime(now));
}

Json decisionKeys(const space::DecisionSpace& decisions)
{
    Json keys = Json::array();
    for (const space::Decision& decision : decisions.decisions())
        keys.push_back(decision.key);
    return keys;
}

Result<train::Trial> trialFromRow(
    const QSqlQuery& query, std::size_t decisions, std::string& fidelityText, train::Fidelity& fidelity)
{
    train::Trial trial;
    trial.id = train::TrialId(query.value(0).toLongLong());
    const QByteArray state = query.value(1).toByteArray();
    const auto known = train::stateFromName(view(state));
    if (!known)
        return fail(ErrorCode::InvalidInput, fmt::format("the state '{}' is not known", view(state)));
    trial.state = *known;
    ARCHSCOPE_ASSIGN(trial.genotype, answersFromText(view(query.value(2).toByteArray())));
    if (trial.genotype.size() != decisions)
        return fail(ErrorCode::InvalidInput,
            fmt::format("its genotype has {} answers, the space {} decisions", trial.genotype.size(), decisions));
    ARCHSCOPE_ASSIGN(trial.parents, parentsFromText(view(query.value(3).toByteArray())));
    // Nearly always the same as that of the trial before.
    if (std::string text = textAt(query, 4); text != fidelityText) {
        ARCHSCOPE_ASSIGN(const Json document, parseJson(text));
        ARCHSCOPE_ASSIGN(fidelity, train::fidelityFromJson(JsonReader(document)));
        fidelityText = std::move(text);
    }
    trial.fidelity = fidelity;
    ARCHSCOPE_ASSIGN(trial.metrics, metricsFromText(view(query.value(5).toByteArray())));
    ARCHSCOPE_ASSIGN(trial.curve, curveFromText(view(query.value(6).toByteArray())));
    trial.message = textAt(query, 7);
    trial.networkHash = textAt(query, 8);
    trial.askedAfter = query.value(9).toLongLong();
    trial.toldAs = query.value(10).toLongLong();
    trial.startedAt = query.value(11).toDouble();
    trial.endedAt = query.value(12).toDouble();
    if (!query.value(13).isNull())
        trial.duplicateOf = train::TrialId(query.value(13).toLongLong());
    if (!query.value(14).isNull())
        trial.continues = train::TrialId(query.value(14).toLongLong());
    return trial;
}

} // namespace

template <class Work> auto SqliteStore::guarded(Work work) -> std::invoke_result_t<Work>
{
    auto result = m_thread.call(std::move(work));
    if (!result)
        return fail(result.error().within(m_url));
    return result;
}

template <class Work> Result<void> SqliteStore::inTransaction(Work work)
{
    return guarded([this, work = std::move(work)]() -> Result<void> {
        if (m_mode == OpenMode::ReadOnly)
            return fail(ErrorCode::Unsupported, "the store is open for reading only");
        ARCHSCOPE_TRY(m_connection->begin());
        if (Result<void> done = work(); !done) {
            m_connection->rollback();
            return done;
        }
        return m_connection->commit();
    });
}

Result<std::shared_ptr<search::StudyStore>> SqliteStore::open(
    const std::filesystem::path& file, std::string url, OpenMode mode)
{
    std::shared_ptr<SqliteStore> store(new SqliteStore(file, std::move(url), mode));
    ARCHSCOPE_TRY(store->guarded([&]() -> Result<void> {
        ARCHSCOPE_ASSIGN(store->m_connection, SqliteConnection::open(file, mode));
        return {};
    }));
    return store;
}

SqliteStore::SqliteStore(std::filesystem::path file, std::string url, OpenMode mode)
    : m_file(std::move(file))
    , m_url(std::move(url))
    , m_mode(mode)
{
}

SqliteStore::~SqliteStore()
{
    m_thread.call([this] {
        m_locks.clear();
        m_connection.reset();
    });
}

Result<std::int64_t> SqliteStore::studyId(const std::string& study)
{
    ARCHSCOPE_ASSIGN(
        QSqlQuery * query, m_connection->run("SELECT id FROM study WHERE name = CAST(? AS TEXT)", bytes(study)));
    ARCHSCOPE_ASSIGN(const bool found, m_connection->next(*query));
    if (found) {
        const std::int64_t id = query->value(0).toLongLong();
        query->finish();
        return id;
    }
    ARCHSCOPE_ASSIGN(QSqlQuery * all, m_connection->run("SELECT CAST(name AS BLOB) FROM study ORDER BY name"));
    std::vector<std::string> names;
    while (all->next())
        names.push_back(textAt(*all, 0));
    return fail(ErrorCode::NotFound, unknownName("study", study, names));
}

Result<SqliteStore::Known> SqliteStore::known(const std::string& study)
{
    if (const auto it = m_known.find(study); it != m_known.end())
        return it->second;
    ARCHSCOPE_ASSIGN(const std::int64_t id, studyId(study));
    ARCHSCOPE_ASSIGN(QSqlQuery * query, m_connection->run("SELECT CAST(spec AS BLOB) FROM study WHERE id = ?", qint64(id)));
    ARCHSCOPE_TRY(m_connection->next(*query));
    const std::string text = textAt(*query, 0);
    query->finish();
    ARCHSCOPE_ASSIGN(const Json document, parseJson(text));
    ARCHSCOPE_ASSIGN(const search::StudySpec spec, search::studyFromJson(document));
    return m_known[study] = Known{ id, spec.objectives, spec.constraints };
}

Result<std::vector<search::StudySummary>> SqliteStore::list()
{
    return guarded([this]() -> Result<std::vector<search::StudySummary>> {
        std::map<std::int64_t, search::StudySummary> summaries;
        ARCHSCOPE_ASSIGN(QSqlQuery * query,
            m_connection->run("SELECT id, CAST(name AS BLOB), CAST(strategy AS BLOB), CAST(space AS BLOB), "
                              "CAST(task AS BLOB), CAST(objectives AS BLOB), created_at, searched_seconds, finished "
                              "FROM study"));
        while (true) {
            ARCHSCOPE_ASSIGN(const bool more, m_connection->next(*query));
            if (!more)
                break;
            search::StudySummary& summary = summaries[query->value(0).toLongLong()];
            summary.name = textAt(*query, 1);
            summary.strategy = textAt(*query, 2);
            summary.space = textAt(*query, 3);
            summary.task = textAt(*query, 4);
            summary.bestMetric = textAt(*query, 5);
            summary.createdAt = query->value(6).toDouble();
            summary.searchedSeconds = query->value(7).toDouble();
            summary.finished = query->value(8).toBool();
        }
        ARCHSCOPE_TRY(addCounts(summaries));
        std::vector<search::StudySummary> list;
        for (auto& [id, summary] : summaries)
            list.push_back(std::move(summary));
        return list;
    });
}

/// `bestMetric` holds the objectives' text on entry, and the first objective's metric on return.
Result<void> SqliteStore::addCounts(std::map<std::int64_t, search::StudySummary>& summaries)
{
    std::map<std::int64_t, bool> maximised;
    for (auto& [id, summary] : summaries) {
        ARCHSCOPE_ASSIGN(const std::vector<search::Objective> objectives, search::parseObjectives(summary.bestMetric));
        summary.bestMetric = objectives.front().metric;
        maximised[id] = objectives.front().maximise;
    }
    // Answered by the index alone, however long the curves are.
    ARCHSCOPE_ASSIGN(QSqlQuery * query,
        m_connection->run("SELECT study, CAST(state AS BLOB), count(*), max(score) FROM trial "
                          "GROUP BY study, state"));
    while (true) {
        ARCHSCOPE_ASSIGN(const bool more, m_connection->next(*query));
        if (!more)
            return {};
        const std::int64_t id = query->value(0).toLongLong();
        const auto summary = summaries.find(id);
        const QByteArray name = query->value(1).toByteArray();
        const auto state = train::stateFromName(view(name));
        if (summary == summaries.end() || !state || *state == train::TrialState::Queued
            || *state == train::TrialState::Running)
            continue;
        const std::int64_t count = query->value(2).toLongLong();
        summary->second.trials += count;
        if (*state != train::TrialState::Completed)
            continue;
        summary->second.completed = count;
        if (!query->value(3).isNull())
            summary->second.best = query->value(3).toDouble() * (maximised[id] ? 1 : -1);
    }
}

Result<void> SqliteStore::create(const search::StudySpec& spec)
{
    if (const auto problem = search::studyNameProblem(spec.name))
        return fail(ErrorCode::InvalidArgument, *problem, m_url);
    const auto decisions = space::DecisionSpace::compile(spec.space);
    if (!decisions)
        return fail(decisions.error().within(m_url));
    if (spec.objectives.empty())
        return fail(ErrorCode::InvalidArgument, "a study needs an objective, such as val_accuracy", m_url);
    return inTransaction([this, &spec, &decisions]() -> Result<void> {
        ARCHSCOPE_ASSIGN(QSqlQuery * same,
            m_connection->run("SELECT count(*) FROM study WHERE name = CAST(? AS TEXT)", bytes(spec.name)));
        ARCHSCOPE_TRY(m_connection->next(*same));
        const bool exists = same->value(0).toInt() > 0;
        same->finish();
        if (exists)
            return fail(ErrorCode::InvalidArgument,
                fmt::format("there is a study '{}' already: choose another name, or resume that one", spec.name));
        const auto inserted = m_connection->run(
            "INSERT INTO study (name, spec, decisions, strategy, space, task, objectives, created_at) VALUES (CAST(? AS "
            "TEXT), "
            "CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?)",
            bytes(spec.name), bytes(search::studyToJson(spec).dump()), bytes(decisionKeys(*decisions).dump()),
            bytes(spec.strategy), bytes(spec.space.name), bytes(spec.task.name),
            bytes(search::objectivesText(spec.objectives)), wallClock());
        return inserted ? Result<void>() : fail(inserted.error());
    });
}

Result<search::StoredStudy> SqliteStore::load(const std::string& study)
{
    return guarded([this, &study]() -> Result<search::StoredStudy> {
        ARCHSCOPE_ASSIGN(const std::int64_t id, studyId(study));
        ARCHSCOPE_ASSIGN(QSqlQuery * query,
            m_connection->run("SELECT CAST(spec AS BLOB), CAST(decisions AS BLOB), searched_seconds, finished, "
                              "CAST(strategy_state AS BLOB), stated_tells, stated_asks, CAST(measurements AS BLOB) "
                              "FROM study WHERE id = ?",
                qint64(id)));
        ARCHSCOPE_TRY(m_connection->next(*query));
        search::StoredStudy stored;
        const std::string specText = textAt(*query, 0);
        const std::string keysText = textAt(*query, 1);
        stored.searchedSeconds = query->value(2).toDouble();
        stored.finished = query->value(3).toBool();
        if (!query->value(4).isNull())
            stored.strategyState = textAt(*query, 4);
        stored.statedAfter = query->value(5).toLongLong();
        stored.statedAsks = query->value(6).toLongLong();
        if (!query->value(7).isNull())
            stored.measurements = textAt(*query, 7);
        query->finish();

        const std::string place = fmt::format("study '{}'", study);
        const auto spec = [&]() -> Result<search::StudySpec> {
            ARCHSCOPE_ASSIGN(const Json document, parseJson(specText));
            return search::studyFromJson(document);
        }();
        if (!spec)
            return fail(spec.error().within(place));
        stored.spec = *spec;
        const auto decisions = space::DecisionSpace::compile(stored.spec.space);
        if (!decisions)
            return fail(decisions.error().within(place));
        // Genotypes are lists of answers: they mean nothing under other decisions.
        if (const auto keys = parseJson(keysText); !keys || *keys != decisionKeys(*decisions))
            return fail(
                ErrorCode::Unsupported, "the study's space has other decisions in this version of the program", place);
        auto trials = loadTrials(id, decisions->size());
        if (!trials)
            return fail(trials.error().within(place));
        stored.trials = std::move(*trials);
        return stored;
    });
}

Result<std::vector<train::Trial>> SqliteStore::loadTrials(std::int64_t id, std::size_t decisions)
{
    ARCHSCOPE_ASSIGN(QSqlQuery * query,
        m_connection->run(
            "SELECT id, CAST(state AS BLOB), CAST(answers AS BLOB), CAST(parents AS BLOB), CAST(fidelity AS BLOB), "
            "CAST(metrics AS BLOB), CAST(curve AS BLOB), CAST(message AS BLOB), CAST(network_hash AS "
            "BLOB), asked_after, told_as, started_at, ended_at, duplicate_of, continues FROM trial WHERE study = ? ORDER BY id",
            qint64(id)));
    std::vector<train::Trial> trials;
    std::string fidelityText;
    train::Fidelity fidelity;
    while (true) {
        ARCHSCOPE_ASSIGN(const bool more, m_connection->next(*query));
        if (!more)
            return trials;
        auto trial = trialFromRow(*query, decisions, fidelityText, fidelity);
        if (!trial) {
            const std::int64_t number = query->value(0).toLongLong();
            query->finish();
            return fail(trial.error().within(fmt::format("trial {}", number)));
        }
        trials.push_back(std::move(*trial));
    }
}

Result<void> SqliteStore::commit(const std::string& study, const search::StudyChanges& changes)
{
    return inTransaction([this, &study, &changes]() -> Result<void> {
        ARCHSCOPE_ASSIGN(const Known target, known(study));
        ARCHSCOPE_TRY(updateStudy(target.id, changes));
        for (const train::Trial& trial : changes.trials)
            ARCHSCOPE_TRY(insertTrial(target, trial));
        return {};
    });
}

Result<void> SqliteStore::updateStudy(std::int64_t id, const search::StudyChanges& changes)
{
    const bool stated = changes.strategyState.has_value();
    ARCHSCOPE_ASSIGN(QSqlQuery * updated,
        m_connection->run(
            "UPDATE study SET searched_seconds = coalesce(?, searched_seconds), finished = coalesce(?, finished), "
            "strategy_state = coalesce(CAST(? AS TEXT), strategy_state), stated_tells = coalesce(?, stated_tells), "
            "stated_asks = coalesce(?, stated_asks), spec = coalesce(CAST(? AS TEXT), spec), "
            "measurements = coalesce(CAST(? AS TEXT), measurements) WHERE id = ?",
            changes.searchedSeconds ? QVariant(*changes.searchedSeconds) : QVariant(),
            changes.finished ? QVariant(int(*changes.finished)) : QVariant(),
            stated ? QVariant(bytes(*changes.strategyState)) : QVariant(),
            stated ? QVariant(qint64(changes.statedAfter)) : QVariant(),
            stated ? QVariant(qint64(changes.statedAsks)) : QVariant(),
            changes.spec ? QVariant(bytes(search::studyToJson(*changes.spec).dump())) : QVariant(),
            changes.measurements ? QVariant(bytes(*changes.measurements)) : QVariant(), qint64(id)));
    if (updated->numRowsAffected() == 1)
        return {};
    m_known.clear();
    return fail(ErrorCode::NotFound, "the study has been deleted");
}

Result<void> SqliteStore::insertTrial(const Known& study, const train::Trial& trial)
{
    const auto inserted = m_connection->run(
        "INSERT INTO trial (study, id, state, answers, parents, fidelity, metrics, curve, message, network_hash, "
        "asked_after, "
        "told_as, started_at, ended_at, score, duplicate_of, continues) VALUES (?, ?, CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS "
        "TEXT), "
        "CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), CAST(? AS TEXT), ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (study, id) DO UPDATE SET state = excluded.state, answers = excluded.answers, parents = "
        "excluded.parents, "
        "fidelity = excluded.fidelity, metrics = excluded.metrics, curve = excluded.curve, message = excluded.message, "
        "network_hash = excluded.network_hash, asked_after = excluded.asked_after, told_as = excluded.told_as, "
        "started_at = excluded.started_at, ended_at = excluded.ended_at, score = excluded.score, "
        "duplicate_of = excluded.duplicate_of, continues = excluded.continues",
        qint64(study.id), qint64(trial.id.value()), bytes(train::stateName(trial.state)), bytes(answersText(trial.genotype)),
        bytes(parentsText(trial.parents)), bytes(train::fidelityToJson(trial.fidelity).dump()),
        bytes(metricsText(trial.metrics)), bytes(curveText(trial.curve)), bytes(trial.message), bytes(trial.networkHash),
        qint64(trial.askedAfter), qint64(trial.toldAs), trial.startedAt, trial.endedAt,
        signedObjective(trial, study.objectives, study.constraints),
        trialOrNull(trial.duplicateOf), trialOrNull(trial.continues));
    return inserted ? Result<void>() : fail(inserted.error());
}

Result<std::optional<StudyLock>> SqliteStore::tryLock(std::int64_t id)
{
    return StudyLock::tryTake(m_file.string() + "-lock", id);
}

Error SqliteStore::runningElsewhere(std::int64_t id, const std::string& study)
{
    std::string who = "another program";
    if (const auto query = m_connection->run("SELECT CAST(runner AS BLOB) FROM study WHERE id = ?", qint64(id));
        query && (*query)->next() && !(*query)->value(0).isNull()) {
        who = textAt(**query, 0);
        (*query)->finish();
    }
    return { ErrorCode::Io, fmt::format("the study '{}' is being run by {}: stop it there first", study, who), {} };
}

Result<void> SqliteStore::acquire(const std::string& study)
{
    return guarded([this, &study]() -> Result<void> {
        if (m_mode == OpenMode::ReadOnly)
            return fail(ErrorCode::Unsupported, "the store is open for reading only");
        ARCHSCOPE_ASSIGN(const std::int64_t id, studyId(study));
        if (m_locks.contains(study))
            return fail(runningElsewhere(id, study));
        ARCHSCOPE_ASSIGN(std::optional<StudyLock> lock, tryLock(id));
        if (!lock)
            return fail(runningElsewhere(id, study));
        const auto named
            = m_connection->run("UPDATE study SET runner = CAST(? AS TEXT) WHERE id = ?", bytes(thisRunner()), qint64(id));
        if (!named)
            return fail(named.error());
        m_locks.emplace(study, std::move(*lock));
        return {};
    });
}

void SqliteStore::release(const std::string& study)
{
    m_thread.call([&] { m_locks.erase(study); });
}

Result<std::shared_ptr<train::WeightBank>> SqliteStore::weights(const std::string& study)
{
    auto bank = train::fileWeightBank(train::weightFolder(m_file, study));
    if (!bank)
        return fail(bank.error().within(m_url));
    return bank;
}

Result<void> SqliteStore::remove(const std::string& study)
{
    return inTransaction([this, &study]() -> Result<void> {
        ARCHSCOPE_ASSIGN(const std::int64_t id, studyId(study));
        ARCHSCOPE_ASSIGN(const std::optional<StudyLock> lock, tryLock(id));
        if (!lock)
            return fail(runningElsewhere(id, study));
        m_known.erase(study);
        const auto removed = m_connection->run("DELETE FROM study WHERE id = ?", qint64(id));
        if (!removed)
            return fail(removed.error());
        ARCHSCOPE_ASSIGN(const auto weights, train::fileWeightBank(train::weightFolder(m_file, study)));
        for (const train::TrialId trial : weights->kept())
            weights->remove(trial);
        return {};
    });
}

Result<void> SqliteStore::saveRetrain(const std::string& study, train::TrialId trial, const Json& result)
{
    return inTransaction([this, &study, trial, &result]() -> Result<void> {
        ARCHSCOPE_ASSIGN(const std::int64_t id, studyId(study));
        const auto saved
            = m_connection->run("INSERT INTO retrain (study, trial, result, made_at) VALUES (?, ?, CAST(? AS TEXT), ?) ON "
                                "CONFLICT (study, trial) DO UPDATE SET result = excluded.result, made_at = excluded.made_at",
                qint64(id), qint64(trial.value()), bytes(result.dump()), wallClock());
        return saved ? Result<void>() : fail(saved.error());
    });
}

Result<std::map<train::TrialId, Json>> SqliteStore::retrains(const std::string& study)
{
    return guarded([this, &study]() -> Result<std::map<train::TrialId, Json>> {
        ARCHSCOPE_ASSIGN(const std::int64_t id, studyId(study));
        ARCHSCOPE_ASSIGN(QSqlQuery * query,
            m_connection->run("SELECT trial, CAST(result AS BLOB) FROM retrain WHERE study = ?", qint64(id)));
        std::map<train::TrialId, Json> results;
        while (true) {
            ARCHSCOPE_ASSIGN(const bool more, m_connection->next(*query));
            if (!more)
                return results;
            auto result = parseJson(textAt(*query, 1));
            if (!result) {
                query->finish();
                return fail(result.error().within(fmt::format("final training of trial {}", query->value(0).toLongLong())));
            }
            results[train::TrialId(query->value(0).toLongLong())] = std::move(*result);
        }
    });
}

} // namespace archscope::store
