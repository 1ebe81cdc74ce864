// One open study on the GUI thread: its specification, all its trials, and the engine that may run it.
//
// Opening reads off the GUI thread and starts nothing. Updates arrive at most every 33 ms. An engine that is replaced (another
// study is opened, or this one is started again) is torn down off the GUI thread.
#pragma once

#include "core/catalog/catalog.h"
#include "core/search/study.h"
#include "core/search/study_engine.h"
#include "core/search/study_store.h"
#include "ui/bridge/background.h"
#include "ui/bridge/study_mailbox.h"

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>
#include <functional>
#include <future>
#include <map>
#include <memory>
#include <vector>

namespace archscope::ui {

class StudySession : public QObject {
    Q_OBJECT
public:
    explicit StudySession(std::shared_ptr<const catalog::Catalog> catalog, QObject* parent = nullptr);
    /// Stops a running engine now and waits for it, up to a batch; what ran is repeated identically on resume.
    ~StudySession() override;

    static constexpr int deliveryIntervalMs = 33;

    /// Opens a stored study; `opened` or `openFailed` follows. What was open stays open until then, and if it fails.
    void open(const QString& storeUrl, const QString& study);
    /// Creates the study in the store (which is made if absent), with what it takes over from the sources of its warm start, and starts
    /// it. `task`: already loaded, or null.
    void createAndStart(const QString& storeUrl, search::StudySpec spec, std::shared_ptr<const data::Task> task);
    /// Shows a study that is already in memory, without a store: it cannot be started here. `opened` or `openFailed` follows.
    void openLoaded(search::StoredStudy stored);
    /// Where whoever runs the open study posts its events: the session's own engine, or a follower of another process.
    /// Thread-safe; may outlive the session, and goes nowhere once another study is opened.
    search::EventSink sink() const;
    /// Asks for the task; `taskLoaded` follows, or `notice` with the reason. Nothing happens when it is there or on its way, or when the
    /// study has no data (a table says all).
    void loadTask();

    bool isOpen() const { return m_open; }
    QString storeUrl() const { return m_url; }
    const search::StudySpec& spec() const { return m_spec; }
    /// Compiled from the spec's space; valid while open.
    const space::DecisionSpace& decisions() const { return m_decisions; }
    /// Ended and running trials in the order they became known; indices are stable, trials are updated in place.
    const std::vector<train::Trial>& trials() const { return m_trials; }
    const train::Trial* trial(train::TrialId id) const;
    int indexOf(train::TrialId id) const; ///< -1 when unknown
    search::StudyState state() const { return m_state; }
    QString failure() const { return m_failure; }
    const search::StudyProgressed& progress() const { return m_progress; }
    /// Latest progress of running trials.
    const std::map<train::TrialId, train::EvaluationProgress>& running() const { return m_running; }
    int bestIndex() const { return m_best; } ///< -1 when none
    /// The task, once loaded (off the GUI thread, on demand); null before.
    std::shared_ptr<const data::Task> task() const { return m_task; }
    std::shared_ptr<const catalog::Catalog> catalog() const { return m_catalog; }
    std::shared_ptr<search::StudyStore> store() const { return m_store; }

public Q_SLOTS:
    void start();  ///< starts or resumes a stopped study
    void extendAndStart(archscope::search::Budget budget);
    void pause();
    void resume();
    void step();
    void stopAfterRunning();
    void stopNow();

Q_SIGNALS:
    void opened();
    void openFailed(const QString& message);
    void stateChanged();
    /// Trials [first, last] are new, appended.
    void trialsAppended(int first, int last);
    /// Trials at these indices changed (ended, new curve points).
    void trialsChanged(const std::vector<int>& indices);
    void bestChanged();
    void progressed(); ///< progress() and running() are new
    void notice(const QString& message);
    void taskLoaded();

private:
    struct Opened;
    void arm();
    void deliver();
    void takeTrial(const train::Trial& trial, std::vector<int>& changed);
    bool considerBest(int index);
    void openWith(std::function<Result<Opened>()> read, const QString& url, std::function<void()> then = {});
    void adopt(Opened study, const QString& url);
    void startEngine(const search::EngineOptions& options);
    void retireEngine();
    void cancelStart(); ///< asked to stop before there was an engine
    void setState(search::StudyState state, const QString& failure = {});

    std::shared_ptr<const catalog::Catalog> m_catalog;
    std::shared_ptr<search::StudyStore> m_store;
    std::shared_ptr<StudyMailbox> m_mailbox;
    std::unique_ptr<search::StudyEngine> m_engine;
    std::shared_ptr<const data::Task> m_task;
    search::StudySpec m_spec;
    space::DecisionSpace m_decisions;
    std::vector<train::Trial> m_trials;
    std::map<train::TrialId, int> m_indices;
    std::map<train::TrialId, train::EvaluationProgress> m_running;
    search::StudyProgressed m_progress;
    search::StudyState m_state = search::StudyState::Idle;
    QString m_failure;
    QString m_url;
    QTimer m_timer; ///< single shot, armed by the mailbox's wake
    QElapsedTimer m_sinceDelivery;
    LatestOnly m_opening;
    LatestOnly m_taskLoading;
    LatestOnly m_starting;
    std::shared_future<void> m_retired; ///< ready when the last replaced engine is gone
    bool m_taskAsked = false;
    int m_best = -1;
    bool m_open = false;
};

} // namespace archscope::ui
