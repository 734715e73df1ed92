"""What unit 22 registers for sending: representatives, 送付先, accounts; who is met on the way."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from renkei.kit import Connection, Tenant
from renkei.law import Permit
from renkei.standard import catalogue
from renkei.store.errors import PermitElsewhere
from renkei.store.people.errors import RepresentativesInCircle
from renkei.store.people.identities import identities_of, identity
from renkei.store.protection import protected
from renkei.store.statements import records_of_persons

Row = dict[str, object]

COMMON = "00"
"""The unit number under which 送付先 and 口座 for every unit stand (docs/decisions/0019)."""

TAX_UNITS = frozenset({"05", "06", "07", "08", "09"})
DECEASED = "3"
LIVES_HERE = "1"


class Capacity(StrEnum):
    """As what somebody gets what is for a person; the value is the code of 代表者等区分."""

    own = ""
    heirs = "1"
    tax_agent = "2"
    guardian = "3"
    co_owners = "4"
    trustee = "5"
    liquidator = "6"
    agent = "9"


class Source(StrEnum):
    """Where an address or account stands."""

    unit = "unit"
    common = "common"
    register = "register"


FIRST = (
    *(Capacity.heirs, Capacity.trustee, Capacity.liquidator, Capacity.guardian),
    *(Capacity.tax_agent, Capacity.co_owners, Capacity.agent),
)
HEIR = "heir_representative_number"
UNITS = {Capacity.tax_agent: TAX_UNITS, Capacity.co_owners: frozenset({"05"})}


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets it: the number that was named first, all numbers of the identity, as what."""

    number: str
    numbers: tuple[str, ...]
    capacity: Capacity
    is_deceased: bool


class Registrations:
    """One question: the unit that asks, and everybody who came up on the way."""

    def __init__(self, conn: Connection, tenant: Tenant, permit: Permit, on: date) -> None:
        if permit.request.holder != tenant:
            raise PermitElsewhere(holder=permit.request.holder, tenant=tenant)
        self.conn = conn
        self.tenant = tenant
        self.permit = permit
        self.unit = permit.request.asker_unit
        self.on = on
        self.met: set[str] = set()

    def allowed(self, entity: str) -> frozenset[str]:
        """Return the names of the items of an entity that the permit names."""
        items = catalogue().entity(entity).items
        return frozenset(item.name for item in items if item.id in self.permit.request.items)

    def is_protected(self, today: date) -> bool:
        """Tell whether anybody met on the way is under 支援措置."""
        return bool(protected(self.conn, self.tenant, self.met, on=today))

    def recipient(self, number: str, *, only_heirs: bool = False) -> Recipient:
        """Follow the representatives from a person to whom gets it."""
        capacity = Capacity.own
        while True:
            numbers = self._numbers(number)
            if not self.met.isdisjoint(numbers):
                raise RepresentativesInCircle
            self.met |= set(numbers)
            found = self._representative(numbers, only_heirs=only_heirs)
            if found is None:
                return Recipient(number, numbers, capacity, self._is_deceased(numbers))
            capacity, number = found

    def _numbers(self, number: str) -> tuple[str, ...]:
        """Return the register numbers of the identity, the one that was named first."""
        unified = identities_of(self.conn, self.tenant, [number], on=self.on).get(number)
        found = unified and identity(self.conn, self.tenant, unified, on=self.on)
        others = found.register_numbers if found else ()
        return (number, *(other for other in others if other != number))

    def _representative(
        self, numbers: Sequence[str], *, only_heirs: bool
    ) -> tuple[Capacity, str] | None:
        items = ("representative_kind", "representative_number", "started_on", "ended_on")
        rows = list(self.in_force("addressee_representative", numbers, items))
        for capacity in (Capacity.heirs,) if only_heirs else FIRST:
            if self.unit not in UNITS.get(capacity, frozenset({self.unit})):
                continue
            named = [row for row in rows if row["representative_kind"] == capacity.value]
            if named:
                newest = max(named, key=lambda row: str(row["started_on"]))
                return capacity, str(newest["representative_number"])
            if capacity is Capacity.heirs:
                for row in self._rows("unregistered_person", numbers, (HEIR,)):
                    if row[HEIR]:
                        return capacity, str(row[HEIR])
        return None

    def _is_deceased(self, numbers: Sequence[str]) -> bool:
        rows = self._rows("resident", numbers, ("resident_status",))
        return any(row["resident_status"] == DECEASED for row in rows)

    def first(self, rows: Sequence[Row], recipient: Recipient) -> tuple[Source, Row] | None:
        """Return what is registered for the unit, else for all; of the number asked for first."""
        for source, unit in ((Source.unit, self.unit), (Source.common, COMMON)):
            fitting = [row for row in rows if row["unit_number"] == unit]
            if fitting:
                own = [row for row in fitting if row["register_number"] == recipient.number]
                return source, max(own or fitting, key=lambda row: str(row["started_on"]))
        return None

    def registered(self, recipient: Recipient) -> Row | None:
        """Return the record of a register: who lives here first, then the number asked for."""
        items = ("name", "postal_code", "address", "building")
        residents = list(self._rows("resident", recipient.numbers, (*items, "resident_status")))
        outsiders = list(self._rows("unregistered_person", recipient.numbers, items))
        here = [row for row in residents if row["resident_status"] == LIVES_HERE]
        for rows in (here, outsiders, residents):
            own = [row for row in rows if row["register_number"] == recipient.number]
            if rows:
                return (own or rows)[0]
        return None

    def name(self, recipient: Recipient) -> object:
        registered = self.registered(recipient)
        return registered and registered["name"]

    def in_force(self, entity: str, numbers: Sequence[str], items: Sequence[str]) -> Iterator[Row]:
        for row in self._rows(entity, numbers, items):
            started, ended = row["started_on"], row["ended_on"]
            begun = isinstance(started, date) and started <= self.on
            if begun and (not isinstance(ended, date) or self.on <= ended):
                yield row

    def _rows(self, entity: str, numbers: Sequence[str], items: Sequence[str]) -> Iterator[Row]:
        found = catalogue().entity(entity)
        statement = records_of_persons(found, tuple(items))
        asked = {"tenant": self.tenant, "on": self.on, "known": None, "keys": list(numbers)}
        names = (*found.key, *items)
        for row in self.conn.execute(statement, asked):
            yield dict(zip(names, row[2:], strict=True))
