"""Whether a unit may have what a query shows and tests: every item under a provision, or none."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from renkei import kit, law
from renkei.standard import OWN, Catalogue, Provision
from renkei.store.extracts.plan import Plan


@dataclass(frozen=True, slots=True)
class Asker:
    """For whom a query is run: the organisation, its unit, the procedure, the purpose."""

    tenant: kit.Tenant
    kind: str
    unit: str
    procedure: str
    purpose: str

    def request(self, items: Iterable[str], information: str = "") -> law.Request:
        """Return what is asked of the law: use inside one body (庁内利用)."""
        return law.Request(
            asker=self.tenant,
            asker_kind=self.kind,
            asker_unit=self.unit,
            procedure=self.procedure,
            holder=self.tenant,
            holder_kind=OWN,
            information=information,
            items=tuple(items),
        )


@dataclass(frozen=True, slots=True)
class Granted:
    """A permit, and the sources of the query whose items it names."""

    permit: law.Permit
    sources: tuple[str, ...]


def permits(
    planned: Plan, asker: Asker, table: law.ProvisionTable, *, on: date
) -> tuple[Granted, ...] | law.Refusal:
    """Return the permits that together name every item of a plan, or the first refusal.

    What the unit keeps itself needs no row of the table; whatever else does, and one row names as
    much of it as it can. One item no permit names closes the whole query: half an extract would
    show by its gaps what it must not.
    """
    wanted: dict[str, set[str]] = {}
    for alias, names in planned.disclosed.items():
        for name in names:
            for number in planned.readings[alias].ids(name):
                wanted.setdefault(number, set()).add(alias)
    left = dict.fromkeys(wanted)
    granted: list[law.Permit] = []

    def ask(decision: law.Permit | law.Refusal) -> None:
        match decision:
            case law.Permit() as permit:
                granted.append(permit)
                for item in permit.request.items:
                    del left[item]
            case law.Refusal():
                pass  # another row may name it

    for line in _lines(asker, table, on):
        if named := [item for item in left if item in line.items]:
            ask(law.decide(asker.request(named, line.information), table, on))
    standard = planned.standard

    def own(items: Iterable[str]) -> law.Permit | law.Refusal:
        return law.decide_own_records(asker.request(items), standard, table, on)

    if kept := [item for item in left if own([item])]:
        ask(own(kept))
    if left:
        number = next(iter(left))
        if standard.holder_of(number)[0].unit == asker.unit:
            refused = own(left)
        else:
            refused = law.decide(
                asker.request(left, _information(number, standard)), table, on
            )
        if isinstance(refused, law.Permit):  # a row could name them alone but not together
            return law.Refusal(refused.request, law.Reason.ITEM_NOT_NAMED, table.version, on)
        return refused
    return tuple(
        Granted(permit, tuple(sorted({a for item in permit.request.items for a in wanted[item]})))
        for permit in granted
    )


def _lines(asker: Asker, table: law.ProvisionTable, on: date) -> list[Provision]:
    """Return the rows in force that let this unit use what others keep, for this procedure."""
    wanted = (asker.kind, asker.unit, asker.procedure, OWN)
    return [
        line
        for line in table.provisions
        if (line.asker_kind, line.asker_unit, line.procedure, line.holder_kind) == wanted
        and line.in_force(on)
    ]


def _information(item: str, standard: Catalogue) -> str:
    """Return the name in the law of what carries an item, or one no row can have."""
    entity, found = standard.holder_of(item)
    carried = (
        interface.information.code
        for interface in standard.interfaces
        if interface.entity == entity.name and found.name in interface.items
    )
    return next(carried, "-")
