// The space at a glance, live: its exact size, how large its networks are, sampled ones in pictures, and which strategies can
// search it.
#pragma once

#include <QWidget>

#include "core/catalog/catalog.h"
#include "ui/graph/space_document.h"

#include <memory>

class QLabel;
class QListWidget;

namespace archscope::ui {

class SpacePanel : public QWidget {
    Q_OBJECT
public:
    SpacePanel(std::shared_ptr<const catalog::Catalog> catalog, SpaceDocument* document, QWidget* parent = nullptr);

Q_SIGNALS:
    /// A sampled network was chosen, to be looked at.
    void networkChosen(const archscope::network::Network& network);

private:
    void showFacts();
    void explore();

    std::shared_ptr<const catalog::Catalog> m_catalog;
    SpaceDocument* m_document;
    QLabel* m_size = nullptr;
    QLabel* m_decisions = nullptr;
    QLabel* m_parameters = nullptr;
    QLabel* m_flops = nullptr;
    QLabel* m_fitting = nullptr;
    QLabel* m_hint = nullptr;
    QListWidget* m_samples = nullptr;
    QListWidget* m_strategies = nullptr;
    LatestOnly m_latest;
};

} // namespace archscope::ui
