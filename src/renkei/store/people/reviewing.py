"""Two records side by side for an official who decides: against a permit each, and entered.

What is shown are the items two records have in common. A protected pair shows nothing until the
official says that they look, and why; either way whoever was shown has an entry that says so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from renkei import identity
from renkei.kit import Connection, Tenant, day_of
from renkei.law import Permit
from renkei.standard import catalogue
from renkei.store.disclosure import Occasion, disclose
from renkei.store.lookup import find_person
from renkei.store.people.identities import together
from renkei.store.people.pairs import Decision, Pair, decisions_of, pair
from renkei.store.protection import protected
from renkei.store.release import Plain, held

SHOWN = ("name", "kana", "birth_date", "sex", "postal_code", "address", "building")
"""The items of both registers that people compare; numbers are compared by the program alone."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two records: its register, and its values unless withheld or gone."""

    register_number: str
    entity: str | None
    values: Mapping[str, Plain] | None


@dataclass(frozen=True, slots=True)
class Review:
    """A pair as people look at it."""

    pair: Pair
    sides: tuple[Side, Side]
    decisions: tuple[Decision, ...]
    is_protected: bool
    withheld: bool

    def differs(self, item: str) -> bool:
        """Tell whether the two records have two different values of an item."""
        one, other = (side.values and side.values.get(item) for side in self.sides)
        return bool(one and other and one != other)


def shown_items(entity: str) -> tuple[str, ...]:
    """Return the numbers of the items that a permit must name to show records of a register."""
    found = catalogue().entity(entity)
    return tuple(item.id for name in SHOWN if (item := found.item(name)) is not None)


def review(
    conn: Connection,
    tenant: Tenant,
    permits: Mapping[str, Permit],
    numbers: tuple[str, str],
    *,
    occasion: Occasion,
    seal: identity.Seal,
    on: date,
    looked: bool = False,
) -> Review:
    """Show a pair, and enter what was shown in the transaction; `permits` are by register."""
    found = pair(conn, tenant, *numbers)
    both = (found.one, found.other)
    everybody = {*both, *together(conn, tenant, both)}
    hidden = bool(protected(conn, tenant, everybody, on=day_of(occasion.at)))
    withheld = hidden and not looked
    one, other = (_side(conn, tenant, permits, n, on=on, withheld=withheld) for n in both)
    # Of two who may be one, the entry about the other betrays the protected one as well.
    entered = replace(occasion, withheld=occasion.withheld or hidden)
    for register, permit in permits.items():
        shown = [s.register_number for s in (one, other) if s.values and s.entity == register]
        _enter(conn, tenant, permit, shown, entered, seal)
    decisions = tuple(decisions_of(conn, tenant, *both))
    return Review(found, (one, other), decisions, hidden, withheld)


def _side(
    conn: Connection,
    tenant: Tenant,
    permits: Mapping[str, Permit],
    number: str,
    *,
    on: date,
    withheld: bool,
) -> Side:
    person = find_person(conn, tenant, number, on=on)
    if person is None or withheld:
        return Side(number, None if person is None else person.entity, None)
    entity = catalogue().entity(person.entity)
    key = {"register_number": number}
    return Side(number, entity.name, held(conn, tenant, permits[entity.name], entity, key, on=on))


def _enter(
    conn: Connection,
    tenant: Tenant,
    permit: Permit,
    shown: Sequence[str],
    occasion: Occasion,
    seal: identity.Seal,
) -> None:
    if shown:
        records = len(shown)
        disclose(conn, permit, shown, tenant=tenant, records=records, occasion=occasion, seal=seal)
