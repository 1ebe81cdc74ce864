// Adding by name at the cursor: type, arrows, Enter. Closes by itself.
#pragma once

#include "ui/graph/entry_popup.h"

namespace archscope::ui {

class QuickAddPopup : public EntryPopup {
    Q_OBJECT
public:
    QuickAddPopup(std::vector<PaletteEntry> entries, QWidget* parent);

Q_SIGNALS:
    void chosen(const QString& entryKey);

protected:
    bool takesKey(int key) override;

private:
    void filter(const QString& words);
    void choose();
};

} // namespace archscope::ui
