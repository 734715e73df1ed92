"""The tables of a model, wherever among its boxes they stand."""

from collections.abc import Iterator

from renkei.process.decisions.model import (
    Box,
    ConditionalBox,
    ContextBox,
    Decision,
    Definitions,
    FilterBox,
    FunctionBox,
    InvocationBox,
    IteratorBox,
    KnowledgeModel,
    ListBox,
    RelationBox,
    TableBox,
)


def tables_in(definitions: Definitions) -> Iterator[TableBox]:
    """Yield the tables of all decisions and knowledge models."""
    for node in definitions.nodes.values():
        if isinstance(node, Decision | KnowledgeModel) and node.logic is not None:
            yield from tables_of(node.logic)


def tables_of(box: Box) -> Iterator[TableBox]:
    """Yield the tables of a box, however deep."""
    if isinstance(box, TableBox):
        yield box
        return
    for inner in _inner(box):
        yield from tables_of(inner)


def _inner(box: Box) -> tuple[Box, ...]:
    match box:
        case ContextBox():
            return tuple(entry.value for entry in box.entries)
        case ListBox():
            return box.items
        case RelationBox():
            return tuple(cell for row in box.rows for cell in row)
        case InvocationBox():
            return (box.called, *(value for _, value in box.bindings))
        case FunctionBox():
            return () if box.body is None else (box.body,)
        case ConditionalBox():
            return (box.condition, box.then, box.otherwise)
        case FilterBox():
            return (box.source, box.match)
        case IteratorBox():
            return (box.source, box.body)
    return ()
