// Two candidates side by side: networks with what differs marked, metrics, costs and curves.
#pragma once

#include "ui/models/trial_selection.h"
#include "ui/panels/candidate_network.h"

#include <QPointer>
#include <QWidget>
#include <array>

class QLabel;
class QTableWidget;

namespace archscope::ui {

class CurvesPlot;
class NetworkView;
class Theme;

class ComparePanel : public QWidget {
    Q_OBJECT
public:
    ComparePanel(std::shared_ptr<const catalog::Catalog> catalog, Theme* theme, TrialSelection* selection, QWidget* parent = nullptr);
    void setSession(StudySession* session); ///< null: none

private:
    struct Side {
        QLabel* title = nullptr;
        NetworkView* view = nullptr;
        CandidateNetwork network;
        train::TrialId shown;
    };
    void refresh();
    void fillTable();
    void markDifferences();

    Theme* m_theme;
    TrialSelection* m_selection;
    QPointer<StudySession> m_session;
    std::array<Side, 2> m_sides;
    QTableWidget* m_table = nullptr;
    CurvesPlot* m_curves = nullptr;
};

} // namespace archscope::ui
