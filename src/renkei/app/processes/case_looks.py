"""Looks at what cases know from the command line: decided as at the console, and entered."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from renkei import audit, kit, law
from renkei.app.errors import StaffRightMissing
from renkei.app.rendering import JAPAN
from renkei.app.settings import Settings
from renkei.app.sign_in.staff import NOBODY

ACT = "case"
LONGEST = 200


def look(
    database: kit.Database,
    settings: Settings,
    what: Mapping[str, str],
    *,
    by: str,
    purpose: str,
    at: datetime,
    reader: kit.Language,
) -> None:
    """Enter that somebody looks, or that they were refused, and raise that then."""
    staff, said = settings.staff.get(by, NOBODY), " ".join(purpose.split())
    office = "" if law.EVERY in staff.offices else min(staff.offices, default="")
    official = law.Official(by, frozenset(staff.roles), staff.offices, staff is not NOBODY)
    asked = law.StaffRequest(official, ACT, office, said, at.astimezone(JAPAN))
    decided = law.decide_staff(asked, settings.office_hours) if settings.staff else None
    is_refused = isinstance(decided, law.StaffRefusal)
    details = {"staff": by[:LONGEST], **what}
    if isinstance(decided, law.StaffRefusal):
        details |= {"act": ACT, "by": str(settings.tenant), "staff_reason": decided.reason.value}
    entry = audit.Entry(
        kind=audit.Kind.REFUSAL if is_refused else audit.Kind.VIEW,
        request=f"cases/{uuid.uuid4()}",
        at=at,
        asker=settings.tenant,
        holder=settings.tenant,
        procedure="",
        outcome="refused" if is_refused else "seen",
        mode=audit.Mode(settings.mode),
        unit=office,
        purpose=said[:LONGEST],
        details=details,
    )
    with database.transaction(settings.tenant) as conn:
        audit.append(conn, settings.tenant, entry)
    if isinstance(decided, law.StaffRefusal):  # told once its entry is committed
        raise StaffRightMissing(said=kit.say(f"staff-refusal-{decided.reason}", reader))
