#include "core/search/strategy.h"

namespace archscope::search {

namespace {

class RandomSearch : public Strategy {
public:
    explicit RandomSearch(const StrategyContext& context)
        : m_context(context)
        , m_rng(context.seed)
    {
    }

    std::optional<Proposal> ask() override
    {
        std::optional<space::Genotype> genotype = sampleAdmissible(m_context, m_rng);
        if (!genotype)
            return {};
        return Proposal{ std::move(*genotype), {} };
    }

    void tell(const Observation&) override { }

    Json state() const override { return Json{ { "rng", rngToJson(m_rng) } }; }

    Result<void> restore(const Json& state) override
    {
        ARCHSCOPE_ASSIGN(const JsonReader rng, JsonReader(state).member("rng"));
        ARCHSCOPE_ASSIGN(m_rng, rngFromJson(rng));
        return {};
    }

private:
    StrategyContext m_context;
    Rng m_rng;
};

} // namespace

StrategyDescriptor randomSearch()
{
    StrategyDescriptor descriptor;
    descriptor.name = "random";
    descriptor.title = "Random search";
    descriptor.help = "Draws every open decision uniformly and learns nothing. The reference that any other strategy has to "
                      "beat, and a fair choice when trials are few and all run side by side.";
    descriptor.source = "Li, Talwalkar: Random Search and Reproducibility for Neural Architecture Search, UAI 2019";
    descriptor.multiObjective = true;
    descriptor.make = [](const StrategyContext& context, const Parameters&) -> Result<std::unique_ptr<Strategy>> {
        return std::make_unique<RandomSearch>(context);
    };
    descriptor.obstacle = [](const space::DecisionSpace&) { return std::optional<std::string>(); };
    return descriptor;
}

} // namespace archscope::search
