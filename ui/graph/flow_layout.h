// Widgets beside each other as wide as they want to be, and on further lines where there is no more room.
#pragma once

#include <QLayout>
#include <algorithm>

namespace archscope::ui {

class FlowLayout : public QLayout {
public:
    explicit FlowLayout(QWidget* parent)
        : QLayout(parent)
    {
    }
    ~FlowLayout() override
    {
        while (QLayoutItem* item = takeAt(0))
            delete item;
    }

    void addItem(QLayoutItem* item) override
    {
        m_items.append(item);
        invalidate();
    }
    int count() const override { return static_cast<int>(m_items.size()); }
    QLayoutItem* itemAt(int index) const override { return m_items.value(index); }
    QLayoutItem* takeAt(int index) override
    {
        if (index < 0 || index >= count())
            return nullptr;
        QLayoutItem* taken = m_items.takeAt(index);
        invalidate();
        return taken;
    }
    Qt::Orientations expandingDirections() const override { return {}; }
    bool hasHeightForWidth() const override { return true; }
    int heightForWidth(int width) const override { return arrange({ 0, 0, width, 0 }, Apply::No); }
    QSize sizeHint() const override { return minimumSize(); }
    /// Of the tallest item alone: a long line is no reason to keep the window wide.
    QSize minimumSize() const override
    {
        int height = 0;
        for (const QLayoutItem* item : m_items)
            height = std::max(height, item->sizeHint().height());
        const QMargins margins = contentsMargins();
        return { margins.left() + margins.right(), height + margins.top() + margins.bottom() };
    }
    void setGeometry(const QRect& rect) override
    {
        QLayout::setGeometry(rect);
        arrange(rect, Apply::Yes);
    }

private:
    enum class Apply { No, Yes };

    int arrange(const QRect& rect, Apply apply) const
    {
        const QRect inner = rect.marginsRemoved(contentsMargins());
        int x = inner.left();
        int y = inner.top();
        int lineHeight = 0;
        for (QLayoutItem* item : m_items) {
            const QSize size(std::min(item->sizeHint().width(), std::max(inner.width(), 1)), item->sizeHint().height());
            if (x > inner.left() && x + size.width() > inner.right() + 1) {
                x = inner.left();
                y += lineHeight + spacing();
                lineHeight = 0;
            }
            if (apply == Apply::Yes)
                item->setGeometry({ QPoint(x, y), size });
            x += size.width() + spacing();
            lineHeight = std::max(lineHeight, size.height());
        }
        return y + lineHeight - rect.top() + contentsMargins().bottom();
    }

    QList<QLayoutItem*> m_items;
};

} // namespace archscope::ui
