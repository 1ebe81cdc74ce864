// Several operations picked at once: a list to tick, or names typed with commas between them ("conv, pool, identity, zero").
#pragma once

#include "ui/graph/palette_entries.h"

#include <QFrame>
#include <QStringList>
#include <vector>

class QLineEdit;
class QListWidget;
class QPushButton;

namespace archscope::ui {

class OperationChecklist : public QFrame {
    Q_OBJECT
public:
    /// Deletes itself when it closes.
    OperationChecklist(std::vector<PaletteEntry> entries, QWidget* parent);
    void popUp(QPoint globalPosition);

Q_SIGNALS:
    void chosen(const QStringList& entryKeys); ///< in the order in which they were ticked

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void onTyped(const QString& text);
    void filter(const QString& words);
    /// Ticks what fits the words best; a sentence when nothing does.
    void tickBest(const QString& words);
    void showTicked();
    void finish();

    std::vector<PaletteEntry> m_entries;
    QStringList m_ticked;
    QLineEdit* m_search = nullptr;
    QListWidget* m_list = nullptr;
    QPushButton* m_add = nullptr;
};

} // namespace archscope::ui
