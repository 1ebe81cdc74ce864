// Where a person's files go unless they say otherwise: Documents, or the home folder on machines that have no such folder.
#pragma once

#include <QDir>
#include <QStandardPaths>

namespace archscope::ui {

/// An existing folder. Any thread.
inline QString documentsFolder()
{
    const QString documents = QStandardPaths::writableLocation(QStandardPaths::DocumentsLocation);
    return QDir(documents).exists() ? documents : QDir::homePath();
}

} // namespace archscope::ui
