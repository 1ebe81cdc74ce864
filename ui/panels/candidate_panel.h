// The current trial: its network, metrics, costs a layer.
#pragma once

#include "ui/models/trial_selection.h"
#include "ui/panels/candidate_network.h"

#include <QPointer>
#include <QWidget>

class QLabel;

namespace archscope::ui {

class CostTable;
class NetworkView;

class CandidatePanel : public QWidget {
    Q_OBJECT
public:
    CandidatePanel(std::shared_ptr<const catalog::Catalog> catalog, TrialSelection* selection, QWidget* parent = nullptr);
    void setSession(StudySession* session); ///< null: none

private:
    void refresh();
    void showFacts();

    TrialSelection* m_selection;
    QPointer<StudySession> m_session;
    train::TrialId m_shown;
    QLabel* m_facts = nullptr;
    NetworkView* m_view = nullptr;
    CostTable* m_costs = nullptr;
    CandidateNetwork m_network;
};

} // namespace archscope::ui
