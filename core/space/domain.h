// The values that a decision may take.
//
// An answer to a decision is one number, whatever the domain: the index of the value for finite domains, a position in
// [0, 1] for real ones (uniform, or uniform in the logarithm). So genotypes are flat vectors of numbers.
#pragma once

#include "core/base/json.h"
#include "core/base/result.h"
#include "core/base/rng.h"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace archscope::space {

/// A concrete value of a parameter.
using Literal = std::variant<bool, std::int64_t, double, std::string>;

/// "3", "0.25", "relu", "yes": as people read it.
std::string literalText(const Literal& value);
Json literalToJson(const Literal& value);
Result<Literal> literalFromJson(const JsonReader& reader);

struct Domain {
    /// Subset: `pickLow` to `pickHigh` of the named members, "a,c". Permutation: all members in some order, "b>a>c".
    enum class Kind { Integer, Real, Categorical, Subset, Permutation };

    Kind kind = Kind::Categorical;
    std::int64_t low = 0;  ///< Integer: inclusive
    std::int64_t high = 0; ///< Integer: inclusive
    std::int64_t step = 1; ///< Integer: low, low+step, … up to high
    double realLow = 0;    ///< Real: inclusive
    double realHigh = 1;   ///< Real: inclusive
    bool log = false;      ///< Real: uniform in the logarithm (realLow > 0). Integer: `geometric`, values low·2ⁱ up to high
    std::vector<Literal> values; ///< Categorical: in order, distinct. Subset, Permutation: the members' names
    int pickLow = 1;             ///< Subset: inclusive
    int pickHigh = 1;            ///< Subset: inclusive
    /// Prior of a finite domain: relative weight of each value, each ≥ 0, not all 0; empty: uniform. Steers sampling, not counting.
    std::vector<double> weights;

    static Domain integers(std::int64_t low, std::int64_t high, std::int64_t step = 1);
    static Domain powersOfTwo(std::int64_t low, std::int64_t high);
    static Domain reals(double low, double high, bool log = false);
    static Domain categories(std::vector<Literal> values);
    static Domain subset(std::vector<std::string> members, int pickLow, int pickHigh);
    static Domain permutation(std::vector<std::string> members);

    /// Nothing when sound; else what is wrong: empty, bounds reversed, duplicates, more than a million values (subsets: 100,000
    /// of at most 60 members; permutations: of at most 9), weights that do not fit.
    std::optional<std::string> problem() const;
    /// Number of values; nothing for a real domain.
    std::optional<std::int64_t> size() const;
    /// The value that an answer stands for. The answer must be valid (see `contains`).
    Literal at(double answer) const;
    /// The answer that stands for a value; an error names the domain when the value is not in it.
    Result<double> answerFor(const Literal& value) const;
    bool contains(double answer) const;
    double sample(Rng& rng) const; ///< by the prior
    /// Subset: whether the answer contains the member with that index, for all members at once, lowest bit first.
    std::uint64_t members(double answer) const;
    /// Permutation: the members' indices in the order the answer stands for.
    std::vector<int> order(double answer) const;
    /// "3, 5, 7", "8 to 64 step 8", "0.1 to 0.5 (log)".
    std::string text() const;

    bool operator==(const Domain&) const = default;
};

Json domainToJson(const Domain& domain);
/// {"int":[1,6],"step":1} | {"int":[8,64],"log":true} | {"real":[0,0.5],"log":true} | {"values":[3,5,"x"]}; finite ones also
/// with "weights":[1,2,1]. Subsets and permutations come from the graph's structure and have no JSON form of their own.
Result<Domain> domainFromJson(const JsonReader& reader);

} // namespace archscope::space
