#include "core/search/path_encoding.h"

#include "core/space/space_check.h"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <set>
#include <tuple>

namespace archscope::search {

using namespace archscope::space;

namespace {
constexpr std::size_t maxPathsInBlock = 1000;

struct Path {
    std::string text;
    int length = 0; ///< nodes with answers
    auto operator<=>(const Path& other) const { return std::tie(length, text) <=> std::tie(other.length, other.text); }
    bool operator==(const Path&) const = default;
};

/// Walks the space with the answers, as lowering does, but without shapes: they need a task.
class PathWalk {
public:
    PathWalk(const SearchSpace& space, const DecisionSpace& decisions, const Genotype& genotype,
        const std::map<std::string, std::int64_t, std::less<>>& rounds)
        : m_space(space)
        , m_decisions(decisions)
        , m_genotype(genotype)
        , m_rounds(rounds)
    {
    }

    std::vector<std::string> run()
    {
        block(m_space.root, "");
        return { m_paths.begin(), m_paths.end() };
    }

private:
    struct Part {
        const Node* node = nullptr;
        std::vector<const Edge*> edges; ///< into it, by port
        std::vector<const Edge*> leaving;
        std::vector<const Edge*> taken; ///< of those into it
        bool needed = false;
        bool leftOut = false;
        std::vector<Path> paths; ///< from the inputs up to and with this node
    };
    using Parts = std::map<NodeId, Part>;

    std::optional<std::size_t> active(const std::string& key) const
    {
        const auto index = m_decisions.indexOf(key);
        return index && m_genotype.isActive(*index) ? index : std::nullopt;
    }
    std::optional<std::string> answer(const std::string& key) const
    {
        const auto index = active(key);
        return index ? std::optional(literalText(m_decisions.decisions()[*index].domain.at(m_genotype[*index])))
                     : std::nullopt;
    }
    bool isPresent(const std::string& key) const
    {
        const auto index = active(key);
        return index && m_genotype[*index] == 1;
    }
    /// Members of the subset that is answered; all where there is no decision.
    std::uint64_t members(const std::string& key) const
    {
        const auto index = active(key);
        return index ? m_decisions.decisions()[*index].domain.members(m_genotype[*index]) : ~std::uint64_t{ 0 };
    }

    void block(const Block& block, const std::string& keys)
    {
        if (!m_walked.insert(keys).second)
            return;
        for (const Variable& variable : block.variables) {
            if (const auto value = answer(keys + "$" + variable.name))
                m_paths.insert(fmt::format("{}${}={}", keys, variable.name, *value));
        }
        const auto order = topologicalOrder(block);
        if (!order)
            return;
        Parts parts;
        std::size_t inputs = 0;
        for (const Node& node : block.nodes) {
            parts[node.id].node = &node;
            inputs += std::holds_alternative<Input>(node.body);
        }
        for (const Edge& edge : block.edges) {
            parts[edge.to].edges.push_back(&edge);
            parts[edge.from].leaving.push_back(&edge);
        }
        for (auto& [id, part] : parts)
            std::ranges::stable_sort(part.edges, {}, &Edge::toPort);

        for (auto it = order->rbegin(); it != order->rend(); ++it) {
            Part& part = parts[*it];
            part.needed = part.needed || std::holds_alternative<Output>(part.node->body);
            if (!part.needed)
                continue;
            take(part, keys, parts);
            for (const Edge* edge : part.taken)
                parts[edge->from].needed = true;
        }
        for (const NodeId id : *order) {
            Part& part = parts[id];
            if (!part.needed)
                continue;
            if (std::holds_alternative<Input>(part.node->body))
                part.paths.push_back({ inputs > 1 ? part.node->name : std::string(), 0 });
            for (const Edge* edge : part.taken)
                part.paths.insert(part.paths.end(), parts[edge->from].paths.begin(), parts[edge->from].paths.end());
            std::ranges::sort(part.paths);
            part.paths.erase(std::unique(part.paths.begin(), part.paths.end()), part.paths.end());
            if (part.paths.size() > maxPathsInBlock)
                part.paths.resize(maxPathsInBlock);
            if (!part.paths.empty() && !part.leftOut)
                pass(part, keys + part.node->name);
            if (std::holds_alternative<Output>(part.node->body))
                add(part.paths, keys);
        }
    }

