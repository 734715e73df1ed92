"""Which rows the rules between records are asked of, as text in the form of the CSV layout.

Three scopes give the same columns: the staged file, all records in force, or those of the groups
that the last changes touch. Composed as in `statements`: names come from the checked catalogue.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from psycopg.sql import SQL, Composable, Composed, Identifier

from renkei.standard import Entity, ItemType
from renkei.store.group_rules import Apart, GroupRule
from renkei.store.statements import CHANGE, STAGING

LINE = Identifier("line of file")  # no item is called so


class Scope(StrEnum):
    """Which records a rule is asked of."""

    staged = "staged"  # the file in the staging table
    held = "held"  # all of the town in force
    touched = "touched"  # of those, the groups a change of the change table left or joined


def staged(entity: Entity, names: Iterable[str]) -> Composed:
    """Return the query for the staged rows."""
    return SQL("SELECT {texts} FROM {staging}").format(
        texts=_texts(entity, names, typed=False), staging=STAGING
    )


def staged_lines(entity: Entity, names: Iterable[str]) -> Composed:
    """Return the query for the staged rows with their lines, counted from the first record.

    A table filled by one COPY holds its lines in the order of the file.
    """
    return SQL("SELECT {texts}, row_number() OVER (ORDER BY ctid) AS {line} FROM {staging}").format(
        texts=_texts(entity, names, typed=False), line=LINE, staging=STAGING
    )


def held(entity: Entity, names: Iterable[str]) -> Composed:
    """Return the query for the records of the town in force."""
    return SQL("SELECT {texts} FROM {current} WHERE tenant = %(tenant)s").format(
        texts=_texts(entity, names, typed=True), current=Identifier(f"store_{entity.name}")
    )


def changed(entity: Entity, names: Iterable[str]) -> Composed:
    """Return the query for the records that the last changes began or changed."""
    return SQL("SELECT {texts} FROM {change} WHERE kind <> 'gone'").format(
        texts=_texts(entity, names, typed=True), change=CHANGE
    )


def rows_of(rules: Sequence[GroupRule], scope: Scope) -> Composed:
    """Return the query for the rows of a scope, with the items that rules of an entity read."""
    entity = rules[0].entity
    names = list(dict.fromkeys(name for one in rules for name in one.named))
    match scope:
        case Scope.staged:
            return staged(entity, names)
        case Scope.held:
            return held(entity, names)
        case Scope.touched:
            return SQL("{held} AND ({group}) IN ({touched})").format(
                held=held(entity, names), group=_grouping(rules[0]), touched=_touched(rules[0])
            )


def _touched(one: GroupRule) -> Composed:
    """Return the query for the groups that changed records are in, and were in before.

    What a change replaced is the last version of its key that the history was given.
    """
    key = one.entity.key
    return SQL(
        "SELECT {group} FROM {change} WHERE kind <> 'gone'"
        " UNION SELECT {group} FROM (SELECT DISTINCT ON ({key}) old.* FROM {history} AS old"
        "  JOIN {change} AS new ON {same_key}"
        "  WHERE old.tenant = %(tenant)s AND new.kind <> 'new'"
        "  ORDER BY {key}, old.known_to DESC) AS before"
    ).format(
        group=_grouping(one),
        change=CHANGE,
        history=Identifier(f"store_{one.entity.name}_history"),
        key=listed(Identifier("old", name) for name in key),
        same_key=all_of(
            SQL("{} = {}").format(Identifier("old", name), Identifier("new", name)) for name in key
        ),
    )


def _grouping(one: GroupRule) -> Composed:
    """Return the columns of a group, bare where they may be, so that an index can find them."""
    bare = isinstance(one.form, Apart)  # a record without a value is in no group
    required = {item.name: item.required for item in one.entity.items}
    return listed(
        Identifier(name)
        if bare or required[name]
        else SQL("coalesce({}::text, '')").format(Identifier(name))
        for name in one.group
    )


def _texts(entity: Entity, names: Iterable[str], *, typed: bool) -> Composed:
    """Return columns as text in the form of the CSV layout, under their names, never NULL."""
    kinds = {item.name: item.type for item in entity.items}
    return listed(
        SQL("coalesce({}, '') AS {}").format(
            text(kinds[name], Identifier(name)) if typed else Identifier(name), Identifier(name)
        )
        for name in names
    )


def text(kind: ItemType, column: Identifier) -> Composable:
    """Return a column of a table of records as text in the form of the CSV layout."""
    match kind:
        case ItemType.number | ItemType.date:
            return SQL("{}::text").format(column)
        case ItemType.decimal:
            return SQL("trim_scale({})::text").format(column)
        case ItemType.datetime:
            return SQL("to_char({}, 'YYYY-MM-DD\"T\"HH24:MI:SS')").format(column)
        case _:
            return column


def all_of(parts: Iterable[Composable]) -> Composed:
    """Return that all of some conditions hold."""
    return SQL(" AND ").join([*parts] or [SQL("TRUE")])


def listed(parts: Iterable[Composable]) -> Composed:
    """Return parts with commas between them."""
    return SQL(", ").join(parts)
