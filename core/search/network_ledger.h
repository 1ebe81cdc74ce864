// Which networks a study has evaluated, and at which fidelity: so that none is trained twice.
//
// A completed evaluation settles a network, and so does one that was pruned: later trials with it at that fidelity are duplicates and
// get its result, whether it was trained from the start or went on with an earlier trial. A failed one may be bad
// luck (the trial's seed, the memory that others took), so the next trial with the network is evaluated, with its own seed;
// when that fails too, the network has failed, and later trials with it fail as duplicates. A cancelled one settles nothing.
#pragma once

#include "core/train/trial.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace archscope::search {

/// Not thread-safe: the engine holds a lock. Trials without a network hash are never duplicates.
class NetworkLedger {
public:
    static constexpr int mostFailures = 2; ///< evaluations of a network, at one fidelity

    /// A trial of an earlier run that ended; in order of their ids.
    void remember(const train::Trial& trial);

    enum class Advice {
        Evaluate, ///< and tell `end` what came of it
        Copy,     ///< its network is settled: `copyInto`
        Wait      ///< its network is being evaluated: the trial is kept, and `end` gives it back
    };
    Advice begin(const train::Trial& trial);
    /// What came of a trial that was to be evaluated. Returns the trials that waited for it, in order of asking: `begin` again.
    std::vector<train::Trial> end(const train::Trial& trial);
    bool isSettled(const train::Trial& trial) const;
    /// State, metrics, curve and message of the trial that settled its network. What the trial already has of metrics is known
    /// of itself and stays: two drawings of one network can differ in parameters and FLOPs.
    void copyInto(train::Trial& trial) const;

private:
    using Key = std::pair<std::string, train::Fidelity>;
    struct Entry {
        train::Trial outcome; ///< of the last evaluation that ended
        int failures = 0;
        bool settled = false;
        bool underWay = false;
        std::vector<train::Trial> waiting;
    };

    static Key keyOf(const train::Trial& trial) { return { trial.networkHash, trial.fidelity }; }
    static void settle(Entry& entry, const train::Trial& trial);

    std::map<Key, Entry> m_entries;
};

} // namespace archscope::search
