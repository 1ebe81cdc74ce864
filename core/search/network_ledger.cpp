#include "core/search/network_ledger.h"

#include <cassert>

namespace archscope::search {

void NetworkLedger::remember(const train::Trial& trial)
{
    if (!trial.networkHash.empty() && trial.hasEnded() && !trial.duplicateOf.isValid())
        settle(m_entries[keyOf(trial)], trial);
}

void NetworkLedger::settle(Entry& entry, const train::Trial& trial)
{
    const bool completed = trial.state == train::TrialState::Completed || trial.state == train::TrialState::Pruned;
    if (!completed && trial.state != train::TrialState::Failed)
        return;
    entry.failures += !completed;
    entry.settled = completed || entry.failures >= mostFailures;
    entry.outcome = trial;
    entry.outcome.genotype = {};
}

NetworkLedger::Advice NetworkLedger::begin(const train::Trial& trial)
{
    if (trial.networkHash.empty())
        return Advice::Evaluate;
    Entry& entry = m_entries[keyOf(trial)];
    if (entry.settled)
        return Advice::Copy;
    if (entry.underWay) {
        entry.waiting.push_back(trial);
        return Advice::Wait;
    }
    entry.underWay = true;
    return Advice::Evaluate;
}

std::vector<train::Trial> NetworkLedger::end(const train::Trial& trial)
{
    if (trial.networkHash.empty())
        return {};
    Entry& entry = m_entries[keyOf(trial)];
    assert(entry.underWay);
    entry.underWay = false;
    settle(entry, trial);
    return std::exchange(entry.waiting, {});
}

bool NetworkLedger::isSettled(const train::Trial& trial) const
{
    const auto entry = m_entries.find(keyOf(trial));
    return entry != m_entries.end() && entry->second.settled;
}

void NetworkLedger::copyInto(train::Trial& trial) const
{
    assert(isSettled(trial));
    const train::Trial& outcome = m_entries.at(keyOf(trial)).outcome;
    trial.duplicateOf = outcome.id;
    trial.state = outcome.state;
    if (outcome.metrics.contains("epochs"))
        trial.metrics["epochs"] = 0; // nothing was trained for it
    trial.metrics.insert(outcome.metrics.begin(), outcome.metrics.end());
    trial.curve = outcome.curve;
    trial.message = outcome.message;
}

} // namespace archscope::search
