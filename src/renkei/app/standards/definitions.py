"""`renkei standard show`: a definition by number or name, and who uses it."""

from collections.abc import Iterator

from renkei import kit, standard
from renkei.standard import Catalogue, DefinitionUnknown, Entity, Interface, Item

Facts = dict[str, object]
MOST = 20  # definitions shown for one name


def describe(known: Catalogue, name: str, language: kit.Language) -> list[Facts]:
    """Return every definition of that number or name; raise where there is none."""
    found = [facts for facts, words in _all(known, language) if name in words]
    if not found:
        lowered = name.casefold()
        found = [
            f for f, words in _all(known, language) if any(lowered in w.casefold() for w in words)
        ]
    if not found:
        raise DefinitionUnknown(kind="definition", name=name)
    return found[:MOST]


def _all(known: Catalogue, language: kit.Language) -> Iterator[tuple[Facts, tuple[str, ...]]]:
    """Give each definition's facts and the words it is found by."""
    for unit in known.units:
        facts = _facts("unit", unit, unit.id, language)
        facts |= {"says": unit.says_ja if language == "ja" else unit.says_en}
        facts |= {"laws": list(unit.laws), "successors": list(unit.successors)}
        facts |= {"entities": [e.name for e in known.entities_of(unit.id)]}
        facts |= {"interfaces": [one.name for one in known.interfaces_of(unit.id)]}
        yield facts, (unit.id, unit.name, unit.ja, unit.en)
    for entity in known.entities:
        facts = _facts("entity", entity, entity.name, language)
        facts |= {"unit": entity.unit, "key": list(entity.key)}
        facts |= {"items": [f"{item.id} {item.name} {item.ja}" for item in entity.items]}
        facts |= {"rules": [f"{rule.id} {rule.ja}" for rule in known.rules_of(entity.name)]}
        yield facts, (entity.name, entity.ja, entity.en)
        for item in entity.items:
            named = (item.id, f"{entity.name}.{item.name}", item.name, item.ja, item.en)
            yield _item(known, entity, item, language), named
    for codes in known.code_lists:
        facts = _facts("code_list", codes, codes.id, language)
        facts["values"] = [
            f"{v.value} {v.ja} {v.en} ({v.since}–{v.until or ''})" for v in codes.values
        ]
        yield facts, (codes.id, codes.ja, codes.en, codes.outside_name or codes.id)
    for interface in known.interfaces:
        words = (interface.name, interface.ja, interface.en, interface.information.code)
        yield _interface(known, interface, language), words
    for procedure in known.procedures:
        facts = _facts("procedure", procedure, procedure.code, language)
        facts |= {"unit": procedure.unit, "affair": procedure.affair, "fee": procedure.fee}
        facts |= {"asks": list(procedure.asks)}
        facts |= {"documents": [document.ja for document in procedure.documents]}
        yield facts, (procedure.code, procedure.ja, procedure.en)
    for line in known.provisions:
        facts = {"kind": kit.say("definition-provision", language), "id": line.row}
        facts |= {"citation": line.citation, "asker unit": line.asker_unit}
        facts |= {"procedure": line.procedure, "information": line.information}
        facts |= {"items": list(line.items), "conditions": list(line.conditions)}
        facts |= {"since": line.since, "until": line.until, "provenance": line.provenance.value}
        yield facts, (line.row, line.citation)


def _item(known: Catalogue, entity: Entity, item: Item, language: kit.Language) -> Facts:
    carried = [
        one for one in known.interfaces if one.entity == entity.name and item.name in one.items
    ]
    codes = {one.information.code for one in carried}
    named = [p.row for p in known.provisions if p.information in codes and item.id in p.items]
    facts = _facts("item", item, item.id, language)
    return facts | {
        "entity": f"{entity.name} {entity.ja}",
        "name": item.name,
        "type": item.type.value,
        "digits": f"{item.digits}.{item.decimals}" if item.decimals else item.digits,
        "required": item.required,
        "code list": item.code_list,
        "handling": f"{item.handling} ({item.handling.care})",
        "external characters": item.external_characters,
        "pattern": standard.rules.pattern(item),
        "checks": [check.value for check in standard.rules.checks(item)],
        "interfaces": [f"{one.name} → {' '.join(known.consumers(one))}" for one in carried],
        "provisions": named,
    }


def _interface(known: Catalogue, interface: Interface, language: kit.Language) -> Facts:
    facts = _facts("interface", interface, interface.name, language)
    entity = known.entity(interface.entity)
    items = [item for name in interface.items if (item := entity.item(name)) is not None]
    return facts | {
        "provider": interface.unit,
        "consumers": list(known.consumers(interface)),
        "timings": [timing.value for timing in interface.timings],
        "trigger": interface.trigger_ja if language == "ja" else interface.trigger_en,
        "path": interface.path,
        "items": [f"{item.id} {item.name} {item.ja}" for item in items],
        "flows": list(interface.flows),
        "between organisations": interface.between_organisations,
        "information": f"{interface.information.code} {interface.information.ja}",
        "provisions": [f"{p.row} {p.asker_unit} {p.citation}" for p in known.basis(interface)],
    }


def _facts(kind: str, one: object, id_: str, language: kit.Language) -> Facts:
    """Return what is shown of every definition."""
    names = ("ja", "en", "since", "until", "provenance", "source")
    own = {name: getattr(one, name) for name in names if hasattr(one, name)}
    return {"kind": kit.say(f"definition-{kind}", language), "id": id_} | own
