// A spin box that leaves the wheel to the panel it scrolls in, and tells a number when it is typed wholly.
#pragma once

#include <QSpinBox>
#include <QWheelEvent>

namespace archscope::ui {

class QuietSpinBox : public QSpinBox {
public:
    explicit QuietSpinBox(QWidget* parent = nullptr)
        : QSpinBox(parent)
    {
        setKeyboardTracking(false);
        setFocusPolicy(Qt::StrongFocus);
    }

protected:
    void wheelEvent(QWheelEvent* event) override { event->ignore(); }
};

} // namespace archscope::ui
