#include "core/search/study_run.h"

#include "core/search/warm_start.h"
#include "core/train/weight_bank.h"

#include <algorithm>
#include <exception>
#include <fmt/format.h>
#include <thread>

namespace archscope::search {

namespace {

constexpr std::chrono::milliseconds progressInterval{ 100 };
constexpr std::size_t mostUnwritten = 8192; ///< trials: a faster evaluator waits for the disk
constexpr std::int64_t mostRepeats = 10'000; ///< duplicates in a row after which a study without a bound on trials ends
const std::string simulatedCost = "simulated_s";
constexpr std::int64_t tellsBetweenCheckpoints = 200;
constexpr std::chrono::seconds shortCheckpointInterval{ 1 }; ///< however many tells
constexpr std::chrono::seconds longCheckpointInterval{ 5 }; ///< however few tells

double wallClock()
{
    return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

/// What this run decides for the later ones too; whether that is anything new.
bool settle(StudySpec& spec, const EngineOptions& options)
{
    Budget budget = spec.budget;
    if (options.budget.trials > 0)
        budget.trials = options.budget.trials;
    if (options.budget.seconds > 0)
        budget.seconds = options.budget.seconds;
    if (options.budget.simulatedSeconds > 0)
        budget.simulatedSeconds = options.budget.simulatedSeconds;
    const bool hasNewBudget = budget != spec.budget;
    if (hasNewBudget && !spec.firstBudget)
        spec.firstBudget = spec.budget;
    spec.budget = budget;
    const bool hasNewJobs = spec.jobs == 0;
    if (hasNewJobs)
        spec.jobs = options.jobs > 0 ? options.jobs : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
    return hasNewBudget || hasNewJobs;
}

/// As it is stored until a run begins it (again).
train::Trial queued(train::Trial trial)
{
    trial.state = train::TrialState::Queued;
    trial.metrics.clear();
    trial.curve.clear();
    trial.message.clear();
    trial.startedAt = 0;
    return trial;
}

} // namespace

StateChanged StudyRun::run()
{
    publishPhase();
    if (const auto acquired = m_inputs.store->acquire(m_inputs.study); !acquired)
        return { StudyState::Failed, acquired.error().text() };
    StateChanged last;
    if (const auto prepared = prepare(); !prepared)
        last = { StudyState::Failed, prepared.error().text() };
    else if (m_alreadyFinished)
        last = { StudyState::Finished, {} };
    else if (m_control.stop() != RunControl::Stop::No)
        last = { StudyState::Stopped, {} };
    else
        last = runPrepared();
    m_evaluator.reset();
    m_inputs.store->release(m_inputs.study);
    return last;
}

Result<void> StudyRun::prepare()
{
    ARCHSCOPE_ASSIGN(StoredStudy stored, m_inputs.store->load(m_inputs.study));
    m_spec = std::move(stored.spec);
    m_secondsBefore = stored.searchedSeconds;
    m_alreadyFinished = stored.finished && !m_inputs.options.continueFinished;
    if (m_alreadyFinished)
        return {};
    const bool isSettledAnew = settle(m_spec, m_inputs.options);

    ARCHSCOPE_ASSIGN(m_decisions, space::DecisionSpace::compile(m_spec.space));
    ARCHSCOPE_TRY(m_decisions.requireSatisfiable());
    ARCHSCOPE_ASSIGN(m_evaluator, m_inputs.evaluators(m_spec));
    if (stored.measurements) {
        if (const auto restored = m_evaluator->restoreMeasurements(*stored.measurements); !restored)
            publish(StudyNotice{ fmt::format("what the study measured of its machine cannot be used here ({}): it is measured anew, "
                                             "and other architectures may be admitted", restored.error().text()) });
    }
    StrategyDriver::World world;
    world.admissible = [this](const space::Genotype& genotype) { return isAdmissible(genotype); };
    world.proxy = [this](const std::string& name, const space::Genotype& genotype, std::uint64_t seed) {
        return m_evaluator->proxy(name, genotype, seed);
    };
    world.meanSimulatedSeconds = m_evaluator->meanSimulatedSeconds();
    ARCHSCOPE_ASSIGN(m_driver, StrategyDriver::create(*m_inputs.strategies, m_spec, m_decisions, std::move(world)));
    ARCHSCOPE_ASSIGN(const std::vector<std::string> notices, m_driver->resume(stored));
    for (const std::string& notice : notices)
        publish(StudyNotice{ notice });
    if (stored.trials.empty()) {
        for (const std::string& taken : takenOverTexts(m_spec))
            publish(StudyNotice{ taken });
    }
    remember(stored.trials);
    ARCHSCOPE_TRY(openWeights(stored.trials));
    for (const train::Trial& trial : stored.trials) {
        if (const auto cost = trial.metrics.find(simulatedCost); cost != trial.metrics.end())
            m_simulatedSeconds += cost->second;
    }
    for (train::Trial& trial : stored.trials) {
        if (!trial.hasEnded())
            m_requeued.push_back(std::move(trial));
    }
    m_durable = m_driver->tells();
    m_statedTells = stored.statedAfter;
    m_statedAsks = stored.statedAsks;
    m_statedAt = std::chrono::steady_clock::now();
    if (stored.finished || isSettledAnew) {
        StudyChanges begun;
        begun.finished = false;
        if (isSettledAnew)
            begun.spec = m_spec;
        ARCHSCOPE_TRY(m_inputs.store->commit(m_inputs.study, begun));
    }
    return {};
}

void StudyRun::remember(const std::vector<train::Trial>& trials)
{
    for (const train::Trial& trial : trials) {
        if (!trial.hasEnded())
            continue;
        m_repeats = trial.duplicateOf.isValid() ? m_repeats + 1 : 0;
        if (!trial.networkHash.empty()) {
            m_ledger.remember(trial);
            continue;
        }
        // Stored by a release that did not know it yet.
        train::Trial known = trial;
        known.networkHash = foreknowledge(trial.genotype).networkHash;
        m_ledger.remember(known);
    }
}

/// The evaluator's own opinion, and the constraints on whatever it knows beforehand.
bool StudyRun::isAdmissible(const space::Genotype& genotype)
{
    Result<train::Foreknowledge> known = m_evaluator->precheck(genotype);
    const bool admissible = known && std::ranges::all_of(m_spec.constraints, [&](const Constraint& constraint) {
        const auto metric = known->metrics.find(constraint.metric);
        return metric == known->metrics.end() || constraint.holds(metric->second);
    });
    if (admissible)
        m_lastAdmitted.emplace(genotype, std::move(*known));
    return admissible;
}

/// Nothing for what cannot be evaluated (any more): its evaluation will say why.
train::Foreknowledge StudyRun::foreknowledge(const space::Genotype& genotype)
{
    if (m_lastAdmitted && m_lastAdmitted->first == genotype)
        return m_lastAdmitted->second;
    return m_evaluator->precheck(genotype).value_or(train::Foreknowledge());
}

StateChanged StudyRun::runPrepared()
{
    // Loading took its time: the clock of searching begins here.
    m_secondsBefore -= m_control.activeSeconds();
    m_pace.emplace(m_durable, searchedSeconds());
    m_paceEnded = m_durable;
    m_writer = std::make_unique<StudyWriter>(*m_inputs.store, m_inputs.study,
        StudyWriter::Callbacks{ [this](StudyWriter::Occasion occasion) { return takeChanges(occasion); },
            [this](StudyChanges&& changes) { madeDurable(std::move(changes)); },
            [this](const Error& error) { storeFailed(error); } });
    std::vector<std::jthread> workers;
    const int count = m_inputs.options.jobs > 0 ? m_inputs.options.jobs : m_spec.jobs;
    std::vector<RunControl::Slot*> slots;
    for (int i = 0; i < count; ++i)
        slots.push_back(&m_control.addWorker());
    for (RunControl::Slot* slot : slots)
        workers.emplace_back([this, slot] { work(*slot); });
    do {
        publishPhase();
        publishProgress();
    } while (m_control.awaitChange(progressInterval));
    workers.clear();
    m_writer->finish();
    m_progressAt = {};
    publishProgress();
    return outcome();
}

StateChanged StudyRun::outcome()
{
    const std::lock_guard lock(m_searchMutex);
    if (!m_failure.empty())
        return { StudyState::Failed, m_failure };
    if (m_exhausted && m_driver->asks() == 0)
        return { StudyState::Failed,
            "no architecture of the space could be evaluated in many tries: loosen the constraints or change the space" };
    return { m_finished ? StudyState::Finished : StudyState::Stopped, {} };
}

bool StudyRun::isBudgetUsed() const
{
    if (!m_requeued.empty() || !m_givenUp.empty())
        return false;
    return m_exhausted || !m_unaffordable.empty() || (m_spec.budget.trials > 0 && m_driver->asks() >= m_spec.budget.trials)
        || (m_spec.budget.seconds > 0 && searchedSeconds() >= m_spec.budget.seconds);
}

/// Takes what the trial is known to cost off the simulated budget; false when that does not hold so much.
bool StudyRun::charge(const train::Trial& trial, const train::Metrics& known)
{
    const auto cost = known.find(simulatedCost);
    if (cost == known.end() || trial.metrics.contains(simulatedCost))
        return true; // free, or charged when it was first begun
    if (m_spec.budget.simulatedSeconds > 0 && m_simulatedSeconds + cost->second > m_spec.budget.simulatedSeconds)
        return false;
    m_simulatedSeconds += cost->second;
    return true;
}

void StudyRun::work(RunControl::Slot& slot)
{
    while (m_control.awaitTurn(slot)) {
        Next next = nextTurn();
        if (next.waits) {
            m_control.awaitNews(slot, next.news);
            continue;
        }
        if (!next.turn)
            break;
        std::optional<Turn>& turn = next.turn;
        if (turn->advice != NetworkLedger::Advice::Wait) {
            m_control.trialBegins(slot, turn->trial.id);
            publish(TrialStarted{ turn->trial });
            if (turn->advice == NetworkLedger::Advice::Evaluate) {
                train::EvaluationResult result = evaluate(*turn, slot);
                endTrial(std::move(*turn), std::move(result));
            } else {
                endDuplicate(std::move(turn->trial));
            }
        }
        m_control.trialEnds(slot);
    }
    m_control.workerLeaves(slot);
}

StudyRun::Next StudyRun::nextTurn()
{
    std::string notice;
    Next next;
    {
        std::unique_lock lock(m_searchMutex);
        m_room.wait(lock, [this] { return m_ended.size() < mostUnwritten || !m_failure.empty(); });
        if (!m_failure.empty())
            return {};
        next.news = m_control.news();
        if (std::optional<train::Trial> trial = nextTrial(notice, next.waits)) {
            train::Foreknowledge known = foreknowledge(trial->genotype);
            if (!charge(*trial, known.metrics)) {
                m_unaffordable.push_back(queued(std::move(*trial)));
                m_control.tellNews(); // whoever waits need not wait for this one
                return {};
            }
            trial->networkHash = std::move(known.networkHash);
            trial->metrics = std::move(known.metrics);
            const NetworkLedger::Advice advice = m_ledger.begin(*trial);
            m_repeats = advice == NetworkLedger::Advice::Evaluate ? 0 : m_repeats + 1;
            if (advice == NetworkLedger::Advice::Wait) {
                m_begun.push_back(queued(*trial));
            } else {
                trial->state = train::TrialState::Running;
                trial->startedAt = wallClock();
                m_begun.push_back(*trial);
            }
            next.turn = Turn{ std::move(*trial), advice };
            if (advice == NetworkLedger::Advice::Evaluate)
                makeRequest(*next.turn);
            m_underWay += advice != NetworkLedger::Advice::Wait;
        }
    }
    if (!notice.empty())
        publish(StudyNotice{ notice });
    return next;
}

std::optional<train::Trial> StudyRun::nextTrial(std::string& notice, bool& waits)
{
    if (!m_requeued.empty()) {
        // Begun within the budget: they end, whatever the budget says now.
        train::Trial trial = std::move(m_requeued.front());
        m_requeued.pop_front();
        return trial;
    }
    if (isBudgetUsed())
        return {};
    const bool repeats = m_spec.budget.trials == 0 && m_repeats >= mostRepeats;
    std::optional<train::Trial> trial = repeats ? std::nullopt : m_driver->ask();
    waits = !trial && !repeats && m_underWay > 0 && m_driver->awaitsTell();
    if (!trial && !waits) {
        m_exhausted = true;
        if (repeats)
            notice = fmt::format("the last {} proposals were networks that have been evaluated: the search ends here", m_repeats);
        else if (m_driver->asks() > 0)
            notice = "the strategy has no further proposal: the search ends here";
    }
    return trial;
}

/// Which weights a trial begins with is settled by ids alone, so that a resumed study settles it alike.
void StudyRun::makeRequest(Turn& turn) const
{
    const train::Trial& trial = turn.trial;
    train::EvaluationRequest& request = turn.request;
    request.id = trial.id;
    request.genotype = trial.genotype;
    request.fidelity = trial.fidelity;
    request.seed = Rng::mixed({ m_spec.seed, static_cast<std::uint64_t>(trial.id.value()) });
    request.keepsWeights = m_spec.inheritWeights || (m_spec.scheduler && trial.fidelity != m_spec.fidelity);
    const auto keptOf = [&](train::TrialId id) -> const Kept* {
        const auto found = m_kept.find(id);
        return found == m_kept.end() || trial.id.value() - id.value() > weightWindow ? nullptr : &found->second;
    };
    if (trial.continues.isValid()) {
        const Kept* kept = keptOf(trial.continues);
        if (kept && kept->holder.genotype == trial.genotype) {
            request.continues = kept->holder.id;
            request.continuedFrom = kept->fidelity;
        } else {
            turn.note = fmt::format("the weights of trial {} are not kept: trained from the start", trial.continues.value());
        }
    }
    if (!m_spec.inheritWeights || trial.continues.isValid())
        return;
    for (const train::TrialId parent : trial.parents) {
        if (const Kept* kept = keptOf(parent))
            request.parents.push_back(kept->holder);
    }
}

train::EvaluationResult StudyRun::evaluate(const Turn& turn, RunControl::Slot& slot)
{
    train::EvaluationRequest request = turn.request;
    request.goesOn = [this, id = turn.trial.id](std::span<const train::CurvePoint> curve) {
        const std::lock_guard lock(m_searchMutex);
        return m_driver->goesOn(id, curve);
    };
    const auto progress = [this](const train::EvaluationProgress& value) { publish(TrialProgressed{ value }); };
    train::EvaluationResult result;
    try {
        result = m_evaluator->evaluate(request, progress, slot.gate, m_control.stopToken());
    } catch (const std::exception& error) {
        // Evaluators do not throw; one that runs out of memory outside its own care must not take the study with it.
        result.state = train::TrialState::Failed;
        result.message = error.what();
    }
    return result;
}

void StudyRun::endTrial(Turn turn, train::EvaluationResult result)
{
    train::Trial trial = std::move(turn.trial);
    trial.state = result.state;
    trial.metrics = std::move(result.metrics);
    trial.curve = std::move(result.curve);
    trial.message = std::move(result.message);
    if (!turn.note.empty())
        trial.message = trial.message.empty() ? turn.note : trial.message + "; " + turn.note;
    const bool givenUp = trial.state == train::TrialState::Cancelled && m_control.stop() == RunControl::Stop::Now;
    std::vector<train::Trial> settled;
    {
        const std::lock_guard lock(m_searchMutex);
        std::vector<train::Trial> waiting = m_ledger.end(trial);
        if (givenUp)
            m_givenUp.push_back(queued(trial));
        for (train::Trial& other : waiting) {
            if (givenUp)
                m_givenUp.push_back(queued(std::move(other)));
            else if (m_ledger.isSettled(other))
                settled.push_back(std::move(other));
            else
                m_requeued.push_back(std::move(other));
        }
        m_underWay += static_cast<std::int64_t>(settled.size());
        if (!givenUp) {
            tell(std::move(trial));
        } else {
            std::erase_if(m_begun, [&](const train::Trial& begun) { return begun.id == trial.id; });
            --m_underWay;
            m_control.tellNews();
        }
    }
    for (train::Trial& duplicate : settled) {
        duplicate.state = train::TrialState::Running;
        duplicate.startedAt = wallClock();
        publish(TrialStarted{ duplicate });
        endDuplicate(std::move(duplicate));
    }
    m_writer->notify();
}

void StudyRun::endDuplicate(train::Trial trial)
{
    {
        const std::lock_guard lock(m_searchMutex);
        m_ledger.copyInto(trial);
        tell(std::move(trial));
    }
    m_writer->notify();
}

void StudyRun::tell(train::Trial trial)
{
    std::erase_if(m_begun, [&](const train::Trial& begun) { return begun.id == trial.id; });
    trial.endedAt = wallClock();
    m_driver->tell(trial);
    if (m_weights)
        noteWeights(trial);
    m_ended.push_back(std::move(trial));
    --m_underWay;
    m_control.tellNews();
}

StudyChanges StudyRun::takeChanges(StudyWriter::Occasion occasion)
{
    StudyChanges changes;
    std::optional<Json> state;
    {
        const std::lock_guard lock(m_searchMutex);
        // In one cut with the trials that were asked for by it.
        changes.measurements = m_evaluator->newMeasurements();
        changes.trials = std::move(m_ended);
        m_ended.clear();
        std::ranges::move(m_begun, std::back_inserter(changes.trials));
        m_begun.clear();
        if (isCheckpointDue(occasion)) {
            state = m_driver->state();
            m_statedTells = changes.statedAfter = m_driver->tells();
            m_statedAsks = changes.statedAsks = m_driver->asks();
            m_statedAt = std::chrono::steady_clock::now();
        }
        if (occasion == StudyWriter::Occasion::Last) {
            m_finished = isBudgetUsed() && m_driver->asks() > 0;
            changes.finished = m_finished;
            for (const train::Trial& trial : m_requeued)
                changes.trials.push_back(queued(trial));
            changes.trials.insert(changes.trials.end(), m_givenUp.begin(), m_givenUp.end());
            changes.trials.insert(changes.trials.end(), m_unaffordable.begin(), m_unaffordable.end());
        }
    }
    m_room.notify_all();
    if (state)
        changes.strategyState = state->dump();
    changes.searchedSeconds = searchedSeconds();
    return changes;
}

bool StudyRun::isCheckpointDue(StudyWriter::Occasion occasion) const
{
    const std::int64_t tells = m_driver->tells() - m_statedTells;
    if (occasion == StudyWriter::Occasion::Last)
        return tells > 0 || m_driver->asks() > m_statedAsks;
    const auto since = std::chrono::steady_clock::now() - m_statedAt;
    return (tells >= tellsBetweenCheckpoints && since >= shortCheckpointInterval)
        || (tells > 0 && since >= longCheckpointInterval);
}

/// What is on disk of earlier runs and nobody can need is removed.
Result<void> StudyRun::openWeights(const std::vector<train::Trial>& trials)
{
    if (!m_spec.scheduler && !m_spec.inheritWeights)
        return {};
    ARCHSCOPE_ASSIGN(m_weights, m_inputs.store->weights(m_inputs.study));
    for (const train::Trial& trial : trials)
        noteWeights(trial);
    dropWeights(trials);
    for (const train::TrialId kept : m_weights->kept()) {
        const auto at = static_cast<std::size_t>(kept.value() - 1);
        // Of a trial that has not ended they are written anew.
        if (kept.value() < 1 || at >= trials.size() || (trials[at].hasEnded() && !m_kept.contains(kept)))
            m_weights->remove(kept);
    }
    m_evaluator->useWeights(m_weights);
    return {};
}

void StudyRun::noteWeights(const train::Trial& trial)
{
    if (trial.state != train::TrialState::Completed)
        return;
    if (!trial.duplicateOf.isValid())
        m_kept[trial.id] = { { trial.id, trial.genotype }, trial.fidelity };
    else if (const auto original = m_kept.find(trial.duplicateOf); original != m_kept.end())
        m_kept[trial.id] = Kept(original->second);
}

/// After they are on disk: until then a crash would have them evaluated again, with the same weights to begin with.
void StudyRun::dropWeights(const std::vector<train::Trial>& durable)
{
    const std::lock_guard lock(m_searchMutex);
    for (const train::Trial& trial : durable) {
        if (!trial.hasEnded())
            continue;
        const auto drop = [this](auto entry) {
            const train::TrialId holder = entry->second.holder.id;
            m_kept.erase(entry);
            if (!std::ranges::any_of(m_kept, [&](const auto& other) { return other.second.holder.id == holder; }))
                m_weights->remove(holder);
        };
        if (trial.state == train::TrialState::Completed && trial.continues.isValid() && !m_spec.inheritWeights) {
            if (const auto former = m_kept.find(trial.continues); former != m_kept.end())
                drop(former);
        }
        while (!m_kept.empty() && trial.id.value() - m_kept.begin()->first.value() > weightWindow)
            drop(m_kept.begin());
    }
}

void StudyRun::madeDurable(StudyChanges&& changes)
{
    if (m_weights)
        dropWeights(changes.trials);
    for (train::Trial& trial : changes.trials) {
        if (!trial.hasEnded())
            continue;
        ++m_durable;
        publish(TrialEnded{ std::move(trial) });
    }
}

void StudyRun::storeFailed(const Error& error)
{
    {
        const std::lock_guard lock(m_searchMutex);
        m_failure = error.text();
    }
    m_room.notify_all();
    m_control.stopNow();
}

void StudyRun::publish(const StudyEvent& event) const
{
    if (m_inputs.sink)
        m_inputs.sink(event);
}

void StudyRun::publishPhase()
{
    StudyState state = StudyState::Preparing;
    if (m_writer) {
        switch (m_control.phase()) {
        case RunControl::Phase::Running:
            state = StudyState::Running;
            break;
        case RunControl::Phase::Paused:
            state = StudyState::Paused;
            break;
        case RunControl::Phase::Stopping:
            state = StudyState::Stopping;
            break;
        }
    }
    if (state == m_published)
        return;
    m_published = state;
    publish(StateChanged{ state, {} });
}

void StudyRun::publishProgress()
{
    const auto now = std::chrono::steady_clock::now();
    if (now - m_progressAt < progressInterval)
        return;
    m_progressAt = now;
    StudyProgressed progress;
    progress.ended = m_durable;
    progress.searchedSeconds = searchedSeconds();
    if (progress.ended != m_paceEnded) {
        m_pace->add(progress.ended, progress.searchedSeconds);
        m_paceEnded = progress.ended;
    }
    progress.remainingSeconds = m_pace->remainingSeconds(m_spec.budget, progress.searchedSeconds);
    progress.trialsPerMinute = m_pace->trialsPerMinute();
    progress.running = m_control.running();
    publish(progress);
}

} // namespace archscope::search
