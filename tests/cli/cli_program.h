// The real archscope-cli, run as a process: what tests of the command line share.
#pragma once

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QList>
#include <QProcess>
#include <QString>
#include <QStringList>

namespace archscope::cli::testing {

struct Answer {
    int exitCode = -1; ///< -1: it did not run or did not end by itself
    QString output;
    QString errors;

    QByteArray asText() const { return QString("exit code %1\n%2\n%3").arg(exitCode).arg(output, errors).toUtf8(); }
};

inline QList<QJsonObject> jsonLines(const QString& text)
{
    QList<QJsonObject> objects;
    for (const QString& line : text.split('\n', Qt::SkipEmptyParts))
        objects.append(QJsonDocument::fromJson(line.toUtf8()).object());
    return objects;
}

/// The one object that a command prints; empty when there are more, fewer, or it is no JSON.
inline QJsonObject jsonLine(const QString& text)
{
    const QList<QJsonObject> objects = jsonLines(text);
    return objects.size() == 1 ? objects.front() : QJsonObject();
}

/// The program that was built, or the one that ARCHSCOPE_CLI names.
inline QString programFile()
{
    return qEnvironmentVariable("ARCHSCOPE_CLI", ARCHSCOPE_BINARY_DIR "/bin/archscope-cli");
}

inline Answer runProgram(const QString& folder, const QStringList& arguments)
{
    QProcess process;
    process.setWorkingDirectory(folder);
    process.start(programFile(), arguments);
    Answer answer;
    if (!process.waitForFinished(120'000)) {
        answer.errors = "cannot run " + programFile() + ": " + process.errorString();
        process.kill();
        process.waitForFinished();
        return answer;
    }
    if (process.exitStatus() == QProcess::NormalExit)
        answer.exitCode = process.exitCode();
    answer.output = QString::fromUtf8(process.readAllStandardOutput());
    answer.errors = QString::fromUtf8(process.readAllStandardError());
    return answer;
}

inline bool writeFile(const QString& file, const QByteArray& bytes)
{
    QFile out(file);
    return out.open(QIODevice::WriteOnly) && out.write(bytes) == bytes.size();
}

} // namespace archscope::cli::testing
