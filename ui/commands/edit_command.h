// The one undo command of the space editor: it holds one SpaceEdit and its inverse.
#pragma once

#include "core/space/space_edit.h"

#include <QUndoCommand>
#include <functional>

namespace archscope::ui {

/// Applies an edit to the space it is about and tells the views. Edits handed to it come from the undo stack and fit.
using EditApplier = std::function<void(const space::SpaceEdit& edit)>;

class EditCommand : public QUndoCommand {
public:
    /// `edit` has been applied already, so that it could be refused before it became a command; `inverse` is what applying
    /// it returned. The first redo, which the undo stack does on pushing, does nothing.
    EditCommand(space::SpaceEdit edit, space::SpaceEdit inverse, EditApplier apply);

    void undo() override;
    void redo() override;

private:
    space::SpaceEdit m_edit;
    space::SpaceEdit m_inverse;
    EditApplier m_apply;
    bool m_applied = true;
};

} // namespace archscope::ui
