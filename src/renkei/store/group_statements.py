"""The statements of the standard's rules between the records of one entity.

A rule is said once, over the rows of a scope (`scopes`). Values of the catalogue are quoted as
literals.
"""

from collections.abc import Iterable, Sequence

from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from renkei.standard import Entity
from renkei.standard.row_rules import When
from renkei.store.group_rules import Apart, GroupRule, Numbered, Once
from renkei.store.scopes import LINE, Scope, all_of, listed, rows_of, staged, staged_lines


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
        rows=rows_of(rules, scope),
    )


def doubled(entity: Entity) -> Composed:
    """Return the statement that tells whether a key stands twice in the staged file."""
    return SQL("SELECT count(*) > count(DISTINCT {key}) FROM ({rows}) AS said").format(
        key=_digest(entity.key),
        rows=staged(entity, entity.key),
    )


def lines(one: GroupRule) -> Composed:
    """Return the statement for the first lines of the staged file that break a rule."""
    rows = staged_lines(one.entity, one.named)
    return SQL("SELECT {line} FROM ({breaches}) AS broken ORDER BY {line} LIMIT %(shown)s").format(
        line=LINE, breaches=_breaches(one, rows)
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


def _breaches(one: GroupRule, rows: Composed) -> Composed:
    """Return the query for the lines that break a rule, of rows with their lines."""
    about = _about(one)
    match one.form:
        case Apart(items=items):
            # Few rows share a digest with another one: only those are sorted by their texts.
            return SQL(
                "SELECT {line} FROM (SELECT {line},"
                "  row_number() OVER (PARTITION BY {items} ORDER BY {line}) AS place"
                "  FROM ({rows}) AS said WHERE {whole} AND {digest} IN ("
                "   SELECT {digest} FROM ({texts}) AS said WHERE {whole}"
                "    GROUP BY {digest} HAVING count(*) > 1)) AS placed"
                " WHERE place > 1"
            ).format(
                line=LINE,
                items=_names(items),
                rows=rows,
                whole=_whole(one, items),
                digest=_digest(items),
                texts=staged(one.entity, one.named),
            )
        case Once(by=by, where=where):
            return SQL(
                "SELECT {line} FROM (SELECT {line}, fits,"
                "  row_number() OVER (PARTITION BY {by}, fits ORDER BY {line}) AS place,"
                "  bool_or(fits) OVER (PARTITION BY {by}) AS met"
                "  FROM (SELECT *, {fits} AS fits FROM ({rows}) AS said WHERE {about}) AS told"
                " ) AS placed WHERE CASE WHEN met THEN fits AND place > 1 ELSE place = 1 END"
            ).format(
                line=LINE,
                by=_names(by),
                fits=all_of(_meets(condition) for condition in where),
                rows=rows,
                about=about,
            )
        case Numbered(item=item, by=by):
            return SQL(
                "SELECT {line} FROM (SELECT {line}, {item} AS held,"
                "  row_number() OVER (PARTITION BY {by} ORDER BY {number}, {line}) AS wanted"
                "  FROM ({rows}) AS said WHERE {about}) AS placed WHERE held <> wanted::text"
            ).format(
                line=LINE,
                item=Identifier(item),
                by=_names(by),
                number=_as_number(item),
                rows=rows,
                about=about,
            )


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
