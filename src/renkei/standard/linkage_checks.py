"""The checks of what units exchange: interfaces, flows, procedures, provisions."""

import re
from collections.abc import Mapping

from renkei.standard.draft import Draft
from renkei.standard.linkage import ALL, OWN, Interface, Procedure, Provision, Timing
from renkei.standard.model import Care, Entity, Handling
from renkei.standard.provision_checks import check_table, own_use_name

# 個人番号 and 住民票コード go to the body's own number service and to the resident network only.
NUMBER_SERVICES = frozenset({"32", "X01"})
NUMBERS = frozenset({Handling.personal_number, Handling.resident_record_code})


def check_linkage(draft: Draft, entities: Mapping[str, Entity]) -> None:
    """Note every finding about interfaces, flows, procedures and provisions."""
    offered = {
        f"{unit.id}/{service}"
        for unit in draft.units
        for function in unit.functions
        for service in function.services
    }
    whole = draft.whole_units()
    for interface in draft.interfaces:
        _check_interface(draft, interface, entities)
        if interface.name not in offered and interface.unit in whole:
            draft.find("catalogue-interface-idle", "interface", interface.name)
    _check_flows(draft)
    for procedure in draft.procedures:
        _check_procedure(draft, procedure)
    _check_askers(draft)
    _check_provisions(draft, entities)
    check_table(draft)


def _check_interface(draft: Draft, interface: Interface, entities: Mapping[str, Entity]) -> None:
    owner = ("interface", interface.name)
    draft.check_dates(*owner, interface.since, interface.until)
    for consumer in interface.consumers:
        if consumer != ALL:
            draft.check_known(owner, _kind(consumer), consumer)
    for number in interface.flows:
        draft.check_known(owner, "flow", str(number))
    for fault in interface.faults:
        draft.check_known(owner, "fault", fault)
    named = {parameter.name for parameter in interface.parameters}
    if set(re.findall(r"\{(\w+)\}", interface.path)) != named:
        draft.find("catalogue-path-wrong", *owner, path=interface.path)
    draft.check_known(owner, "entity", interface.entity)
    entity = entities.get(interface.entity)
    if entity is not None:
        _check_payload(draft, interface, entity)


def _check_payload(draft: Draft, interface: Interface, entity: Entity) -> None:
    """Hold an interface to the entity it carries: the provider's own, its key, its items."""
    owner = ("interface", interface.name)
    if entity.unit != interface.unit:
        facts = {"entity": entity.name, "unit": entity.unit}
        draft.find("catalogue-entity-elsewhere", *owner, **facts)
    if interface.between_organisations and entity.subject is None:
        draft.find("catalogue-subject-missing", *owner, entity=entity.name)
    keyed = {parameter.item for parameter in interface.parameters}
    asked = Timing.immediate in interface.timings
    if asked and keyed != set(entity.key) - {entity.subject}:
        draft.find("catalogue-parameters-wrong", *owner, entity=entity.name)
    only_number_services = set(interface.consumers) <= NUMBER_SERVICES
    for name in interface.items:
        item = entity.item(name)
        if item is None:
            draft.check_known(owner, "item", f"{entity.name}.{name}")
        elif interface.between_organisations and not item.handling.may_travel:
            draft.find("catalogue-item-may-not-travel", *owner, item=name)
        elif item.handling in NUMBERS and not only_number_services:
            draft.find("catalogue-number-to-others", *owner, item=name)


def _kind(name: str) -> str:
    return "party" if name.startswith("X") else "unit"


def _check_flows(draft: Draft) -> None:
    """Hold the interfaces to the flows: each cell of a flow is served by its provider."""
    served: dict[tuple[str, str], set[str]] = {}
    timings: dict[str, set[Timing]] = {}
    for interface in draft.interfaces:
        for number in interface.flows:
            key = (str(number), interface.unit)
            served.setdefault(key, set()).update(interface.consumers)
            timings.setdefault(str(number), set()).update(interface.timings)
    for flow in draft.flows:
        name = str(flow.number)
        for provider, consumer in flow.cells:
            for party in (provider, consumer):
                draft.check_known(("flow", name), _kind(party), party)
            consumers = served.get((name, provider), set())
            if consumer not in consumers and ALL not in consumers:
                facts = {"provider": provider, "consumer": consumer}
                draft.find("catalogue-flow-not-served", "flow", name, **facts)
        left = [t.value for t in flow.timings if t not in timings.get(name, set())]
        if left:
            draft.find("catalogue-flow-not-timely", "flow", name, timings=" ".join(left))


