"""The statements of the change feed that must name an entity's columns."""

from dataclasses import dataclass
from functools import cache
from typing import LiteralString

from psycopg.sql import SQL, Composable, Composed, Identifier, Placeholder

from renkei.standard import Entity
from renkei.standard.generate.tables import column_type


@dataclass(frozen=True, slots=True)
class Paging:
    """How the records that a fill began are read in the order of their key."""

    first: bytes
    next: bytes


@cache
def paging(entity: Entity) -> Paging:
    """Return the statements for the next rows in key order, and whether each is of the fill.

    Every row passed is returned once, of the fill or not, so that no page reads a table to its end
    to find few rows. A key may have several rows in the history: none of them is cut off.
    """
    parts = _parts(entity)
    types = _types(entity)
    typed = [
        SQL("{}::{}").format(Placeholder(f"k{number}"), types[name])
        for number, name in enumerate(entity.key)
    ]
    row = SQL("({key}) > ({typed})") if len(typed) > 1 else SQL("{key} > {typed}")
    beyond = SQL("AND ") + row.format(typed=SQL(", ").join(typed), **parts)
    text: LiteralString = (
        "SELECT key, is_of_fill FROM ("
        "(SELECT {key}, ARRAY[{key_text}] AS key, known_from = %(at)s AS is_of_fill"
        " FROM {current} WHERE tenant = %(tenant)s {beyond}"
        " ORDER BY {key} FETCH FIRST (%(rows)s) ROWS WITH TIES)"
        " UNION ALL "
        "(SELECT {key}, ARRAY[{key_text}] AS key, known_from = %(at)s AS is_of_fill"
        " FROM {history} WHERE tenant = %(tenant)s {beyond}"
        " ORDER BY {key} FETCH FIRST (%(rows)s) ROWS WITH TIES)"
        ") AS passed ORDER BY {key} FETCH FIRST (%(rows)s) ROWS WITH TIES"
    )
    return Paging(
        SQL(text).format(beyond=SQL(""), **parts).as_bytes(),
        SQL(text).format(beyond=beyond, **parts).as_bytes(),
    )


@cache
def records_of_events(entity: Entity, items: tuple[str, ...]) -> bytes:
    """Return the statement for the records of events, by the place of each in what was given.

    A record that began or changed has the time of its load as `known_from`, whatever became of it
    later; one that is gone was closed by its load. Each event looks by key, never through a table.
    """
    statement: LiteralString = (
        "SELECT wanted.place, {items}"
        " FROM unnest({arrays}, %(times)s::timestamptz[], %(are_gone)s::boolean[])"
        "  WITH ORDINALITY AS wanted ({wanted}, at, is_gone, place)"
        " CROSS JOIN LATERAL ("
        "  SELECT {items} FROM {current} AS held"
        "   WHERE held.tenant = %(tenant)s AND {same_key}"
        "    AND held.known_from = wanted.at AND NOT wanted.is_gone"
        "  UNION ALL"
        "  SELECT {items} FROM {history} AS held"
        "   WHERE held.tenant = %(tenant)s AND {same_key}"
        "    AND CASE WHEN wanted.is_gone THEN held.known_to ELSE held.known_from END = wanted.at"
        "  LIMIT 1) AS held"
    )
    listed = SQL(", ").join(Identifier("held", name) for name in items)
    return SQL(statement).format(items=listed, **_by_key(entity)).as_bytes()


@cache
def latest_of_keys(entity: Entity) -> bytes:
    """Return the statement for the last that befell each key: when, and whether it is gone."""
    statement: LiteralString = (
        "SELECT wanted.place, load.position, load.states_on, load.loaded_at, last.is_gone"
        " FROM unnest({arrays}) WITH ORDINALITY AS wanted ({wanted}, place)"
        " CROSS JOIN LATERAL ("
        "  SELECT held.known_from AS at, false AS is_gone FROM {current} AS held"
        "   WHERE held.tenant = %(tenant)s AND {same_key}"
        "  UNION ALL"
        "  SELECT held.known_to, true FROM {history} AS held"
        "   WHERE held.tenant = %(tenant)s AND {same_key}"
        "  ORDER BY at DESC, is_gone LIMIT 1) AS last"
        " JOIN store_load AS load ON load.tenant = %(tenant)s AND load.entity = %(entity)s"
        "  AND load.loaded_at = last.at"
        " ORDER BY wanted.place"
    )
    return SQL(statement).format(**_by_key(entity)).as_bytes()


def _parts(entity: Entity) -> dict[str, Composable]:
    names = [Identifier(name) for name in entity.key]
    texts: list[Composed] = [SQL("{}::text").format(name) for name in names]
    return {
        "current": Identifier(f"store_{entity.name}"),
        "history": Identifier(f"store_{entity.name}_history"),
        "key": SQL(", ").join(names),
        "key_text": SQL(", ").join(texts),
    }


def _by_key(entity: Entity) -> dict[str, Composable]:
    """Return the parts of a statement that looks up keys given as arrays of text, k0, k1, …"""
    wanted = [f"k{number}" for number in range(len(entity.key))]
    types = _types(entity)
    return {
        "arrays": SQL(", ").join(SQL("{}::text[]").format(Placeholder(key)) for key in wanted),
        "wanted": SQL(", ").join(Identifier(key) for key in wanted),
        "same_key": SQL(" AND ").join(
            SQL("held.{} = {}::{}").format(Identifier(name), Identifier("wanted", key), types[name])
            for name, key in zip(entity.key, wanted, strict=True)
        ),
        "current": Identifier(f"store_{entity.name}"),
        "history": Identifier(f"store_{entity.name}_history"),
    }


def _types(entity: Entity) -> dict[str, SQL]:
    return {item.name: SQL(column_type(item)) for item in entity.items}
