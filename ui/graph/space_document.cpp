#include "ui/graph/space_document.h"

#include "core/base/files.h"
#include "core/space/decision_space.h"
#include "ui/commands/edit_command.h"
#include "ui/commands/space_edits.h"
#include "ui/graph/shape_flow.h"
#include "ui/graph/space_text.h"

#include <QFile>
#include <QFileInfo>
#include <algorithm>

namespace archscope::ui {

namespace {

/// What the background finds out about a space.
struct Findings {
    ShapeTrace trace;
    network::ShapeSurvey survey;
    std::optional<std::string> count;
    bool uncountable = false;
    std::size_t decisions = 0;
    std::vector<space::Issue> issues;
};

Findings explore(const space::SearchSpace& space, const space::OperationSet& operations, const network::TaskShape& task,
    const network::LatencyPredictor& latency)
{
    Findings findings;
    findings.trace = traceShapes(space, operations, task);
    const auto decisions = space::DecisionSpace::compile(space);
    if (!decisions) {
        findings.issues.push_back({ space::Issue::Severity::Error, {}, {}, decisions.error().text(), {} });
        return findings;
    }
    findings.decisions = decisions->size();
    findings.count = decisions->count();
    findings.uncountable = !findings.count;
    network::SurveyOptions options;
    if (network::boundsLatency(space))
        options.latency = latency; // else it would only hold up the rest
    findings.survey = network::surveyShapes(space, operations, task, options);
    completeShapes(space, findings.survey);
    return findings;
}

std::filesystem::path nativePath(const QString& path)
{
    return std::filesystem::path(QFile::encodeName(path).toStdString());
}

} // namespace

SpaceDocument::SpaceDocument(std::shared_ptr<const space::OperationSet> operations, QObject* parent)
    : QObject(parent)
    , m_operations(std::move(operations))
    , m_space(emptySpace())
    , m_undoStack(this)
{
    connect(&m_undoStack, &QUndoStack::cleanChanged, this, [this](bool clean) { Q_EMIT modifiedChanged(!clean); });
    afterChange();
}

SpaceDocument::~SpaceDocument()
{
    m_predictionStop.request_stop();
}

Result<void> SpaceDocument::push(const space::SpaceEdit& edit)
{
    auto inverse = space::apply(m_space, edit);
    if (!inverse)
        return fail(inverse.error());
    m_undoStack.push(
        new EditCommand(edit, std::move(*inverse), [this](const space::SpaceEdit& again) { applyFromHistory(again); }));
    afterChange();
    return {};
}

void SpaceDocument::applyFromHistory(const space::SpaceEdit& edit)
{
    [[maybe_unused]] const auto inverse = space::apply(m_space, edit);
    Q_ASSERT_X(inverse, "SpaceDocument", "an edit of the history must fit");
    afterChange();
}

void SpaceDocument::setSpace(space::SearchSpace space, const QString& filePath)
{
    m_latestLoad.drop();
    m_space = std::move(space);
    m_filePath = filePath;
    m_undoStack.clear();
    afterChange();
    Q_EMIT replaced();
    Q_EMIT fileChanged();
}

space::SearchSpace SpaceDocument::emptySpace()
{
    space::SearchSpace empty;
    std::int64_t next = 0;
    empty.root = wireBlock(next);
    return empty;
}

QString SpaceDocument::title() const
{
    if (!m_space.name.empty())
        return QString::fromStdString(m_space.name);
    return m_filePath.isEmpty() ? tr("untitled") : QFileInfo(m_filePath).fileName();
}

void SpaceDocument::load(const QString& path)
{
    m_latestLoad.run(
        this,
        [file = nativePath(path)]() -> Result<space::SearchSpace> {
            ARCHSCOPE_ASSIGN(const std::string text, readFile(file));
            return space::spaceFromText(text);
        },
        [this, path](Result<space::SearchSpace> space) {
            if (!space) {
                Q_EMIT fileFailed(tr("Cannot open %1: %2").arg(path, QString::fromStdString(space.error().text())));
                return;
            }
            setSpace(std::move(*space), path);
            Q_EMIT loaded();
        });
}

void SpaceDocument::save(const QString& path)
{
    // What is written is what the history holds now: it may have gone on when the file is there.
    const int savedIndex = m_undoStack.index();
    runInBackground(
        this,
        [file = nativePath(path), space = m_space]() -> Result<void> {
            return writeFileAtomically(file, space::spaceToJson(space).dump(2) + "\n");
        },
        [this, path, savedIndex](Result<void> written) {
            if (!written) {
                Q_EMIT fileFailed(tr("Cannot save %1: %2").arg(path, QString::fromStdString(written.error().text())));
                return;
            }
            m_filePath = path;
            if (m_undoStack.index() == savedIndex)
                m_undoStack.setClean();
            Q_EMIT fileChanged();
            Q_EMIT saved();
        });
}

void SpaceDocument::setTaskShape(const network::TaskShape& task)
{
    if (m_task == task)
        return;
    m_task = task;
    startSurvey();
}

void SpaceDocument::setLatencyPredictor(network::LatencyPredictor predictor)
{
    m_predictor = std::move(predictor);
    startSurvey();
}

std::vector<space::Issue> SpaceDocument::issuesOf(space::NodeId node) const
{
    std::vector<space::Issue> found;
    std::ranges::copy_if(
        m_issues, std::back_inserter(found), [node](const space::Issue& issue) { return issue.node == node; });
    return found;
}

bool SpaceDocument::hasErrors() const
{
    return std::ranges::any_of(m_issues, [](const space::Issue& i) { return i.severity == space::Issue::Severity::Error; });
}

const network::ShapeRange* SpaceDocument::shapesAt(space::NodeId node) const
{
    if (const auto found = m_survey.outputs.find(node); found != m_survey.outputs.end())
        return &found->second;
    const auto traced = m_traced.find(node);
    return traced == m_traced.end() ? nullptr : &traced->second;
}

std::vector<Repair> SpaceDocument::repairs(const space::Issue& issue) const
{
    return repairsOf(issue, m_space, *m_operations, m_trace, m_task);
}

void SpaceDocument::setTrace(ShapeTrace trace)
{
    m_trace = std::move(trace);
    m_traced.clear();
    for (const auto& [node, visits] : m_trace.visits)
        if (auto shapes = m_trace.outputsOf(node); !shapes.empty())
            m_traced[node].seen = std::move(shapes);
}

QString SpaceDocument::sizeText() const
{
    if (m_count)
        return *m_count == "1" ? tr("1 architecture") : tr("%1 architectures").arg(countText(*m_count));
    return m_uncountable ? tr("uncountably many architectures") : QString();
}

void SpaceDocument::afterChange()
{
    m_structuralIssues = space::check(m_space, *m_operations);
    // What the last survey said of shapes holds until the next is there: labels do not flicker while one draws. Its issues
    // do not: they may name what has just been mended.
    m_issues = m_structuralIssues;
    Q_EMIT changed();
    Q_EMIT issuesChanged();
    startSurvey();
}

void SpaceDocument::startSurvey()
{
    m_predictionStop.request_stop();
    m_latestPrediction.drop();
    if (std::ranges::any_of(
            m_structuralIssues, [](const space::Issue& i) { return i.severity == space::Issue::Severity::Error; })) {
        m_surveying = false;
        m_survey = {};
        m_count.reset();
        m_uncountable = false;
        m_decisions = 0;
        setLatency({});
        m_latestSurvey.run(
            this,
            [space = m_space, operations = m_operations, task = m_task] { return traceShapes(space, *operations, task); },
            [this](ShapeTrace trace) {
                setTrace(std::move(trace));
                Q_EMIT surveyChanged();
                Q_EMIT issuesChanged(); // their repairs are known now
            });
        Q_EMIT surveyChanged();
        return;
    }
    m_surveying = true;
    m_latestSurvey.run(
        this,
        [space = m_space, operations = m_operations, task = m_task, latency = m_predictor] {
            return explore(space, *operations, task, latency);
        },
        [this](Findings findings) {
            m_surveying = false;
            setTrace(std::move(findings.trace));
            m_issues = m_structuralIssues;
            std::ranges::move(findings.issues, std::back_inserter(m_issues));
            std::ranges::copy(findings.survey.issues, std::back_inserter(m_issues));
            m_survey = std::move(findings.survey);
            m_count = std::move(findings.count);
            m_uncountable = findings.uncountable;
            m_decisions = findings.decisions;
            Q_EMIT surveyChanged();
            Q_EMIT issuesChanged();
            if (m_survey.latency || m_survey.fitting == 0)
                setLatency(m_survey.latency);
            else if (m_predictor)
                startPredicting();
        });
}

void SpaceDocument::startPredicting()
{
    m_predicting = true;
    Q_EMIT latencyChanged();
    m_predictionStop = {};
    const auto predict = [predictor = m_predictor, stop = m_predictionStop.get_token()](
                             const network::Network& network) -> Result<double> {
        if (stop.stop_requested())
            return fail(ErrorCode::Cancelled, "the space is another by now");
        return predictor(network);
    };
    m_latestPrediction.run(
        this,
        [space = m_space, operations = m_operations, task = m_task, predict] {
            return network::surveyShapes(space, *operations, task, { .keep = 0, .latency = predict }).latency;
        },
        [this](std::optional<network::LatencyRange> latency) { setLatency(latency); });
}

void SpaceDocument::setLatency(std::optional<network::LatencyRange> latency)
{
    m_predicting = false;
    m_latency = latency;
    Q_EMIT latencyChanged();
}

} // namespace archscope::ui
