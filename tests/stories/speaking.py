"""Two towns that run two releases of the standard, the hub between them, and what each has at hand.

B runs a copy of the program with the next release in it, as it would after an update; everybody
else runs this one. The authority signed both releases; their files lie in one folder.
"""

import http.client
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
from tests.standard.next_release import rename, write_next
from tests.stories.listing import issue

import renkei
from renkei import audit
from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import Narrator, Stage, checkpoint, files_of, fill, stage_of
from renkei.app.demo.ecosystem import PARTS, B, Ecosystem, Part, Place, ecosystem
from renkei.app.demo.scenarios import STATUTE
from renkei.app.membership.initiation import AUTHORITY
from renkei.app.membership.list_in_force import read_kept
from renkei.app.settings import read_settings
from renkei.app.standards.releasing import write_release
from renkei.kit import day_of

PEOPLE, SEED = 200, 7
SURNAME = re.compile("([一-龥々﨑髙])　")
SHELF = 'state = "state"\nreleases = "../releases"\n'


@dataclass(frozen=True)
class Answered:
    """What a unit was told."""

    status: int
    headers: dict[str, str]
    body: dict[str, object]

    @property
    def record(self) -> dict[str, object]:
        """Return the values."""
        record = self.body["record"]
        assert isinstance(record, dict), self.body
        return record

    @property
    def losses(self) -> list[dict[str, Any]]:
        """Return what did not come through whole."""
        losses = self.body["losses"]
        assert isinstance(losses, list), self.body
        return losses


@dataclass(frozen=True)
class Speaking:
    """The stage on which two releases are spoken."""

    stage: Stage

    def ask(self, part: Part, to: Part, path: str, subject: str, **more: str) -> Answered:
        """Let unit 15 of a town ask another town in REST."""
        eco = self.stage.ecosystem
        said = {
            "Authorization": f"Bearer {eco.tokens[part.name]['15']}",
            "X-Road-Client": f"JP/MUN/{part.tenant}/15",
            "X-Road-Id": Asker.new_message(),
            "PF-Procedure": STATUTE,
            "PF-Subject": subject,
            "PF-Purpose": quote("児童手当の認定", safe=""),
            "PF-Mode": "test",
        } | {name.replace("_", "-"): value for name, value in more.items()}
        return self.send(part, "GET", f"/r1/JP/MUN/{to.tenant}/{path}", said)

    def send(
        self, part: Part, method: str, path: str, said: dict[str, str], body: str = ""
    ) -> Answered:
        """Send a request to the units' door of a town; a body that is no JSON stays text."""
        door = self.stage.ecosystem.settings[part.name].staff_door
        line = http.client.HTTPConnection(door.host, door.port, timeout=30)
        try:
            line.request(method, path, body.encode() or None, said)
            answer = line.getresponse()
            text = answer.read()
            told = json.loads(text) if text.startswith(b"{") else {"text": text.decode()}
            fields = {name.lower(): value for name, value in answer.getheaders()}
            return Answered(answer.status, fields, told)
        finally:
            line.close()

    def entries(self, part: Part, inquiry: object) -> list[audit.Entry]:
        """Return what a party published about an inquiry."""
        eco = self.stage.ecosystem
        member = self.stage.members.by_id(part.tenant)
        log = eco.settings[part.name].state / "log"
        while (standing := checkpoint(eco, part)) is None or not (
            not standing.pending and (log / "checkpoint").read_text() == standing.note
        ):
            pass
        leaves = audit.published_entries(log, audit.Verifier.parse(member.log_key))
        found = (audit.Leaf.parse(one).entry() for one in leaves)
        return [entry for entry in found if entry.request == inquiry]

    def list_rows(self, **rows: dict[str, object]) -> None:
        """Issue a list in which the rows of these towns say more."""
        kept = read_kept(self.stage.ecosystem.settings["a"])
        assert kept is not None
        tenants = {part.name: part.tenant for part in PARTS}
        changed = (
            msgspec.structs.replace(kept.by_id(tenants[name]), **said)
            for name, said in rows.items()
        )
        issue(self.stage, *changed)


@contextmanager
def two_releases(folder: Path) -> Iterator[Speaking]:
    """Found, fill and start everybody; B is an update ahead."""
    at = datetime.now(UTC)
    program = folder / "next" / "renkei"
    source = Path(renkei.__file__).parent
    shutil.copytree(source, program, ignore=shutil.ignore_patterns("__pycache__"))
    catalogue = write_next(program / "standard" / "catalogue")
    rename(program / "standard" / "synthetic")  # who makes up records names their items
    ahead = Place(enter=("env", f"PYTHONPATH={program.parent}"))
    binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
    sites = folder / "sites"
    with ecosystem(sites, at=at, binaries=binaries, places={B.name: ahead}) as eco:
        shelf, key = sites / "releases", sites / "authority.key"
        shelf.mkdir()
        for out, content in (("ours", None), ("next", catalogue)):
            file = shelf / f"{out}.release"
            write_release(content, [], key=key, issuer=AUTHORITY, out=file, at=at)
        for part in PARTS:
            text = eco.file(part).read_text(encoding="utf-8")
            eco.file(part).write_text(text.replace('state = "state"\n', SHELF), encoding="utf-8")
            eco.settings[part.name] = read_settings(eco.file(part))
        narrator = Narrator("en", quiet=True)
        fill(eco, people=PEOPLE, seed=SEED, at=at, narrator=narrator)
        _rename(eco, day_of(at).isoformat())
        yield Speaking(stage_of(eco, people=PEOPLE, seed=SEED, day=day_of(at)))


def _rename(eco: Ecosystem, day: str) -> None:
    """Deliver B's register anew, with a letter in every surname that JIS X 0208 does not have."""
    file = files_of(eco, B) / "resident.csv"
    text = file.read_text(encoding="utf-8")
    file.write_text(SURNAME.sub(r"\1髙　", text), encoding="utf-8")
    eco.run(B, "load", str(file), "--on", day)
