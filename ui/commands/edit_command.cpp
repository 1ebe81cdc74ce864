#include "ui/commands/edit_command.h"

#include <utility>

namespace archscope::ui {

EditCommand::EditCommand(space::SpaceEdit edit, space::SpaceEdit inverse, EditApplier apply)
    : QUndoCommand(QString::fromStdString(edit.title))
    , m_edit(std::move(edit))
    , m_inverse(std::move(inverse))
    , m_apply(std::move(apply))
{
}

void EditCommand::undo()
{
    m_apply(m_inverse);
    m_applied = false;
}

void EditCommand::redo()
{
    if (!m_applied)
        m_apply(m_edit);
    m_applied = true;
}

} // namespace archscope::ui
