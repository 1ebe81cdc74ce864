// How the literature writes the architectures of a space, as text. A space names its notation; whatever has none, or was edited
// away from it, is written as the JSON of its genotype.
#pragma once

#include "core/space/decision_space.h"
#include "core/train/architecture_table.h"

#include <string>
#include <string_view>
#include <vector>

namespace archscope::catalog {

/// Works on any space that has the decisions it speaks of, by their keys. Without state: any thread.
class Notation {
public:
    virtual ~Notation() = default;
    virtual std::string_view name() const = 0;    ///< "nas-bench-201"
    virtual std::string_view example() const = 0; ///< one architecture
    /// Fails when the space lacks a decision, or has others that the notation cannot tell.
    virtual Result<std::string> write(const space::DecisionSpace& decisions, const space::Genotype& genotype) const = 0;
    /// The error names the position in the text, the reason and what fits there.
    virtual Result<space::Genotype> read(const space::DecisionSpace& decisions, std::string_view text) const = 0;
};

const std::vector<const Notation*>& notations();
/// Null when unknown.
const Notation* findNotation(std::string_view name);

/// In the space's notation where it can be written so, else the genotype's JSON.
std::string architectureText(const space::SearchSpace& space, const space::DecisionSpace& decisions, const space::Genotype& genotype);
/// Reads both: the space's notation and the genotype's JSON.
Result<space::Genotype> architectureFromText(const space::SearchSpace& space, const space::DecisionSpace& decisions, std::string_view text);
/// Both for tables, with copies of what they need.
train::ArchitectureCodec architectureCodec(space::SearchSpace space, space::DecisionSpace decisions);

} // namespace archscope::catalog
