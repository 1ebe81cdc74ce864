// A list of palette entries below a line to search them by name: what popups that pick entries have in common.
#pragma once

#include "ui/graph/palette_entries.h"

#include <QFrame>
#include <vector>

class QLineEdit;
class QListWidget;
class QListWidgetItem;
class QVBoxLayout;

namespace archscope::ui {

/// Deletes itself when it closes. Arrows move in the list while one types, Escape closes.
class EntryPopup : public QFrame {
    Q_OBJECT
public:
    void popUp(QPoint globalPosition);

protected:
    /// Its widgets are called `name` + "Search" and "List".
    EntryPopup(const QString& name, std::vector<PaletteEntry> entries, QWidget* parent);

    /// Enter or another key of the search line that is none of the above; whether it was taken.
    virtual bool takesKey(int key) = 0;
    bool eventFilter(QObject* watched, QEvent* event) override;

    /// A row of the list; its key is in Qt::UserRole.
    QListWidgetItem* add(const PaletteEntry& entry);
    const std::vector<PaletteEntry>& entries() const { return m_entries; }
    QLineEdit* search() const { return m_search; }
    QListWidget* list() const { return m_list; }
    QVBoxLayout* column() const { return m_column; } ///< search line and list; more may follow
    static bool isEnter(int key) { return key == Qt::Key_Return || key == Qt::Key_Enter; }

private:
    std::vector<PaletteEntry> m_entries;
    QLineEdit* m_search = nullptr;
    QListWidget* m_list = nullptr;
    QVBoxLayout* m_column = nullptr;
};

} // namespace archscope::ui
