// The network view: pictures in the background, selection, highlights, images.
#include <QApplication>
#include <QSignalSpy>
#include <QTest>

#include "core/catalog/catalog.h"
#include "core/network/shape_survey.h"
#include "ui/graph/network_view.h"
#include "ui/graph/picture_items.h"

using namespace archscope;
using namespace archscope::ui;

class TestNetworkView : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase();
    void drawsEveryLayer();
    void clickSelectsALayer();
    void highlightsAndSelectionAreSeen();
    void sameNetworkKeepsThePicture();
    void onlyTheNewestIsShown();
    void clearSaysWhatToDo();
    void svgIsWhole();

private:
    network::Network sample(const char* preset, std::uint64_t seed) const;
    std::shared_ptr<const catalog::Catalog> m_catalog;
    std::shared_ptr<const space::OperationSet> m_operations;
};

void TestNetworkView::initTestCase()
{
    m_catalog = std::make_shared<catalog::Catalog>();
    m_operations = { m_catalog, &m_catalog->operations() };
}

network::Network TestNetworkView::sample(const char* preset, std::uint64_t seed) const
{
    const auto space = m_catalog->preset(preset);
    const auto survey = network::surveyShapes(space.value(), *m_operations, { { 1, 8, 8 }, 10 });
    return survey.examples.at(seed % survey.examples.size());
}

void TestNetworkView::drawsEveryLayer()
{
    NetworkView view(m_operations);
    view.resize(500, 700);
    view.show();
    QSignalSpy changed(&view, &NetworkView::pictureChanged);
    const network::Network network = sample("resnet-like", 1);
    view.setNetwork(network);
    QTRY_COMPARE(changed.count(), 1);
    QCOMPARE(view.picture().nodes.size(), network.layers.size());
    const QRectF visible = view.mapToScene(view.viewport()->rect()).boundingRect();
    QVERIFY(visible.contains(QRectF(0, 0, view.picture().width, view.picture().height)));
    const QImage image = view.renderImage(2);
    QVERIFY(image.width() >= view.picture().width * 2);
    QVERIFY(NetworkView(m_operations).renderImage(1).isNull());
}

void TestNetworkView::clickSelectsALayer()
{
    NetworkView view(m_operations);
    view.resize(500, 700);
    view.show();
    QVERIFY(QTest::qWaitForWindowExposed(&view));
    view.setNetwork(sample("chain-cnn", 2));
    QTRY_VERIFY(!view.picture().nodes.empty());
    QSignalSpy selected(&view, &NetworkView::layerSelected);
    const layout::PictureNode& node = view.picture().nodes.at(1);
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, view.mapFromScene(node.centre.x, node.centre.y));
    QCOMPARE(selected.count(), 1);
    QCOMPARE(view.selectedLayer(), node.layer);
    QTest::keyClick(&view, Qt::Key_Down);
    QCOMPARE(view.selectedLayer(), node.layer + 1);
    // Dragging pans and selects nothing.
    QTest::mousePress(view.viewport(), Qt::LeftButton, {}, QPoint(250, 300));
    QTest::mouseMove(view.viewport(), QPoint(300, 360));
    QTest::mouseRelease(view.viewport(), Qt::LeftButton, {}, QPoint(300, 360));
    QCOMPARE(view.selectedLayer(), node.layer + 1);
    QTest::mouseClick(view.viewport(), Qt::LeftButton, {}, QPoint(3, 3));
    QCOMPARE(view.selectedLayer(), -1);
}

void TestNetworkView::highlightsAndSelectionAreSeen()
{
    NetworkView view(m_operations);
    view.resize(500, 700);
    view.setNetwork(sample("mlp", 0));
    QTRY_VERIFY(!view.picture().nodes.empty());
    const QImage plain = view.renderImage(1);
    view.setHighlights({ 1 }, QColor(Qt::magenta));
    const QImage marked = view.renderImage(1);
    QVERIFY(plain != marked);
    view.selectLayer(1);
    QVERIFY(view.renderImage(1) != marked);
    view.selectLayer(-1);
    view.setHighlights({}, {});
    QVERIFY(view.renderImage(1) == plain);
}

void TestNetworkView::sameNetworkKeepsThePicture()
{
    NetworkView view(m_operations);
    QSignalSpy changed(&view, &NetworkView::pictureChanged);
    const network::Network network = sample("mlp", 1);
    view.setNetwork(network);
    QTRY_COMPARE(changed.count(), 1);
    view.selectLayer(1);
    view.setNetwork(network);
    QCOMPARE(view.selectedLayer(), 1);
    QTest::qWait(0);
    QCOMPARE(changed.count(), 1);
}

void TestNetworkView::onlyTheNewestIsShown()
{
    NetworkView view(m_operations);
    QSignalSpy changed(&view, &NetworkView::pictureChanged);
    const network::Network last = sample("resnet-like", 1);
    view.setNetwork(sample("chain-cnn", 0));
    view.setNetwork(sample("mlp", 1));
    view.setNetwork(last);
    QTRY_COMPARE(changed.count(), 1);
    QCOMPARE(view.picture().nodes.size(), last.layers.size());
}

void TestNetworkView::clearSaysWhatToDo()
{
    NetworkView view(m_operations);
    view.resize(300, 300);
    view.setNetwork(sample("mlp", 0));
    QTRY_VERIFY(!view.picture().nodes.empty());
    const QImage before = view.grab().toImage();
    view.clear(QStringLiteral("Select a candidate to see its network."));
    QVERIFY(view.picture().nodes.empty());
    QVERIFY(!view.network());
    QVERIFY(view.grab().toImage() != before);
}

void TestNetworkView::svgIsWhole()
{
    NetworkView view(m_operations);
    QVERIFY(view.renderSvg(QStringLiteral("none")).isEmpty());
    view.setNetwork(sample("mlp", 0));
    QTRY_VERIFY(!view.picture().nodes.empty());
    const QByteArray svg = view.renderSvg(QStringLiteral("mine"));
    QVERIFY(svg.contains("<svg"));
    QVERIFY(svg.trimmed().endsWith("</svg>"));
}

QTEST_MAIN(TestNetworkView)
#include "tst_network_view.moc"
