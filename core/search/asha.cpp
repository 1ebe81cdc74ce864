// Asynchronous successive halving: nobody waits for a rung to be complete.
#include "core/search/rungs.h"

#include <algorithm>

namespace archscope::search {

namespace {

class Asha : public Strategy {
public:
    Asha(const StrategyContext& context, std::unique_ptr<Strategy> inner, std::vector<int> epochs, int eta)
        : m_context(context)
        , m_inner(std::move(inner))
        , m_running(m_context, std::move(epochs))
        , m_rungs(m_running.epochs().size())
        , m_eta(eta)
    {
    }

    /// Algorithm 2, get_job.
    std::optional<Proposal> ask() override
    {
        for (std::size_t rung = m_rungs.size() - 1; rung-- > 0;) {
            if (auto proposal = askPromotion(rung))
                return proposal;
        }
        std::optional<Proposal> proposal = m_inner->ask();
        if (proposal)
            m_running.begin(*proposal, 0);
        return proposal;
    }

    bool awaitsTell() const override { return !m_running.isEmpty(); }

    void tell(const Observation& observation) override
    {
        auto ended = m_running.end(observation);
        if (!ended || ended->rung == 0 || m_inner->learnsFidelities())
            m_inner->tell(observation);
        if (!ended)
            return;
        Rung& rung = m_rungs[ended->rung];
        rung.members.push_back(std::move(ended->member));
        rung.isPromoted.push_back(false);
        rung.isSettled = false;
    }

    Json state() const override
    {
        Json rungs = Json::array();
        for (const Rung& rung : m_rungs) {
            Json members = Json::array();
            for (std::size_t i = 0; i < rung.members.size(); ++i) {
                Json member = memberToJson(rung.members[i]);
                member["promoted"] = static_cast<bool>(rung.isPromoted[i]);
                members.push_back(std::move(member));
            }
            rungs.push_back(std::move(members));
        }
        return Json{ { "inner", m_inner->state() }, { "running", m_running.toJson() }, { "rungs", std::move(rungs) } };
    }

    Result<void> restore(const Json& state) override
    {
        const JsonReader reader(state);
        ARCHSCOPE_ASSIGN(const JsonReader inner, reader.member("inner"));
        ARCHSCOPE_TRY(m_inner->restore(inner.value()));
        ARCHSCOPE_ASSIGN(const JsonReader running, reader.member("running"));
        ARCHSCOPE_TRY(m_running.restore(running));
        ARCHSCOPE_ASSIGN(const JsonReader rungs, reader.member("rungs"));
        ARCHSCOPE_TRY(rungs.expectArray());
        if (rungs.size() != m_rungs.size())
            return rungs.fail("there are other rungs than this study has");
        for (std::size_t r = 0; r < m_rungs.size(); ++r) {
            ARCHSCOPE_ASSIGN(const JsonReader members, rungs.element(r));
            ARCHSCOPE_TRY(members.expectArray());
            Rung rung;
            for (std::size_t i = 0; i < members.size(); ++i) {
                ARCHSCOPE_ASSIGN(const JsonReader entry, members.element(i));
                ARCHSCOPE_ASSIGN(RungMember member, memberFromJson(entry, m_context));
                ARCHSCOPE_ASSIGN(const bool promoted, entry.boolean("promoted"));
                rung.members.push_back(std::move(member));
                rung.isPromoted.push_back(promoted);
            }
            m_rungs[r] = std::move(rung);
        }
        return {};
    }

private:
    struct Rung {
        std::vector<RungMember> members; ///< in the order of telling
        std::vector<bool> isPromoted;
        bool isSettled = false; ///< nobody can be promoted until the next one comes; found out again after a restore
    };

    std::optional<Proposal> askPromotion(std::size_t from)
    {
        Rung& rung = m_rungs[from];
        if (rung.isSettled)
            return {};
        const std::size_t best = rung.members.size() / static_cast<std::size_t>(m_eta);
        if (best > 0) {
            const std::vector<std::size_t> order = ranked(rung.members);
            for (std::size_t i = 0; i < std::min(best, order.size()); ++i) {
                if (rung.isPromoted[order[i]])
                    continue;
                rung.isPromoted[order[i]] = true;
                const RungMember& member = rung.members[order[i]];
                Proposal proposal{ member.genotype, member.parents, {}, member.id };
                m_running.begin(proposal, from + 1);
                return proposal;
            }
        }
        rung.isSettled = true;
        return {};
    }

    StrategyContext m_context;
    std::unique_ptr<Strategy> m_inner;
    RungTrials m_running;
    std::vector<Rung> m_rungs;
    int m_eta;
};

} // namespace

SchedulerDescriptor asha()
{
    SchedulerDescriptor descriptor;
    descriptor.name = "asha";
    descriptor.title = "ASHA";
    descriptor.help = "Successive halving that never waits: whoever is among the best of its rung is trained on at once, else a new candidate "
                      "begins. The choice for several trials side by side, and for budgets in time.";
    descriptor.source = "Li, Jamieson, Rostamizadeh, Gonina, Ben-tzur, Hardt, Recht, Talwalkar: A System for Massively Parallel "
                        "Hyperparameter Tuning, MLSys 2020, Algorithm 2";
    descriptor.settings = { etaSetting(4), fewestEpochsSetting() };
    descriptor.make = [](const StrategyContext& context, std::unique_ptr<Strategy> inner, const Parameters& settings) -> Result<std::unique_ptr<Strategy>> {
        const int eta = static_cast<int>(settings.integer("eta"));
        std::vector<int> epochs = rungEpochs(context.fullEpochs, static_cast<int>(settings.integer("min_epochs")), eta);
        return std::make_unique<Asha>(context, std::move(inner), std::move(epochs), eta);
    };
    return descriptor;
}

} // namespace archscope::search
