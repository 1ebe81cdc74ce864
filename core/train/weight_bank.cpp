#include "core/train/weight_bank.h"

#include "core/base/files.h"
#include "core/base/hash.h"
#include "core/base/text.h"

#include <fmt/format.h>
#include <map>
#include <mutex>

namespace archscope::train {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view ending = ".safetensors";
constexpr const char* storeEnding = ".weights"; ///< of the folder beside a store's file

template <class Kept> std::vector<TrialId> keysOf(const std::map<TrialId, Kept>& kept)
{
    std::vector<TrialId> trials;
    for (const auto& [trial, what] : kept)
        trials.push_back(trial);
    return trials;
}

class MemoryWeightBank final : public WeightBank {
public:
    Result<void> save(TrialId trial, const model::Weights& weights) override
    {
        const std::lock_guard lock(m_mutex);
        m_kept[trial] = weights;
        return {};
    }
    Result<std::optional<model::Weights>> load(TrialId trial) override
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_kept.find(trial);
        return found == m_kept.end() ? std::nullopt : std::optional(found->second);
    }
    void remove(TrialId trial) override
    {
        const std::lock_guard lock(m_mutex);
        m_kept.erase(trial);
    }
    std::vector<TrialId> kept() override
    {
        const std::lock_guard lock(m_mutex);
        return keysOf(m_kept);
    }

private:
    std::mutex m_mutex;
    std::map<TrialId, model::Weights> m_kept;
};

/// Files are written and read outside the lock: a trial's weights are written by the one worker that trains it.
class FileWeightBank final : public WeightBank {
public:
    explicit FileWeightBank(fs::path folder) : m_folder(std::move(folder)) {}

    Result<void> open()
    {
        std::error_code error;
        fs::directory_iterator entries(m_folder, error);
        if (error == std::errc::no_such_file_or_directory)
            return {};
        for (; !error && entries != fs::directory_iterator(); entries.increment(error)) {
            const std::string name = entries->path().filename().string();
            const std::size_t dash = name.find('-');
            std::int64_t trial = 0;
            if (!name.ends_with(ending) || dash == std::string::npos || !parseInteger(name.substr(0, dash), trial) || trial < 0)
                continue;
            m_kept[TrialId(trial)] = name.substr(dash + 1, name.size() - dash - 1 - ending.size());
        }
        if (error)
            return fail(ErrorCode::Io, "the folder of kept weights cannot be read: " + error.message(), m_folder.string());
        return {};
    }

    Result<void> save(TrialId trial, const model::Weights& weights) override
    {
        std::error_code error;
        fs::create_directories(m_folder, error);
        if (error)
            return fail(ErrorCode::Io, "the folder for kept weights cannot be made: " + error.message(), m_folder.string());
        const std::string bytes = model::toSafetensors(weights);
        const std::string hash = hashHex(bytes);
        ARCHSCOPE_TRY(writeFileAtomically(fileOf(trial, hash), bytes));
        std::string former;
        {
            const std::lock_guard lock(m_mutex);
            former = std::exchange(m_kept[trial], hash);
        }
        if (!former.empty() && former != hash)
            fs::remove(fileOf(trial, former), error);
        return {};
    }

    Result<std::optional<model::Weights>> load(TrialId trial) override
    {
        std::string hash;
        {
            const std::lock_guard lock(m_mutex);
            const auto found = m_kept.find(trial);
            if (found == m_kept.end())
                return std::nullopt;
            hash = found->second;
        }
        const fs::path file = fileOf(trial, hash);
        ARCHSCOPE_ASSIGN(const std::string bytes, readFile(file));
        if (hashHex(bytes) != hash)
            return fail(ErrorCode::InvalidInput, "the kept weights are damaged: their bytes are not those that were written", file.string());
        auto weights = model::fromSafetensors(bytes);
        if (!weights)
            return fail(weights.error().within(file.string()));
        return std::optional(std::move(*weights));
    }

    void remove(TrialId trial) override
    {
        const std::lock_guard lock(m_mutex);
        const auto found = m_kept.find(trial);
        if (found == m_kept.end())
            return;
        std::error_code ignored; // what cannot be removed costs space and nothing else
        fs::remove(fileOf(trial, found->second), ignored);
        m_kept.erase(found);
        if (!m_kept.empty())
            return;
        fs::remove(m_folder, ignored);
        if (m_folder.parent_path().extension() == storeEnding)
            fs::remove(m_folder.parent_path(), ignored); // stays while other studies' weights are in it
    }

    std::vector<TrialId> kept() override
    {
        const std::lock_guard lock(m_mutex);
        return keysOf(m_kept);
    }

private:
    fs::path fileOf(TrialId trial, const std::string& hash) const
    {
        return m_folder / fmt::format("{}-{}{}", trial.value(), hash, ending);
    }

    fs::path m_folder;
    std::mutex m_mutex;
    std::map<TrialId, std::string> m_kept; ///< hash of the file's bytes
};

} // namespace

std::shared_ptr<WeightBank> memoryWeightBank()
{
    return std::make_shared<MemoryWeightBank>();
}

Result<std::shared_ptr<WeightBank>> fileWeightBank(const std::filesystem::path& folder)
{
    auto bank = std::make_shared<FileWeightBank>(folder);
    ARCHSCOPE_TRY(bank->open());
    return std::shared_ptr<WeightBank>(std::move(bank));
}

std::filesystem::path weightFolder(const std::filesystem::path& storeFile, const std::string& study)
{
    fs::path folder = storeFile;
    folder += storeEnding;
    return folder / hashHex(study);
}

} // namespace archscope::train
