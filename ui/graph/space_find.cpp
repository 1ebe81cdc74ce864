#include "ui/graph/space_find.h"

#include "ui/graph/space_text.h"

#include <QStringList>
#include <algorithm>

namespace archscope::ui {

using namespace space;

namespace {

struct Search {
    const OperationSet& operations;
    QStringList words;
    std::vector<NodeId> found;

    void block(const Block& block, const QString& path)
    {
        for (const Node& node : block.nodes)
            this->node(node, path);
    }

    void node(const Node& node, const QString& path)
    {
        const QString here = path + QString::fromStdString(node.name);
        QString text = here + QLatin1Char(' ') + nodeTitle(node, operations);
        if (const auto* operation = std::get_if<Operation>(&node.body))
            text += QLatin1Char(' ') + QString::fromStdString(operation->type) + QLatin1Char(' ')
                + parameterSummary(*operation, operations);
        if (std::ranges::all_of(words, [&text](const QString& word) { return text.contains(word, Qt::CaseInsensitive); }))
            found.push_back(node.id);
        if (const auto* parts = partsOf(node))
            for (const Node& part : *parts)
                this->node(part, here + QLatin1Char('/'));
        if (const Block* body = bodyOf(node))
            block(*body, here + QLatin1Char('/'));
    }
};

} // namespace

std::vector<NodeId> findNodes(const SearchSpace& space, const OperationSet& operations, const QString& words)
{
    Search search{ operations, words.split(QLatin1Char(' '), Qt::SkipEmptyParts), {} };
    if (search.words.isEmpty())
        return {};
    search.block(space.root, {});
    for (const Definition& definition : space.definitions)
        search.block(definition.body, QLatin1Char('@') + QString::fromStdString(definition.name) + QLatin1Char('/'));
    return std::move(search.found);
}

} // namespace archscope::ui
