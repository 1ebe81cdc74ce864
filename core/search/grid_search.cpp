#include "core/search/strategy.h"

#include <fmt/format.h>

namespace archscope::search {

namespace {

/// How many genotypes in a row an ask passes over that are not allowed or not admissible, before it gives up.
constexpr int mostPassedOver = 200'000;

/// Counts through the genotypes like an odometer: the last decision turns fastest, each through its answers in order. What
/// is next follows from what was last, so the state is one genotype.
class GridSearch : public Strategy {
public:
    explicit GridSearch(const StrategyContext& context)
        : m_context(context)
        , m_next(space::Genotype(context.decisions->size()))
    {
        for (const space::Decision& decision : context.decisions->decisions())
            m_last.push_back(static_cast<double>(*decision.domain.size() - 1));
        fillFrom(*m_next, 0);
    }

    std::optional<Proposal> ask() override
    {
        for (int passedOver = 0; m_next && passedOver < mostPassedOver; ++passedOver) {
            space::Genotype genotype = *m_next;
            advance();
            if (m_context.decisions->isAllowed(genotype) && m_context.isAdmissible(genotype))
                return Proposal{ std::move(genotype) };
        }
        return {};
    }

    void tell(const Observation&) override { }

    Json state() const override { return Json{ { "next", m_next ? Json(m_next->answers()) : Json() } }; }

    Result<void> restore(const Json& state) override
    {
        ARCHSCOPE_ASSIGN(const JsonReader next, JsonReader(state).member("next"));
        if (next.value().is_null()) {
            m_next.reset();
            return {};
        }
        ARCHSCOPE_ASSIGN(m_next, genotypeFromJson(next, *m_context.decisions));
        return {};
    }

private:
    /// The first answers, from this decision on.
    void fillFrom(space::Genotype& genotype, std::size_t begin) const
    {
        for (std::size_t i = begin; i < genotype.size(); ++i)
            genotype[i] = m_context.decisions->activeUnder(genotype, i) ? 0 : space::Genotype::inactive;
    }

    void advance()
    {
        std::size_t turning = m_next->size();
        while (turning > 0 && !(m_next->isActive(turning - 1) && (*m_next)[turning - 1] < m_last[turning - 1]))
            --turning;
        if (turning == 0) {
            m_next.reset();
            return;
        }
        ++(*m_next)[turning - 1];
        fillFrom(*m_next, turning);
    }

    StrategyContext m_context;
    std::vector<double> m_last; ///< of each decision the last answer
    std::optional<space::Genotype> m_next; ///< nothing at the end
};

} // namespace

StrategyDescriptor gridSearch()
{
    StrategyDescriptor descriptor;
    descriptor.name = "grid";
    descriptor.title = "Grid search";
    descriptor.help
        = "Evaluates every architecture of the space once, in order, and then ends. For spaces small enough to be seen "
          "whole; with a smaller budget it only sees one corner.";
    descriptor.source = "Exhaustive enumeration; for what it misses see Bergstra, Bengio: Random Search for Hyper-Parameter "
                        "Optimization, JMLR 2012";
    descriptor.multiObjective = true;
    descriptor.make = [](const StrategyContext& context, const Parameters&) -> Result<std::unique_ptr<Strategy>> {
        return std::make_unique<GridSearch>(context);
    };
    descriptor.obstacle = [](const space::DecisionSpace& decisions) -> std::optional<std::string> {
        for (const space::Decision& decision : decisions.decisions()) {
            if (!decision.domain.size())
                return fmt::format(
                    "a grid cannot go through the real values of '{}' ({}): list the values to try, or take another "
                    "strategy",
                    decision.key, decision.domain.text());
        }
        return {};
    };
    return descriptor;
}

} // namespace archscope::search
