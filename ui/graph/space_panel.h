// The space at a glance, live: its exact size, how large its networks are, sampled ones in pictures, and which strategies can
// search it.
#pragma once

#include <QPointer>
#include <QWidget>

#include "core/catalog/catalog.h"
#include "ui/graph/space_document.h"

#include <memory>

class QLabel;
class QListWidget;

namespace archscope::ui {

class NetworkView;

class SpacePanel : public QWidget {
    Q_OBJECT
public:
    SpacePanel(std::shared_ptr<const catalog::Catalog> catalog, SpaceDocument* document, QWidget* parent = nullptr);

private:
    void showFacts();
    void explore();
    /// In a window of its own, one for all of them.
    void showNetwork(const network::Network& network);

    std::shared_ptr<const catalog::Catalog> m_catalog;
    SpaceDocument* m_document;
    QLabel* m_size = nullptr;
    QLabel* m_decisions = nullptr;
    QLabel* m_parameters = nullptr;
    QLabel* m_flops = nullptr;
    QLabel* m_latency = nullptr;
    QLabel* m_fitting = nullptr;
    QLabel* m_hint = nullptr;
    QListWidget* m_samples = nullptr;
    QListWidget* m_strategies = nullptr;
    QPointer<NetworkView> m_view;
    LatestOnly m_latest;
};

} // namespace archscope::ui
