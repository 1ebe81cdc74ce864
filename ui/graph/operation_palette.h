// The palette: a searchable tree of operations by category and of structural elements, to drag onto the canvas.
#pragma once

#include "ui/graph/palette_entries.h"

#include <QWidget>
#include <memory>

class QLineEdit;
class QTreeWidget;
class QTreeWidgetItem;

namespace archscope::ui {

class SpaceDocument;

class OperationPalette : public QWidget {
    Q_OBJECT
public:
    explicit OperationPalette(std::shared_ptr<const space::OperationSet> operations, QWidget* parent = nullptr);

    /// Lists the uses of the document's definitions, too, from now on. The document outlives the palette.
    void follow(const SpaceDocument* document);

Q_SIGNALS:
    /// Double click or Enter: connect to SpaceEditor::addEntry.
    void activated(const QString& entryKey);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void fill();
    void filter(const QString& words);
    void activate(QTreeWidgetItem* item);

    std::shared_ptr<const space::OperationSet> m_operations;
    const SpaceDocument* m_document = nullptr;
    QStringList m_definitions; ///< that are listed
    QLineEdit* m_search = nullptr;
    QTreeWidget* m_tree = nullptr;
};

} // namespace archscope::ui
