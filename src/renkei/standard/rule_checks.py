"""The checks of the rules of records: each item exists, each value is one of its list."""

from collections.abc import Iterable, Iterator, Mapping

from renkei.standard.draft import Draft
from renkei.standard.model import CodeList, Entity, ItemType
from renkei.standard.row_rules import (
    BeOneOf,
    BeWrittenAs,
    Must,
    NumberVersions,
    OccurOnce,
    Rule,
    conditions,
)

# Forms a rule may hold an item to beside its own type.
NARROWER = frozenset({(ItemType.uncertain_date, ItemType.date)})


def check_rule(
    draft: Draft, rule: Rule, entities: Mapping[str, Entity], lists: Mapping[str, CodeList]
) -> None:
    """Note every finding about one rule."""
    owner = ("rule", rule.id)
    draft.check_dates(*owner, rule.since, rule.until)
    if not draft.check_known(owner, "entity", rule.entity):
        return
    entity = entities.get(rule.entity)
    if entity is None:
        return
    for name in dict.fromkeys(_items(rule)):
        draft.check_known(owner, "item", f"{entity.name}.{name}")
    for name, value in _values(rule):
        item = entity.item(name)
        codes = lists.get(item.code_list or "") if item else None
        if codes is not None and codes.label(value) is None:
            facts = {"wanted": f"{codes.id}/{value}"}
            draft.find("catalogue-reference-unknown", *owner, **facts)
    match rule.then:
        case BeWrittenAs(items=items, form=form):
            for name in items:
                item = entity.item(name)
                if item is not None and (item.type, form) not in NARROWER | {(form, form)}:
                    facts = {"item": name, "form": form.value, "type": item.type.value}
                    draft.find("catalogue-rule-form", *owner, **facts)
        case _:
            pass


def items_of(must: Must) -> Iterable[str]:
    """Return the items a requirement names itself."""
    match must:
        case BeOneOf(item=item):
            return (item,)
        case OccurOnce(by=by):
            return by
        case NumberVersions(item=item, by=by):
            return (item, *by)
        case _:
            return getattr(must, "items", ())


def _items(rule: Rule) -> Iterator[str]:
    yield from (condition.item for condition in conditions(rule))
    yield from items_of(rule.then)


def _values(rule: Rule) -> Iterator[tuple[str, str]]:
    for condition in conditions(rule):
        yield from ((condition.item, value) for value in condition.one_of)
    if isinstance(rule.then, BeOneOf):
        yield from ((rule.then.item, value) for value in rule.then.values)
