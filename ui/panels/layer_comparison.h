// What each layer of two networks costs, side by side, with the difference.
#pragma once

#include "ui/models/layer_alignment.h"

#include <QWidget>

class QCheckBox;
class QComboBox;
class QLabel;
class QTableWidget;

namespace archscope::ui {

class Theme;

class LayerComparison : public QWidget {
    Q_OBJECT
public:
    enum class Quantity { Parameters, Flops };

    LayerComparison(Theme* theme, QWidget* parent = nullptr);
    /// The pairs are those of alignLayers of these two.
    void setNetworks(const network::Network& left, const network::Network& right, std::vector<LayerPair> pairs,
                     const QString& leftTitle, const QString& rightTitle);
    void clear();
    /// Marks the row of that layer; -1 where there is none.
    void selectPair(int left, int right);

Q_SIGNALS:
    void pairSelected(int left, int right); ///< by the user; -1: no such layer on that side

private:
    void fill();
    void applyColours();

    Theme* m_theme;
    network::Network m_left;
    network::Network m_right;
    std::vector<LayerPair> m_pairs;
    QString m_titles[2];
    QComboBox* m_quantity = nullptr;
    QCheckBox* m_onlyDifferent = nullptr;
    QLabel* m_legend = nullptr;
    QTableWidget* m_table = nullptr;
};

} // namespace archscope::ui
