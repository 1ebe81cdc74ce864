// Work off the GUI thread with its result delivered on it, and dropped when the receiver is gone or asked again.
#pragma once

#include <QCoreApplication>
#include <QObject>
#include <QPointer>
#include <QThreadPool>
#include <functional>
#include <memory>
#include <utility>

namespace archscope::ui {

/// Runs `work()` on the pool, then `done(result)` on the receiver's thread, if the receiver still lives.
/// `work` must own all it uses (values, shared pointers).
template <class Work, class Done>
void runInBackground(QObject* receiver, Work work, Done done)
{
    QPointer<QObject> guard(receiver);
    QThreadPool::globalInstance()->start([guard, work = std::move(work), done = std::move(done)]() mutable {
        auto result = std::make_shared<decltype(work())>(work());
        // Posted to the application object: it outlives the pool's work, and the guard is looked at on the GUI thread only.
        QMetaObject::invokeMethod(qApp, [guard, result, done = std::move(done)]() mutable {
            if (guard)
                done(std::move(*result));
        }, Qt::QueuedConnection);
    });
}

/// For work that is asked for again before it is done (a survey at each edit): only the newest result is delivered.
class LatestOnly {
public:
    template <class Work, class Done>
    void run(QObject* receiver, Work work, Done done)
    {
        const auto ticket = ++*m_newest;
        runInBackground(receiver, std::move(work), [newest = m_newest, ticket, done = std::move(done)](auto result) mutable {
            if (*newest == ticket)
                done(std::move(result));
        });
    }
    void drop() { ++*m_newest; }

private:
    std::shared_ptr<quint64> m_newest = std::make_shared<quint64>(0); ///< read and written on the GUI thread only
};

} // namespace archscope::ui
