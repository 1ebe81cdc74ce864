#include "core/model/weights.h"

#include "core/base/json.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>

namespace archscope::model {

static_assert(std::endian::native == std::endian::little, "safetensors is little-endian");

namespace {
constexpr std::uint64_t maxHeaderBytes = std::uint64_t{100} << 20; // as the reference implementation has it
}

std::string toSafetensors(const Weights& weights)
{
    Json header = Json::object();
    std::uint64_t offset = 0;
    for (const auto& [name, tensor] : weights) {
        const std::uint64_t end = offset + tensor.values.size() * sizeof(float);
        header[name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {offset, end}}};
        offset = end;
    }
    std::string text = header.dump();
    text.resize((text.size() + 7) / 8 * 8, ' ');
    const std::uint64_t length = text.size();
    std::string bytes(sizeof length, '\0');
    std::memcpy(bytes.data(), &length, sizeof length);
    bytes.reserve(bytes.size() + text.size() + offset);
    bytes += text;
    for (const auto& [name, tensor] : weights)
        bytes.append(reinterpret_cast<const char*>(tensor.values.data()), tensor.values.size() * sizeof(float));
    return bytes;
}

Result<Weights> fromSafetensors(std::string_view bytes)
{
    std::uint64_t length = 0;
    if (bytes.size() < sizeof length)
        return fail(ErrorCode::InvalidInput, "this is no safetensors file: it is shorter than 8 bytes");
    std::memcpy(&length, bytes.data(), sizeof length);
    if (length > maxHeaderBytes || length > bytes.size() - sizeof length)
        return fail(ErrorCode::InvalidInput, "this is no safetensors file, or it is truncated: its header does not fit into it");
    ARCHSCOPE_ASSIGN(const Json header, parseJson(bytes.substr(sizeof length, length)));
    const std::string_view data = bytes.substr(sizeof length + length);
    const JsonReader reader(header);
    ARCHSCOPE_TRY(reader.expectObject());
    Weights weights;
    std::vector<std::pair<std::uint64_t, std::uint64_t>> ranges;
    for (const auto& [name, entry] : header.items()) {
        if (name == "__metadata__")
            continue;
        ARCHSCOPE_ASSIGN(const JsonReader tensorReader, reader.member(name));
        ARCHSCOPE_ASSIGN(const std::string type, tensorReader.string("dtype"));
        if (type != "F32")
            return tensorReader.fail(fmt::format("the tensor '{}' has type {}, F32 is needed", name, type));
        ARCHSCOPE_ASSIGN(const JsonReader shape, tensorReader.member("shape"));
        ARCHSCOPE_TRY(shape.expectArray());
        WeightTensor tensor;
        std::uint64_t count = 1;
        for (std::size_t i = 0; i < shape.size(); ++i) {
            ARCHSCOPE_ASSIGN(const JsonReader element, shape.element(i));
            ARCHSCOPE_ASSIGN(const std::int64_t size, element.integer());
            if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count))
                return element.fail(fmt::format("the tensor '{}' has an impossible size", name));
            tensor.shape.push_back(size);
        }
        ARCHSCOPE_ASSIGN(const JsonReader offsets, tensorReader.member("data_offsets"));
        ARCHSCOPE_TRY(offsets.expectArray());
        if (offsets.size() != 2)
            return offsets.fail(fmt::format("'data_offsets' of '{}' must be two numbers", name));
        ARCHSCOPE_ASSIGN(const JsonReader beginReader, offsets.element(0));
        ARCHSCOPE_ASSIGN(const JsonReader endReader, offsets.element(1));
        ARCHSCOPE_ASSIGN(const std::int64_t begin, beginReader.integer());
        ARCHSCOPE_ASSIGN(const std::int64_t end, endReader.integer());
        if (begin < 0 || end < begin || static_cast<std::uint64_t>(end) > data.size())
            return offsets.fail(fmt::format("the data of '{}' lies outside the file: it is truncated or corrupt", name));
        const auto size = static_cast<std::uint64_t>(end - begin);
        if (size % sizeof(float) != 0 || size / sizeof(float) != count)
            return offsets.fail(fmt::format("the data of '{}' does not have the size of its shape", name));
        ranges.emplace_back(begin, end);
        tensor.values.resize(count);
        if (size > 0)
            std::memcpy(tensor.values.data(), data.data() + begin, size);
        weights.emplace(name, std::move(tensor));
    }
    std::sort(ranges.begin(), ranges.end());
    std::uint64_t expected = 0;
    for (const auto& [begin, end] : ranges) {
        if (begin != expected)
            return fail(ErrorCode::InvalidInput, "the tensors overlap or leave gaps: the file is corrupt");
        expected = end;
    }
    if (expected != data.size())
        return fail(ErrorCode::InvalidInput, "there is data that belongs to no tensor: the file is corrupt");
    return weights;
}

} // namespace archscope::model
