#include "ui/panels/layer_comparison.h"

#include "core/base/text.h"
#include "ui/panels/number_item.h"
#include "ui/theme/theme.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSignalBlocker>
#include <QTableWidget>
#include <QVBoxLayout>
#include <cstdlib>

namespace archscope::ui {

namespace {
constexpr int pairRole = Qt::UserRole + 1;

QString signedNumber(std::int64_t number)
{
    const QString digits = QString::fromStdString(groupDigits(std::abs(number)));
    return number == 0 ? digits : (number > 0 ? QStringLiteral("+") : QStringLiteral("−")) + digits;
}
} // namespace

LayerComparison::LayerComparison(Theme* theme, QWidget* parent) : QWidget(parent), m_theme(theme)
{
    setObjectName("layerComparison");
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(0);
    auto* tools = new QHBoxLayout;
    tools->setContentsMargins(8, 4, 8, 4);
    m_quantity = new QComboBox(this);
    m_quantity->setObjectName("layerQuantity");
    m_quantity->setAccessibleName(tr("What the layers are compared by"));
    m_quantity->setToolTip(tr("What the layers are compared by"));
    m_quantity->addItems({tr("Parameters of each layer"), tr("FLOPs of each layer")});
    tools->addWidget(m_quantity);
    m_onlyDifferent = new QCheckBox(tr("Only what differs"), this);
    m_onlyDifferent->setObjectName("onlyDifferentLayers");
    m_onlyDifferent->setToolTip(tr("Leave out layers that are alike in both networks"));
    tools->addWidget(m_onlyDifferent);
    tools->addStretch(1);
    m_legend = new QLabel(this);
    m_legend->setToolTip(tr("Another operation, other parameters, or only one of the networks has the layer; ringed in the graphs"));
    tools->addWidget(m_legend);
    layout->addLayout(tools);
    m_table = new QTableWidget(0, 4, this);
    m_table->setObjectName("layerTable");
    m_table->setAccessibleName(tr("Layers of both networks"));
    styleFactTable(*m_table);
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setSortingEnabled(true);
    m_table->horizontalHeader()->setSortIndicatorClearable(true); // a third click: the order of the networks
    m_table->horizontalHeader()->setSortIndicator(-1, Qt::AscendingOrder);
    layout->addWidget(m_table, 1);
    connect(m_quantity, &QComboBox::currentIndexChanged, this, &LayerComparison::fill);
    connect(m_onlyDifferent, &QCheckBox::toggled, this, &LayerComparison::fill);
    connect(m_table->horizontalHeader(), &QHeaderView::sortIndicatorChanged, this, [this](int column) {
        if (column < 0)
            fill();
    });
    connect(m_table, &QTableWidget::itemSelectionChanged, this, [this] {
        const auto* item = m_table->item(m_table->currentRow(), 0);
        if (!item || !item->isSelected())
            return;
        const LayerPair& pair = m_pairs[static_cast<std::size_t>(item->data(pairRole).toInt())];
        Q_EMIT pairSelected(pair.left, pair.right);
    });
    connect(theme, &Theme::changed, this, [this] {
        applyColours();
        fill();
    });
    applyColours();
}

void LayerComparison::applyColours()
{
    m_legend->setText(QStringLiteral("<span style=\"color:%1\">■</span> %2").arg(m_theme->colours().warning.name(), tr("differs")));
}

void LayerComparison::setNetworks(const network::Network& left, const network::Network& right, std::vector<LayerPair> pairs,
                                  const QString& leftTitle, const QString& rightTitle)
{
    m_left = left;
    m_right = right;
    m_pairs = std::move(pairs);
    m_titles[0] = leftTitle;
    m_titles[1] = rightTitle;
    fill();
}

void LayerComparison::clear()
{
    m_pairs.clear();
    fill();
}

void LayerComparison::fill()
{
    const bool wantsFlops = static_cast<Quantity>(m_quantity->currentIndex()) == Quantity::Flops;
    const auto costOf = [wantsFlops](const network::Network& network, int layer) {
        if (layer < 0)
            return std::int64_t{0};
        const auto& cost = network.layers[static_cast<std::size_t>(layer)].cost;
        return wantsFlops ? cost.flops : cost.parameters;
    };
    const QSignalBlocker blocker(m_table);
    m_table->setSortingEnabled(false);
    m_table->setRowCount(0);
    m_table->setHorizontalHeaderLabels({tr("Layer"), m_titles[0], m_titles[1], tr("Difference")});
    QPixmap mark(8, 8);
    mark.fill(m_theme->colours().warning);
    QPixmap none(8, 8);
    none.fill(Qt::transparent);
    for (std::size_t index = 0; index < m_pairs.size(); ++index) {
        const LayerPair& pair = m_pairs[index];
        if (m_onlyDifferent->isChecked() && !pair.differs)
            continue;
        const int row = m_table->rowCount();
        m_table->insertRow(row);
        auto* title = new QTableWidgetItem(pairTitle(pair, m_left, m_right));
        title->setData(pairRole, static_cast<int>(index));
        title->setIcon(QIcon(pair.differs ? mark : none));
        title->setToolTip(pair.left < 0 ? tr("%1: only in %2").arg(title->text(), m_titles[1])
                          : pair.right < 0 ? tr("%1: only in %2").arg(title->text(), m_titles[0])
                                           : title->text());
        m_table->setItem(row, 0, title);
        const std::int64_t left = costOf(m_left, pair.left);
        const std::int64_t right = costOf(m_right, pair.right);
        const auto number = [](int layer, std::int64_t value) {
            return layer < 0 ? QStringLiteral("–") : QString::fromStdString(groupDigits(value));
        };
        m_table->setItem(row, 1, new NumberItem(number(pair.left, left), static_cast<double>(left)));
        m_table->setItem(row, 2, new NumberItem(number(pair.right, right), static_cast<double>(right)));
        m_table->setItem(row, 3, new NumberItem(signedNumber(right - left), static_cast<double>(std::abs(right - left))));
    }
    m_table->setSortingEnabled(true);
}

void LayerComparison::selectPair(int left, int right)
{
    const QSignalBlocker blocker(m_table);
    for (int row = 0; row < m_table->rowCount(); ++row) {
        const LayerPair& pair = m_pairs[static_cast<std::size_t>(m_table->item(row, 0)->data(pairRole).toInt())];
        if ((left >= 0 && pair.left == left) || (right >= 0 && pair.right == right)) {
            m_table->selectRow(row);
            m_table->scrollToItem(m_table->item(row, 0));
            return;
        }
    }
    m_table->clearSelection();
}

} // namespace archscope::ui
