"""The checks between definitions: names that must exist, rules that hold across files.

Each function looks at one kind of definition and notes every finding in the draft. What concerns
exchange stands in `linkage_checks`, what concerns the rules of records in `rule_checks`.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date

from renkei.standard.draft import Draft
from renkei.standard.grammar import is_written, pattern
from renkei.standard.linkage_checks import check_linkage
from renkei.standard.model import CodeList, CodeMapping, CodeValue, Entity, Item, ItemType, Unit
from renkei.standard.reserved import RESERVED
from renkei.standard.rule_checks import check_rule

# These types say themselves how long a value is; the others need `digits`.
SIZED = frozenset({ItemType.text, ItemType.kana, ItemType.latin, ItemType.digits, ItemType.decimal})

HISTORY = "_history"  # ends the name of the store's second table of each entity


def check(draft: Draft) -> None:
    """Note every finding between the definitions of a draft."""
    for unit in draft.units:
        _check_unit(draft, unit)
    _check_cycles(draft, "unit", {unit.id: unit.successors for unit in draft.units})
    for codes in draft.code_lists:
        _check_code_list(draft, codes)
    lists = {codes.id: codes for codes in draft.code_lists}
    for mapping in draft.code_mappings:
        _check_mapping(draft, mapping, lists)
    entities = {entity.name: entity for entity in draft.entities}
    whole = draft.whole_units()
    kept = {name for unit in draft.units for f in unit.functions for name in f.entities}
    first: dict[str, tuple[str, Item]] = {}
    for entity in draft.entities:
        _check_entity(draft, entity, entities)
        if entity.name not in kept and entity.unit in whole:
            draft.find("catalogue-entity-idle", "entity", entity.name)
        for item in entity.items:
            _check_item(draft, entity, item)
            _check_same_elsewhere(draft, entity, item, first)
    for rule in draft.rules:
        check_rule(draft, rule, entities, lists)
    check_linkage(draft, entities)
    for term in draft.terms:
        kind = "item" if "." in term.definition else "entity"
        name = f"{term.definition} {term.scheme} {term.term}"
        draft.check_known(("term", name), kind, term.definition)


def _check_unit(draft: Draft, unit: Unit) -> None:
    draft.check_dates("unit", unit.id, unit.since, unit.until)
    for number in unit.successors:
        draft.check_known(("unit", unit.id), "unit", number)
    for subunit in unit.subunits:
        for name in subunit.entities:
            draft.check_known(("unit", unit.id), "entity", name)
    parents = {function.id.rpartition(".")[0] for function in unit.functions}
    for function in unit.functions:
        name = f"{unit.id}/{function.id}"
        parent = function.id.rpartition(".")[0]
        if parent:
            draft.check_known(("function", name), "function", f"{unit.id}/{parent}")
        for service in function.services:
            draft.check_known(("function", name), "interface", f"{unit.id}/{service}")
        for asked in function.asks:
            draft.check_known(("function", name), "interface", asked)
        for entity in function.entities:
            draft.check_known(("function", name), "entity", entity)
        speaks = bool(function.services or function.asks)
        wrong = bool(function.services) if function.internal else not speaks
        if function.id not in parents and wrong:
            draft.find("catalogue-function-idle", "function", name)


def _check_cycles(draft: Draft, kind: str, after: Mapping[str, Iterable[str]]) -> None:
    """Note everything from which a walk along the successors comes back to where it began."""
    for start in after:
        seen: set[str] = set()
        todo = list(after[start])
        while todo:
            name = todo.pop()
            if name not in seen:
                seen.add(name)
                todo.extend(after.get(name, ()))
        if start in seen:
            draft.find("catalogue-successors-circular", kind, start)


def _check_code_list(draft: Draft, codes: CodeList) -> None:
    meanings: set[str] = set()
    spans: dict[str, list[CodeValue]] = {}
    for value in codes.values:
        name = f"{codes.id}/{value.value}"
        draft.check_dates("code_value", name, value.since, value.until)
        for other in spans.get(value.value, ()):
            if other.since <= (value.until or date.max) and value.since <= (
                other.until or date.max
            ):
                draft.find(
                    "catalogue-value-overlaps", "code_value", name, since=value.since.isoformat()
                )
            elif other.ja != value.ja:
                draft.find("catalogue-value-reused", "code_value", name, meaning=other.ja)
        if value.value not in spans and value.ja in meanings:
            draft.find("catalogue-meaning-repeated", "code_value", name, meaning=value.ja)
        meanings.add(value.ja)
        spans.setdefault(value.value, []).append(value)
        if value.successor is not None:
            draft.check_known(("code_value", name), "code_value", f"{codes.id}/{value.successor}")
    after = {
        f"{codes.id}/{v.value}": [f"{codes.id}/{v.successor}"] for v in codes.values if v.successor
    }
    _check_cycles(draft, "code_value", after)
    if not codes.values:
        draft.find("catalogue-code-list-empty", "code_list", codes.id)


def _check_mapping(draft: Draft, mapping: CodeMapping, lists: Mapping[str, CodeList]) -> None:
    owner = ("code_mapping", mapping.id)
    known = [draft.check_known(owner, "code_list", m) for m in (mapping.origin, mapping.target)]
    if not all(known):
        return
    for pair in mapping.pairs:
        name = ("code_pair", f"{mapping.id}/{pair.value}")
        draft.check_known(name, "code_value", f"{mapping.origin}/{pair.value}")
        if pair.maps_to is not None:
            draft.check_known(name, "code_value", f"{mapping.target}/{pair.maps_to}")
    origin = lists.get(mapping.origin)
    mapped = {pair.value for pair in mapping.pairs}
    left = [value.value for value in origin.values if value.value not in mapped] if origin else []
    if left:
        draft.find("catalogue-mapping-incomplete", *owner, values=" ".join(left))


def _check_entity(draft: Draft, entity: Entity, entities: Mapping[str, Entity]) -> None:
    owner = ("entity", entity.name)
    draft.check_dates(*owner, entity.since, entity.until)
    if entity.name.endswith(HISTORY):
        draft.find("catalogue-name-reserved", *owner)
    for name in entity.key:
        item = entity.item(name)
        if item is None:
            draft.check_known(owner, "item", f"{entity.name}.{name}")
        elif not item.required:
            draft.find("catalogue-key-optional", "item", f"{entity.name}.{name}")
    if entity.subject is not None and entity.key[:1] != (entity.subject,):
        # A person's rows are found through the primary key, so the subject must lead it.
        draft.find("catalogue-subject-not-first", *owner, subject=entity.subject)
    for relation in entity.relations:
        draft.check_known(owner, "entity", relation.to)
        other = entities.get(relation.to)
        mine = [entity.item(name) for name in relation.items]
        for name, item in zip(relation.items, mine, strict=True):
            if item is None:
                draft.check_known(owner, "item", f"{entity.name}.{name}")
        if other is None or None in mine:
            continue
        wanted = [key.type for name in other.key if (key := other.item(name)) is not None]
        # A relation may hold the leading part of the other's key: then it names several records.
        if [item.type for item in mine if item] != wanted[: len(mine)]:
            draft.find("catalogue-relation-differs", *owner, other=relation.to)


def _check_item(draft: Draft, entity: Entity, item: Item) -> None:
    name = f"{entity.name}.{item.name}"
    draft.check_dates("item", name, item.since, item.until)
    if not re.fullmatch(rf"{entity.unit}-[0-9]+-[0-9]{{3}}", item.id):
        draft.find("catalogue-item-id-wrong", "item", name, id=item.id, unit=entity.unit)
    if item.name in RESERVED:
        draft.find("catalogue-name-reserved", "item", name)
    sized = (item.type in SIZED) == (item.digits is not None)
    if not sized or (item.type is ItemType.decimal) != (item.decimals is not None):
        draft.find("catalogue-digits-wrong", "item", name, type=item.type.value)
    if (item.type is ItemType.code) != (item.code_list is not None):
        draft.find("catalogue-code-list-wrong", "item", name, type=item.type.value)
    if item.code_list is not None:
        draft.check_known(("item", name), "code_list", item.code_list)
    elif sized and item.example is not None and not is_written(item, item.example):
        draft.find("catalogue-example-wrong", "item", name, pattern=pattern(item))


def _check_same_elsewhere(
    draft: Draft, entity: Entity, item: Item, first: dict[str, tuple[str, Item]]
) -> None:
    """Hold every item to its first definition: one name, one meaning, one way to write it."""
    name = f"{entity.name}.{item.name}"
    for word in (item.name, item.ja):
        where, known = first.setdefault(word, (entity.name, item))
        if _meaning(known) != _meaning(item):
            other = f"{where}.{known.name} {known.ja}"
            draft.find("catalogue-item-differs", "item", name, ja=item.ja, other=other)
            return


def _meaning(item: Item) -> tuple[object, ...]:
    return (
        item.name,
        item.ja,
        item.type,
        item.digits,
        item.decimals,
        item.code_list,
        item.external_characters,
    )
