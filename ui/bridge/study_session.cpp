#include "ui/bridge/study_session.h"

#include "core/data/task.h"
#include "core/search/objective.h"
#include "core/store/stores.h"
#include "core/store/warm_start_loading.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace archscope::ui {

using search::StudyState;
using train::TrialState;

namespace {
/// Nothing runs.
bool isOver(StudyState state)
{
    return state == StudyState::Idle || state == StudyState::Stopped || state == StudyState::Finished
        || state == StudyState::Failed;
}
} // namespace

/// A study as read from its store, with all that takes long to derive from it.
struct StudySession::Opened {
    std::shared_ptr<search::StudyStore> store; ///< null: in memory only
    search::StoredStudy stored;
    space::DecisionSpace decisions;
    std::map<train::TrialId, int> indices;
    int best = -1;

    static Result<Opened> from(std::shared_ptr<search::StudyStore> store, search::StoredStudy stored)
    {
        Opened opened;
        ARCHSCOPE_ASSIGN(opened.decisions, space::DecisionSpace::compile(stored.spec.space));
        for (auto& trial : stored.trials) {
            // Nobody runs it now: it waits to be repeated.
            if (trial.state == TrialState::Running)
                trial.state = TrialState::Queued;
            opened.indices.emplace_hint(opened.indices.end(), trial.id, static_cast<int>(opened.indices.size()));
        }
        opened.best = static_cast<int>(search::bestTrial(stored.trials, stored.spec.objectives, stored.spec.constraints));
        opened.store = std::move(store);
        opened.stored = std::move(stored);
        return opened;
    }
};

StudySession::StudySession(std::shared_ptr<const catalog::Catalog> catalog, QObject* parent)
    : QObject(parent)
    , m_catalog(std::move(catalog))
{
    m_timer.setSingleShot(true);
    m_timer.setTimerType(Qt::PreciseTimer);
    connect(&m_timer, &QTimer::timeout, this, &StudySession::deliver);
}

StudySession::~StudySession()
{
    if (m_engine)
        m_engine->stopNow();
}

void StudySession::open(const QString& storeUrl, const QString& study)
{
    const auto read = [url = storeUrl.toStdString(), name = study.toStdString()]() -> Result<Opened> {
        // A store that cannot be written to can still be looked at.
        auto store = store::openStore(url, store::OpenMode::ReadWrite);
        if (!store) {
            auto readable = store::openStore(url, store::OpenMode::ReadOnly);
            if (!readable)
                return fail(store.error());
            store = std::move(readable);
        }
        ARCHSCOPE_ASSIGN(auto stored, (*store)->load(name));
        return Opened::from(std::move(*store), std::move(stored));
    };
    openWith(read, storeUrl);
}

void StudySession::createAndStart(const QString& storeUrl, search::StudySpec spec, std::shared_ptr<const data::Task> task)
{
    const auto create = [url = storeUrl.toStdString(), spec = std::move(spec)]() mutable -> Result<Opened> {
        ARCHSCOPE_TRY(store::loadWarmStart(spec)); // what is taken over is stored with the study
        ARCHSCOPE_ASSIGN(auto store, store::openStore(url, store::OpenMode::CreateIfAbsent));
        ARCHSCOPE_TRY(store->create(spec));
        // Read back, so that what is shown is what is stored.
        ARCHSCOPE_ASSIGN(auto stored, store->load(spec.name));
        return Opened::from(std::move(store), std::move(stored));
    };
    openWith(create, storeUrl, [this, task = std::move(task)] {
        if (task) {
            m_task = task;
            Q_EMIT taskLoaded();
        }
        startEngine({});
    });
}

void StudySession::openLoaded(search::StoredStudy stored)
{
    auto shared = std::make_shared<search::StoredStudy>(std::move(stored)); // not copied with the function that holds it
    openWith([shared] { return Opened::from(nullptr, std::move(*shared)); }, {});
}

void StudySession::openWith(std::function<Result<Opened>()> read, const QString& url, std::function<void()> then)
{
    m_opening.run(this, std::move(read), [this, url, then = std::move(then)](Result<Opened> opened) {
        if (!opened) {
            Q_EMIT openFailed(QString::fromStdString(opened.error().text()));
            return;
        }
        adopt(std::move(*opened), url);
        if (then)
            then();
    });
}

