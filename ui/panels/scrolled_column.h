// A panel that is one column of forms and scrolls where it is too low for them.
#pragma once

#include <QScrollArea>
#include <QVBoxLayout>

namespace archscope::ui {

/// The column's layout; its widgets have `layout->parentWidget()` as their parent.
inline QVBoxLayout* scrolledColumn(QWidget* panel)
{
    auto* outer = new QVBoxLayout(panel);
    outer->setContentsMargins(0, 0, 0, 0);
    auto* scroll = new QScrollArea(panel);
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setMinimumWidth(260); // the form beside its scroll bar
    outer->addWidget(scroll);
    auto* content = new QWidget(scroll);
    scroll->setWidget(content);
    return new QVBoxLayout(content);
}

} // namespace archscope::ui
