"""What whoever is signed in may do at the desk: asked of the law's second decision, for each act.

A refusal is entered before it is told. A second member of staff who looks along proves it on the
same page, by number and password; their own session, if they have one, is another matter.
"""

import logging

from renkei import audit, kit, law
from renkei.app.console.attempts import WITHIN, Who
from renkei.app.console.frame import Console, Visit
from renkei.app.errors import SignInRefused, SignInsTooMany, StaffRightMissing
from renkei.app.rendering import JAPAN
from renkei.app.sign_in.staff import NOBODY

log = logging.getLogger("renkei.app")
LONGEST = 200


class DeskRights:
    """The rights at one console."""

    def __init__(self, console: Console) -> None:
        """Take the console the pages belong to."""
        self._console = console

    def check(
        self, visit: Visit, act: str, office: str, purpose: str, *, is_restricted: bool = False
    ) -> str:
        """Let this visit do something, or enter the refusal and raise it.

        Returns the number of the second member of staff, where one looked along.
        """
        second = self._second(visit) if is_restricted else None
        asked = law.StaffRequest(
            visit.staff.official,
            act,
            office,
            purpose,
            visit.at.astimezone(JAPAN),
            is_restricted,
            second,
        )
        match law.decide_staff(asked, self._console.site.settings.office_hours):
            case law.StaffPermit():
                return "" if second is None else second.number
            case law.StaffRefusal(reason=reason):
                self._enter(visit, asked, reason)
                said = kit.say(f"staff-refusal-{reason}", visit.language)
                raise StaffRightMissing(said=said)

    def _second(self, visit: Visit) -> law.Official | None:
        """Return who looks along, if a number is given: refused where they do not prove it."""
        number, password = visit.field("second"), visit.field("second-password")
        if not number:
            return None
        attempts, client = self._console.attempts, visit.request.client
        who: list[Who] = [
            ("number", number[:LONGEST]),
            ("address", client.host if client else ""),
        ]
        if attempts.are_too_many(who, at=visit.at):
            raise SignInsTooMany(minutes=WITHIN.seconds // 60)
        staff = self._console.site.settings.staff.get(number, NOBODY)
        if max(len(number), len(password)) > LONGEST or not staff.knows(password):
            attempts.failed(who, at=visit.at)
            log.warning("a second member of staff could not be recognised at the console")
            raise SignInRefused
        attempts.forget(who[:1])
        return staff.official

    def _enter(self, visit: Visit, asked: law.StaffRequest, reason: law.StaffReason) -> None:
        """Enter the refusal in a transaction of its own: raising would roll the other one back."""
        tenant = self._console.site.desk.tenant
        details = {
            "by": str(tenant),
            "act": asked.act,
            "staff_reason": reason.value,
        }
        if asked.second is not None:
            details["second"] = asked.second.number
        entry = self._console.entry(
            visit,
            audit.Kind.REFUSAL,
            "refused",
            details,
            unit=asked.office,
            purpose=asked.purpose[:LONGEST],
            withheld=asked.is_restricted,
        )
        with self._console.transaction() as conn:
            audit.append(conn, tenant, entry)
