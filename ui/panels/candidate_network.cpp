#include "ui/panels/candidate_network.h"

#include "core/train/training_evaluator.h"

#include <algorithm>

namespace archscope::ui {

void CandidateNetwork::request(QObject* receiver, StudySession* session, train::TrialId id,
                               std::function<void(Result<network::Network>)> done)
{
    const train::Trial* trial = session ? session->trial(id) : nullptr;
    if (!trial)
        return;
    m_latest.run(
        receiver,
        [catalog = session->catalog(), spec = session->spec(), decisions = session->decisions(), genotype = trial->genotype,
         task = session->task()]() -> Result<network::Network> {
            // A table has no data: its networks are shown as for the data that their preset is meant for.
            const auto& presets = catalog->presets();
            const auto preset = std::ranges::find(presets, spec.space.name, &catalog::PresetInfo::name);
            if (!search::hasData(spec) && preset != presets.end())
                return network::lower(spec.space, decisions, genotype, catalog->operations(), preset->example);
            // Without the data at hand, it is read: the network's shapes depend on it.
            std::shared_ptr<const data::Task> loaded = task;
            if (!loaded) {
                ARCHSCOPE_ASSIGN(loaded, data::loadTask(spec.task, catalog->formats()));
            }
            return network::lower(spec.space, decisions, genotype, catalog->operations(), train::taskShape(*loaded));
        },
        std::move(done));
}

} // namespace archscope::ui
