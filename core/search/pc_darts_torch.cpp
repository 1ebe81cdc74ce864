// PC-DARTS (Xu, Xie, Zhang, Chen, Qi, Tian, Xiong: PC-DARTS: Partial Channel Connections, ICLR 2020).
//
// A quarter of the channels goes through the mixed operations, the rest passes by (network/supernet.h), which leaves room for larger
// batches; numbers β of their own weight the edges that meet in a node (section 3.3), and α rests for the first epochs.
#include "core/search/gradient_search_torch.h"

namespace archscope::search {

StrategyDescriptor pcDarts()
{
    GradientSettings defaults;
    defaults.learningRate = 0.1;
    defaults.learningRateMin = 0;
    defaults.architectureLearningRate = 6e-4;
    defaults.warmupEpochs = 15;
    defaults.sharpnessEvery = 1;
    StrategyDescriptor descriptor;
    descriptor.name = "pc-darts";
    descriptor.title = "PC-DARTS";
    descriptor.help = "DARTS on a part of the channels, with weights of their own for the edges and a warm-up of the weights. "
                      "Takes less memory and time than DARTS, and collapses less.";
    descriptor.source = "Xu et al.: PC-DARTS: Partial Channel Connections for Memory-Efficient Architecture Search, ICLR 2020, sections 3.2, 3.3 and 4.2";
    descriptor.settings = gradientParameters(defaults);
    descriptor.settings.push_back(ParameterDescriptor::integer("partial_channels", 4, 1, 64, "K: one of K channels goes through the operations."));
    descriptor.obstacle = [](const space::DecisionSpace& decisions) { return network::mixtureObstacle(decisions); };
    descriptor.makeSupernet = [](const SupernetContext& context, const Parameters& parameters) -> Result<std::unique_ptr<SupernetStrategy>> {
        GradientSettings settings = gradientSettings(parameters, context);
        settings.partialChannels = static_cast<int>(parameters.integer("partial_channels"));
        settings.edges = ArchitectureBeliefs::EdgeSelections::Normalised;
        auto search = std::make_unique<GradientSearch>(context, settings);
        ARCHSCOPE_TRY(search->prepare());
        return search;
    };
    return descriptor;
}

} // namespace archscope::search
