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

/// The calling thread trains and measures with that many of LibTorch's threads as long as this lives (≤ 0: all cores).
/// Denormal numbers are flushed to zero from then on: dying weights would otherwise slow a thread down many times.
class ThreadScope {
public:
    explicit ThreadScope(int threads);
    ~ThreadScope();
    ThreadScope(const ThreadScope&) = delete;
    ThreadScope& operator=(const ThreadScope&) = delete;

private:
    int m_before;
    int m_threads;
};

} // namespace archscope::train
