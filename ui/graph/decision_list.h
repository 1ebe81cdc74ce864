// The decisions of a space by key, with their values: a searchable tree to tick values in, or to choose one. Keys that
// differ in the round of a repeat alone are listed once more with a star.
#pragma once

#include <QWidget>

#include "core/space/search_space.h"
#include "ui/bridge/background.h"

#include <string>
#include <vector>

class QLineEdit;
class QTreeWidget;

namespace archscope::ui {

struct DecisionEntry {
    std::string key;
    std::vector<space::Literal> values; ///< the first ones of a long domain
    bool operator==(const DecisionEntry&) const = default;
};
/// Constraints play no part. Empty where the space does not compile. Works on any thread.
std::vector<DecisionEntry> decisionEntries(space::SearchSpace space);

class DecisionList : public QWidget {
    Q_OBJECT
public:
    enum class Mode { TickValues, ChooseOne };

    /// The list fills when the decisions are found, off the GUI thread.
    DecisionList(const space::SearchSpace& space, Mode mode, QWidget* parent);

    void setTicked(std::vector<space::Forbid::Condition> conditions);
    std::vector<space::Forbid::Condition> ticked() const { return m_ticked; }

Q_SIGNALS:
    void changed(); ///< what is ticked
    void valueChosen(const QString& key, const QString& value);

private:
    void fill(const std::vector<DecisionEntry>& entries);
    void filter(const QString& words);

    Mode m_mode;
    std::vector<space::Forbid::Condition> m_ticked;
    std::vector<DecisionEntry> m_entries;
    QLineEdit* m_search = nullptr;
    QTreeWidget* m_tree = nullptr;
    LatestOnly m_latest;
};

} // namespace archscope::ui
