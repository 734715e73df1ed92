"""The statements of the standard's rules between the records of one entity.

A rule is said once, over rows of text in the form of the CSV layout; a scope says which rows: the
staged file, all records in force, or those of the groups that the last changes touch. Composed as
in `statements`: names come from the checked catalogue, its values are quoted as literals.
"""

from collections.abc import Iterable, Sequence
from enum import StrEnum

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from renkei.standard import Entity, ItemType
from renkei.standard.row_rules import When
from renkei.store.group_rules import Apart, GroupRule, Numbered, Once
from renkei.store.statements import CHANGE, STAGING

MARK = Identifier("mark of row")  # no item is called so


class Scope(StrEnum):
    """Which records a rule is asked of."""

    staged = "staged"  # the file in the staging table
    held = "held"  # all of the town in force
    touched = "touched"  # of those, the groups a change of the change table left or joined


def count(rules: Sequence[GroupRule], scope: Scope) -> Composed:
    """Return the statement that counts, in one pass, the breaches of each rule of an entity.

    Of what changes touch, one rule is asked at a time. OFFSET 0 lets each mark be made only once.
    """
    numbered = [(one, f"{n} group", f"{n} fit") for n, one in enumerate(rules)]
    return SQL(
        "SELECT {counts} FROM (SELECT {marks} FROM ({rows}) AS said OFFSET 0) AS marked"
    ).format(
        counts=listed(_counted(one, Identifier(g), Identifier(f)) for one, g, f in numbered),
        marks=listed(_marks(one, Identifier(g), Identifier(f)) for one, g, f in numbered),
        rows=_rows(rules, scope),
    )


def doubled(entity: Entity) -> Composed:
    """Return the statement that tells whether a key stands twice in the staged file."""
    return SQL("SELECT count(*) > count(DISTINCT {key}) FROM ({rows}) AS said").format(
        key=_digest(entity.key),
        rows=SQL("SELECT {texts} FROM {staging}").format(
            texts=texts(entity, entity.key, typed=False), staging=STAGING
        ),
    )


def marks(one: GroupRule, scope: Scope) -> Composed:
    """Return the statement for the marks of the first records of a scope that break a rule."""
    rows = marked(one.entity, one.named, scope)
    return SQL("SELECT {mark} FROM ({breaches}) AS broken ORDER BY {mark} LIMIT %(shown)s").format(
        mark=MARK, breaches=_breaches(one, rows, scope)
    )


def count_new(one: GroupRule) -> Composed:
    """Return the statement that counts the staged rows whose record is new and has a namesake."""
    return SQL("SELECT count(*) FROM ({new}) AS new").format(new=_new_among_alike(one))


def marks_new(one: GroupRule) -> Composed:
    """Return the statement for the marks of the first of these rows."""
    return SQL("SELECT {mark} FROM ({new}) AS new ORDER BY {mark} LIMIT %(shown)s").format(
        mark=MARK, new=_new_among_alike(one)
    )


def _new_among_alike(one: GroupRule) -> Composed:
    """Return the query for staged rows of new records that agree with an earlier one.

    Those whose key is in force are earlier than all others. Only rows that share a digest with
    another one are looked at.
    """
    entity, rows = one.entity, _rows([one], Scope.staged)
    kinds = {item.name: item.type for item in entity.items}
    whole = _whole(one, one.group)
    return SQL(
        "SELECT {mark} FROM (SELECT {mark}, is_new,"
        "  row_number() OVER (PARTITION BY {items} ORDER BY is_new, {mark}) AS place"
        "  FROM (SELECT said.*, NOT EXISTS (SELECT FROM {current} AS held"
        "    WHERE held.tenant = %(tenant)s AND {same_key}) AS is_new"
        "   FROM ({marked}) AS said WHERE {whole} AND {digest} IN ("
        "    SELECT {digest} FROM ({rows}) AS said WHERE {whole}"
        "     GROUP BY {digest} HAVING count(*) > 1)) AS told) AS placed"
        " WHERE is_new AND place > 1"
    ).format(
        mark=MARK,
        items=_names(one.group),
        current=Identifier(f"store_{entity.name}"),
        same_key=all_of(
            SQL("{} = {}").format(
                text(kinds[name], Identifier("held", name)), Identifier("said", name)
            )
            for name in entity.key
        ),
        marked=marked(entity, dict.fromkeys([*one.named, *entity.key]), Scope.staged),
        whole=whole,
        digest=_digest(one.group),
        rows=rows,
    )


