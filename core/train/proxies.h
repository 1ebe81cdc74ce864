// Zero-cost proxies: how good a network may become, from one batch and no training. Larger is better.
//
// Abdelfattah, Mehrotra, Dudziak, Lane 2021, "Zero-Cost Proxies for Lightweight NAS", compares them. Only their order within
// one space means anything.
#pragma once

#include "core/base/result.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace archscope::train {

struct ProxyDescriptor {
    std::string name;   ///< "synflow", as on the command line
    std::string title;  ///< "SynFlow"
    std::string help;   ///< what it looks at
    std::string source; ///< paper, section
    bool usesData = false; ///< one batch of the training split
};

/// synflow naswot snip grad-norm parameters flops
std::span<const ProxyDescriptor> proxyDescriptors();
const ProxyDescriptor* findProxy(std::string_view name);
std::vector<std::string> proxyNames();

} // namespace archscope::train
