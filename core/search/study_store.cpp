#include "core/search/study_store.h"

#include "core/train/weight_bank.h"

namespace archscope::search {

Result<std::shared_ptr<train::WeightBank>> StudyStore::weights(const std::string&)
{
    return train::memoryWeightBank();
}

} // namespace archscope::search
