// What trainers ask of a device, through LibTorch alone: no CUDA header, no CUDA toolkit. Internal: includes ATen.
#pragma once

#include "core/base/result.h"

#include <ATen/ATen.h>
#include <cstdint>
#include <string>

namespace archscope::train {

/// "auto", "cpu", "cuda:0" as a device that is there and initialised.
Result<at::Device> torchDevice(const std::string& name);

/// A generator of its own on the device; it shares nothing with LibTorch's global ones.
at::Generator seededGenerator(at::Device device, std::uint64_t seed);
/// Waits for the work given to the device. Nothing to do on the CPU.
void synchronise(at::Device device);
/// Memory that can be taken now, in bytes (on Linux within the limit of the control group); 0 when it cannot be told.
std::uint64_t freeMemoryBytes(at::Device device);

/// The calling thread works with that many of LibTorch's threads from now on (≤ 0: all cores), and denormal numbers are
/// flushed to zero: dying weights would otherwise slow it down many times.
void prepareThread(int threads);

/// The same for a while. Not for trials side by side: what one takes back on leaving may reach into the libraries under
/// another.
class ThreadScope {
public:
    explicit ThreadScope(int threads);
    ~ThreadScope();
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;

private:
    int m_before;
};

} // namespace archscope::train
