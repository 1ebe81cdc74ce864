// An editor with its inspector and palette, and hands for the fields of forms.
#pragma once

#include "editor_bench.h"

#include "ui/graph/operation_palette.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLineEdit>
#include <QMenu>
#include <QPushButton>
#include <QSpinBox>
#include <QToolButton>
#include <QTreeWidget>

namespace archscope::ui {

class InspectorBench : public EditorBench {
public:
    InspectorBench()
        : inspector(&document)
    {
        inspector.follow(&editor);
        inspector.resize(320, 900);
        inspector.show();
        (void)QTest::qWaitForWindowExposed(&inspector);
    }
    /// The inspector makes its form when the event loop turns.
    template <class Widget> Widget* field(const char* name) const
    {
        QCoreApplication::processEvents();
        QCoreApplication::sendPostedEvents(nullptr, QEvent::DeferredDelete);
        return inspector.findChild<Widget*>(QString::fromLatin1(name));
    }
    void enter(const char* name, const QString& text)
    {
        auto* line = field<QLineEdit>(name);
        QVERIFY2(line, name);
        inspector.activateWindow(); // where one types; shortcuts of the other window must not take part
        QVERIFY(QTest::qWaitForWindowActive(&inspector));
        line->setFocus();
        line->selectAll();
        QTest::keyClicks(line, text);
        QTest::keyClick(line, Qt::Key_Return);
    }
    void chooseMode(const char* prefix, const char* mode) const
    {
        auto* button = field<QToolButton>((std::string(prefix) + ".mode").c_str());
        QVERIFY2(button, prefix);
        auto* action = button->menu()->findChild<QAction*>(
            QString::fromLatin1("%1.mode.%2").arg(QLatin1String(prefix), QLatin1String(mode)));
        QVERIFY2(action, mode);
        action->trigger();
    }
    QString problem(const char* prefix) const
    {
        const auto* label = field<QLabel>((std::string(prefix) + ".problem").c_str());
        return label && label->isVisible() ? label->text() : QString();
    }
    const space::ParameterValue* parameter(const std::string& node, const std::string& name) const
    {
        const auto& parameters = std::get<space::Operation>(named(node).body).parameters;
        const auto found = parameters.find(name);
        return found == parameters.end() ? nullptr : &found->second;
    }
    NodeInspector inspector;
};

} // namespace archscope::ui