void StudySession::adopt(Opened study, const QString& url)
{
    retireEngine();
    m_starting.drop();
    m_taskLoading.drop();
    m_taskAsked = false;
    m_timer.stop();
    // A mailbox of its own for each study: what an engine of the former one still posts goes nowhere.
    m_mailbox = std::make_shared<StudyMailbox>([guard = QPointer<StudySession>(this)] {
        QMetaObject::invokeMethod(qApp, [guard] {
            if (guard)
                guard->arm();
        }, Qt::QueuedConnection);
    });
    m_store = std::move(study.store);
    m_url = url;
    m_decisions = std::move(study.decisions);
    m_indices = std::move(study.indices);
    m_trials = std::move(study.stored.trials);
    m_best = study.best;
    m_spec = std::move(study.stored.spec);
    m_task.reset();
    m_running.clear();
    m_progress = {};
    m_progress.ended = std::count_if(m_trials.begin(), m_trials.end(), [](const auto& trial) { return trial.hasEnded(); });
    m_progress.searchedSeconds = study.stored.searchedSeconds;
    m_progress.remainingSeconds = std::numeric_limits<double>::quiet_NaN();
    m_failure.clear();
    m_state = study.stored.finished ? StudyState::Finished : m_trials.empty() ? StudyState::Idle : StudyState::Stopped;
    m_open = true;
    Q_EMIT opened();
}

search::EventSink StudySession::sink() const
{
    return [mailbox = m_mailbox](const search::StudyEvent& event) {
        if (mailbox)
            mailbox->post(event);
    };
}

const train::Trial* StudySession::trial(train::TrialId id) const
{
    const int index = indexOf(id);
    return index < 0 ? nullptr : &m_trials[static_cast<std::size_t>(index)];
}

int StudySession::indexOf(train::TrialId id) const
{
    const auto found = m_indices.find(id);
    return found == m_indices.end() ? -1 : found->second;
}

void StudySession::loadTask()
{
    if (!m_open || m_task || m_taskAsked || !search::hasData(m_spec))
        return;
    m_taskAsked = true;
    m_taskLoading.run(this, [spec = m_spec.task, catalog = m_catalog] { return data::loadTask(spec, catalog->formats()); },
                      [this](Result<std::shared_ptr<const data::Task>> task) {
                          m_taskAsked = false;
                          if (!task) {
                              Q_EMIT notice(QString::fromStdString(task.error().text()));
                              return;
                          }
                          m_task = std::move(*task);
                          Q_EMIT taskLoaded();
                      });
}

void StudySession::start()
{
    startEngine({});
}

void StudySession::extendAndStart(search::Budget budget)
{
    if (budget.trials > 0)
        m_spec.budget.trials = budget.trials;
    if (budget.seconds > 0)
        m_spec.budget.seconds = budget.seconds;
    if (budget.simulatedSeconds > 0)
        m_spec.budget.simulatedSeconds = budget.simulatedSeconds;
    search::EngineOptions options;
    options.continueFinished = true;
    options.budget = budget;
    startEngine(options);
}

void StudySession::startEngine(const search::EngineOptions& options)
{
    if (!m_open || !isOver(m_state))
        return;
    if (!m_store) {
        Q_EMIT notice(tr("This study is in memory only: it cannot be run. Save it to a store and open it from there."));
        return;
    }
    retireEngine();
    setState(StudyState::Preparing);
    // The former engine holds the right to run the study until it is gone.
    m_starting.run(
        this,
        [retired = m_retired] {
            if (retired.valid())
                retired.wait();
            return true;
        },
        [this, options](bool) {
            m_engine = std::make_unique<search::StudyEngine>(m_store, m_spec.name, m_catalog->strategies(),
                                                             m_catalog->evaluatorFactory(m_task), sink());
            m_engine->start(options);
        });
}

void StudySession::retireEngine()
{
    if (!m_engine)
        return;
    m_engine->stopNow();
    // Whatever the engine points into goes with it, and the store's closing is off this thread as well.
    struct Retired {
        std::shared_ptr<const catalog::Catalog> catalog;
        std::shared_ptr<search::StudyStore> store;
        std::unique_ptr<search::StudyEngine> engine; ///< last member: gone first
        std::promise<void> gone;
    };
    auto retired = std::make_shared<Retired>();
    retired->catalog = m_catalog;
    retired->store = m_store;
    retired->engine = std::move(m_engine);
    m_retired = retired->gone.get_future().share();
    QThreadPool::globalInstance()->start([retired] {
        retired->engine.reset();
        retired->store.reset();
        retired->gone.set_value();
    });
}

void StudySession::pause()
{
    if (m_engine)
        m_engine->pause();
}

void StudySession::resume()
{
    if (m_engine)
        m_engine->resume();
}

void StudySession::step()
{
    if (m_engine)
        m_engine->step();
}

void StudySession::stopAfterRunning()
{
    if (m_engine)
        m_engine->stopAfterRunning();
    else
        cancelStart();
}

void StudySession::stopNow()
{
    if (m_engine)
        m_engine->stopNow();
    else
        cancelStart();
}

void StudySession::cancelStart()
{
    if (m_state != StudyState::Preparing)
        return;
    m_starting.drop();
    setState(StudyState::Stopped);
}

