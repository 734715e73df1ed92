"""The statements of the references between entities: a record names one of another.

A reference is asked only where the other entity has any record of the town, since units deliver in
any order. Rows are as in `group_statements`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg.sql import SQL, Composable, Composed, Identifier

from renkei.standard import Catalogue, Entity
from renkei.store.group_statements import MARK, Scope, all_of, marked, text, texts
from renkei.store.lookup import PERSONS
from renkei.store.statements import CHANGE, STAGING


@dataclass(frozen=True, slots=True)
class Reference:
    """Items that hold the key of a record of one of some entities; `rule` names the finding."""

    rule: str
    items: tuple[str, ...]
    to: tuple[Entity, ...]


def references(entity: Entity, standard: Catalogue) -> tuple[Reference, ...]:
    """Return what a record refers to: by its relations, and the person it is about.

    A relation by the register number alone says more than that the person exists.
    """
    found = [
        Reference("reference-missing", relation.items, (standard.entity(relation.to),))
        for relation in entity.relations
    ]
    told = {one.items for one in found}
    if entity.subject and (entity.subject,) not in told and entity.name not in PERSONS:
        persons = tuple(standard.entity(name) for name in PERSONS)
        found.append(Reference("subject-missing", (entity.subject,), persons))
    return tuple(found)


def count_missing(entity: Entity, reference: Reference, scope: Scope) -> Composed:
    """Return the statement that counts the records whose reference leads nowhere."""
    return SQL("SELECT count(*) FROM ({missing}) AS missing").format(
        missing=_missing(entity, reference, _rows(entity, reference.items, scope), scope)
    )


def marks_missing(entity: Entity, reference: Reference, scope: Scope) -> Composed:
    """Return the statement for the marks of the first rows whose reference leads nowhere."""
    rows = marked(entity, reference.items, scope)
    return SQL("SELECT {mark} FROM ({missing}) AS missing ORDER BY {mark} LIMIT %(shown)s").format(
        mark=MARK, missing=_missing(entity, reference, rows, scope)
    )


def _missing(entity: Entity, reference: Reference, rows: Composed, scope: Scope) -> Composed:
    filled = [SQL("{} <> ''").format(Identifier("own", name)) for name in reference.items]
    nowhere = []
    for other in reference.to:
        staged = scope is Scope.staged and other == entity
        nowhere += _nowhere(other, reference.items, staged=staged)
    return SQL("SELECT * FROM ({rows}) AS own WHERE {conditions}").format(
        rows=rows, conditions=all_of([*filled, *nowhere])
    )


def _nowhere(other: Entity, items: Sequence[str], *, staged: bool) -> list[Composed]:
    """Return that the other entity has records but not this one; a file may refer to itself."""
    kinds = {item.name: item.type for item in other.items}
    table: Composable = STAGING if staged else Identifier(f"store_{other.name}")
    town = SQL("TRUE") if staged else SQL("other.tenant = %(tenant)s")
    key = [
        Identifier("other", name) if staged else text(kinds[name], Identifier("other", name))
        for name in other.key
    ]
    same = all_of(
        SQL("{} = {}").format(column, Identifier("own", name))
        for column, name in zip(key, items, strict=True)
    )
    parts = {"table": table, "town": town, "same": same}
    return [
        SQL("EXISTS (SELECT FROM {table} AS other WHERE {town})").format(**parts),
        SQL("NOT EXISTS (SELECT FROM {table} AS other WHERE {town} AND {same})").format(**parts),
    ]


def _rows(entity: Entity, items: Sequence[str], scope: Scope) -> Composed:
    match scope:
        case Scope.staged:
            source, said = SQL("{}").format(STAGING), texts(entity, items, typed=False)
        case Scope.held:
            current = Identifier(f"store_{entity.name}")
            source = SQL("{} WHERE tenant = %(tenant)s").format(current)
            said = texts(entity, items, typed=True)
        case Scope.touched:
            source = SQL("{} WHERE kind <> 'gone'").format(CHANGE)
            said = texts(entity, items, typed=True)
    return SQL("SELECT {said} FROM {source}").format(said=said, source=source)
