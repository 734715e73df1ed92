"""An official who asks about many: the second decision, whose no is entered before it is told."""

import uuid
from datetime import datetime

from renkei import audit, kit, law, store
from renkei.app.errors import BulkNotOfStaff, SignInRefused, StaffRightMissing
from renkei.app.operations.oversight import unit_of
from renkei.app.rendering import JAPAN
from renkei.app.settings import Settings
from renkei.app.sign_in.staff import NOBODY, Staff
from renkei.federation import BulkAsked, Desk

LONGEST = 200


def may_inquire(
    conn: kit.Connection,
    desk: Desk,
    settings: Settings,
    asked: BulkAsked,
    password: str,
    *,
    at: datetime,
) -> law.StaffRefusal | None:
    """Return the refusal, entered, where the official may not ask about these people.

    Where one of them is under a protection measure a second official must look along, and prove it.
    """
    staff = _staff(settings, asked.staff)
    second = None
    if asked.second:
        along = settings.staff.get(asked.second, NOBODY)
        if not along.knows(password):
            raise SignInRefused
        second = along.official
    numbers = [one.subject for one in asked.people]
    restricted = store.protected(conn, desk.tenant, numbers, on=kit.day_of(at))
    request = law.StaffRequest(
        staff.official,
        "inquire",
        _unit(asked),
        asked.envelope.purpose or "",
        at.astimezone(JAPAN),
        bool(restricted),
        second,
    )
    match law.decide_staff(request, settings.office_hours):
        case law.StaffPermit():
            return None
        case law.StaffRefusal() as refusal:
            audit.append(conn, desk.tenant, _entry(desk, asked, refusal, at))
            return refusal


def raise_refusal(refusal: law.StaffRefusal, language: kit.Language) -> None:
    """Tell an official why not, once the refusal is entered."""
    raise StaffRightMissing(said=kit.say(f"staff-refusal-{refusal.reason}", language))


def _staff(settings: Settings, number: str) -> Staff:
    found = settings.staff.get(number)
    if found is None:
        raise BulkNotOfStaff(number=number[:20])
    return found


def _unit(asked: BulkAsked) -> str:
    return unit_of(asked.envelope.client)


def _entry(desk: Desk, asked: BulkAsked, refusal: law.StaffRefusal, at: datetime) -> audit.Entry:
    holder = asked.call.service.provider.organisation.code
    details = {"by": str(desk.tenant), "act": "inquire", "staff_reason": refusal.reason.value}
    return audit.Entry(
        kind=audit.Kind.REFUSAL,
        request=f"bulk/{uuid.uuid4()}",
        at=at,
        asker=desk.tenant,
        holder=holder,
        procedure=asked.envelope.procedure or "",
        outcome="refused",
        mode=audit.Mode(desk.mode),
        unit=_unit(asked),
        purpose=(asked.envelope.purpose or "")[:LONGEST],
        withheld=refusal.request.is_restricted,
        details=details | asked.said() | {"persons": str(len(asked.people))},
    )
