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
        """Return what is asked of the law."""
        return law.Request.in_house(
            *(self.tenant, self.kind, self.unit, self.procedure),
            information=information,
            items=items,
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
    wanted = _wanted(planned)
    covering = _Covering(asker, table, planned.standard, on, dict.fromkeys(wanted))
    granted = covering.granted()
    if covering.left:
        return covering.refusal()
    return tuple(
        Granted(permit, tuple(sorted({a for item in permit.request.items for a in wanted[item]})))
        for permit in granted
    )


def _wanted(planned: Plan) -> dict[str, set[str]]:
    """Return the ids of the items to be permitted, each with the sources it is read from."""
    wanted: dict[str, set[str]] = {}
    for alias, names in planned.disclosed.items():
        for name in names:
            for number in planned.readings[alias].ids(name):
                wanted.setdefault(number, set()).add(alias)
    return wanted


@dataclass(frozen=True, slots=True)
class _Covering:
    """Looks for permits that cover the items, which shrink to those no permit names."""

    asker: Asker
    table: law.ProvisionTable
    standard: Catalogue
    on: date
    left: dict[str, None]

    def granted(self) -> list[law.Permit]:
        """Return the permits found, and leave in `left` what none of them names."""
        found = []
        for line in _lines(self.asker, self.table, self.on):
            named = [item for item in self.left if item in line.items_on(self.on)]
            if named:
                found += self._taken(self._by_row(named, line.information))
        if own := [item for item in self.left if self._own([item])]:
            found += self._taken(self._own(own))
        return found

    def refusal(self) -> law.Refusal:
        """Return why no permit names what is left, as the law says it of the first of these."""
        first = next(iter(self.left))
        if self.standard.holder_of(first)[0].unit == self.asker.unit:
            refused = self._own(self.left)
        else:
            refused = self._by_row(self.left, _information(first, self.standard))
        match refused:
            case law.Refusal():
                return refused
            case law.Permit(request=request):  # of another row than those looked at
                reason = law.Reason.ITEM_NOT_NAMED
                return law.Refusal(request, reason, self.table.version, self.on)

    def _taken(self, decision: law.Permit | law.Refusal) -> list[law.Permit]:
        match decision:
            case law.Permit():
                for item in decision.request.items:
                    del self.left[item]
                return [decision]
            case law.Refusal():
                return []  # another row may name them

    def _by_row(self, items: Iterable[str], information: str) -> law.Permit | law.Refusal:
        return law.decide(self.asker.request(items, information), self.table, self.on)

    def _own(self, items: Iterable[str]) -> law.Permit | law.Refusal:
        request = self.asker.request(items)
        return law.decide_own_records(request, self.standard, self.table, self.on)


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


def open_items(
    asker: Asker, table: law.ProvisionTable, standard: Catalogue, *, on: date
) -> frozenset[str]:
    """Return the ids of every item that some permit of the day would name to this asker.

    For whoever builds a query: what is not among them need not be offered. Together they may still
    be refused, so `permits` decides.
    """
    named = {item for line in _lines(asker, table, on) for item in line.items}
    by_row = {
        item
        for line in _lines(asker, table, on)
        for item in line.items
        if law.decide(asker.request([item], line.information), table, on)
    }
    own = {
        item.id
        for entity in standard.entities_of(asker.unit)
        for item in entity.items
        if item.id not in named
        and law.decide_own_records(asker.request([item.id]), standard, table, on)
    }
    return frozenset(by_row | own)
