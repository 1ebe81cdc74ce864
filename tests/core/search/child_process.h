// A process of the test's own, that prints numbers and is killed in the middle.
#pragma once

#include <QByteArray>
#include <QCoreApplication>
#include <QProcess>
#include <QStringList>

#ifdef __SANITIZE_THREAD__
// QProcess starts its child by vfork, which ThreadSanitizer takes for a fork of this process.
extern "C" __attribute__((used)) inline const char* __tsan_default_options()
{
    return "die_after_fork=0";
}
#endif

namespace archscope::search::testing {

/// Starts this test program with the arguments, waits for `lines` lines, kills it (SIGKILL) and returns the last number it
/// printed; 0 when there was none.
inline qint64 lastNumberBeforeKill(const QStringList& arguments, int lines)
{
    QProcess child;
    child.start(QCoreApplication::applicationFilePath(), arguments);
    qint64 last = 0;
    const auto readLines = [&] {
        int count = 0;
        for (; child.canReadLine(); ++count)
            last = child.readLine().trimmed().toLongLong();
        return count;
    };
    for (int seen = 0; seen < lines && child.waitForReadyRead(20'000);)
        seen += readLines();
    child.kill();
    child.waitForFinished();
    readLines();
    return last;
}

} // namespace archscope::search::testing
