// Parameters and FLOPs layer by layer.
#pragma once

#include <QTableWidget>

namespace archscope::network {
struct Network;
}

namespace archscope::ui {

class CostTable : public QTableWidget {
    Q_OBJECT
public:
    explicit CostTable(QWidget* parent = nullptr);
    void setNetwork(const network::Network& network);
    void selectLayer(int layer);

Q_SIGNALS:
    void layerSelected(int layer);
};

} // namespace archscope::ui