void StudySession::setState(StudyState state, const QString& failure)
{
    m_state = state;
    m_failure = failure;
    Q_EMIT stateChanged();
}

void StudySession::arm()
{
    if (m_timer.isActive())
        return;
    const qint64 since = m_sinceDelivery.isValid() ? m_sinceDelivery.elapsed() : deliveryIntervalMs;
    m_timer.start(static_cast<int>(std::max<qint64>(0, deliveryIntervalMs - since)));
}

void StudySession::takeTrial(const train::Trial& trial, std::vector<int>& changed)
{
    const auto [place, isNew] = m_indices.try_emplace(trial.id, static_cast<int>(m_trials.size()));
    if (isNew) {
        m_trials.push_back(trial);
    } else {
        m_trials[static_cast<std::size_t>(place->second)] = trial;
        changed.push_back(place->second);
    }
}

bool StudySession::considerBest(int index)
{
    // The best of two is the best of all: of the former best and this one, in the order of their indices.
    const auto [first, second] = std::minmax(m_best < 0 ? index : m_best, index);
    std::vector<train::Trial> candidates;
    for (const int candidate : {first, second}) {
        const train::Trial& trial = m_trials[static_cast<std::size_t>(candidate)];
        train::Trial& light = candidates.emplace_back();
        light.id = trial.id;
        light.state = trial.state;
        light.metrics = trial.metrics;
    }
    const auto best = search::bestTrial(candidates, m_spec.objectives, m_spec.constraints);
    const int newBest = best < 0 ? -1 : best == 0 ? first : second;
    return std::exchange(m_best, newBest) != newBest;
}

void StudySession::deliver()
{
    m_sinceDelivery.start();
    StudyUpdate update = m_mailbox->take();
    const int known = static_cast<int>(m_trials.size());
    std::vector<int> changed;
    std::vector<QString> notices;
    bool hasNewState = false;
    bool hasNewBest = false;
    bool hasProgress = update.study.has_value() || !update.progress.empty();

    for (const auto& event : update.ordered) {
        if (const auto* state = std::get_if<search::StateChanged>(&event)) {
            m_state = state->state;
            m_failure = QString::fromStdString(state->message);
            hasNewState = true;
        } else if (const auto* started = std::get_if<search::TrialStarted>(&event)) {
            takeTrial(started->trial, changed);
            train::EvaluationProgress begun;
            begun.id = started->trial.id;
            m_running[begun.id] = begun;
            hasProgress = true;
        } else if (const auto* ended = std::get_if<search::TrialEnded>(&event)) {
            takeTrial(ended->trial, changed);
            hasProgress = m_running.erase(ended->trial.id) > 0 || hasProgress;
            hasNewBest = considerBest(indexOf(ended->trial.id)) || hasNewBest;
        } else if (const auto* said = std::get_if<search::StudyNotice>(&event)) {
            notices.push_back(QString::fromStdString(said->message));
        }
    }
    for (const auto& [id, point] : update.points) {
        const int index = indexOf(id);
        if (index < 0)
            continue;
        auto& trial = m_trials[static_cast<std::size_t>(index)];
        // An ended trial came with its whole curve; a repeated one may meet points of its first run.
        if (trial.hasEnded() || (!trial.curve.empty() && trial.curve.back().epoch >= point.epoch))
            continue;
        trial.curve.push_back(point);
        changed.push_back(index);
    }
    for (const auto& progress : update.progress) {
        if (const auto running = m_running.find(progress.id); running != m_running.end())
            running->second = progress;
    }
    if (update.study)
        m_progress = *update.study;
    if (hasNewState && isOver(m_state)) {
        // What was given up waits to be repeated.
        for (const auto& [id, progress] : std::exchange(m_running, {})) {
            const int index = indexOf(id);
            m_trials[static_cast<std::size_t>(index)].state = TrialState::Queued;
            changed.push_back(index);
            hasProgress = true;
        }
    }

    std::sort(changed.begin(), changed.end());
    changed.erase(std::unique(changed.begin(), changed.end()), changed.end());
    changed.erase(std::lower_bound(changed.begin(), changed.end(), known), changed.end()); // new ones are told as new

    if (static_cast<int>(m_trials.size()) > known)
        Q_EMIT trialsAppended(known, static_cast<int>(m_trials.size()) - 1);
    if (!changed.empty())
        Q_EMIT trialsChanged(changed);
    if (hasNewBest)
        Q_EMIT bestChanged();
    if (hasProgress)
        Q_EMIT progressed();
    if (hasNewState)
        Q_EMIT stateChanged();
    for (const QString& message : notices)
        Q_EMIT notice(message);
}

} // namespace archscope::ui
