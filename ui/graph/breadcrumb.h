// Where in the nested blocks one is: the space, then each opened block; each a button that goes back there.
#pragma once

#include <QWidget>

#include "core/space/search_space.h"

class QHBoxLayout;

namespace archscope::ui {

class Breadcrumb : public QWidget {
    Q_OBJECT
public:
    explicit Breadcrumb(QWidget* parent = nullptr);
    /// `owner`: of the block that is shown.
    void show(const space::SearchSpace& space, const QString& rootTitle, space::NodeId owner);

Q_SIGNALS:
    void blockWished(archscope::space::NodeId owner);

private:
    void addStep(const QString& text, space::NodeId owner, bool isLast);

    QHBoxLayout* m_layout = nullptr;
};

} // namespace archscope::ui
