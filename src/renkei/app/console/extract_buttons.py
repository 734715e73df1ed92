"""What each button of the builder does to a draft. Nothing that was not offered is taken."""

import re
from collections.abc import Callable, Mapping
from typing import TypeAlias

from renkei.app.console.extract_drafts import (
    Draft,
    changed,
    condition_from,
    moved,
    with_condition,
    without_condition,
    without_source,
)
from renkei.app.console.extract_words import Words
from renkei.app.console.frame import Visit
from renkei.store.extracts import Column, Join, Order, Source

Change: TypeAlias = Callable[[Draft, Visit, str, Words], Draft]
"""Takes the draft, the form, what stands behind the button's name, and the words of the draft."""

ALIAS = re.compile("[a-z][a-z0-9_]{0,47}")


def _lead(draft: Draft, visit: Visit, _: str, words: Words) -> Draft:
    """Begin anew with an entity."""
    entity = visit.field("leading")
    source = Source(entity=entity) if words.knows(entity) else None
    return changed(draft, leading=source, joins=(), columns=(), groups=(), order=())


def _join(draft: Draft, visit: Visit, _: str, words: Words) -> Draft:
    """Join an entity in the way that was chosen; a second one of a kind needs an alias."""
    to, _, way = visit.field("link").partition(" ")
    pairs = tuple((a, b) for a, _, b in (pair.partition("=") for pair in way.split()) if a and b)
    entity = visit.field("join-entity")
    names = {source.name for source in draft.sources}
    alias = visit.field("alias")
    if not ALIAS.fullmatch(alias) or alias in names:
        alias = ""
    if not alias and entity in names:
        alias = next(f"{entity}_{n}" for n in range(2, 99) if f"{entity}_{n}" not in names)
    if to not in names or not pairs or not words.knows(entity):
        return draft
    join = Join(
        entity=entity, alias=alias, to=to, pairs=pairs, optional=visit.field("optional") == "1"
    )
    return changed(draft, joins=(*draft.joins, join))


def _leave(draft: Draft, _: Visit, name: str, __: Words) -> Draft:
    return without_source(draft, name)


def _show(draft: Draft, visit: Visit, name: str, words: Words) -> Draft:
    """Show the items of a source that are ticked; those of the others stay."""
    ticked = [
        one
        for one in visit.form.get("column", ())
        if one.partition(".")[0] == name and words.found(one) is not None
    ]
    before = {column.item for column in draft.columns}
    kept = [c for c in draft.columns if c.item.partition(".")[0] != name or c.item in ticked]
    new = [Column(item=one, named=words.is_coded(one)) for one in ticked if one not in before]
    return changed(draft, columns=(*kept, *new))


def _hide(draft: Draft, _: Visit, place: str, __: Words) -> Draft:
    columns = tuple(c for n, c in enumerate(draft.columns) if str(n) != place)
    return changed(draft, columns=columns)


def _name(draft: Draft, _: Visit, place: str, words: Words) -> Draft:
    """Show names in place of code values, or values again."""

    def turned(column: Column, number: int) -> Column:
        if str(number) != place or not words.is_coded(column.item):
            return column
        return Column(item=column.item, title=column.title, named=not column.named)

    return changed(draft, columns=tuple(turned(c, n) for n, c in enumerate(draft.columns)))


def _left(draft: Draft, _: Visit, place: str, __: Words) -> Draft:
    return changed(draft, columns=moved(draft.columns, _number(place), -1))


def _right(draft: Draft, _: Visit, place: str, __: Words) -> Draft:
    return changed(draft, columns=moved(draft.columns, _number(place), 1))


def _add_condition(draft: Draft, visit: Visit, _: str, words: Words) -> Draft:
    kind = visit.field("operator")
    found = condition_from(
        kind,
        visit.field("picked"),
        values=[value.strip() for value in visit.form.get(f"{kind}-value", ())],
        least=visit.field(f"{kind}-least"),
        most=visit.field(f"{kind}-most"),
        on=visit.field(f"{kind}-on"),
        negated=visit.field("negated") == "1",
    )
    group = visit.field("group")
    if found is None or words.found(visit.field("picked")) is None:
        return draft
    return with_condition(draft, found, int(group) if group.isdigit() else None)


def _drop_condition(draft: Draft, _: Visit, about: str, __: Words) -> Draft:
    group, *places = about.split(" ")
    return without_condition(draft, _number(group), _number("".join(places)))


def _sort(draft: Draft, visit: Visit, _: str, words: Words) -> Draft:
    item = visit.field("sort")
    if words.found(item) is None or item in {order.item for order in draft.order}:
        return draft
    order = Order(item=item, descending=visit.field("descending") == "1")
    return changed(draft, order=(*draft.order, order))


def _unsort(draft: Draft, _: Visit, place: str, __: Words) -> Draft:
    return changed(draft, order=tuple(o for n, o in enumerate(draft.order) if str(n) != place))


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1


CHANGES: Mapping[str, Change] = {
    "lead": _lead,
    "join": _join,
    "leave": _leave,
    "show": _show,
    "hide": _hide,
    "name": _name,
    "left": _left,
    "right": _right,
    "add-condition": _add_condition,
    "drop-condition": _drop_condition,
    "sort": _sort,
    "unsort": _unsort,
}
