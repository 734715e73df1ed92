"""The statements that digest the records of an entity where they are, block by block.

The text of a record is the one its line in a delivered file has: the values in the order of the
items, joined by a character no value holds. Two records are equal if their texts are.
"""

from functools import cache

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from renkei.standard import Entity, Item, ItemType

JOINT = "\x1f"


@cache
def block_digests(entity: Entity) -> Composed:
    """Return the statement for block → records, sum of the first and of the second 8 bytes.

    A sum of digests does not depend on the order of records, and no sort is needed. OFFSET 0 keeps
    the planner from hashing a text once for each byte that is read of its digest.
    """
    return SQL(
        "SELECT {block}, count(*), sum({high}), sum({low})"
        " FROM (SELECT {key} AS key, {text} AS text FROM ({held}) AS held OFFSET 0) AS digested"
        " GROUP BY 1"
    ).format(
        block=_block(),
        high=_number(1),
        low=_number(9),
        key=_sha256(_text(entity, entity.key)),
        text=_sha256(_text(entity, [item.name for item in entity.items])),
        held=_held(entity),
    )


@cache
def digests_of_blocks(entity: Entity) -> Composed:
    """Return the statement for the key and the digest of every record of some blocks."""
    return SQL(
        "SELECT key_text, substr(text, 1, 16)"
        " FROM (SELECT {key_text} AS key_text, {key} AS key, {text} AS text"
        "  FROM ({held}) AS held OFFSET 0) AS digested"
        " WHERE {block} = any(%(drifted)s)"
    ).format(
        key_text=_text(entity, entity.key),
        key=_sha256(_text(entity, entity.key)),
        text=_sha256(_text(entity, [item.name for item in entity.items])),
        held=_held(entity),
        block=_block(),
    )


def _held(entity: Entity) -> Composed:
    """Return the records in force on a day, as known now."""
    items = SQL(", ").join(Identifier(item.name) for item in entity.items)
    return SQL(
        "SELECT {items} FROM {current} WHERE tenant = %(tenant)s AND valid_from <= %(on)s"
        " UNION ALL"
        " SELECT {items} FROM {history} WHERE tenant = %(tenant)s AND valid_from <= %(on)s"
        "  AND valid_to > %(on)s"
    ).format(
        items=items,
        current=Identifier(f"store_{entity.name}"),
        history=Identifier(f"store_{entity.name}_history"),
    )


def _text(entity: Entity, names: tuple[str, ...] | list[str]) -> Composable:
    items = {item.name: item for item in entity.items}
    values = [SQL("coalesce({}, '')").format(_written(items[name])) for name in names]
    return SQL("concat_ws({}, {})").format(Literal(JOINT), SQL(", ").join(values))


def _written(item: Item) -> Composable:
    """Return a value as the CSV layout writes it, whatever the database's own style is."""
    column = Identifier(item.name)
    match item.type:
        case ItemType.number:
            return SQL("{}::text").format(column)
        case ItemType.decimal:
            return SQL("trim_scale({})::text").format(column)
        case ItemType.date:
            return SQL("to_char({}, 'YYYY-MM-DD')").format(column)
        case ItemType.datetime:
            return SQL("to_char({}, 'YYYY-MM-DD\"T\"HH24:MI:SS')").format(column)
        case _:
            return column


def _sha256(text: Composable) -> Composed:
    return SQL("sha256(convert_to({}, 'UTF8'))").format(text)


def _block() -> Composable:
    return SQL(
        "(get_byte(key, 0) | (get_byte(key, 1) << 8) | (get_byte(key, 2) << 16)) & %(mask)s::int"
    )


def _number(start: int) -> Composed:
    return SQL("('x' || encode(substr(text, {}, 8), 'hex'))::bit(64)::bigint").format(
        Literal(start)
    )
