// Successive halving and Hyperband: rungs that wait for each other.
#include "core/search/rungs.h"

#include <algorithm>
#include <cmath>

namespace archscope::search {

namespace {

class SynchronousHalving : public Strategy {
public:
    SynchronousHalving(const StrategyContext& context, std::unique_ptr<Strategy> inner, std::vector<int> epochs, std::vector<Bracket> brackets)
        : m_context(context)
        , m_inner(std::move(inner))
        , m_running(m_context, std::move(epochs))
        , m_brackets(std::move(brackets))
    {
    }

    std::optional<Proposal> ask() override
    {
        while (true) {
            if (auto proposal = m_step == 0 ? askNew() : askPromoted())
                return proposal;
            if (!m_running.isEmpty())
                return {};
            if (!nextRung())
                return {};
        }
    }

    bool awaitsTell() const override { return !m_running.isEmpty(); }

    void tell(const Observation& observation) override
    {
        auto ended = m_running.end(observation);
        if (!ended || m_step == 0 || m_inner->learnsFidelities())
            m_inner->tell(observation);
        if (ended)
            m_members.push_back(std::move(ended->member));
    }

    Json state() const override
    {
        return Json{ { "inner", m_inner->state() }, { "bracket", m_bracket }, { "step", m_step }, { "begun", m_begun },
            { "inner_done", m_innerDone }, { "running", m_running.toJson() }, { "members", membersToJson(m_members) },
            { "promoted", membersToJson(m_promoted) } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader inner, reader.member("inner"));
        ARCHSCOPE_TRY(m_inner->restore(inner.value()));
        ARCHSCOPE_ASSIGN(const std::int64_t bracket, reader.integer("bracket"));
        ARCHSCOPE_ASSIGN(const std::int64_t step, reader.integer("step"));
        if (bracket < 0 || bracket >= static_cast<std::int64_t>(m_brackets.size()) || step < 0
            || step >= static_cast<std::int64_t>(m_brackets[static_cast<std::size_t>(bracket)].sizes.size()))
            return reader.fail("there is no such bracket or rung");
        m_bracket = static_cast<std::size_t>(bracket);
        m_step = static_cast<std::size_t>(step);
        ARCHSCOPE_ASSIGN(m_begun, reader.integer("begun"));
        ARCHSCOPE_ASSIGN(m_innerDone, reader.boolean("inner_done"));
        ARCHSCOPE_ASSIGN(const JsonReader running, reader.member("running"));
        ARCHSCOPE_TRY(m_running.restore(running));
        ARCHSCOPE_ASSIGN(m_members, membersFromJson(reader, "members"));
        ARCHSCOPE_ASSIGN(m_promoted, membersFromJson(reader, "promoted"));
        if (m_begun < 0 || (m_step > 0 && m_begun > static_cast<std::int64_t>(m_promoted.size())))
            return reader.fail("'begun' does not fit the rung");
        return {};
    }

private:
    static Json membersToJson(const std::vector<RungMember>& members)
    {
        Json list = Json::array();
        for (const RungMember& member : members)
            list.push_back(memberToJson(member));
        return list;
    }

    Result<std::vector<RungMember>> membersFromJson(const JsonReader& reader, std::string_view key) const
    {
        ARCHSCOPE_ASSIGN(const JsonReader list, reader.member(key));
        ARCHSCOPE_TRY(list.expectArray());
        std::vector<RungMember> members;
        for (std::size_t i = 0; i < list.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader entry, list.element(i));
            ARCHSCOPE_ASSIGN(RungMember member, memberFromJson(entry, m_context));
            members.push_back(std::move(member));
        }
        return members;
    }

    const Bracket& bracket() const { return m_brackets[m_bracket]; }
    std::size_t rung() const { return bracket().firstRung + m_step; }

    std::optional<Proposal> askNew()
    {
        if (m_innerDone || m_begun >= bracket().sizes.front())
            return {};
        std::optional<Proposal> proposal = m_inner->ask();
        if (!proposal) {
            m_innerDone = m_running.isEmpty() || !m_inner->awaitsTell();
            return {};
        }
        ++m_begun;
        m_running.begin(*proposal, rung());
        return proposal;
    }

    std::optional<Proposal> askPromoted()
    {
        if (m_begun >= static_cast<std::int64_t>(m_promoted.size()))
            return {};
        const RungMember& member = m_promoted[static_cast<std::size_t>(m_begun++)];
        Proposal proposal{ member.genotype, member.parents, {}, member.id };
        m_running.begin(proposal, rung());
        return proposal;
    }

    /// The rung is complete: its best go on, or the next bracket begins. False when there is nothing more to do.
    bool nextRung()
    {
        m_promoted.clear();
        if (m_step + 1 < bracket().sizes.size()) {
            const auto room = static_cast<std::size_t>(bracket().sizes[m_step + 1]);
            for (const std::size_t i : ranked(m_members)) {
                if (m_promoted.size() < room)
                    m_promoted.push_back(m_members[i]);
            }
        }
        m_members.clear();
        m_begun = 0;
        if (!m_promoted.empty()) {
            ++m_step;
            return true;
        }
        m_step = 0;
        m_bracket = (m_bracket + 1) % m_brackets.size();
        return !m_innerDone;
    }

