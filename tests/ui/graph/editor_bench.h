// A space editor on an offscreen window with its document, and hands for mouse and keys.
#pragma once

#include <QApplication>
#include <QDragEnterEvent>
#include <QLabel>
#include <QMimeData>
#include <QTest>

#include "core/catalog/catalog.h"
#include "ui/graph/node_inspector.h"
#include "ui/graph/palette_entries.h"
#include "ui/graph/space_editor.h"
#include "ui/graph/space_scene.h"
#include "ui/graph/space_view.h"

namespace archscope::ui {

inline std::shared_ptr<const space::OperationSet> testOperations()
{
    static const auto catalog = std::make_shared<const catalog::Catalog>();
    return { catalog, &catalog->operations() };
}

class EditorBench {
public:
    EditorBench()
        : document(testOperations())
        , editor(&document)
    {
        scene = editor.findChild<SpaceScene*>();
        view = editor.findChild<SpaceView*>();
        editor.resize(1000, 800);
        editor.show();
        editor.activateWindow();
        (void)QTest::qWaitForWindowActive(&editor); // shortcuts need it
        view->setFocus();
    }

    bool atRest() const
    {
        if (scene->needsPlacing())
            return false;
        for (const auto& [id, box] : scene->boxes())
            if (scene->node(id)->sceneBox().topLeft() != box.topLeft())
                return false;
        return true;
    }
    const space::Node& named(const std::string& name) const
    {
        for (const space::Node& node : scene->block().nodes)
            if (node.name == name)
                return node;
        qFatal("there is no node %s", name.c_str());
    }
    bool has(const std::string& name) const
    {
        return std::ranges::find(scene->block().nodes, name, &space::Node::name) != scene->block().nodes.end();
    }
    bool connected(const std::string& from, const std::string& to, int port = 0) const
    {
        const space::Edge edge{ named(from).id, named(to).id, port };
        return std::ranges::find(scene->block().edges, edge) != scene->block().edges.end();
    }
    QPoint inView(QPointF position) const { return view->mapFromScene(position); }
    QPoint header(const std::string& name) const
    {
        return inView(scene->node(named(name).id)->sceneBox().topLeft() + QPointF(30, 14));
    }
    QPoint output(const std::string& name) const
    {
        const space::NodeId id = named(name).id;
        return inView(scene->node(id)->portPosition({ id, Port::Side::Output, 0 }));
    }
    QPoint input(const std::string& name, int port = 0) const
    {
        const space::NodeId id = named(name).id;
        return inView(scene->node(id)->portPosition({ id, Port::Side::Input, port }));
    }
    void drag(QPoint from, QPoint to) const
    {
        QTest::mousePress(view->viewport(), Qt::LeftButton, {}, from);
        constexpr int steps = 5;
        for (int i = 1; i <= steps; ++i)
            QTest::mouseMove(view->viewport(), from + (to - from) * i / steps);
        QTest::mouseRelease(view->viewport(), Qt::LeftButton, {}, to);
    }
    void click(QPoint at) const { QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, at); }
    /// As the palette's drag ends. (A real drag runs an event loop of the window system, which is not there offscreen.)
    void drop(const QString& entryKey, QPoint at) const
    {
        QMimeData data;
        data.setData(QString::fromLatin1(paletteMimeType), entryKey.toUtf8());
        QDragEnterEvent enter(at, Qt::CopyAction, &data, Qt::LeftButton, {});
        QApplication::sendEvent(view->viewport(), &enter);
        QDragMoveEvent move(at, Qt::CopyAction, &data, Qt::LeftButton, {});
        QApplication::sendEvent(view->viewport(), &move);
        QDropEvent dropped(at, Qt::CopyAction, &data, Qt::LeftButton, {});
        QApplication::sendEvent(view->viewport(), &dropped);
    }
    QString message() const
    {
        const auto* label = editor.findChild<QLabel*>(QStringLiteral("canvasMessage"));
        return label->isVisible() ? label->text() : QString();
    }
    std::string hash() const { return space::semanticHash(document.space()); }

    SpaceDocument document;
    SpaceEditor editor;
    SpaceScene* scene = nullptr;
    SpaceView* view = nullptr;
};

} // namespace archscope::ui
