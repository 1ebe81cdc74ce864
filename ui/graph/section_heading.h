// The bold line above a part of a form.
#pragma once

#include <QLabel>

namespace archscope::ui {

inline QLabel* sectionHeading(const QString& text, QWidget* parent)
{
    auto* label = new QLabel(text, parent);
    QFont font = label->font();
    font.setBold(true);
    label->setFont(font);
    return label;
}

} // namespace archscope::ui