    StrategyContext m_context;
    std::unique_ptr<Strategy> m_inner;
    RungTrials m_running; ///< all of one rung
    std::vector<Bracket> m_brackets;
    std::size_t m_bracket = 0;
    std::size_t m_step = 0; ///< rung within the bracket
    std::int64_t m_begun = 0; ///< of this rung
    bool m_innerDone = false;
    std::vector<RungMember> m_members; ///< of this rung, ended
    std::vector<RungMember> m_promoted; ///< to this rung, best first
};

/// From n down: each rung a share of 1/eta, as long as anyone is left.
Bracket bracketOf(std::int64_t begin, std::size_t firstRung, std::size_t rungs, int eta)
{
    Bracket bracket{ firstRung, {} };
    for (std::size_t rung = firstRung; rung < rungs; ++rung) {
        bracket.sizes.push_back(std::max<std::int64_t>(1, begin));
        begin /= eta;
    }
    return bracket;
}

std::int64_t power(int base, std::size_t exponent)
{
    std::int64_t result = 1;
    for (std::size_t i = 0; i < exponent; ++i)
        result *= base;
    return result;
}

} // namespace

std::unique_ptr<Strategy> synchronousHalving(const StrategyContext& context, std::unique_ptr<Strategy> inner, std::vector<int> epochs,
    std::vector<Bracket> brackets)
{
    return std::make_unique<SynchronousHalving>(context, std::move(inner), std::move(epochs), std::move(brackets));
}

std::vector<Bracket> hyperbandBrackets(int rungs, int eta)
{
    std::vector<Bracket> brackets;
    for (int s = rungs - 1; s >= 0; --s) {
        const std::int64_t all = rungs * power(eta, static_cast<std::size_t>(s));
        const std::int64_t begin = (all + s) / (s + 1); // rounded up
        brackets.push_back(bracketOf(begin, static_cast<std::size_t>(rungs - 1 - s), static_cast<std::size_t>(rungs), eta));
    }
    return brackets;
}

SchedulerDescriptor successiveHalving()
{
    SchedulerDescriptor descriptor;
    descriptor.name = "successive-halving";
    descriptor.title = "Successive halving";
    descriptor.help = "Trains many candidates briefly, and the better part of them longer, until one is fully trained; then begins again. "
                      "For one trial at a time, where short trainings rank candidates well.";
    descriptor.source = "Jamieson, Talwalkar: Non-stochastic Best Arm Identification and Hyperparameter Optimization, AISTATS 2016, Figure 3";
    descriptor.settings = { etaSetting(2), fewestEpochsSetting(),
        ParameterDescriptor::integer("candidates", 0, 0, 1'000'000,
            "How many begin in a round. 0: as many as leave one for the last rung.", "candidates") };
    descriptor.make = [](const StrategyContext& context, std::unique_ptr<Strategy> inner, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        const int eta = static_cast<int>(settings.integer("eta"));
        std::vector<int> epochs = rungEpochs(context.fullEpochs, static_cast<int>(settings.integer("min_epochs")), eta);
        std::int64_t begin = settings.integer("candidates");
        if (begin == 0)
            begin = power(eta, epochs.size() - 1);
        const std::size_t rungs = epochs.size();
        return synchronousHalving(context, std::move(inner), std::move(epochs), { bracketOf(begin, 0, rungs, eta) });
    };
    return descriptor;
}

SchedulerDescriptor hyperband()
{
    SchedulerDescriptor descriptor;
    descriptor.name = "hyperband";
    descriptor.title = "Hyperband";
    descriptor.help = "Successive halving in brackets that begin with many short or with few long trainings, for when nobody knows how far short "
                      "ones can be trusted. Together with the strategy tpe it is BOHB.";
    descriptor.source = "Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar: Hyperband: A Novel Bandit-Based Approach to Hyperparameter "
                        "Optimization, JMLR 18, 2018, Algorithm 1; with tpe: Falkner, Klein, Hutter: BOHB, ICML 2018";
    descriptor.settings = { etaSetting(3), fewestEpochsSetting() };
    descriptor.make = [](const StrategyContext& context, std::unique_ptr<Strategy> inner, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        const int eta = static_cast<int>(settings.integer("eta"));
        std::vector<int> epochs = rungEpochs(context.fullEpochs, static_cast<int>(settings.integer("min_epochs")), eta);
        std::vector<Bracket> brackets = hyperbandBrackets(static_cast<int>(epochs.size()), eta);
        return synchronousHalving(context, std::move(inner), std::move(epochs), std::move(brackets));
    };
    return descriptor;
}

} // namespace archscope::search
