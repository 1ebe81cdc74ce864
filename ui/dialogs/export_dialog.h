// Retrains the chosen trial and writes it: format, file, epochs; progress, cancel and the verification's outcome.
#pragma once

#include "ui/bridge/study_session.h"

#include <QDialog>
#include <QElapsedTimer>
#include <QTimer>
#include <atomic>
#include <memory>
#include <stop_token>

class QComboBox;
class QLabel;
class QLineEdit;
class QProgressBar;
class QPushButton;
class QSpinBox;

namespace archscope::ui {

class ExportDialog : public QDialog {
    Q_OBJECT
public:
    /// The session must be open and know the trial; values are copied, it may be closed meanwhile.
    ExportDialog(StudySession* session, train::TrialId trial, QWidget* parent = nullptr);
    ~ExportDialog() override; ///< cancels what runs

private:
    void formatChanged();
    void chooseFile();
    void run();
    void setBusy(bool busy);
    void showProgress();

    std::shared_ptr<const catalog::Catalog> m_catalog;
    search::StudySpec m_spec;
    space::DecisionSpace m_decisions;
    std::shared_ptr<const data::Task> m_task;
    train::Trial m_trial;
    QComboBox* m_format = nullptr;
    QLineEdit* m_file = nullptr;
    QSpinBox* m_epochs = nullptr;
    QLabel* m_message = nullptr;
    QProgressBar* m_bar = nullptr;
    QPushButton* m_run = nullptr;
    QPushButton* m_close = nullptr; ///< cancels while something runs
    QTimer m_poll;
    QElapsedTimer m_since; ///< the start
    std::shared_ptr<std::atomic<double>> m_fraction = std::make_shared<std::atomic<double>>(0);
    std::stop_source m_stop;
};

} // namespace archscope::ui
