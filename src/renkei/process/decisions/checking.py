"""Checking a model without deciding anything: what cannot work, and what its tables leave open."""

from collections.abc import Iterator

from renkei.process.decisions.findings import Finding
from renkei.process.decisions.model import (
    Box,
    ConditionalBox,
    ContextBox,
    Decision,
    FilterBox,
    FunctionBox,
    InvocationBox,
    IteratorBox,
    KnowledgeModel,
    ListBox,
    RelationBox,
    TableBox,
)
from renkei.process.decisions.models import Model
from renkei.process.decisions.table_checks import check_table


def check(model: Model) -> tuple[Finding, ...]:
    """Return all findings of a model, in the order of its file."""
    found = list(model.findings())
    named = model.named_shapes()
    for node in model.definitions.nodes.values():
        if isinstance(node, Decision | KnowledgeModel) and node.logic is not None:
            for table in tables_of(node.logic):
                found += check_table(table, model.shapes, named)
    return tuple(sorted(found, key=lambda finding: finding.place))


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
