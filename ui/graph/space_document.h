// An open search space on the GUI thread: the value, its undo history, its file, and what is known about it.
//
// Views read `space()` and change it through `push` only; ids stay valid through undo and redo. After every change the
// structural check runs at once; size, shapes and costs follow from a background survey and arrive with `surveyChanged`.
#pragma once

#include <QObject>
#include <QString>
#include <QUndoStack>

#include "core/network/shape_survey.h"
#include "core/space/space_check.h"
#include "core/space/space_edit.h"
#include "ui/bridge/background.h"
#include "ui/commands/repairs.h"

#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace archscope::ui {

class SpaceDocument : public QObject {
    Q_OBJECT
public:
    /// From a catalog: `std::shared_ptr<const space::OperationSet>(catalog, &catalog->operations())`.
    explicit SpaceDocument(std::shared_ptr<const space::OperationSet> operations, QObject* parent = nullptr);
    ~SpaceDocument() override;

    const space::SearchSpace& space() const { return m_space; }
    const space::OperationSet& operations() const { return *m_operations; }
    std::shared_ptr<const space::OperationSet> sharedOperations() const { return m_operations; }
    QUndoStack* undoStack() { return &m_undoStack; }

    /// Applies an edit as one undo step; or leaves all as it was, says why not.
    Result<void> push(const space::SpaceEdit& edit);

    /// Another space takes this one's place, with an empty history: a preset, a study's space, a new one.
    void setSpace(space::SearchSpace space, const QString& filePath = {});
    /// An input joined to an output: where drawing starts.
    static space::SearchSpace emptySpace();

    QString filePath() const { return m_filePath; }
    bool isModified() const { return !m_undoStack.isClean(); }
    /// The space's name, else the file's, else "untitled".
    QString title() const;

    /// Reads a .space.json off the GUI thread; `loaded` or `fileFailed` follows.
    void load(const QString& path);
    /// Writes it atomically off the GUI thread; `saved` or `fileFailed` follows.
    void save(const QString& path);

    /// Which shapes flow depends on the task: its input and number of outputs.
    void setTaskShape(const network::TaskShape& task);
    const network::TaskShape& taskShape() const { return m_task; }
    /// From now on latencies are predicted, in the background: `predictor` is called from other threads, also when the document is
    /// gone. Budgets on latency steer what is sampled.
    void setLatencyPredictor(network::LatencyPredictor predictor);

    /// Errors and warnings, structural ones first.
    const std::vector<space::Issue>& issues() const { return m_issues; }
    std::vector<space::Issue> issuesOf(space::NodeId node) const;
    bool hasErrors() const;

    /// What the last survey found; empty while errors stand in the way or before it is done.
    const network::ShapeSurvey& survey() const { return m_survey; }
    bool isSurveying() const { return m_surveying; }
    /// Of sampled networks. Follows the survey, for operations that are new are measured first; until then it is as it was.
    const std::optional<network::LatencyRange>& latency() const { return m_latency; }
    bool isPredicting() const { return m_predicting; }
    /// Offers to mend an issue, the likeliest first (commands/repairs.h).
    std::vector<Repair> repairs(const space::Issue& issue) const;
    /// How far shapes are known while errors stand in the way.
    const ShapeTrace& trace() const { return m_trace; }

    /// The shapes at a node's output: as the survey found them, else as far as the trace came; null when unknown.
    const network::ShapeRange* shapesAt(space::NodeId node) const;
    /// Exact number of architectures, decimal; nothing when unknown or uncountable.
    const std::optional<std::string>& count() const { return m_count; }
    std::size_t decisions() const { return m_decisions; }
    /// "15,625 architectures", "1.2 × 10⁸ architectures", "uncountable", or empty while unknown.
    QString sizeText() const;

Q_SIGNALS:
    void changed(); ///< the space is another
    void replaced(); ///< after `changed`: by a whole other one (load, setSpace)
    void issuesChanged();
    void surveyChanged(); ///< size, shapes, costs, examples
    void latencyChanged();
    void modifiedChanged(bool modified);
    void fileChanged(); ///< file path or title
    void loaded();
    void saved();
    void fileFailed(const QString& message);

private:
    void applyFromHistory(const space::SpaceEdit& edit);
    void afterChange();
    void startSurvey();
    void startPredicting();
    void setLatency(std::optional<network::LatencyRange> latency);
    void setTrace(ShapeTrace trace);

    std::shared_ptr<const space::OperationSet> m_operations;
    space::SearchSpace m_space;
    QUndoStack m_undoStack;
    QString m_filePath;
    network::TaskShape m_task{ { 1, 8, 8 }, 10 };
    std::vector<space::Issue> m_structuralIssues;
    std::vector<space::Issue> m_issues;
    network::ShapeSurvey m_survey;
    ShapeTrace m_trace;
    std::map<space::NodeId, network::ShapeRange> m_traced;
    std::optional<std::string> m_count;
    bool m_uncountable = false;
    std::size_t m_decisions = 0;
    bool m_surveying = false;
    network::LatencyPredictor m_predictor; ///< may be empty
    std::optional<network::LatencyRange> m_latency;
    bool m_predicting = false;
    std::stop_source m_predictionStop; ///< of what is being predicted: measuring takes seconds that the next survey needs
    LatestOnly m_latestSurvey;
    LatestOnly m_latestPrediction;
    LatestOnly m_latestLoad;
};

} // namespace archscope::ui
