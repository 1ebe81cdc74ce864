#include "ui/panels/cost_table.h"

#include "core/base/text.h"
#include "core/network/network.h"
#include "ui/panels/number_item.h"

namespace archscope::ui {

CostTable::CostTable(QWidget* parent) : QTableWidget(parent)
{
    setObjectName("costTable");
    setColumnCount(4);
    setHorizontalHeaderLabels({tr("Layer"), tr("Output"), tr("Parameters"), tr("FLOPs")});
    styleFactTable(*this);
    setSelectionBehavior(SelectRows);
    setSelectionMode(SingleSelection);
    connect(this, &QTableWidget::itemSelectionChanged, this, [this] { Q_EMIT layerSelected(currentRow()); });
}

void CostTable::setNetwork(const network::Network& network)
{
    const QSignalBlocker blocker(this);
    setRowCount(static_cast<int>(network.layers.size()));
    for (int row = 0; row < rowCount(); ++row) {
        const network::Layer& layer = network.layers[static_cast<std::size_t>(row)];
        auto* name = new QTableWidgetItem(QString::fromStdString(layer.name));
        name->setToolTip(name->text());
        setItem(row, 0, name);
        const std::string facts[] = {space::shapeText(layer.output), groupDigits(layer.cost.parameters), groupDigits(layer.cost.flops)};
        for (int column = 1; column < columnCount(); ++column)
            setItem(row, column, new NumberItem(QString::fromStdString(facts[column - 1]), row));
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
