// The one random generator of the project: small, fast, its state a value, the same on every platform.
//
// xoshiro256** (Blackman, Vigna: Scrambled Linear Pseudorandom Number Generators, 2018), seeded by splitmix64. The standard
// library's distributions differ between implementations, so the few we need are here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <utility>

namespace archscope {

class Rng {
public:
    using State = std::array<std::uint64_t, 4>;

    explicit Rng(std::uint64_t seed = 0);
    static Rng fromState(const State& state);

    /// A generator of its own for each combination of keys: (study seed, trial id, purpose). Order matters.
    static Rng derived(std::initializer_list<std::uint64_t> keys) { return Rng(mixed(keys)); }
    /// The seed that `derived` uses, for generators of others (LibTorch).
    static std::uint64_t mixed(std::initializer_list<std::uint64_t> keys);

    std::uint64_t next();
    /// Uniform in [0, n), without modulo bias. n > 0.
    std::uint64_t below(std::uint64_t n);
    /// Uniform in [0, 1), 53 bits.
    double uniform();
    /// Standard normal (Marsaglia's polar method; the second value is not kept, so that the state stays four words).
    double normal();

    template <class T>
    void shuffle(std::span<T> items)
    {
        for (std::size_t i = items.size(); i > 1; --i)
            std::swap(items[i - 1], items[below(i)]);
    }

    const State& state() const { return m_state; }
    bool operator==(const Rng&) const = default;

private:
    State m_state{};
};

} // namespace archscope
