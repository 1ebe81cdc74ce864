// Space files that went wrong: presets and small samples of every primitive, mutated in their text and in their structure, read,
// checked, compiled, counted, sampled, lowered and written again. Anything but a result or an error is a bug.
//
//     archscope-fuzz-spaces [COUNT] [SEED]        (default: 2000 1)
//
// A finding is repeated by its seed: each file depends on the seed and its own number only. Run a million under the sanitizers:
//     cmake --preset asan-ubsan && cmake --build --preset asan-ubsan --target archscope-fuzz-spaces
#include "core/catalog/catalog.h"
#include "core/network/network.h"
#include "core/space/decision_space.h"
#include "core/space/space_check.h"
#include "tests/support/primitive_spaces.h"

#include <charconv>
#include <chrono>
#include <fmt/format.h>
#include <map>

using namespace archscope;

namespace {
using Clock = std::chrono::steady_clock;

/// All values of a document, as places that a mutation can change.
void collect(Json& value, std::vector<Json*>& places)
{
    places.push_back(&value);
    if (value.is_structured()) {
        for (Json& inner : value)
            collect(inner, places);
    }
}

Json oddValue(Rng& rng)
{
    static const std::vector<Json> values = {
        nullptr, true, false, 0, 1, -1, 2, 3, 1'000'000'007, std::int64_t{1} << 62, std::numeric_limits<std::int64_t>::min(), 0.5, -0.0, 1e308, 1e-308, "",
        "a", "input", "classes", "round", "@", "a>b", std::string(300, 'x'), Json::array(), Json::object(), Json::array({1, 2}), Json::array({5, 1}),
        {{"int", {1, 3}}}, {{"int", {1, 1'000'000'000}}}, {{"values", {1, 2}}}, {{"values", Json::array()}}, {{"real", {0.0, 1.0}}}, {{"expr", "1/0"}},
        {{"expr", "9^9^9"}}, {{"expr", "round"}}, {{"expr", "((((((((1))))))))"}},
    };
    return values[rng.below(values.size())];
}

void mutateStructure(Json& document, Rng& rng)
{
    std::vector<Json*> places;
    collect(document, places);
    Json& place = *places[rng.below(places.size())];
    switch (rng.below(7)) {
    case 0:
        place = oddValue(rng);
        break;
    case 1: // a value from elsewhere: nests blocks, repeats names
        if (Json copy = *places[rng.below(places.size())]; copy.dump().size() < 20'000)
            place = std::move(copy);
        break;
    case 2:
        if (place.is_structured() && !place.empty()) {
            auto victim = place.begin();
            std::advance(victim, static_cast<std::ptrdiff_t>(rng.below(place.size())));
            place.erase(victim);
        }
        break;
    case 3:
        if (place.is_array() && !place.empty()) {
            Json element = place[rng.below(place.size())];
            place.insert(place.begin() + static_cast<std::ptrdiff_t>(rng.below(place.size() + 1)), std::move(element));
        }
        break;
    case 4:
        if (place.is_object()) {
            static const std::vector<std::string> keys = {"name", "op", "choice", "pick", "merge", "select", "order", "repeat", "use", "arguments", "block", "recurrent",
                                                          "optional", "on_edge", "parameters", "input", "output", "graph", "count", "shared", "variables", "constraints", "definitions"};
            place[keys[rng.below(keys.size())]] = oddValue(rng);
        }
        break;
    case 5:
        if (place.is_number_integer())
            place = static_cast<std::int64_t>(place.get<std::uint64_t>() + rng.below(5) - 2); // wraps where there is no further
        else if (place.is_string() && !places.empty())
            place = places[rng.below(places.size())]->is_string() ? *places[rng.below(places.size())] : Json("other");
        break;
    default:
        if (place.is_array() && place.size() > 1)
            std::swap(place[rng.below(place.size())], place[rng.below(place.size())]);
        break;
    }
}

void mutateText(std::string& text, Rng& rng)
{
    static constexpr std::string_view odd = "{}[]\",:0-9.eE+\\u\x01\xff/";
    const std::size_t at = rng.below(text.size());
    switch (rng.below(4)) {
    case 0:
        text[at] = odd[rng.below(odd.size())];
        break;
    case 1:
        text.erase(at, 1 + rng.below(20));
        break;
    case 2:
        text.insert(at, 1 + rng.below(300), odd[rng.below(odd.size())]);
        break;
    default:
        text.resize(at);
        break;
    }
    if (text.empty())
        text = "{";
}

enum class Reached { Text, Space, Sound, Compiled, Lowered };

/// All that may be done with a file. Returns how far it went.
Reached exercise(const std::string& text, const space::OperationSet& operations, Rng& rng)
{
    const auto space = space::spaceFromText(text);
    if (!space)
        return Reached::Text;
    const auto again = space::spaceFromJson(space::spaceToJson(*space));
    if (!again || space::semanticHash(*again) != space::semanticHash(*space)) {
        fmt::print(stderr, "a space is not read as it was written: {}\n", again ? "another hash" : again.error().text());
        std::abort();
    }
    if (!space::requireSound(*space, operations))
        return Reached::Space;
    auto decisions = space::DecisionSpace::compile(*space);
    if (!decisions)
        return Reached::Sound;
    (void)decisions->countUnconstrained();
    Reached reached = Reached::Compiled;
    const std::vector<network::TaskShape> tasks = {{{1, 8, 8}, 10}, {{12, 6}, 5}, {{12}, 5, 20, true}};
    for (int i = 0; i < 2; ++i) {
        space::Genotype genotype(decisions->size());
        decisions->repair(genotype, rng);
        if (!decisions->isValid(genotype) || (decisions->isAllowed(genotype) && *decisions->fromJson(decisions->toJson(genotype)) != genotype)) {
            fmt::print(stderr, "a sample is not valid, or not read as it was written\n");
            std::abort();
        }
        const auto network = network::lower(*space, *decisions, genotype, operations, tasks[rng.below(tasks.size())]);
        if (!network)
            continue;
        reached = Reached::Lowered;
        if (!network::networkFromJson(network::networkToJson(*network), operations)) {
            fmt::print(stderr, "a network is not read as it was written\n");
            std::abort();
        }
    }
    return reached;
}

std::uint64_t numberOr(int argc, char** argv, int index, std::uint64_t fallback)
{
    if (index >= argc)
        return fallback;
    const std::string_view text = argv[index];
    std::uint64_t value = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), value).ptr != text.data() + text.size()) {
        fmt::print(stderr, "archscope-fuzz-spaces: '{}' is not a number; use archscope-fuzz-spaces [COUNT] [SEED]\n", text);
        std::exit(2);
    }
    return value;
}
} // namespace

int main(int argc, char** argv)
{
    const std::uint64_t count = numberOr(argc, argv, 1, 2000);
    const std::uint64_t seed = numberOr(argc, argv, 2, 1);
    const catalog::Catalog catalog;
    std::vector<std::string> sources = {test::allPrimitives, test::recurrentCell};
    for (const auto& preset : catalog.presets()) {
        if (const auto space = catalog.preset(preset.name))
            sources.push_back(space::spaceToJson(*space).dump());
    }
    std::map<Reached, std::uint64_t> reached;
    std::chrono::duration<double> slowest{};
    std::uint64_t slowestFile = 0;
    for (std::uint64_t file = 0; file < count; ++file) {
        Rng rng = Rng::derived({seed, file});
        std::string text = sources[rng.below(3) < 2 ? rng.below(2) : rng.below(sources.size())];
        if (rng.below(4) > 0) {
            Json document = Json::parse(text);
            for (std::uint64_t i = 1 + rng.below(4); i > 0; --i)
                mutateStructure(document, rng);
            text = document.dump(-1, ' ', false, Json::error_handler_t::replace);
        } else {
            for (std::uint64_t i = 1 + rng.below(3); i > 0; --i)
                mutateText(text, rng);
        }
        const auto begin = Clock::now();
        ++reached[exercise(text, catalog.operations(), rng)];
        if (const std::chrono::duration<double> took = Clock::now() - begin; took > slowest) {
            slowest = took;
            slowestFile = file;
        }
    }
    fmt::print(R"({{"files":{},"seed":{},"refused_as_text":{},"refused_as_space":{},"refused_by_decisions":{},"compiled":{},"lowered":{},"slowest_s":{:.3f},"slowest_file":{}}})" "\n",
               count, seed, reached[Reached::Text], reached[Reached::Space], reached[Reached::Sound], reached[Reached::Compiled], reached[Reached::Lowered], slowest.count(), slowestFile);
    return 0;
}
