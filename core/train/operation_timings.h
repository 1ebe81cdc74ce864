// Predicts a network's latency before it is trained: the sum of its operations' times, each measured once.
//
// A time is that of one operation for one sample on one thread, after other memory has been used, as within a network. It is
// measured when it is first asked for (some milliseconds), and never again: the same network gets the same prediction for as long
// as the table lives.
#pragma once

#include "core/network/network.h"
#include "core/train/measurement_lane.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

namespace archscope::train {

/// Any thread. One measurement at a time; who asks for what is known does not wait for it.
class OperationTimings {
public:
    /// `operations` outlive the table. `device` as `resolveDevice` names it. With a lane measurements are disturbed by no trial:
    /// the calling thread must hold no permit of it, and no lock that the holder of a permit may wait for.
    explicit OperationTimings(const space::OperationSet& operations, std::string device = "cpu",
                              std::shared_ptr<MeasurementLane> lane = nullptr);

    /// Milliseconds for one sample. An error names the layer that cannot be built or does not fit in memory.
    Result<double> predict(const network::Network& network);
    /// The same as a value. The table outlives it.
    network::LatencyPredictor predictor();

    const std::string& device() const { return m_device; }
    std::size_t size() const; ///< operations measured
    std::map<std::string, double> entries() const; ///< milliseconds by key

    struct Measured {
        network::Network network;
        double milliseconds = 0; ///< of the whole network
    };
    /// The median over the networks of |predicted - measured| / measured; 0.1 is ten percent. An error when there are none.
    Result<double> errorAgainst(std::span<const Measured> networks);

    /// {"format":"archscope.timings","version":1,"device":"cpu","milliseconds":{KEY:MS,…}}
    Json toJson() const;
    /// Goes on with what another table has measured; its times replace those of the same operations. Refuses times of another
    /// device, and those that are no times; nothing has changed then.
    Result<void> restore(const Json& document);

    /// What one time is of: "conv(channels=8,kernel=3,…)[16×8×8]". Layers of equal keys take equally long.
    static std::string keyOf(const network::Network& network, const network::Layer& layer);

private:
    Result<double> timeOf(const network::Network& network, const network::Layer& layer);
    Result<double> measured(const network::Network& network, const network::Layer& layer) const;
    std::optional<double> known(const std::string& key) const;

    const space::OperationSet& m_operations;
    std::string m_device;
    std::shared_ptr<MeasurementLane> m_lane; ///< may be null
    mutable std::mutex m_mutex; ///< over m_milliseconds
    std::map<std::string, double> m_milliseconds; ///< entries are added, and replaced by `restore` alone
    std::mutex m_measuring; ///< held while an operation is measured; taken before m_mutex
};

} // namespace archscope::train
