// A part of a form that folds away; folded, its heading tells in a few words what stands in it.
#pragma once

#include <QWidget>

class QLabel;
class QToolButton;
class QVBoxLayout;

namespace archscope::ui {

class FoldedSection : public QWidget {
    Q_OBJECT
public:
    /// The heading's button is called NAME.fold.
    FoldedSection(const QString& name, const QString& title, QWidget* parent = nullptr);

    QVBoxLayout* content() const { return m_layout; }
    void setSummary(const QString& text);
    void setOpen(bool open);
    bool isOpen() const;

private:
    QToolButton* m_heading = nullptr;
    QLabel* m_summary = nullptr;
    QWidget* m_body = nullptr;
    QVBoxLayout* m_layout = nullptr;
};

} // namespace archscope::ui
