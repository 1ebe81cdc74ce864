#include "ui/panels/number_item.h"

#include <QHeaderView>

namespace archscope::ui {

NumberItem::NumberItem(const QString& text, double value) : QTableWidgetItem(text)
{
    setTextAlignment(Qt::AlignRight | Qt::AlignVCenter);
    setData(Qt::UserRole, value);
    setToolTip(text);
}

bool NumberItem::operator<(const QTableWidgetItem& other) const
{
    return data(Qt::UserRole).toDouble() < other.data(Qt::UserRole).toDouble();
}

void styleFactTable(QTableWidget& table)
{
    table.setEditTriggers(QAbstractItemView::NoEditTriggers);
    table.setWordWrap(false);
    table.verticalHeader()->hide();
    table.verticalHeader()->setDefaultSectionSize(table.fontMetrics().height() + 8);
    table.horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    table.horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
}

} // namespace archscope::ui
