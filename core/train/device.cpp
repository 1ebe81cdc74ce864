#include "core/base/text.h"
#include "core/train/device_torch.h"
#include "core/train/torch_guard.h"
#include "core/train/training_evaluator.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/CachingDeviceAllocator.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <dlfcn.h>
#include <fmt/format.h>
#include <fstream>
#include <malloc.h>
#include <mutex>
#include <thread>

namespace archscope::train {

namespace {

/// The GPU's name from the driver itself, whose C interface is stable; empty when it does not tell.
std::string cudaDeviceName(int index)
{
    void* driver = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_LOCAL);
    if (!driver)
        return {};
    const auto init = reinterpret_cast<int (*)(unsigned)>(dlsym(driver, "cuInit"));
    const auto deviceAt = reinterpret_cast<int (*)(int*, int)>(dlsym(driver, "cuDeviceGet"));
    const auto nameOf = reinterpret_cast<int (*)(char*, int, int)>(dlsym(driver, "cuDeviceGetName"));
    char name[128] = {};
    int device = 0;
    const bool told = init && deviceAt && nameOf && init(0) == 0 && deviceAt(&device, index) == 0
        && nameOf(name, sizeof name - 1, device) == 0;
    dlclose(driver);
    return told ? name : std::string();
}

int cudaDeviceCount()
{
    try {
        return at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
    } catch (const std::exception&) {
        return 0; // a CUDA build of LibTorch on a machine with a broken driver
    }
}

std::uint64_t numberIn(const char* file)
{
    std::uint64_t number = 0;
    std::ifstream(file) >> number; // "max" leaves 0
    return number;
}

std::uint64_t freeMainMemoryBytes()
{
    std::ifstream information("/proc/meminfo");
    std::uint64_t available = 0;
    std::string key;
    std::uint64_t kilobytes = 0;
    while (information >> key >> kilobytes) {
        if (key == "MemAvailable:")
            available = kilobytes * 1024;
        information.ignore(64, '\n');
    }
    const std::uint64_t limit = numberIn("/sys/fs/cgroup/memory.max");
    const std::uint64_t used = numberIn("/sys/fs/cgroup/memory.current");
    return limit > 0 ? std::min(available, limit - std::min(limit, used)) : available;
}

/// Each training step allocates and frees the same few megabytes. Left to its defaults, malloc hands them back to the
/// system and faults them in again at every step, which costs a fifth of the time.
void keepFreedMemory()
{
    static std::once_flag once;
    std::call_once(once, [] {
        mallopt(M_MMAP_THRESHOLD, 32 << 20);
        mallopt(M_TRIM_THRESHOLD, 512 << 20);
        mallopt(M_TOP_PAD, 16 << 20);
    });
}

} // namespace

std::vector<DeviceInfo> availableDevices()
{
    std::vector<DeviceInfo> devices;
    for (int i = 0; i < cudaDeviceCount(); ++i) {
        const std::string name = cudaDeviceName(i);
        devices.push_back({ fmt::format("cuda:{}", i), name.empty() ? fmt::format("CUDA GPU {}", i) : name });
    }
    const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
    devices.push_back({ "cpu", fmt::format("CPU, {} {}", cores, cores == 1 ? "core" : "cores") });
    return devices;
}

Result<std::string> resolveDevice(const std::string& name)
{
    const std::vector<DeviceInfo> devices = availableDevices();
    if (name == "auto")
        return devices.front().name;
    std::vector<std::string> names;
    for (const DeviceInfo& device : devices)
        names.push_back(device.name);
    const std::string wanted = name == "cuda" ? "cuda:0" : name;
    if (std::find(names.begin(), names.end(), wanted) == names.end()) {
        return fail(ErrorCode::InvalidArgument,
            fmt::format("there is no device '{}' here; use auto or one of: {}", name, joined(names, ", ")));
    }
    return wanted;
}

Result<at::Device> torchDevice(const std::string& name)
{
    return guarded([&]() -> Result<at::Device> {
        ARCHSCOPE_ASSIGN(const std::string resolved, resolveDevice(name));
        const at::Device device(resolved);
        if (!device.is_cpu())
            at::globalContext().lazyInitDevice(device.type());
        return device;
    });
}

at::Generator seededGenerator(at::Device device, std::uint64_t seed)
{
    if (device.is_cpu())
        return at::detail::createCPUGenerator(seed);
    at::Generator generator
        = at::globalContext().getAcceleratorHooksInterface(device.type()).getNewGenerator(device.index());
    generator.set_current_seed(seed);
    return generator;
}

void synchronise(at::Device device)
{
    if (!device.is_cpu())
        c10::impl::VirtualGuardImpl(device.type()).synchronizeDevice(device.index());
}

std::uint64_t freeMemoryBytes(at::Device device)
{
    if (device.is_cpu())
        return freeMainMemoryBytes();
    try {
        return c10::getDeviceAllocator(device.type())->getMemoryInfo(device.index()).first;
    } catch (const c10::Error&) {
        return 0;
    }
}

void prepareThread(int threads)
{
    keepFreedMemory();
    const int wanted = threads > 0 ? threads : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
    if (at::get_num_threads() != wanted)
        at::set_num_threads(wanted);
    at::globalContext().setFlushDenormal(true);
}

ThreadScope::ThreadScope(int threads)
    : m_before(at::get_num_threads())
{
    prepareThread(threads);
}

ThreadScope::~ThreadScope()
{
    if (at::get_num_threads() != m_before)
        at::set_num_threads(m_before);
}

} // namespace archscope::train
