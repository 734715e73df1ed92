"""The statements of lists, made from the catalogue: the listing of an item, and lists by it.

Parameters are named: tenant, entity, item, on, known; low, high, first, last (the selection);
after_value, after_key (the place to go on from); many; since, until (of a step of the listing).
"""

from functools import cache

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from renkei.standard import Entity, Item, ItemType
from renkei.standard.generate.tables import column_type
from renkei.store.folding import folded
from renkei.store.selections import BETWEEN_PARTS

# What is known of a day: 1980-05-00 and 1980-05-上旬 are 1980-05, and 1980-春 is 1980.
KNOWN_DAY = SQL("regexp_replace(left(value, 10), '(-00)+.*$|-[^0-9].*$', '')")
MAY_LIE_BETWEEN = SQL(
    ' AND left(%(first)s, length({day})) COLLATE "C" <= {day}'
    ' AND {day} <= left(%(last)s, length({day})) COLLATE "C"'
).format(day=KNOWN_DAY)

_KNOWN = SQL("coalesce(%(known)s, 'infinity'::timestamptz)")
_NOW = SQL("valid_from <= %(on)s AND known_from <= {}").format(_KNOWN)
_WAS = SQL("{} AND (known_to > {} OR valid_to > %(on)s)").format(_NOW, _KNOWN)


@cache
def add_to_listing(entity: Entity, item: Item, *, first: bool) -> bytes:
    """Return the statement that adds what the loads of a time brought, in the listing's order.

    The first time nothing can be there already, and not looking takes half the time.
    """
    since = SQL(" AND known_from > coalesce(%(since)s, '-infinity'::timestamptz)")
    return _adding(entity, item, since, SQL("" if first else " ON CONFLICT DO NOTHING"))


@cache
def keep_listed(entity: Entity, item: Item) -> bytes:
    """Return the statement that lists again what is left of some keys, named by their parts."""
    leading, types = entity.key[0], {one.name: SQL(column_type(one)) for one in entity.items}
    left = SQL(" AND {} = ANY (%(firsts)s::{}[]) AND {} = ANY (%(keys)s)").format(
        Identifier(leading), types[leading], _key(entity)
    )
    return _adding(entity, item, left, SQL(" ON CONFLICT DO NOTHING"))


def _adding(entity: Entity, item: Item, which: Composable, conflict: SQL) -> bytes:
    brought = SQL(" UNION ALL ").join(
        SQL(
            "SELECT {value} AS value, {key} AS key FROM {table}"
            " WHERE tenant = %(tenant)s AND {item} IS NOT NULL AND known_from <= %(until)s{which}"
        ).format(
            value=_value(item),
            key=_key(entity),
            table=table,
            item=Identifier(item.name),
            which=which,
        )
        for table, _ in _tables(entity)
    )
    return SQL(
        "INSERT INTO store_listing (tenant, item, value, key)"
        " SELECT %(tenant)s, %(item)s, value, key"
        ' FROM (SELECT DISTINCT value COLLATE "C" AS value, key COLLATE "C" AS key'
        " FROM ({}) AS brought) AS new ORDER BY value, key{}"
    ).format(brought, conflict).as_bytes()  # fmt: skip


