"""The statements of one entity, made from the catalogue.

This is the one place where Python composes SQL: the columns of an entity are the catalogue's items,
so a statement that names them cannot stand in `queries.sql`. Only identifiers and column types
vary; they come from the checked catalogue and go through `psycopg.sql`, values are parameters.
Every parameter is named: tenant, on (the day), at (the time), the key items, keys.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import LiteralString

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal, Placeholder

from renkei.standard import CHANGE as BECAME
from renkei.standard import DeliveryChange, Entity, difference_of
from renkei.standard.generate.tables import column_type

STAGING = Identifier("store_staging")
CHANGE = Identifier("store_change")
BLOCKED = Identifier("store_blocked")
EVENT = Identifier("store_event")


@dataclass(frozen=True, slots=True)
class Merging:
    """What a load runs, in this order; a first snapshot only the first two of these."""

    any_record: Composed
    fill_straight: Composed
    make_staging: Composed
    copy: Composed
    index_staging: Composed
    duplicates: Composed
    find_changes: Composed
    make_blocked: Composed
    copy_blocked: Composed
    spare_blocked: Composed
    index_changes: Composed
    keep_old: Composed
    end_gone: Composed
    update_changed: Composed
    insert_new: Composed
    keep_events: Composed
    overlaps: Composed


@cache
def merging(entity: Entity) -> Merging:
    """Return the statements that load a snapshot of an entity."""
    columns = _Columns(entity)
    return Merging(
        any_record=columns.fill("SELECT FROM {current} WHERE tenant = %(tenant)s LIMIT 1"),
        # The tenant and both times are what the transaction has set.
        fill_straight=columns.fill(
            "COPY {rows} ({items}) FROM STDIN"
            " WITH (FORMAT csv, ENCODING 'UTF8', FORCE_NULL ({items}))"
        ),
        make_staging=columns.fill(
            "CREATE TEMP TABLE {staging} ({text_columns}) ON COMMIT DROP",
        ),
        copy=columns.fill(
            "COPY {staging} ({items}) FROM STDIN"
            " WITH (FORMAT csv, FREEZE, ENCODING 'UTF8', FORCE_NULL ({items}))"
        ),
        index_staging=columns.fill("CREATE UNIQUE INDEX ON {staging} ({key})"),
        # A table filled by one COPY holds its lines in the order of the file.
        duplicates=columns.fill(
            "SELECT lines[1], lines[2], count(*) OVER () FROM ("
            " SELECT array_agg(line ORDER BY line) AS lines FROM ("
            "  SELECT {key}, row_number() OVER (ORDER BY ctid) AS line FROM {staging}) AS numbered"
            " GROUP BY {key} HAVING count(*) > 1) AS doubled"
            " ORDER BY lines[2] LIMIT %(shown)s"
        ),
        find_changes=columns.fill(
            "CREATE TEMP TABLE {change} ON COMMIT DROP AS"
            " SELECT CASE WHEN old.tenant IS NULL THEN 'new'"
            "  WHEN new.{first} IS NULL THEN 'gone' ELSE 'changed' END AS kind,"
            "  {changed_key}, {new_typed_rest}"
            " FROM (SELECT * FROM {current} WHERE tenant = %(tenant)s) AS old"
            " FULL JOIN {staging} AS new ON {same_staged_key}"
            " WHERE old.tenant IS NULL OR new.{first} IS NULL"
            "  OR ROW({old_rest}) IS DISTINCT FROM ROW({new_rest})"
        ),
        make_blocked=columns.fill("CREATE TEMP TABLE {blocked} ({text_key}) ON COMMIT DROP"),
        copy_blocked=columns.fill("COPY {blocked} FROM STDIN WITH (FORMAT csv, ENCODING 'UTF8')"),
        spare_blocked=columns.fill(
            "DELETE FROM {change} AS old USING {blocked} AS new"
            " WHERE old.kind = 'gone' AND {same_staged_key}"
        ),
        # Of records without statistics the planner expects so few that it would look for each of
        # them in all changes: in a town of 10,000 that took a hundred million steps.
        index_changes=columns.fill("CREATE INDEX ON {change} ({key})"),
        keep_old=columns.fill(
            "INSERT INTO {history} (tenant, {items}, valid_from, known_from, valid_to, known_to)"
            " SELECT old.tenant, {old_items}, old.valid_from, old.known_from, %(on)s, %(at)s"
            " FROM {current} AS old JOIN {change} AS new ON {same_key}"
            " WHERE old.tenant = %(tenant)s AND new.kind <> 'new'"
        ),
        end_gone=columns.fill(
            "DELETE FROM {current} AS old USING {change} AS new"
            " WHERE old.tenant = %(tenant)s AND {same_key} AND new.kind = 'gone'"
        ),
        update_changed=columns.fill(
            "UPDATE {current} AS old SET {set_rest}, valid_from = %(on)s, known_from = %(at)s"
            " FROM {change} AS new"
            " WHERE old.tenant = %(tenant)s AND {same_key} AND new.kind = 'changed'"
        ),
        insert_new=columns.fill(
            "INSERT INTO {current} (tenant, {items}, valid_from, known_from)"
            " SELECT %(tenant)s, {items}, %(on)s, %(at)s FROM {change} WHERE kind = 'new'"
        ),
        keep_events=columns.fill(
            "INSERT INTO {event} (tenant, position, key, kind)"
            " SELECT %(tenant)s, %(position)s, ARRAY[{key_text}], kind FROM {change} ORDER BY {key}"
        ),
        overlaps=columns.fill(
            "SELECT count(*) FROM ("
            " SELECT valid_to > lead(valid_from) OVER (PARTITION BY {key}"
            "  ORDER BY valid_from, valid_to, known_from) AS overlapping FROM ("
            "  SELECT {key}, valid_from, valid_to, known_from FROM {history}"
            "   WHERE tenant = %(tenant)s"
            "  UNION ALL SELECT {key}, valid_from, 'infinity', known_from FROM {current}"
            "   WHERE tenant = %(tenant)s) AS everything) AS neighbours"
            " WHERE overlapping"
        ),
    )


@dataclass(frozen=True, slots=True)
class Differing:
    """What a load of differences runs in place of the same steps of a snapshot."""

    make_staging: Composed
    copy: Composed
    misfits: Composed
    count_held: Composed
    find_changes: Composed


@cache
def differing(entity: Entity) -> Differing:
    """Return the statements that load a file of differences of an entity."""
    staged, columns = merging(difference_of(entity)), _Columns(entity)
    became = {
        "became": Identifier("new", BECAME.name),
        "added": Literal(DeliveryChange.added.value),
        "amended": Literal(DeliveryChange.amended.value),
        "removed": Literal(DeliveryChange.removed.value),
    }
    return Differing(
        make_staging=staged.make_staging,
        copy=staged.copy,
        misfits=columns.fill(
            "SELECT line, was_held, count(*) OVER () FROM ("
            " SELECT new.line, old.tenant IS NOT NULL AS was_held, {became} = {added} AS is_added"
            "  FROM (SELECT *, row_number() OVER (ORDER BY ctid) AS line FROM {staging}) AS new"
            "  LEFT JOIN {current} AS old ON old.tenant = %(tenant)s AND {same_staged_key})"
            " AS joined"
            " WHERE was_held = is_added ORDER BY line LIMIT %(shown)s",
            **became,
        ),
        count_held=columns.fill("SELECT count(*) FROM {current} WHERE tenant = %(tenant)s"),
        find_changes=columns.fill(
            "CREATE TEMP TABLE {change} ON COMMIT DROP AS"
            " SELECT CASE {became} WHEN {added} THEN 'new' WHEN {removed} THEN 'gone'"
            "  ELSE 'changed' END AS kind, {changed_key}, {new_typed_rest}"
            " FROM {staging} AS new"
            " LEFT JOIN {current} AS old ON old.tenant = %(tenant)s AND {same_staged_key}"
            " WHERE {became} <> {amended}"
            "  OR ROW({old_rest}) IS DISTINCT FROM ROW({new_rest})",
            **became,
        ),
    )


@cache
def record_on_day(entity: Entity, items: tuple[str, ...]) -> bytes:
    """Return the statement for the record of one key: in force on a day, as known at a time.

    A row that a later load closed was not yet closed to those who looked before that load; what a
    correction of the same day replaced holds for no day at all once that is known.
    """
    return _on_day(entity, items, _equal(entity.key))


@cache
def records_on_day(entity: Entity, items: tuple[str, ...]) -> bytes:
    """Return the same statement for many values of the first item of the key, the rest given."""
    first, *rest = entity.key
    key = SQL("{} = any({})").format(Identifier(first), Placeholder("keys"))
    wanted = SQL(" AND ").join([key, *([_equal(rest)] if rest else [])])
    return _on_day(entity, (first, *items), wanted)


@cache
def records_of_persons(entity: Entity, items: tuple[str, ...]) -> bytes:
    """Return the statement for all records in force on a day that many persons have, key first."""
    key = SQL("{} = any({})").format(Identifier(entity.key[0]), Placeholder("keys"))
    return _on_day(entity, (*entity.key, *items), key)


@cache
def all_records(entity: Entity, items: tuple[str, ...], required: str) -> Composed:
    """Return the statement for the current records that hold a value of an item, in key order."""
    return _Columns(entity, items).fill(
        "SELECT {items} FROM {current} WHERE tenant = %(tenant)s AND {required} IS NOT NULL"
        " ORDER BY {key}",
        required=Identifier(required),
    )


@cache
def count_records(entity: Entity) -> Composed:
    """Return the statement that counts the records in force."""
    return _Columns(entity).fill("SELECT count(*) FROM {current} WHERE tenant = %(tenant)s")


def _on_day(entity: Entity, items: tuple[str, ...], key: Composable) -> bytes:
    # As bytes: composing the text anew would cost more than the look-up.
    statement = _Columns(entity, items).fill(
        "SELECT valid_from, known_from, {items} FROM {current}"
        " WHERE tenant = %(tenant)s AND {wanted} AND valid_from <= %(on)s"
        "  AND known_from <= {known}"
        " UNION ALL"
        " SELECT valid_from, known_from, {items} FROM {history}"
        " WHERE tenant = %(tenant)s AND {wanted} AND valid_from <= %(on)s"
        "  AND known_from <= {known} AND (known_to > {known} OR valid_to > %(on)s)",
        wanted=key,
        known=SQL("coalesce(%(known)s, 'infinity'::timestamptz)"),
    )
    return statement.as_bytes()


class _Columns:
    """The parts of statements that depend on an entity's items."""

    def __init__(self, entity: Entity, items: Sequence[str] | None = None) -> None:
        names = items if items is not None else [item.name for item in entity.items]
        rest = [item.name for item in entity.items if item.name not in entity.key]
        # A column type is one of a closed set that `generate` makes.
        types = {item.name: SQL(column_type(item)) for item in entity.items}
        self._parts: dict[str, Composable] = {
            "staging": STAGING,
            "change": CHANGE,
            "blocked": BLOCKED,
            "event": EVENT,
            "current": Identifier(f"store_{entity.name}"),
            "rows": Identifier(f"store_{entity.name}_rows"),
            "history": Identifier(f"store_{entity.name}_history"),
            "first": Identifier(entity.key[0]),
            "key": _list(Identifier(name) for name in entity.key),
            "text_key": _list(SQL("{} text").format(Identifier(name)) for name in entity.key),
            "key_text": _list(SQL("{}::text").format(Identifier(name)) for name in entity.key),
            "items": _list(Identifier(name) for name in names),
            "old_items": _list(Identifier("old", name) for name in names),
            "old_rest": _list(Identifier("old", name) for name in rest),
            "new_rest": _list(_typed(name, types[name]) for name in rest),
            "text_columns": _list(SQL("{} text").format(Identifier(name)) for name in names),
            "same_key": SQL(" AND ").join(
                SQL("{} = {}").format(Identifier("new", name), Identifier("old", name))
                for name in entity.key
            ),
            "same_staged_key": SQL(" AND ").join(
                SQL("{} = {}").format(_typed(name, types[name]), Identifier("old", name))
                for name in entity.key
            ),
            "changed_key": _list(
                SQL("coalesce({}, {}) AS {}").format(
                    _typed(name, types[name]), Identifier("old", name), Identifier(name)
                )
                for name in entity.key
            ),
            "new_typed_rest": _list(
                SQL("{} AS {}").format(_typed(name, types[name]), Identifier(name)) for name in rest
            ),
            "set_rest": _list(
                SQL("{} = {}").format(Identifier(name), Identifier("new", name)) for name in rest
            ),
        }

    def fill(self, text: LiteralString, **more: Composable) -> Composed:
        """Fill the parts into a statement's text."""
        return SQL(text).format(**self._parts, **more)


def _typed(name: str, kind: SQL) -> Composed:
    """Return a staged value, which is text, as the type of its column."""
    return SQL("{}::{}").format(Identifier("new", name), kind)


def _equal(names: Iterable[str]) -> Composed:
    return SQL(" AND ").join(
        SQL("{} = {}").format(Identifier(name), Placeholder(name)) for name in names
    )


def _list(parts: Iterable[Composable]) -> Composed:
    return SQL(", ").join(parts)
