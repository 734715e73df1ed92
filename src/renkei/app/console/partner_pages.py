"""The pages of letters between bodies: those that reached no case, all of them, public processes.

Values of a letter are not shown: they are people's. From whom, which, when and its fate is.
"""

from datetime import datetime

from starlette.responses import RedirectResponse, Response

from renkei import kit
from renkei.app.console.frame import PREFIX, Console, Visit
from renkei.app.console.letters import SHOWN, ShownLetter
from renkei.app.processes import partner_desk
from renkei.app.processes.partner_door import PartnerDoor
from renkei.app.processes.sheet import parts_of
from renkei.process import partners
from renkei.process.partners import register, settling

LETTERS = f"{PREFIX}/cases/letters"


class PartnerPages:
    """The endpoints of letters, in the section of cases."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console
        self._door = PartnerDoor(console.site)

    def letters(self, visit: Visit) -> Response:
        """Show what waits for a person, then the newest letters."""
        desk, reader = self._console.site.desk, visit.language
        with self._console.transaction() as conn:
            dead = register.dead(conn, desk.tenant)
            newest = register.letters(conn, desk.tenant, most=SHOWN)
        return self._console.page(
            visit,
            "letters.html",
            dead=[ShownLetter.of(one, desk.members, reader) for one in dead],
            letters=[ShownLetter.of(one, desk.members, reader) for one in newest],
            most=SHOWN,
            is_done=bool(visit.query("done")),
        )

    def settle(self, visit: Visit) -> Response:
        """Bring a letter on, or set it aside with what was done."""
        house = self._door.house
        with self._console.transaction() as conn:
            letter = partner_desk.found(conn, house.desk.tenant, visit.field("letter"))
            if visit.field("do") == "bring-on":
                settling.bring_on(conn, house, letter, at=visit.at)
            else:
                self._set_aside(conn, house, letter, visit, at=visit.at)
        return RedirectResponse(f"{LETTERS}?done=1", 303)

    def _set_aside(
        self,
        conn: kit.Connection,
        house: partners.House,
        letter: register.Kept,
        visit: Visit,
        *,
        at: datetime,
    ) -> None:
        why = visit.field("why")[:400]
        if not why:
            raise partners.LetterUnsettled(letter=letter.id)
        by = f"staff:{visit.staff.number}"
        settling.set_aside(conn, house, letter, by=by, why=why, at=at)

    def public(self, visit: Visit) -> Response:
        """Show the public processes: who writes what to whom, by when, on which basis."""
        standard = self._console.standard
        found = [(one, standard.procedure(one.procedure)) for one in partner_desk.PUBLIC()]
        return self._console.page(visit, "public_processes.html", public=found)

    def picture(self, visit: Visit) -> Response:
        """Show one public process as picture and outline."""
        one = partner_desk.PUBLIC().by_hash(visit.request.path_params["hash"])
        title = one.ja if visit.language == "ja" else one.en
        shown = parts_of(one.definition, visit.language, title=title)
        return self._console.page(visit, "public_process.html", sheet=shown)