@cache
def candidates(entity: Entity, item: Item, items: tuple[str, ...], *, by_day: bool) -> bytes:
    """Return the statement for the next candidates of a list, each with its record or without.

    One statement, so that one state of the database says whether the listing is complete and
    gives the candidates; where it is behind, the records themselves are gone through.
    """
    value, between = _value(item), MAY_LIE_BETWEEN if by_day else SQL("")
    columns = SQL(", ").join(map(Identifier, ("valid_from", "known_from", *items)))
    held = SQL(" UNION ALL ").join(
        SQL(
            "SELECT {columns} FROM {table} WHERE tenant = %(tenant)s AND {same_key} AND {in_force}"
            " AND {value} = candidate.value"
        ).format(
            columns=columns,
            table=table,
            same_key=_same_key(entity),
            in_force=in_force,
            value=value,
        )
        for table, in_force in _tables(entity)
    )
    every = SQL(" UNION ALL ").join(
        SQL(
            'SELECT {value} COLLATE "C" AS value, {key} COLLATE "C" AS key, {columns}'
            " FROM {table} WHERE tenant = %(tenant)s AND {item} IS NOT NULL AND {in_force}"
        ).format(
            value=value,
            key=_key(entity),
            columns=columns,
            table=table,
            item=Identifier(item.name),
            in_force=in_force,
        )
        for table, in_force in _tables(entity)
    )
    return SQL(
        "WITH standing AS (SELECT coalesce(("
        "  SELECT max(loaded_at) FROM store_load"
        "   WHERE tenant = %(tenant)s AND entity = %(entity)s), '-infinity') <= coalesce(("
        "  SELECT until FROM store_listed"
        "   WHERE tenant = %(tenant)s AND item = %(item)s), '-infinity') AS indexed),"
        " candidate AS MATERIALIZED (SELECT value, key, {parts} FROM store_listing"
        "  WHERE (SELECT indexed FROM standing) AND tenant = %(tenant)s"
        "   AND item = %(item)s AND (value, key) > (%(after_value)s, %(after_key)s)"
        "   AND value <= %(high)s{between} ORDER BY value, key LIMIT %(many)s),"
        " found AS (SELECT value, key, {columns} FROM candidate"
        "  LEFT JOIN LATERAL ({held}) AS held ON true"
        " UNION ALL (SELECT value, key, {columns} FROM ({every}) AS record"
        "  WHERE NOT (SELECT indexed FROM standing)"
        "   AND (value, key) > (%(after_value)s, %(after_key)s)"
        "   AND value <= %(high)s{between} ORDER BY value, key LIMIT %(many)s))"
        " SELECT indexed, value, key, {columns} FROM standing LEFT JOIN found ON true"
        " ORDER BY value, key"
    ).format(
        columns=columns, parts=_parts(entity), held=held, every=every, between=between
    ).as_bytes()  # fmt: skip


@cache
def beginning_with(entity: Entity, items: tuple[str, ...]) -> bytes:
    """Return the statement for the records whose key begins with a value, in key order."""
    columns = SQL(", ").join(map(Identifier, ("valid_from", "known_from", *items)))
    records = SQL(" UNION ALL ").join(
        SQL(
            "SELECT true, '' AS value, {key} COLLATE \"C\" AS key, {columns} FROM {table}"
            " WHERE tenant = %(tenant)s AND {first} = %(value)s AND {in_force}"
        ).format(
            key=_key(entity),
            columns=columns,
            table=table,
            first=Identifier(entity.key[0]),
            in_force=in_force,
        )
        for table, in_force in _tables(entity)
    )
    return SQL("{} ORDER BY key LIMIT %(many)s").format(records).as_bytes()


def _tables(entity: Entity) -> tuple[tuple[Identifier, Composed], ...]:
    """Return the tables of an entity, and when a row of each is in force, as known."""
    name = f"store_{entity.name}"
    return (Identifier(name), _NOW), (Identifier(f"{name}_history"), _WAS)


def _value(item: Item) -> Composable:
    """Return the value as the listing has it."""
    match item.type:
        case ItemType.kana:
            return folded(Identifier(item.name))
        case ItemType.date:
            return SQL("to_char({}, 'YYYY-MM-DD')").format(Identifier(item.name))
        case _:
            return SQL("{}::text").format(Identifier(item.name))


def _key(entity: Entity) -> Composed:
    parts = SQL(", ").join(SQL("{}::text").format(Identifier(name)) for name in entity.key)
    return SQL("concat_ws({}, {})").format(Literal(BETWEEN_PARTS), parts)


def _parts(entity: Entity) -> Composed:
    """Return the parts of a candidate's key as the columns have them, by whose order they are.

    They are taken apart before the records are asked for: under row security the database uses no
    index for a comparison that calls a function which might leak.
    """
    types = {item.name: SQL(column_type(item)) for item in entity.items}
    return SQL(", ").join(
        SQL('(split_part(key, {}, {}) COLLATE "default")::{} AS {}').format(
            Literal(BETWEEN_PARTS), Literal(place), types[name], Identifier(f"part_{place}")
        )
        for place, name in enumerate(entity.key, 1)
    )


def _same_key(entity: Entity) -> Composed:
    return SQL(" AND ").join(
        SQL("{} = candidate.{}").format(Identifier(name), Identifier(f"part_{place}"))
        for place, name in enumerate(entity.key, 1)
    )
