// A form made from parameter descriptors: the settings of a strategy, a scheduler, a filter. What is left empty is the default.
#pragma once

#include "core/space/operation_traits.h"

#include <QWidget>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

class QFormLayout;

namespace archscope::ui {

class SettingsForm : public QWidget {
    Q_OBJECT
public:
    /// Fields are called PREFIX.NAME.
    explicit SettingsForm(QString prefix, QWidget* parent = nullptr);

    /// Forgets the former fields and what was written in them.
    void setDescriptors(std::span<const space::ParameterDescriptor> descriptors);
    /// What differs from the defaults. Needs `problem()` to be empty.
    std::map<std::string, space::Literal> values() const;
    /// The first field that does not fit, in words; empty when all do.
    QString problem() const;

Q_SIGNALS:
    void edited();

private:
    struct Field {
        space::ParameterDescriptor descriptor;
        std::function<QString()> text; ///< empty: the default
    };
    QWidget* makeChoice(const space::ParameterDescriptor& descriptor);
    QWidget* makeLine(const space::ParameterDescriptor& descriptor);

    QString m_prefix;
    QFormLayout* m_form = nullptr;
    std::vector<Field> m_fields;
};

/// "sample_size" as people read it: "Sample size".
QString settingTitle(const std::string& name);

} // namespace archscope::ui
