#include "core/store/sqlite_schema.h"

#include <array>
#include <cassert>

namespace archscope::store {

namespace {

// A later version adds a list like this one and a line below; the lists of released versions never change.
constexpr auto toVersion1 = std::to_array<const char*>({
    // spec: "archscope.study" as JSON; only budget and jobs change. decisions: keys of the space's decisions, in the order of the
    // answers. strategy_state was taken after stated_asks asks and stated_tells tells.
    R"(CREATE TABLE study (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        spec TEXT NOT NULL,
        decisions TEXT NOT NULL,
        strategy TEXT NOT NULL,
        space TEXT NOT NULL,
        task TEXT NOT NULL,
        objectives TEXT NOT NULL,
        created_at REAL NOT NULL,
        searched_seconds REAL NOT NULL DEFAULT 0,
        finished INTEGER NOT NULL DEFAULT 0,
        strategy_state TEXT,
        stated_asks INTEGER NOT NULL DEFAULT 0,
        stated_tells INTEGER NOT NULL DEFAULT 0,
        runner TEXT))",
    // score: the first objective, signed so that larger is better; null unless completed and feasible.
    R"(CREATE TABLE trial (
        study INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
        id INTEGER NOT NULL,
        state TEXT NOT NULL,
        answers TEXT NOT NULL,
        parents TEXT NOT NULL,
        fidelity TEXT NOT NULL,
        metrics TEXT NOT NULL,
        curve TEXT NOT NULL,
        message TEXT NOT NULL,
        network_hash TEXT NOT NULL,
        asked_after INTEGER NOT NULL,
        told_as INTEGER NOT NULL,
        started_at REAL NOT NULL,
        ended_at REAL NOT NULL,
        score REAL,
        PRIMARY KEY (study, id)))",
    "CREATE INDEX trial_by_state ON trial(study, state, score)",
    R"(CREATE TABLE retrain (
        study INTEGER NOT NULL REFERENCES study(id) ON DELETE CASCADE,
        trial INTEGER NOT NULL,
        result TEXT NOT NULL,
        made_at REAL NOT NULL,
        PRIMARY KEY (study, trial)))",
    // For reading by hand: one row an answer, with its decision's key.
    R"(CREATE VIEW answer AS
        SELECT study.name AS study, trial.id AS trial, key.value AS decision, answer.value AS answer
        FROM trial JOIN study ON study.id = trial.study, json_each(study.decisions) AS key, json_each(trial.answers) AS answer
        WHERE key.key = answer.key AND answer.value IS NOT NULL)",
});

constexpr auto toVersion2 = std::to_array<const char*>({
    // The trial whose result this one has, because its network is the same; null where it was evaluated itself.
    "ALTER TABLE trial ADD COLUMN duplicate_of INTEGER",
    // Until here the hash was another: it took two equal layers side by side for one.
    "UPDATE trial SET network_hash = ''",
});

constexpr auto toVersion3 = std::to_array<const char*>({
    // What the study's evaluator has measured of its machine, as JSON, so that a resumed study goes by the same numbers.
    "ALTER TABLE study ADD COLUMN measurements TEXT",
});

constexpr auto toVersion4 = std::to_array<const char*>({
    // The trial of the same genotype whose training this one went on with; null where it was trained from the start.
    "ALTER TABLE trial ADD COLUMN continues INTEGER",
});

} // namespace

std::span<const char* const> migrationTo(int version)
{
    assert(version >= 1 && version <= newestSchema);
    switch (version) {
    case 1:
        return toVersion1;
    case 2:
        return toVersion2;
    case 3:
        return toVersion3;
    default:
        return toVersion4;
    }
}

} // namespace archscope::store
