"""To whom and where something is sent, and into which account money goes (送付先・代表者・口座).

    where = destination(conn, town, permit, number, on=day, today=today)

1. Everything registered under any number of the person's identity counts.
2. Who gets it: the representative of the heirs, else a trustee, a liquidator, a guardian, a tax
   agent (for taxes), a representative of co-owners (for fixed assets), another agent; else the
   person. A representative may have one too; a circle is an error.
3. Where: what is registered for the unit, else for all units (`COMMON`), else the register.
4. Whoever is under 支援措置 among all of them withholds the whole answer, since even a branch of a
   bank tells a place; an official who has looked at it gets it, marked.
"""

from dataclasses import dataclass
from datetime import date

from renkei.kit import Connection, Tenant
from renkei.law import Permit
from renkei.store.people.registrations import Capacity, Registrations, Row, Source


@dataclass(frozen=True, slots=True)
class Destination:
    """To whom and where. `withheld`: an official must look; then nothing else is told.

    `is_deceased`: nobody represents the heirs of somebody who died.
    """

    withheld: bool = False
    is_protected: bool = False
    is_deceased: bool = False
    register_number: str | None = None
    capacity: Capacity = Capacity.own
    source: Source = Source.register
    name: str | None = None
    postal_code: str | None = None
    address: str | None = None
    building: str | None = None


@dataclass(frozen=True, slots=True)
class Account:
    """The account for a use. `withheld`: an official must look; then nothing else is told."""

    withheld: bool = False
    is_protected: bool = False
    register_number: str | None = None
    source: Source = Source.unit
    bank_code: str | None = None
    branch_code: str | None = None
    deposit_kind: str | None = None
    account_number: str | None = None
    account_holder: str | None = None


PLACE = ("postal_code", "address", "building")
ACCOUNT = ("bank_code", "branch_code", "deposit_kind", "account_number", "account_holder")


def destination(
    conn: Connection,
    tenant: Tenant,
    permit: Permit,
    register_number: str,
    *,
    on: date,
    today: date,
    looked: bool = False,
) -> Destination | None:
    """Return to whom and where the permit's unit sends something on a day; None for nobody known.

    Only the items of the permit leave. The caller enters the release in the same transaction.
    """
    asking = Registrations(conn, tenant, permit, on)
    recipient = asking.recipient(register_number)
    hidden = asking.is_protected(today)
    if hidden and not looked:
        return Destination(withheld=True, is_protected=True)
    items = ("unit_number", "mailing_name", *PLACE, "started_on", "ended_on")
    rows = list(asking.in_force("mailing_address", recipient.numbers, items))
    source, row = asking.first(rows, recipient) or (Source.register, asking.registered(recipient))
    if row is None:
        return None
    name = row.get("mailing_name") or asking.name(recipient)
    told = _told(row | {"mailing_name": name}, asking.allowed("mailing_address"))
    return Destination(
        is_protected=hidden,
        is_deceased=recipient.is_deceased,
        register_number=recipient.number,
        capacity=recipient.capacity,
        source=source,
        name=told["mailing_name"],
        postal_code=told["postal_code"],
        address=told["address"],
        building=told["building"],
    )


def account(
    conn: Connection,
    tenant: Tenant,
    permit: Permit,
    register_number: str,
    use: str,
    *,
    on: date,
    today: date,
    looked: bool = False,
) -> Account | None:
    """Return the account of a person for a use on a day: the unit's, else the common one.

    What is due to somebody who died goes to the representative of the heirs.
    """
    asking = Registrations(conn, tenant, permit, on)
    recipient = asking.recipient(register_number, only_heirs=True)
    hidden = asking.is_protected(today)
    if hidden and not looked:
        return Account(withheld=True, is_protected=True)
    items = ("unit_number", "account_use", *ACCOUNT, "started_on", "ended_on")
    rows = asking.in_force("registered_account", recipient.numbers, items)
    found = asking.first([row for row in rows if row["account_use"] == use], recipient)
    if found is None:
        return None
    told = _told(found[1], asking.allowed("registered_account"))
    return Account(
        is_protected=hidden,
        register_number=recipient.number,
        source=found[0],
        bank_code=told["bank_code"],
        branch_code=told["branch_code"],
        deposit_kind=told["deposit_kind"],
        account_number=told["account_number"],
        account_holder=told["account_holder"],
    )


def _told(row: Row, allowed: frozenset[str]) -> dict[str, str | None]:
    """Return what the permit names of a row, as text."""
    return {
        name: None if value is None or name not in allowed else str(value)
        for name, value in row.items()
    }
