"""Three colleagues at the console of A市, and the drafts they have in hand."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from tests.app.seat import Answer, Clock, Seat, staffed_site
from tests.app.test_console_provisions import ASKED, ROW
from tests.exchange.serving import serving

from renkei import audit, kit
from renkei.app.console import console
from renkei.app.site import Site
from renkei.law import drafting

EDIT, STEP, TRY = (f"/console/provisions/drafts/{name}" for name in ("edit", "step", "try"))
CHANGED = ROW.replace("applicant household", "household")
HEAD = {"title": "対象者を世帯員に限る", "reason": "合成データの改正", "since": "2024-05-27"}
PAST = {"retroactive": "附則による(合成)"}


@dataclass
class Desk:
    """The site, and a seat for each role that is signed in once."""

    site: Site
    seats: dict[str, Seat]

    def __getitem__(self, number: str) -> Seat:
        if number not in self.seats:
            self.seats[number] = self.seats[""].copy().signed_in(number)
        return self.seats[number]

    def draft(self, number: int) -> drafting.Draft:
        with self.site.database.transaction(self.site.desk.tenant) as conn:
            return drafting.draft_of(conn, self.site.desk.tenant, number)

    def entries(self, kind: audit.Kind) -> list[audit.Entry]:
        with self.site.database.transaction(self.site.desk.tenant) as conn:
            tenant = self.site.desk.tenant
            audit.sequence(conn, tenant, self.site.signer, at=ASKED.at)
            found = audit.search(conn, tenant, audit.Search(kind=kind), before=None, limit=500)
            return [one.entry for one in sorted(found, key=lambda one: one.index)]

    def write(self, do: str = "save", who: str = "1006", draft: int = 0, **fields: str) -> Answer:
        seat = self[who]
        page = seat.get(EDIT if not draft else f"{EDIT}?draft={draft}")
        seen = re.search('name="seen" value="([0-9]+)"', page.text)
        given = {"draft": str(draft), "seen": seen[1] if seen else "", **HEAD, **PAST} | fields
        return seat.post(EDIT, form_token=page.form_token, do=do, **given)

    def new(self, **fields: str) -> int:
        answer = self.write("save", "1006", 0, **{"rows": CHANGED, **fields})
        assert answer.status == 303, answer.plain
        return int(answer.headers["location"].rpartition("=")[2])

    def press(self, who: str, number: int, path: str = STEP, **fields: str) -> Answer:
        """Press a button of the page as it stands now; a field given wins."""
        draft, seat = self.draft(number), self[who]
        token = seat.get("/console/provisions").form_token
        said = {"draft": str(number), "seen": str(draft.last), "digest": draft.digest} | fields
        return seat.post(path, form_token=token, **said)

    def until(self, state: str, **fields: str) -> int:
        number = self.new(**fields)
        for name, press in (
            ("drafted", None),
            ("tried", ("1006", TRY, {})),
            ("submitted", ("1006", STEP, {"act": "submit"})),
            ("reviewed", ("1007", STEP, {"act": "review"})),
            ("approved", ("1008", STEP, {"act": "approve"})),
        ):
            if press:
                who, path, more = press
                answer = self.press(who, number, path, **more)
                assert answer.status == 303, answer.plain
            if name == state:
                return number
        raise AssertionError(state)


@contextmanager
def law_desk(folder: Path, database: kit.Database) -> Iterator[Desk]:
    """Open the console of a site that was asked something before."""
    with staffed_site(folder, database) as site:
        with database.transaction(site.desk.tenant) as conn:
            asked = [replace(ASKED, request=f"r-{n}") for n in range(7)]
            audit.append_many(conn, site.desk.tenant, asked)
            audit.sequence(conn, site.desk.tenant, site.signer, at=ASKED.at)
        app = Starlette(routes=[console(site, Clock())])
        with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as port:
            yield Desk(site, {"": Seat(port)})