def marked(entity: Entity, names: Iterable[str], scope: Scope) -> Composed:
    """Return the query for the rows of a scope with their marks.

    The mark of a staged row is its number in the file, since a table filled by one COPY holds its
    rows in that order; the mark of a record is its key.
    """
    if scope is Scope.staged:
        return SQL(
            "SELECT {texts}, row_number() OVER (ORDER BY ctid) AS {mark} FROM {staging}"
        ).format(texts=texts(entity, names, typed=False), mark=MARK, staging=STAGING)
    kinds = {item.name: item.type for item in entity.items}
    return SQL(
        "SELECT {texts}, ARRAY[{key}] AS {mark} FROM {current} WHERE tenant = %(tenant)s"
    ).format(
        texts=texts(entity, names, typed=True),
        key=listed(text(kinds[name], Identifier(name)) for name in entity.key),
        mark=MARK,
        current=Identifier(f"store_{entity.name}"),
    )


def _marks(one: GroupRule, group: Identifier, fit: Identifier) -> Composed:
    """Return what is noted of each record for a rule.

    Groups are told apart by a digest of 64 bits, which sorts many times faster than texts.
    """
    marked = SQL("CASE WHEN {about} THEN {mark} END AS {name}")
    about = _about(one)
    match one.form:
        case Apart(items=items):
            return marked.format(about=_whole(one, items), mark=_digest(items), name=group)
        case Once(by=by, where=where):
            fits = all_of([about, *(_meets(condition) for condition in where)])
            digest = _digest(by)
            return listed(
                [
                    marked.format(about=about, mark=digest, name=group),
                    marked.format(about=fits, mark=digest, name=fit),
                ]
            )
        case Numbered(item=item, by=by):
            wrong = SQL("{item} <> row_number() OVER ({order})::text").format(
                item=Identifier(item),
                order=SQL("PARTITION BY {about}, {by} ORDER BY {number}").format(
                    about=about, by=_names(by), number=_as_number(item)
                ),
            )
            return marked.format(about=about, mark=wrong, name=fit)


def _counted(one: GroupRule, group: Identifier, fit: Identifier) -> Composed:
    """Return the count of breaches over the marks of a rule."""
    match one.form:
        case Apart():
            return SQL("count({group}) - count(DISTINCT {group})").format(group=group)
        case Once():
            # Each one that fits after the first of its group, and each group with none.
            return SQL(
                "count({fit}) - count(DISTINCT {fit})"
                " + count(DISTINCT {group}) - count(DISTINCT {fit})"
            ).format(group=group, fit=fit)
        case Numbered():
            return SQL("count(*) FILTER (WHERE {fit})").format(fit=fit)