def _check_procedure(draft: Draft, procedure: Procedure) -> None:
    owner = ("procedure", procedure.code)
    draft.check_dates(*owner, procedure.since, procedure.until)
    for name in procedure.asks:
        draft.check_known(owner, "interface", name)
    for event in procedure.life_events:
        draft.check_known(owner, "code_value", f"life_event/{event}")
    interfaces = {interface.name: interface for interface in draft.interfaces}
    for document in procedure.documents:
        if document.replaced_by is None:
            continue
        draft.check_known(owner, "interface", document.replaced_by)
        carried = interfaces.get(document.replaced_by)
        for item in document.items:
            if carried is not None and item not in carried.items:
                facts = {"item": item, "interface": carried.name}
                draft.find("catalogue-item-not-carried", *owner, **facts)


def _check_askers(draft: Draft) -> None:
    """Note a function or procedure that asks an interface which does not serve its unit."""
    served = {interface.name: interface.consumers for interface in draft.interfaces}
    asking = [
        *(
            ("function", f"{unit.id}/{function.id}", unit.id, function.asks)
            for unit in draft.units
            for function in unit.functions
        ),
        *(("procedure", one.code, one.unit, one.asks) for one in draft.procedures),
    ]
    for kind, name, unit_id, asks in asking:
        for interface in asks:
            own = interface.startswith(f"{unit_id}/")
            consumers = served.get(interface, (ALL,))  # what is not defined is told elsewhere
            if not own and ALL not in consumers and unit_id not in consumers:
                draft.find("catalogue-asker-not-served", kind, name, interface=interface)


def _check_provisions(draft: Draft, entities: Mapping[str, Entity]) -> None:
    carried: dict[str, set[str]] = {}
    for interface in draft.interfaces:
        carried.setdefault(interface.information.code, set()).update(
            _carried(draft, interface, entities.get(interface.entity))
        )
    asked: dict[tuple[str, str], set[str]] = {}
    procedures = {procedure.code: procedure for procedure in draft.procedures}
    for provision in draft.provisions:
        _check_provision(draft, provision, carried)
        procedure = procedures.get(provision.procedure)
        if procedure and procedure.unit != provision.asker_unit:
            facts = {"procedure": procedure.code, "unit": procedure.unit}
            draft.find("catalogue-procedure-elsewhere", "provision", provision.row, **facts)
        if provision.holder_kind == OWN:
            key = (provision.information, provision.asker_unit)
            asked.setdefault(key, set()).update(provision.items)
    for own_use in draft.own_uses:
        name = own_use_name(own_use)
        draft.check_dates("own_use", name, own_use.since, own_use.until)
        draft.check_known(("own_use", name), "procedure", own_use.procedure)
    for interface in draft.interfaces:
        _check_basis(draft, interface, entities.get(interface.entity), asked)


def _carried(draft: Draft, interface: Interface, entity: Entity | None) -> set[str]:
    """Return the ids of what an interface carries; all there are, if one of them has no shape."""
    items = [entity.item(name) for name in interface.items] if entity else [None]
    if None in items:
        return {name for kind, name in draft.places if kind == "item_id"}
    return {item.id for item in items if item is not None}


def _check_provision(draft: Draft, provision: Provision, carried: Mapping[str, set[str]]) -> None:
    owner = ("provision", provision.row)
    draft.check_dates(*owner, provision.since, provision.until)
    draft.check_known(owner, "unit", provision.asker_unit)
    draft.check_known(owner, "procedure", provision.procedure)
    if provision.information not in carried:
        draft.find("catalogue-reference-unknown", *owner, wanted=provision.information)
    for item in provision.items:
        known = draft.check_known(owner, "item_id", item)
        if known and item not in carried.get(provision.information, {item}):
            facts = {"item": item, "information": provision.information}
            draft.find("catalogue-provision-beyond", *owner, **facts)


def _check_basis(
    draft: Draft,
    interface: Interface,
    entity: Entity | None,
    asked: Mapping[tuple[str, str], set[str]],
) -> None:
    """Note a unit that is given personal items in-house although no provision names it."""
    items = [entity.item(name) for name in interface.items] if entity else []
    personal = [item.id for item in items if item and item.handling.care is not Care.ordinary]
    if not personal:
        return
    units = [unit.id for unit in draft.units if unit.until is None or unit.until >= interface.since]
    consumers = units if ALL in interface.consumers else interface.consumers
    for consumer in consumers:
        if consumer == interface.unit or consumer not in units:
            continue
        named = asked.get((interface.information.code, consumer), set())
        if not named.issuperset(personal):
            draft.find("catalogue-basis-missing", "interface", interface.name, consumer=consumer)
