"""Looks at what a case knows: for a purpose, by who decides about people, and always entered.

A case does not say whom it is about, so a look stands in no person's list; it is entered with who
looked, what for, and at which case.
"""

from collections.abc import Mapping

from renkei import audit, law
from renkei.app.console.desk_rights import DeskRights
from renkei.app.console.frame import Console, Visit

ACT = "case"
SEEN = "seen"
LONGEST = 200


class CaseLooks:
    """The right to look, asked and entered before a page is given."""

    def __init__(self, console: Console) -> None:
        """Take the console the pages belong to."""
        self._console = console
        self._rights = DeskRights(console)

    def enter(self, visit: Visit, what: Mapping[str, str]) -> None:
        """Let this visit look, and enter it; or enter the refusal and raise it."""
        purpose = " ".join(visit.field("purpose").split())
        offices = visit.staff.offices
        office = "" if law.EVERY in offices else min(offices, default="")
        self._rights.check(visit, ACT, office, purpose)
        entry = self._console.entry(
            visit, audit.Kind.VIEW, SEEN, what, purpose=purpose[:LONGEST], unit=office
        )
        self._console.enter(entry)
