#include "ui/panels/cost_table.h"

#include "core/base/text.h"
#include "core/network/network.h"

#include <QHeaderView>

namespace archscope::ui {

CostTable::CostTable(QWidget* parent) : QTableWidget(parent)
{
    setObjectName("costTable");
    setColumnCount(4);
    setHorizontalHeaderLabels({tr("Layer"), tr("Output"), tr("Parameters"), tr("FLOPs")});
    setEditTriggers(NoEditTriggers);
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    verticalHeader()->hide();
    horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    horizontalHeader()->setSectionResizeMode(0, QHeaderView::Stretch);
    connect(this, &QTableWidget::itemSelectionChanged, this, [this] { Q_EMIT layerSelected(currentRow()); });
}

void CostTable::setNetwork(const network::Network& network)
{
    const QSignalBlocker blocker(this);
    setRowCount(static_cast<int>(network.layers.size()));
    const auto put = [&](int row, int column, const std::string& text, Qt::Alignment alignment) {
        auto* item = new QTableWidgetItem(QString::fromStdString(text));
        item->setTextAlignment(alignment | Qt::AlignVCenter);
        item->setToolTip(item->text());
        setItem(row, column, item);
    };
    for (int row = 0; row < rowCount(); ++row) {
        const network::Layer& layer = network.layers[static_cast<std::size_t>(row)];
        put(row, 0, layer.name, Qt::AlignLeft);
        put(row, 1, space::shapeText(layer.output), Qt::AlignRight);
        put(row, 2, groupDigits(layer.cost.parameters), Qt::AlignRight);
        put(row, 3, groupDigits(layer.cost.flops), Qt::AlignRight);
    }
}

void CostTable::selectLayer(int layer)
{
    const QSignalBlocker blocker(this);
    if (layer >= 0)
        selectRow(layer);
    else
        clearSelection();
}

} // namespace archscope::ui
