// Two candidates side by side: networks with what differs marked, metrics, costs and curves.
#pragma once

#include "ui/models/layer_alignment.h"
#include "ui/models/trial_selection.h"
#include "ui/panels/candidate_network.h"

#include <QPointer>
#include <QWidget>
#include <array>
#include <vector>

class QLabel;
class QSplitter;
class QTableWidget;

namespace archscope::ui {

class CurvesPlot;
class LayerComparison;
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
    QString summaryOf(const train::Trial& trial) const;
    /// Marks what differs in both graphs and lists what each layer costs.
    void compareLayers();
    /// The layer that stands for this one on the other side.
    void revealPartner(std::size_t side, int layer);

    Theme* m_theme;
    TrialSelection* m_selection;
    QPointer<StudySession> m_session;
    std::array<Side, 2> m_sides;
    std::vector<LayerPair> m_pairs;
    QSplitter* m_beside = nullptr;
    QTableWidget* m_table = nullptr;
    LayerComparison* m_layers = nullptr;
    CurvesPlot* m_curves = nullptr;
};

} // namespace archscope::ui
