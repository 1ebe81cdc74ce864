#include "core/export/runtime_check.h"

#include "core/base/files.h"
#include "core/base/text.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace archscope::exporting {

namespace fs = std::filesystem;

namespace {

constexpr int exitNoRuntime = 3;

// Arguments: model, inputs, outputs, sample shape ("3,32,32").
constexpr const char* script = R"(
import sys
try:
    import numpy, onnxruntime
except ImportError:
    sys.exit(3)
model, inputs, outputs, shape = sys.argv[1:5]
session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
samples = numpy.fromfile(inputs, dtype="<f4").reshape([-1] + [int(size) for size in shape.split(",")])
results = [session.run(["logits"], {"input": samples[i:i + 128]})[0] for i in range(0, len(samples), 128)]
numpy.concatenate(results).astype("<f4").tofile(outputs)
print(onnxruntime.__version__)
)";

Error systemError(const std::string& what)
{
    return { ErrorCode::Io, fmt::format("{}: {}", what, std::strerror(errno)), "onnxruntime" };
}

/// A folder that only this user can read; it goes with all that is in it.
class PrivateFolder {
public:
    static Result<PrivateFolder> create()
    {
        std::error_code code;
        const fs::path base = fs::temp_directory_path(code);
        std::string name = ((code ? fs::path("/tmp") : base) / "archscope-export-XXXXXX").string();
        if (!::mkdtemp(name.data()))
            return fail(systemError("a temporary folder cannot be made"));
        return PrivateFolder(name);
    }
    explicit PrivateFolder(fs::path path)
        : m_path(std::move(path))
    {
    }
    PrivateFolder(PrivateFolder&& other) noexcept
        : m_path(std::exchange(other.m_path, {}))
    {
    }
    PrivateFolder& operator=(PrivateFolder&&) = delete;
    ~PrivateFolder()
    {
        std::error_code ignored;
        if (!m_path.empty())
            fs::remove_all(m_path, ignored);
    }
    fs::path operator/(const char* name) const { return m_path / name; }

private:
    fs::path m_path;
};

/// Runs a program to its end; a stop request kills it. Its standard output and error go to files. The exit code, or an error
/// when it could not be started or did not exit by itself.
Result<int> runProgram(
    std::vector<std::string> arguments, const fs::path& output, const fs::path& errors, const std::stop_token& stop)
{
    std::vector<char*> argv;
    for (std::string& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    pid_t child = 0;
    errno = ::posix_spawn(&child, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (errno != 0)
        return fail(systemError(fmt::format("'{}' cannot be started", arguments.front())));
    {
        const std::stop_callback killer(stop, [child] { ::kill(child, SIGKILL); });
        // Waits without collecting it, so that the id stays the child's as long as it may be killed.
        siginfo_t ended{};
        while (::waitid(P_PID, static_cast<id_t>(child), &ended, WEXITED | WNOWAIT) != 0 && errno == EINTR) { }
    }
    int status = 0;
    while (::waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return fail(systemError("the check's process was lost"));
    if (stop.stop_requested())
        return fail(ErrorCode::Cancelled, "the check of the exported file was stopped");
    if (!WIFEXITED(status))
        return fail(ErrorCode::Internal, fmt::format("'{}' was ended by signal {}", arguments.front(), WTERMSIG(status)),
            "onnxruntime");
    return WEXITSTATUS(status);
}

std::string lastLine(const fs::path& file)
{
    const auto text = readFile(file, 1 << 20);
    if (!text)
        return "no reason given";
    const std::vector<std::string> lines = split(trimmed(*text), '\n');
    return lines.empty() || lines.back().empty() ? "no reason given" : lines.back();
}

std::string_view bytesOf(std::span<const float> values)
{
    return { reinterpret_cast<const char*>(values.data()), values.size_bytes() };
}

} // namespace

fs::path runtimePython()
{
    if (const char* const chosen = std::getenv("ARCHSCOPE_PYTHON"); chosen && *chosen)
        return chosen;
    fs::path cache;
    if (const char* const folder = std::getenv("XDG_CACHE_HOME"); folder && *folder)
        cache = folder;
    else if (const char* const home = std::getenv("HOME"); home && *home)
        cache = fs::path(home) / ".cache";
    else
        return {};
    const fs::path python = cache / "archscope/libtorch/bin/python3";
    std::error_code code;
    return fs::exists(python, code) ? python : fs::path();
}

Result<std::optional<RuntimeOutputs>> runInOnnxRuntime(const fs::path& python, const fs::path& model,
    std::span<const std::int64_t> sampleShape, std::span<const float> inputs, const std::stop_token& stop)
{
    ARCHSCOPE_ASSIGN(const PrivateFolder folder, PrivateFolder::create());
    ARCHSCOPE_TRY(writeFileAtomically(folder / "inputs", bytesOf(inputs)));
    std::vector<std::string> sizes;
    for (const std::int64_t size : sampleShape)
        sizes.push_back(std::to_string(size));
    // -I: neither the user's environment nor the current folder decide what Python imports.
    ARCHSCOPE_ASSIGN(const int code,
        runProgram({ python.string(), "-I", "-c", script, fs::absolute(model).string(), (folder / "inputs").string(),
                       (folder / "outputs").string(), joined(sizes, ",") },
            folder / "output", folder / "errors", stop));
    if (code == exitNoRuntime)
        return std::nullopt;
    if (code != 0)
        return fail(
            ErrorCode::Internal, "onnxruntime cannot run the exported model: " + lastLine(folder / "errors"), "onnxruntime");
    ARCHSCOPE_ASSIGN(const std::string bytes, readFile(folder / "outputs"));
    RuntimeOutputs outputs{ lastLine(folder / "output"), std::vector<float>(bytes.size() / sizeof(float)) };
    std::memcpy(outputs.values.data(), bytes.data(), outputs.values.size() * sizeof(float));
    return outputs;
}

} // namespace archscope::exporting
