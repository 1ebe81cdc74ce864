// Runtime ids that cannot be mixed up: NodeId and TrialId are different types, and no integer converts to either.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace archscope {

template <class Tag>
class StrongId {
public:
    constexpr StrongId() = default;
    constexpr explicit StrongId(std::int64_t value) : m_value(value) {}
    constexpr std::int64_t value() const { return m_value; }
    constexpr bool isValid() const { return m_value >= 0; }
    auto operator<=>(const StrongId&) const = default;

private:
    std::int64_t m_value = -1;
};

} // namespace archscope

template <class Tag>
struct std::hash<archscope::StrongId<Tag>> {
    std::size_t operator()(const archscope::StrongId<Tag>& id) const noexcept
    {
        return std::hash<std::int64_t>{}(id.value());
    }
};
