// Adding by name at the cursor: type, arrows, Enter. Closes by itself.
#pragma once

#include "ui/graph/palette_entries.h"

#include <QFrame>
#include <vector>

class QLineEdit;
class QListWidget;

namespace archscope::ui {

/// Where a popup of that size stands wholly on the screen, as near as possible to the position.
QPoint insideScreen(QPoint globalPosition, QSize size);

class QuickAddPopup : public QFrame {
    Q_OBJECT
public:
    /// Deletes itself when it closes.
    QuickAddPopup(std::vector<PaletteEntry> entries, QWidget* parent);
    void popUp(QPoint globalPosition);

Q_SIGNALS:
    void chosen(const QString& entryKey);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void filter(const QString& words);
    void choose();

    std::vector<PaletteEntry> m_entries;
    QLineEdit* m_search = nullptr;
    QListWidget* m_list = nullptr;
};

} // namespace archscope::ui
