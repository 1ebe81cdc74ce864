// Several operations picked at once: a list to tick, or names typed with commas between them ("conv, pool, identity, zero").
#pragma once

#include "ui/graph/entry_popup.h"

#include <QStringList>

class QPushButton;

namespace archscope::ui {

class OperationChecklist : public EntryPopup {
    Q_OBJECT
public:
    OperationChecklist(std::vector<PaletteEntry> entries, QWidget* parent);

Q_SIGNALS:
    void chosen(const QStringList& entryKeys); ///< in the order in which they were ticked

protected:
    bool takesKey(int key) override;

private:
    void onTyped(const QString& text);
    void filter(const QString& words);
    /// Ticks what fits the words best.
    void tickBest(const QString& words);
    void showTicked();
    void finish();

    QStringList m_ticked;
    QPushButton* m_add = nullptr;
};

} // namespace archscope::ui
