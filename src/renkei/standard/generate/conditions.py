"""The rules of a record as conditions of its JSON Schema, as far as a schema can say them.

A schema judges one record and knows no day: rules between records, orders of days and rules that
ended stay out, and so do alerts, which an official may confirm.
"""

from renkei.standard.content import Catalogue
from renkei.standard.generate.values import Json
from renkei.standard.model import Entity, ItemType
from renkei.standard.row_rules import BeEmpty, BeFilled, BeOneOf, BeWrittenAs, Level, Rule, When

NO_VALUE: dict[str, Json] = {"type": "null"}


def conditions(entity: Entity, standard: Catalogue) -> dict[str, Json]:
    """Return `allOf` with the rules a schema can say, and `x-rules` with the ids of the others."""
    said: list[Json] = []
    unsaid: list[Json] = []
    for rule in standing_rules(entity, standard):
        condition = _condition(rule, entity)
        if condition is None:
            unsaid.append(rule.id)
        elif condition:
            said.append({"$comment": f"{rule.id} {rule.ja}", **condition})
    return {**({"allOf": said} if said else {}), **({"x-rules": unsaid} if unsaid else {})}


def standing_rules(entity: Entity, standard: Catalogue) -> tuple[Rule, ...]:
    """Return the rules that have no last day: a schema knows no days."""
    return tuple(rule for rule in standard.rules_of(entity.name) if rule.until is None)


def _condition(rule: Rule, entity: Entity) -> dict[str, Json] | None:
    """Return a rule as a schema; an empty one where the types say it, None where none can."""
    match rule.then:
        case BeWrittenAs(items=items, form=form):
            narrower = any(item.type is not form for item in entity.items if item.name in items)
            return None if narrower else {}
        case BeFilled(items=items):
            then = _filled(*items)
        case BeEmpty(items=items):
            then = {"properties": dict.fromkeys(items, NO_VALUE)}
        case BeOneOf(item=name, values=values):
            then = {"properties": {name: {"enum": [*_told(entity, name, values), None]}}}
        case _:
            return None
    if rule.level is not Level.error:
        return None  # an alert may be confirmed, a schema may not
    parts = [part for when in rule.when for part in _when(when, entity)]
    match parts:
        case []:
            return then
        case [one]:
            return {"if": one, "then": then}
        case many:
            return {"if": {"allOf": many}, "then": then}


def _when(when: When, entity: Entity) -> list[Json]:
    parts: list[Json] = []
    if when.one_of:
        values = _told(entity, when.item, when.one_of)
        parts.append({"properties": {when.item: {"enum": values}}, "required": [when.item]})
    if when.filled is True:
        parts.append(_filled(when.item))
    if when.filled is False:
        parts.append({"properties": {when.item: NO_VALUE}})
    return parts


def _filled(*names: str) -> dict[str, Json]:
    return {
        "properties": {name: {"not": NO_VALUE} for name in names},
        "required": list(names),
    }


def _told(entity: Entity, name: str, values: tuple[str, ...]) -> list[Json]:
    item = entity.item(name)
    is_number = item is not None and item.type is ItemType.number
    return [int(value) if is_number else value for value in values]
