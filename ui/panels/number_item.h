// Cells of the small tables of facts: numbers that sort as numbers, rows close together.
#pragma once

#include <QTableWidget>

namespace archscope::ui {

/// A number as people read it, aligned to the right, sorted by its value.
class NumberItem : public QTableWidgetItem {
public:
    NumberItem(const QString& text, double value);
    bool operator<(const QTableWidgetItem& other) const override;
};

/// Read only, dense, without row numbers; the first column takes the room that is left.
void styleFactTable(QTableWidget& table);

} // namespace archscope::ui
