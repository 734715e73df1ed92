"""The display codes (符号) of a person, and whose a display code is: a look of staff, and entered.

A code is no secret, but whose it is must not be had for the asking: the right is asked of the law's
second decision, and the look stands in the person's own chain.
"""

import re
import uuid
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from renkei import audit, identity, kit, law, store
from renkei.app.deliveries.intake import node_settings, site_database
from renkei.app.errors import StaffRightMissing
from renkei.app.membership.keys import Keys
from renkei.app.sign_in.staff import NOBODY
from renkei.app.site import now

ACT, UNIT = "code", "32"  # 団体内統合宛名
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Found:
    """Whom somebody looked for, and whether they are under a protection measure (支援措置)."""

    person: str | None
    is_protected: bool


@dataclass(frozen=True, slots=True)
class Codes:
    """A person's number here and the codes they have, by version of the converters' keys."""

    person: str | None
    codes: tuple[tuple[int, str], ...]


def find(conn: kit.Connection, tenant: kit.Tenant, sought: str, *, on: date) -> Found:
    """Find whom a register number or a display code stands for; a mistyped code is an error."""
    is_number = re.fullmatch("[0-9]{15}", sought)
    person = sought if is_number else identity.person_of(conn, tenant, sought.upper())
    hidden = person is not None and store.protected(conn, tenant, [person], on=on)
    return Found(person, bool(hidden))


def show(
    conn: kit.Connection,
    tenant: kit.Tenant,
    found: Found,
    *,
    seal: identity.Seal,
    entry: audit.Entry,
) -> Codes:
    """Return the codes of whom was found, and enter the look; about nobody it is entered too."""
    codes = identity.display_codes(conn, tenant, found.person) if found.person else []
    label = None
    if found.person is not None:
        chain = identity.history_of(conn, tenant, found.person, seal=seal).current
        label = chain.mark(kit.day_of(entry.at).year, withheld=found.is_protected)
    audit.append(conn, tenant, replace(entry, withheld=found.is_protected, label=label))
    return Codes(found.person if codes else None, tuple(codes))


def show_codes(
    settings_file: Path, sought: str, *, by: str, reason: str, reader: kit.Language
) -> dict[str, object]:
    """Show codes on the command line: by a member of staff whom the settings name."""
    settings, at = node_settings(settings_file), now()
    seal = Keys(settings.keys, settings.tenant).seal()
    staff = settings.staff.get(by, NOBODY)
    official = law.Official(by, frozenset(staff.roles), staff.offices)
    entry = audit.Entry(
        kind=audit.Kind.VIEW,
        request=f"linkage/{uuid.uuid4()}",
        at=at,
        asker=settings.tenant,
        holder=settings.tenant,
        procedure="",
        outcome="seen",
        mode=audit.Mode(settings.mode),
        unit=UNIT,
        purpose=reason[:LONGEST],
        details={"staff": by[:LONGEST], "as": ACT},
    )
    with site_database(settings) as database, database.transaction(settings.tenant) as conn:
        found = find(conn, settings.tenant, sought, on=kit.day_of(at))
        clock = kit.in_japan(at)
        asked = law.StaffRequest(official, ACT, UNIT, reason, clock, found.is_protected)
        decision = law.decide_staff(asked, settings.office_hours)
        if isinstance(decision, law.StaffRefusal):
            details = {"by": str(settings.tenant), "act": ACT, "staff": by[:LONGEST]}
            refused = replace(
                entry,
                kind=audit.Kind.REFUSAL,
                outcome="refused",
                withheld=found.is_protected,
                details=details | {"staff_reason": decision.reason.value},
            )
            audit.append(conn, settings.tenant, refused)
        else:
            codes = show(conn, settings.tenant, found, seal=seal, entry=entry)
    if isinstance(decision, law.StaffRefusal):  # told once its entry is committed
        raise StaffRightMissing(said=kit.say(f"staff-refusal-{decision.reason}", reader))
    return {
        "person": codes.person,
        "codes": [f"kv {kv}: {code}" for kv, code in codes.codes],
    }
