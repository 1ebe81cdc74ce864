// The one selection that every view shares: a current trial, and a set of trials to look at or compare.
#pragma once

#include "core/train/trial.h"

#include <QObject>
#include <vector>

namespace archscope::ui {

/// Lives on the GUI thread; one a window.
class TrialSelection : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;
    train::TrialId current() const { return m_current; } ///< invalid: none
    const std::vector<train::TrialId>& selected() const { return m_selected; } ///< ascending; contains current
    bool isSelected(train::TrialId id) const;

public Q_SLOTS:
    /// Selects one trial alone.
    void select(archscope::train::TrialId id);
    /// Selects these; current is `current` when among them, else the first.
    void selectMany(std::vector<archscope::train::TrialId> ids, archscope::train::TrialId current = {});
    void toggle(archscope::train::TrialId id);
    void clear();

Q_SIGNALS:
    void changed();

private:
    train::TrialId m_current;
    std::vector<train::TrialId> m_selected;
};

} // namespace archscope::ui
