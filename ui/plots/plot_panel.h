// What all plots of trials share: theme, queued replots, pan and zoom, tooltips, selection, empty state, export.
//
// Drag pans, the wheel zooms (over an axis: that axis alone), a double click or Home shows everything again and follows new
// data from then on. A click selects the nearest trial (with Ctrl: adds it), Left and Right go through the trials, plus and
// minus zoom, Ctrl+C copies the picture.
#pragma once

#include "ui/bridge/study_session.h"
#include "ui/models/trial_selection.h"

#include <QElapsedTimer>
#include <QPointer>
#include <QTimer>
#include <QWidget>
#include <optional>
#include <vector>

class QAction;
class QCPAxis;
class QCPGraph;
class QCustomPlot;
class QHBoxLayout;
class QKeyEvent;
class QLabel;
class QMenu;
class QMouseEvent;
class QStackedWidget;

namespace archscope::ui {

class LegendStrip;
class Theme;
struct LegendItem;

class PlotPanel : public QWidget {
    Q_OBJECT
public:
    /// A trial under the mouse, or the next one from the keyboard.
    struct Hit {
        train::TrialId trial;
        QPointF position; ///< in the plot widget
        QString text;     ///< tooltip
    };

    /// `theme` and `selection` outlive the panel.
    PlotPanel(Theme* theme, TrialSelection* selection, const QString& title, QWidget* parent);
    ~PlotPanel() override;

    /// Null: the empty state. The session may die before the panel.
    void setSession(StudySession* session);
    StudySession* session() const { return m_session; }

    QCustomPlot* plot() const { return m_plot; }
    bool isEmpty() const { return m_empty; } ///< the sentence that says what to do is shown instead of the plot
    /// Whether the user has zoomed or panned; until then the axes follow the data.
    bool isZoomed() const { return m_zoomed; }
    /// Where a trial is drawn, in the plot widget; nothing when it is not.
    virtual std::optional<QPointF> positionOf(train::TrialId id) const = 0;
    /// What is shown, as CSV (RFC 4180, C locale) with a header line.
    virtual QString csv() const = 0;

    /// Plot and legend, as last drawn on screen, at this many device pixels a pixel.
    QImage image(double scale) const;
    /// Writes by suffix (.png .svg .pdf .csv) off the GUI thread; `saved` follows.
    void save(const QString& path);

public Q_SLOTS:
    void resetZoom();
    void copyImage();
    void copyData();
    void chooseFileAndSave();

Q_SIGNALS:
    /// `problem` is empty when the file was written, else a sentence.
    void saved(const QString& path, const QString& problem);

protected:
    virtual void reload() = 0;                                 ///< all anew: another study, metric or theme
    virtual void takeIn(int first, int last) = 0;              ///< new trials
    virtual void refresh(const std::vector<int>& indices) = 0; ///< changed trials
    virtual void prepare() {}                                  ///< just before drawing: bring graphs up to date
    virtual std::optional<Hit> nearest(const QPointF& position) const = 0; ///< within reach of a click
    virtual bool hasData() const = 0;
    virtual void fitAxes() = 0; ///< show all
    virtual QString emptyText() const = 0; ///< while a study is open
    /// In the plot's coordinates; nothing when it is not shown.
    virtual std::optional<QPointF> coordinatesOf(int index) const = 0;
    /// Lines follow the selection: a whole replot is due, not only the marks.
    virtual bool drawsSelection() const { return false; }

    static constexpr double clickReach = 9; ///< pixels

    Theme* theme() const { return m_theme; }
    TrialSelection* selection() const { return m_selection; }
    QHBoxLayout* tools() const { return m_tools; } ///< choices go here, left of the legend
    LegendStrip* legend() const { return m_legend; }
    void scheduleReplot(); ///< at most 30 a second, and none while hidden
    /// The axis to show [low, high] with a margin; a degenerate range is widened.
    static void fit(QCPAxis* axis, double low, double high);
    /// The study's first objective.
    search::Objective objective() const;
    /// A number as CSV has it; empty for NaN.
    static QString csvNumber(double value);
    /// Tooltip of a trial.
    QString describe(int index) const;
    /// What selected and best look like, for legends.
    void appendMarksTo(std::vector<LegendItem>& items) const;

    bool eventFilter(QObject* watched, QEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void applyTheme();
    void draw();
    void updateMarks();
    void showTrials(bool show);
    void press(QMouseEvent* event);
    void move(QMouseEvent* event);
    void release(QMouseEvent* event);
    void wheel(const QPointF& position);
    bool key(QKeyEvent* event);
    void stepSelection(int direction);
    void zoomBy(double factor);
    void makeActions();
    QByteArray rendered(const QString& suffix) const;
    /// Legend above the plot, on any paint device.
    void paintOn(QPaintDevice* device, bool vector) const;
    QSize exportSize() const;

    Theme* m_theme;
    QPointer<TrialSelection> m_selection;
    QPointer<StudySession> m_session;
    QString m_title;
    QCustomPlot* m_plot;
    QHBoxLayout* m_tools;
    LegendStrip* m_legend;
    QLabel* m_emptyLabel;
    QStackedWidget* m_pages;
    QMenu* m_menu;
    QCPGraph* m_selectedHalo = nullptr;
    QCPGraph* m_selectedMark = nullptr;
    QCPGraph* m_bestMark = nullptr;
    QTimer m_replotTimer;
    QElapsedTimer m_sinceReplot;
    QPoint m_pressed;
    std::vector<std::pair<QCPAxis*, std::pair<double, double>>> m_pressedRanges;
    bool m_dragging = false;
    bool m_zoomed = false;
    bool m_empty = true;
};

} // namespace archscope::ui