def _breaches(one: GroupRule, rows: Composed, scope: Scope) -> Composed:
    """Return the query for the marks of rows that break a rule, of rows with their marks."""
    about = _about(one)
    match one.form:
        case Apart(items=items):
            # Few rows share a digest with another one: only those are sorted by their texts.
            return SQL(
                "SELECT {mark} FROM (SELECT {mark},"
                "  row_number() OVER (PARTITION BY {items} ORDER BY {mark}) AS place"
                "  FROM ({rows}) AS said WHERE {whole} AND {digest} IN ("
                "   SELECT {digest} FROM ({texts}) AS said WHERE {whole}"
                "    GROUP BY {digest} HAVING count(*) > 1)) AS placed"
                " WHERE place > 1"
            ).format(
                mark=MARK,
                items=_names(items),
                rows=rows,
                whole=_whole(one, items),
                digest=_digest(items),
                texts=_rows([one], scope),
            )
        case Once(by=by, where=where):
            return SQL(
                "SELECT {mark} FROM (SELECT {mark}, fits,"
                "  row_number() OVER (PARTITION BY {by}, fits ORDER BY {mark}) AS place,"
                "  bool_or(fits) OVER (PARTITION BY {by}) AS met"
                "  FROM (SELECT *, {fits} AS fits FROM ({rows}) AS said WHERE {about}) AS told"
                " ) AS placed WHERE CASE WHEN met THEN fits AND place > 1 ELSE place = 1 END"
            ).format(
                mark=MARK,
                by=_names(by),
                fits=all_of(_meets(condition) for condition in where),
                rows=rows,
                about=about,
            )
        case Numbered(item=item, by=by):
            return SQL(
                "SELECT {mark} FROM (SELECT {mark}, {item} AS held,"
                "  row_number() OVER (PARTITION BY {by} ORDER BY {number}, {mark}) AS wanted"
                "  FROM ({rows}) AS said WHERE {about}) AS placed WHERE held <> wanted::text"
            ).format(
                mark=MARK,
                item=Identifier(item),
                by=_names(by),
                number=_as_number(item),
                rows=rows,
                about=about,
            )


def _rows(rules: Sequence[GroupRule], scope: Scope) -> Composed:
    """Return the query for the rows of a scope, with the items the rules read as texts."""
    entity = rules[0].entity
    names = dict.fromkeys(name for one in rules for name in one.named)
    if scope is Scope.staged:
        return SQL("SELECT {texts} FROM {staging}").format(
            texts=texts(entity, names, typed=False), staging=STAGING
        )
    held = SQL("SELECT {texts} FROM {current} WHERE tenant = %(tenant)s").format(
        texts=texts(entity, names, typed=True), current=Identifier(f"store_{entity.name}")
    )
    if scope is Scope.held:
        return held
    return SQL("{held} AND ({group}) IN ({touched})").format(
        held=held, group=_grouping(rules[0]), touched=_touched(rules[0])
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


def texts(entity: Entity, names: Iterable[str], *, typed: bool) -> Composed:
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


def _about(one: GroupRule) -> Composed:
    return all_of(_meets(condition) for condition in one.rule.when)


def _whole(one: GroupRule, items: Iterable[str]) -> Composed:
    return all_of([_about(one), *(SQL("{} <> ''").format(Identifier(name)) for name in items)])


def _meets(condition: When) -> Composed:
    column = Identifier(condition.item)
    parts: list[Composable] = []
    if condition.one_of:
        values = listed(Literal(value) for value in condition.one_of)
        parts.append(SQL("{} IN ({})").format(column, values))
    match condition.filled:
        case True:
            parts.append(SQL("{} <> ''").format(column))
        case False:
            parts.append(SQL("{} = ''").format(column))
        case None:
            pass
    return all_of(parts)


def _digest(names: Sequence[str]) -> Composed:
    digest: Composable = Literal(0)
    for name in names:
        digest = SQL("hashtextextended({}, {})").format(Identifier(name), digest)
    return SQL("{}").format(digest)


def _as_number(item: str) -> Composed:
    """Return the order of whole numbers, whatever else a defective file holds."""
    return SQL('length({item}), {item} COLLATE "C"').format(item=Identifier(item))


def _names(names: Iterable[str]) -> Composed:
    return listed(Identifier(name) for name in names)


def all_of(parts: Iterable[Composable]) -> Composed:
    """Return that all of some conditions hold."""
    return SQL(" AND ").join([*parts] or [SQL("TRUE")])


def listed(parts: Iterable[Composable]) -> Composed:
    """Return parts with commas between them."""
    return SQL(", ").join(parts)
