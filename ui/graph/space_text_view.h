// The space as JSON beside the canvas, both ways: what is drawn is written here, what is written here is drawn, as one undo
// step each time the text is sound. Until then it says what is wrong, in which line and at which JSON pointer.
#pragma once

#include <QWidget>

#include "ui/graph/space_document.h"

class QTimer;
class QToolButton;

namespace archscope::ui {

class JsonEdit;

class SpaceTextView : public QWidget {
    Q_OBJECT
public:
    explicit SpaceTextView(SpaceDocument* document, QWidget* parent = nullptr);

    void setReadOnly(bool readOnly);
    /// Takes over what was typed, at once.
    void apply();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void showSpace();
    void showProblem(const QString& sentence, int line);

    SpaceDocument* m_document;
    JsonEdit* m_edit = nullptr;
    QToolButton* m_problem = nullptr;
    QTimer* m_typed = nullptr;
    int m_problemLine = 0;
    bool m_showing = false; ///< the text changes because the space did
    bool m_applying = false; ///< the space changes because the text did
};

} // namespace archscope::ui
