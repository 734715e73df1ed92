"""Bringing the tables of the records to the catalogue: the standard decides what is kept.

The tables of the entities are made from the catalogue, not from a file: an item that is added to
the standard, or by an overlay, is a column after the next start. Nothing that holds values is ever
dropped: an item that left the standard stays as a column that may be empty.
"""

from collections.abc import Iterator

import psycopg
from psycopg.sql import SQL, Composed, Identifier

from renkei.kit import Connection, DatabaseUnreachable, queries
from renkei.standard import Catalogue, Entity, Item
from renkei.standard.generate.tables import (
    SAID,
    adding_sql,
    column_type,
    entity_sql,
    rights_sql,
)
from renkei.store.errors import ColumnTypeDiffers

sql = queries("renkei.store")

Columns = dict[str, dict[str, tuple[str, bool]]]  # table → column → its type, whether NOT NULL


def align(dsn: str, standard: Catalogue) -> list[str]:
    """Make or extend the tables of every entity, and return the names of what was made.

    Safe to call from many processes at once, and again: then it changes nothing. A column whose
    type is another one needs a decision of people and is an error; nothing is changed then.
    """
    try:
        conn = psycopg.connect(dsn, autocommit=True)
    except psycopg.OperationalError as error:
        raise DatabaseUnreachable(reason=str(error).split("\n", maxsplit=1)[0]) from error
    with conn, conn.transaction():
        conn.execute(sql.one_alignment_at_a_time)
        conn.execute(sql.become_owner)
        found: Columns = {}
        for table, column, type_, required in conn.execute(sql.columns):
            found.setdefault(table, {})[column] = (type_, required)
        whole = {table for (table,) in conn.execute(sql.unpartitioned)}
        return [
            name
            for entity in standard.entities
            for name in _align(conn, standard, entity, found, whole)
        ]


def _align(
    conn: Connection, standard: Catalogue, entity: Entity, found: Columns, whole: set[str]
) -> Iterator[str]:
    current, history = f"store_{entity.name}", f"store_{entity.name}_history"
    if current not in found:
        conn.execute(entity_sql(standard, entity).encode())
        yield current
        return
    if is_whole := current in whole:
        _divide(conn, entity)
        yield f"{current}_rows"
    for table in (current, history):
        known = found[table]
        for item in entity.items:
            if item.name not in known:
                conn.execute(_add(table, item))
                yield f"{table}.{item.name}"
            elif known[item.name][0] != column_type(item):
                type_ = known[item.name][0]
                raise ColumnTypeDiffers(
                    table=table, column=item.name, found=type_, wanted=column_type(item)
                )
        optional = {item.name for item in entity.items if not item.required}
        own = {item.name for item in entity.items}
        for name, (_, required) in known.items():
            if required and (name in optional or name not in own | STORE_COLUMNS):
                conn.execute(_may_be_empty(table, name))
                yield f"{table}.{name}"
    if is_whole:
        conn.execute(rights_sql(entity).encode())
    elif any(item.name not in found[current] for item in entity.items):
        conn.execute(adding_sql(entity).encode())


def _divide(conn: Connection, entity: Entity) -> None:
    """Make a table from before there were partitions the partition of a new one; no row moves.

    The rights on it follow once it has all its columns.
    """
    current = f"store_{entity.name}"
    conn.execute(
        SQL(
            "ALTER TABLE {current} RENAME TO {rows};"
            "ALTER TABLE {rows} RENAME CONSTRAINT {key} TO {rows_key};"
            "DROP POLICY tenant_only ON {rows};"
            "ALTER TABLE {rows} DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY;"
            "REVOKE ALL ON {rows} FROM renkei_application;"
            "CREATE TABLE {current} (LIKE {rows} INCLUDING COMMENTS, PRIMARY KEY (tenant, {items}))"
            " PARTITION BY LIST (tenant);"
            "ALTER TABLE {current} ATTACH PARTITION {rows} DEFAULT"
        ).format(
            current=Identifier(current),
            rows=Identifier(f"{current}_rows"),
            key=Identifier(f"{current}_pkey"),
            rows_key=Identifier(f"{current}_rows_pkey"),
            items=SQL(", ").join(Identifier(name) for name in entity.key),
        )
    )
    for column, said in SAID.items():
        conn.execute(
            SQL("ALTER TABLE {} ALTER COLUMN {} SET DEFAULT {}").format(
                Identifier(current), Identifier(column), SQL(said)
            )
        )


STORE_COLUMNS = frozenset({"tenant", "valid_from", "valid_to", "known_from", "known_to"})


def _add(table: str, item: Item) -> Composed:
    """Add a column; records from before the item existed have no value, required or not."""
    return SQL("ALTER TABLE {} ADD COLUMN {} {}; COMMENT ON COLUMN {}.{} IS {}").format(
        Identifier(table),
        Identifier(item.name),
        SQL(column_type(item)),
        Identifier(table),
        Identifier(item.name),
        f"{item.id} {item.ja}",
    )


def _may_be_empty(table: str, column: str) -> Composed:
    return SQL("ALTER TABLE {} ALTER COLUMN {} DROP NOT NULL").format(
        Identifier(table), Identifier(column)
    )
