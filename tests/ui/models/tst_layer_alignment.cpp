#include "ui/models/layer_alignment.h"

#include <QTest>

using namespace archscope;
using namespace archscope::ui;

namespace {
/// Layers written "name:operation", one after the other; "+" another output.
network::Network networkOf(const QString& text)
{
    network::Network network;
    for (const QString& word : text.split(' ', Qt::SkipEmptyParts)) {
        network::Layer layer;
        layer.name = word.section(':', 0, 0).toStdString();
        layer.operation = word.section(':', 1).remove('+').toStdString();
        layer.output = {word.endsWith('+') ? 2 : 1};
        network.layers.push_back(layer);
    }
    return network;
}
} // namespace

class TestLayerAlignment : public QObject {
    Q_OBJECT
private Q_SLOTS:
    void pairs_data()
    {
        QTest::addColumn<QString>("left");
        QTest::addColumn<QString>("right");
        QTest::addColumn<QStringList>("expected"); // titles, "!" where they differ, "<" or ">" where one side has none
        QTest::newRow("alike") << "in:input a/conv:conv out:linear"
                               << "in:input a/conv:conv out:linear" << QStringList{"in", "a/conv", "out"};
        QTest::newRow("other shapes") << "in:input a/conv:conv out:linear"
                                        << "in:input a/conv:conv+ out:linear" << QStringList{"in", "a/conv", "out"};
        QTest::newRow("another alternative") << "in:input 0/op/conv:conv out:linear"
                                             << "in:input 0/op/pool:max_pool out:linear" << QStringList{"in", "!0/op: conv → pool", "out"};
        QTest::newRow("one more round") << "in:input 0/conv:conv 0/drop:dropout out:linear"
                                        << "in:input 0/conv:conv 0/drop:dropout 1/conv:conv 1/drop:dropout out:linear"
                                        << QStringList{"in", "0/conv", "0/drop", "!>1/conv", "!>1/drop", "out"};
        QTest::newRow("one less") << "in:input a:conv b:dropout out:linear"
                                  << "in:input a:conv out:linear" << QStringList{"in", "a", "!<b", "out"};
        QTest::newRow("nothing in common") << "a:conv"
                                           << "b:linear" << QStringList{"!>b", "!<a"};
        QTest::newRow("empty") << "" << "" << QStringList{};
    }
    void pairs()
    {
        QFETCH(QString, left);
        QFETCH(QString, right);
        QFETCH(QStringList, expected);
        const network::Network first = networkOf(left);
        const network::Network second = networkOf(right);
        QStringList found;
        for (const LayerPair& pair : alignLayers(first, second)) {
            QString text = pair.differs ? "!" : "";
            text += pair.left < 0 ? ">" : pair.right < 0 ? "<" : "";
            found << text + pairTitle(pair, first, second);
        }
        if (expected.size() == 2 && found.size() == 2)
            found.sort(), expected.sort(); // which of two unlike layers comes first is nobody's business
        QCOMPARE(found, expected);
    }
    void everyLayerStandsOnce()
    {
        const network::Network first = networkOf("in:input 0/a:conv 0/b:norm 1/a:conv 1/b:norm x:add out:linear");
        const network::Network second = networkOf("in:input 1/a:pool 0/a:conv y:mul 2/b:norm out:linear");
        std::vector<int> left;
        std::vector<int> right;
        for (const LayerPair& pair : alignLayers(first, second)) {
            if (pair.left >= 0)
                left.push_back(pair.left);
            if (pair.right >= 0)
                right.push_back(pair.right);
        }
        QCOMPARE(left.size(), first.layers.size());
        QCOMPARE(right.size(), second.layers.size());
        QVERIFY(std::is_sorted(left.begin(), left.end()) && std::is_sorted(right.begin(), right.end()));
    }
};

QTEST_GUILESS_MAIN(TestLayerAlignment)
#include "tst_layer_alignment.moc"
