#include "core/search/study_engine.h"

#include "core/search/study_run.h"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace archscope::search {

/// Holds the thread and what outlives a run; StudyRun does the work.
class StudyEngine::Run {
public:
    explicit Run(StudyRun::Inputs inputs)
        : m_inputs(std::move(inputs))
        , m_sink(std::move(m_inputs.sink))
    {
        m_inputs.sink = [this](const StudyEvent& event) { publish(event); };
    }

    ~Run()
    {
        control(&RunControl::stopNow);
        if (m_thread.joinable())
            m_thread.join();
    }

    void start(const EngineOptions& options)
    {
        {
            const std::lock_guard lock(m_mutex);
            if (!m_over)
                return;
            m_over = false;
        }
        if (m_thread.joinable())
            m_thread.join(); // of the run before, which is over
        StudyRun::Inputs inputs = m_inputs;
        inputs.options = options;
        auto run = std::make_shared<StudyRun>(std::move(inputs));
        {
            const std::lock_guard lock(m_mutex);
            m_current = run;
            m_failure.clear();
            m_state = StudyState::Preparing;
        }
        m_thread = std::jthread([this, run = std::move(run)]() mutable {
            const StateChanged last = run->run();
            {
                const std::lock_guard lock(m_mutex);
                m_current.reset();
            }
            run.reset();
            publish(last);
            {
                const std::lock_guard lock(m_mutex);
                m_over = true;
            }
            m_ended.notify_all();
        });
    }

    void control(void (RunControl::*order)())
    {
        std::shared_ptr<StudyRun> run;
        {
            const std::lock_guard lock(m_mutex);
            run = m_current;
        }
        if (run)
            (run->control().*order)();
    }

    StudyState wait()
    {
        std::unique_lock lock(m_mutex);
        m_ended.wait(lock, [this] { return m_over; });
        return m_state;
    }

    StudyState state() const
    {
        const std::lock_guard lock(m_mutex);
        return m_state;
    }

    std::string failure() const
    {
        const std::lock_guard lock(m_mutex);
        return m_failure;
    }

private:
    void publish(const StudyEvent& event)
    {
        if (const auto* changed = std::get_if<StateChanged>(&event)) {
            const std::lock_guard lock(m_mutex);
            m_state = changed->state;
            m_failure = changed->message;
        }
        if (m_sink)
            m_sink(event);
    }

    StudyRun::Inputs m_inputs;
    EventSink m_sink;
    mutable std::mutex m_mutex;
    std::condition_variable m_ended;
    std::shared_ptr<StudyRun> m_current; ///< null when nothing runs
    StudyState m_state = StudyState::Idle;
    std::string m_failure;
    bool m_over = true; ///< the last run has told its last state
    std::jthread m_thread;
};

StudyEngine::StudyEngine(std::shared_ptr<StudyStore> store, std::string study, const StrategySet& strategies,
    EvaluatorFactory evaluators, EventSink sink)
    : m_run(std::make_unique<Run>(
        StudyRun::Inputs{ std::move(store), std::move(study), &strategies, std::move(evaluators), std::move(sink), {} }))
{
}

StudyEngine::~StudyEngine() = default;

void StudyEngine::start(const EngineOptions& options)
{
    m_run->start(options);
}

void StudyEngine::pause()
{
    m_run->control(&RunControl::pause);
}

void StudyEngine::resume()
{
    m_run->control(&RunControl::resume);
}

void StudyEngine::step()
{
    m_run->control(&RunControl::step);
}

void StudyEngine::stopAfterRunning()
{
    m_run->control(&RunControl::stopAfterRunning);
}

void StudyEngine::stopNow()
{
    m_run->control(&RunControl::stopNow);
}

StudyState StudyEngine::wait()
{
    return m_run->wait();
}

StudyState StudyEngine::state() const
{
    return m_run->state();
}

std::string StudyEngine::failure() const
{
    return m_run->failure();
}

} // namespace archscope::search