    void add(const std::vector<Path>& paths, const std::string& keys)
    {
        if (std::ranges::all_of(paths, [](const Path& path) { return path.length == 0; }))
            return;
        for (const Path& path : paths)
            m_paths.insert(fmt::format("{}: {}", keys, path.text));
    }

    /// Which of the edges into a node are there.
    void take(Part& part, const std::string& keys, const Parts& parts) const
    {
        const Node& node = *part.node;
        part.leftOut = node.optional && !isPresent(keys + node.name + "#present");
        if (part.leftOut) {
            part.taken.assign(part.edges.begin(), part.edges.begin() + std::min<std::ptrdiff_t>(1, std::ssize(part.edges)));
            return;
        }
        const std::uint64_t picked
            = std::holds_alternative<Select>(node.body) ? members(keys + node.name) : ~std::uint64_t{ 0 };
        for (std::size_t i = 0; i < part.edges.size(); ++i) {
            const Edge& edge = *part.edges[i];
            if (i < 64 && (picked >> i & 1) == 0)
                continue;
            if ((edge.optional && !isPresent(presenceKey(edge, keys, parts)))
                || (edge.loose && isReadElsewhere(edge, keys, parts)))
                continue;
            part.taken.push_back(&edge);
        }
    }

    static std::string presenceKey(const Edge& edge, const std::string& keys, const Parts& parts)
    {
        return fmt::format(
            "{}{}>{}:{}#present", keys, parts.at(edge.from).node->name, parts.at(edge.to).node->name, edge.toPort);
    }

    bool isReadElsewhere(const Edge& loose, const std::string& keys, const Parts& parts) const
    {
        return std::ranges::any_of(parts.at(loose.from).leaving, [&](const Edge* edge) {
            if (edge->loose)
                return false;
            const Part& target = parts.at(edge->to);
            if (std::holds_alternative<Select>(target.node->body)) {
                const auto place = std::ranges::find(target.edges, edge) - target.edges.begin();
                return place >= 64 || (members(keys + target.node->name) >> place & 1) != 0;
            }
            return !edge->optional || isPresent(presenceKey(*edge, keys, parts));
        });
    }

    /// Appends the node's answers to the paths that lead to it.
    void pass(Part& part, const std::string& key)
    {
        std::string answers;
        inside(*part.node, key, answers);
        if (answers.empty())
            return;
        for (Path& path : part.paths) {
            path.text += (path.text.empty() ? "" : " > ") + answers;
            ++path.length;
        }
    }

    static void say(std::string& answers, const std::string& answer) { answers += (answers.empty() ? "" : " ") + answer; }
    void sayValue(const std::string& key, std::string_view name, std::string& answers) const
    {
        if (const auto value = answer(key))
            say(answers, fmt::format("{}={}", name, *value));
    }

    void inside(const Node& node, const std::string& key, std::string& answers)
    {
        if (const auto* operation = std::get_if<Operation>(&node.body)) {
            for (const auto& [name, value] : operation->parameters) {
                if (std::holds_alternative<Domain>(value))
                    sayValue(key + "." + name, name, answers);
            }
        } else if (const auto* choice = std::get_if<Choice>(&node.body)) {
            const auto index = active(key);
            if (index)
                say(answers, *answer(key));
            const bool single = choice->pickLow == 1 && choice->pickHigh == 1;
            const std::uint64_t chosen = single ? 0 : members(key);
            for (std::size_t i = 0; i < choice->alternatives.size(); ++i) {
                if (single ? index && m_genotype.index(*index) == i : i < 64 && (chosen >> i & 1) != 0)
                    this->part(choice->alternatives[i], key, answers);
            }
        } else if (const auto* order = std::get_if<Order>(&node.body)) {
            if (const auto sequence = answer(key))
                say(answers, *sequence);
            for (const Node& step : order->steps)
                this->part(step, key, answers);
        } else if (const auto* repeat = std::get_if<Repeat>(&node.body)) {
            this->repeat(*repeat, key, answers);
        } else if (const auto* nested = std::get_if<Nested>(&node.body)) {
            block(nested->body, key + "/");
        } else if (const auto* use = std::get_if<Use>(&node.body)) {
            for (const auto& [name, value] : use->arguments) {
                if (std::holds_alternative<Domain>(value))
                    sayValue(key + ".$" + name, name, answers);
            }
            if (const Definition* definition = m_space.findDefinition(use->definition))
                block(definition->body, definition->shared ? "@" + definition->name + "/" : key + "/");
        } else if (const auto* recurrent = std::get_if<Recurrent>(&node.body)) {
            sayValue(key + ".hidden", "hidden", answers);
            block(recurrent->body, key + "/");
        }
    }

