"""The checks between definitions: names that must exist, rules that hold across files.

Each function looks at one kind of definition and notes every finding in the draft.
"""

import re
from datetime import date

from renkei.standard.draft import Draft
from renkei.standard.model import CodeList, Entity, Interface, Item, ItemType, Unit
from renkei.standard.reserved import RESERVED

# These types say themselves how long a value is; the others need `digits`.
SIZED = frozenset({ItemType.text, ItemType.kana, ItemType.digits})


def check(draft: Draft) -> None:
    """Note every finding between the definitions of a draft."""
    for unit in draft.units:
        _check_dates(draft, "unit", unit.id, unit.since, unit.until)
        _check_functions(draft, unit)
    for codes in draft.code_lists:
        _check_code_list(draft, codes)
    first: dict[str, tuple[str, Item]] = {}
    for entity in draft.entities:
        _check_key(draft, entity)
        for item in entity.items:
            _check_item(draft, entity, item)
            _check_same_elsewhere(draft, entity, item, first)
    for interface in draft.interfaces:
        _check_interface(draft, interface)
    for procedure in draft.procedures:
        _check_dates(draft, "procedure", procedure.code, procedure.since, procedure.until)
        for name in procedure.asks:
            _check_known(draft, ("procedure", procedure.code), "interface", name)


def _check_dates(draft: Draft, kind: str, name: str, since: date, until: date | None) -> None:
    if until is not None and since > until:
        draft.find(
            "catalogue-dates-reversed",
            kind,
            name,
            since=since.isoformat(),
            until=until.isoformat(),
        )


def _check_known(draft: Draft, owner: tuple[str, str], kind: str, name: str) -> None:
    if not draft.knows(kind, name):
        draft.find("catalogue-reference-unknown", *owner, wanted=name)


def _check_functions(draft: Draft, unit: Unit) -> None:
    parents = {function.id.rpartition(".")[0] for function in unit.functions}
    for function in unit.functions:
        name = f"{unit.id}/{function.id}"
        parent = function.id.rpartition(".")[0]
        if parent:
            _check_known(draft, ("function", name), "function", f"{unit.id}/{parent}")
        for service in function.services:
            _check_known(draft, ("function", name), "interface", f"{unit.id}/{service}")
        if function.id not in parents and bool(function.services) == function.internal:
            draft.find("catalogue-function-idle", "function", name)


def _check_code_list(draft: Draft, codes: CodeList) -> None:
    meanings: set[str] = set()
    for value in codes.values:
        name = f"{codes.id}/{value.value}"
        _check_dates(draft, "code_value", name, value.since, value.until)
        if value.ja in meanings:
            draft.find("catalogue-meaning-repeated", "code_value", name, meaning=value.ja)
        meanings.add(value.ja)
    if not codes.values:
        draft.find("catalogue-code-list-empty", "code_list", codes.id)


def _check_key(draft: Draft, entity: Entity) -> None:
    for name in entity.key:
        item = entity.item(name)
        if item is None:
            _check_known(draft, ("entity", entity.name), "item", f"{entity.name}.{name}")
        elif not item.required:
            draft.find("catalogue-key-optional", "item", f"{entity.name}.{name}")
    if entity.key[:1] != (entity.subject,):
        # A person's rows are found through the primary key, so the subject must lead it.
        draft.find("catalogue-subject-not-first", "entity", entity.name, subject=entity.subject)


def _check_item(draft: Draft, entity: Entity, item: Item) -> None:
    name = f"{entity.name}.{item.name}"
    if not re.fullmatch(rf"{entity.unit}-[0-9]+-[0-9]{{3}}", item.id):
        draft.find("catalogue-item-id-wrong", "item", name, id=item.id, unit=entity.unit)
    if item.name in RESERVED:
        draft.find("catalogue-name-reserved", "item", name)
    if (item.type in SIZED) != (item.digits is not None):
        draft.find("catalogue-digits-wrong", "item", name, type=item.type.value)
    if (item.type is ItemType.code) != (item.code_list is not None):
        draft.find("catalogue-code-list-wrong", "item", name, type=item.type.value)
    if item.code_list is not None:
        _check_known(draft, ("item", name), "code_list", item.code_list)


def _check_same_elsewhere(
    draft: Draft, entity: Entity, item: Item, first: dict[str, tuple[str, Item]]
) -> None:
    """Hold every item to its first definition: one name, one way to write the value."""
    where, known = first.setdefault(item.name, (entity.name, item))
    same = (known.type, known.digits, known.code_list, known.external_characters)
    if same != (item.type, item.digits, item.code_list, item.external_characters):
        name = f"{entity.name}.{item.name}"
        draft.find("catalogue-item-differs", "item", name, other=f"{where}.{item.name}")


def _check_interface(draft: Draft, interface: Interface) -> None:
    owner = ("interface", interface.name)
    _check_dates(draft, *owner, interface.since, interface.until)
    for number in interface.consumers:
        _check_known(draft, owner, "unit", number)
    _check_known(draft, owner, "entity", interface.entity)
    named = {parameter.name for parameter in interface.parameters}
    if set(re.findall(r"\{(\w+)\}", interface.path)) != named:
        draft.find("catalogue-path-wrong", *owner, path=interface.path)
    entity = next((e for e in draft.entities if e.name == interface.entity), None)
    if entity is None:
        return
    for name in interface.items:
        item = entity.item(name)
        if item is None:
            _check_known(draft, owner, "item", f"{entity.name}.{name}")
        elif not item.handling.may_travel:
            draft.find("catalogue-item-may-not-travel", *owner, item=name)
    keyed = {parameter.item for parameter in interface.parameters}
    if keyed != set(entity.key) - {entity.subject}:
        draft.find("catalogue-parameters-wrong", *owner, entity=entity.name)
