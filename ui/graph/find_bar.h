// Ctrl+F on the canvas: words, how many nodes match, the next and the previous one.
#pragma once

#include <QWidget>

#include "ui/graph/space_document.h"

#include <vector>

class QLabel;
class QLineEdit;

namespace archscope::ui {

class FindBar : public QWidget {
    Q_OBJECT
public:
    explicit FindBar(SpaceDocument* document, QWidget* parent = nullptr);

    /// Shows itself with the words selected.
    void open();
    void next() { step(1); }
    void previous() { step(-1); }
    /// Hides itself; nothing is found any more.
    void dismiss();

Q_SIGNALS:
    void foundChanged(const std::vector<archscope::space::NodeId>& nodes);
    void revealWished(archscope::space::NodeId node);
    void dismissed();

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    enum class Reveal { No, Yes };
    void search(Reveal reveal);
    void step(int by);
    void showCount();

    SpaceDocument* m_document;
    QLineEdit* m_words = nullptr;
    QLabel* m_count = nullptr;
    std::vector<space::NodeId> m_found;
    int m_current = -1;
};

} // namespace archscope::ui