    /// An alternative of a choice or a step of an order.
    void part(const Node& part, const std::string& key, std::string& answers)
    {
        const std::string inner = key + "/" + part.name;
        if (part.optional && !isPresent(inner + "#present"))
            say(answers, "without " + part.name);
        else
            inside(part, inner, answers);
    }

    void repeat(const Repeat& repeat, const std::string& key, std::string& answers)
    {
        const auto count = active(key + "#count");
        sayValue(key + "#count", "count", answers);
        if (repeat.shared) {
            block(repeat.body, key + "/");
            return;
        }
        // Rounds without decisions of their own may use a definition that has some: one tells it.
        const auto most = m_rounds.find(key);
        std::int64_t rounds = most == m_rounds.end() ? 1 : most->second;
        if (count)
            rounds = std::min(rounds, std::get<std::int64_t>(m_decisions.decisions()[*count].domain.at(m_genotype[*count])));
        for (std::int64_t round = 0; round < rounds; ++round)
            block(repeat.body, fmt::format("{}/{}/", key, round));
    }

    const SearchSpace& m_space;
    const DecisionSpace& m_decisions;
    const Genotype& m_genotype;
    const std::map<std::string, std::int64_t, std::less<>>& m_rounds;
    std::set<std::string> m_walked; ///< blocks, by the prefix of their keys
    std::set<std::string> m_paths;
};

/// Columns for values and members; of larger domains only where in them the answer lies.
constexpr std::int64_t maxSeparateValues = 16;

bool hasSeparateValues(const Domain& domain)
{
    return domain.kind != Domain::Kind::Real && *domain.size() <= maxSeparateValues;
}

std::size_t columnsOf(const Domain& domain)
{
    if (domain.kind == Domain::Kind::Subset || domain.kind == Domain::Kind::Permutation)
        return domain.values.size();
    return hasSeparateValues(domain) ? static_cast<std::size_t>(*domain.size()) : 2;
}
} // namespace

PathFinder::PathFinder(const SearchSpace& space, const DecisionSpace& decisions)
    : m_space(&space)
    , m_decisions(&decisions)
{
    // "layers/0/op": the repeat "layers" has a round 0. Other nodes may be called by numbers; nobody asks for their rounds.
    for (const Decision& decision : decisions.decisions()) {
        const std::string& key = decision.key;
        for (std::size_t slash = key.find('/'); slash != std::string::npos; slash = key.find('/', slash + 1)) {
            std::int64_t round = 0;
            const char* begin = key.data() + slash + 1;
            const auto [end, error] = std::from_chars(begin, key.data() + key.size(), round);
            if (error != std::errc{} || end == begin || end == key.data() + key.size() || *end != '/' || round < 0)
                continue;
            std::int64_t& most = m_rounds[key.substr(0, slash)];
            most = std::max(most, round + 1);
        }
    }
}

std::vector<std::string> PathFinder::paths(const Genotype& genotype) const
{
    return PathWalk(*m_space, *m_decisions, genotype, m_rounds).run();
}

Encoding Encoding::ofAnswers(const DecisionSpace& decisions)
{
    Encoding encoding(decisions);
    std::size_t columns = 0;
    for (const Decision& decision : decisions.decisions())
        columns += columnsOf(decision.domain);
    encoding.m_size = std::min(columns, maxColumns);
    return encoding;
}

Encoding Encoding::ofPaths(const SearchSpace& space, const DecisionSpace& decisions)
{
    constexpr std::size_t mostSamples = 1000;
    constexpr std::size_t fewestSamples = 50;
    constexpr std::size_t work = 1'000'000; // decisions looked at
    Encoding encoding(decisions);
    encoding.m_kind = Kind::Paths;
    encoding.m_finder.emplace(space, decisions);
    const std::size_t samples = std::clamp(work / std::max<std::size_t>(1, decisions.size()), fewestSamples, mostSamples);
    std::map<std::string, std::size_t> counts;
    Rng rng(20210202); // the encoding is the space's, not the study's
    for (std::size_t i = 0; i < samples; ++i) {
        Genotype genotype(decisions.size());
        decisions.repair(genotype, rng); // whether it is allowed does not matter here
        for (std::string& path : encoding.m_finder->paths(genotype))
            ++counts[std::move(path)];
    }
    std::erase_if(counts, [&](const auto& count) { return count.second == samples; });
    std::vector<std::pair<std::string, std::size_t>> ranked(counts.begin(), counts.end());
    std::ranges::stable_sort(ranked, std::greater{}, &std::pair<std::string, std::size_t>::second);
    const std::size_t often = std::max<std::size_t>(2, samples / 250);
    std::size_t all = 0;
    std::size_t covered = 0;
    for (const auto& [path, count] : ranked) {
        all += count;
        if (count >= often && encoding.m_columns.size() < maxPaths) {
            encoding.m_columns.emplace(path, encoding.m_columns.size());
            covered += count;
        }
    }
    encoding.m_size = encoding.m_columns.size();
    encoding.m_coverage = all > 0 ? static_cast<double>(covered) / static_cast<double>(all) : 0;
    return encoding;
}

Encoding Encoding::automatic(const SearchSpace* space, const DecisionSpace& decisions)
{
    constexpr double most = 2.0 / 3;
    if (space) {
        if (Encoding paths = ofPaths(*space, decisions); paths.coverage() >= most)
            return paths;
    }
    return ofAnswers(decisions);
}

std::vector<float> Encoding::features(const Genotype& genotype) const
{
    std::vector<float> features(m_size, 0.0F);
    if (m_kind == Kind::Answers) {
        setAnswers(genotype, features);
    } else {
        for (const std::string& path : m_finder->paths(genotype)) {
            if (const auto column = m_columns.find(path); column != m_columns.end())
                features[column->second] = 1;
        }
    }
    return features;
}

void Encoding::setAnswers(const Genotype& genotype, std::vector<float>& features) const
{
    std::size_t begin = 0;
    for (std::size_t i = 0; i < m_decisions->size(); ++i) {
        const Domain& domain = m_decisions->decisions()[i].domain;
        const auto set
            = [&](std::size_t column, double value) { features[(begin + column) % m_size] = static_cast<float>(value); };
        if (genotype.isActive(i)) {
            if (domain.kind == Domain::Kind::Subset) {
                const std::uint64_t members = domain.members(genotype[i]);
                for (std::size_t member = 0; member < domain.values.size(); ++member)
                    set(member, static_cast<double>(members >> member & 1));
            } else if (domain.kind == Domain::Kind::Permutation) {
                const std::vector<int> order = domain.order(genotype[i]);
                for (std::size_t place = 0; place < order.size(); ++place)
                    set(static_cast<std::size_t>(order[place]),
                        static_cast<double>(place + 1) / static_cast<double>(order.size()));
            } else if (hasSeparateValues(domain)) {
                set(genotype.index(i), 1);
            } else {
                set(0, 1);
                set(1,
                    domain.kind == Domain::Kind::Real ? genotype[i] : genotype[i] / static_cast<double>(*domain.size() - 1));
            }
        }
        begin += columnsOf(domain);
    }
}

} // namespace archscope::search
