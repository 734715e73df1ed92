"""B市's own use becomes law: drafted, reviewed and approved by three, released, and then answered.

Every step is a real command, a real page or a real question over the wire, between six real sites.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.seat import Seat
from tests.stories.listing import health, wait_for
from tests.stories.speaking import PEOPLE, SEED, SHELF, Answered, Speaking

from renkei import standard
from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import Narrator, fill, stage_of
from renkei.app.demo.ecosystem import PARTS, A, B, Ecosystem, ecosystem
from renkei.app.demo.scenarios import SCENARIOS, one
from renkei.app.membership.initiation import AUTHORITY
from renkei.app.settings import read_settings
from renkei.kit import day_of

pytestmark = pytest.mark.xdist_group("two-releases")

NEXT = "2026.3"
OURS = standard.catalogue().edition.edition
ORDINANCE = "B市乳幼児医療費助成条例（合成）"
PAGES = "/console/provisions/drafts"
ROLES = {"2001": "law-drafter", "2002": "law-reviewer", "2003": "law-approver"}
ASKED = next(one for one in SCENARIOS if one.name == "no-ordinance")


@dataclass(frozen=True)
class Town:
    """B市 with its three officials, the others, and the authority's own folder of the standard."""

    speaking: Speaking
    source: Path
    seats: dict[str, Seat]

    @property
    def eco(self) -> Ecosystem:
        return self.speaking.stage.ecosystem

    @property
    def shelf(self) -> Path:
        return self.eco.folder / "releases"

    def ask(self, **more: str) -> Answered:
        """Let B市's unit 17 ask A市 for an income, for its own medical subsidy."""
        stage = self.speaking.stage
        ask = one(ASKED, stage.cast, 0, stage.year, Asker.new_message())
        said = ask.headers(stage.members, self.eco.tokens["b"]["17"]) | {
            name.replace("_", "-"): value for name, value in more.items()
        }
        return self.speaking.send(B, "GET", ask.target(stage.members), said)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command of somebody who has no site."""
        return subprocess.run(
            [sys.executable, "-m", "renkei", *words],
            cwd=self.eco.folder,
            capture_output=True,
            check=False,
            text=True,
            env=os.environ | {"RENKEI_LANG": "ja"},
        )

    def explained(self, *words: str) -> tuple[int, str]:
        """Ask `renkei law explain` about the very question."""
        year = str(self.speaking.stage.year)
        about = (f"{B.tenant}/17", ASKED.procedure, ASKED.service, "--holder", str(A.tenant))
        more = ("--items", ASKED.items, "--consent", ASKED.consent, "--year", year)
        done = self.run("law", "explain", *about, *more, *words)
        return done.returncode, done.stdout

    def press(self, who: str, number: str, path: str, **fields: str) -> None:
        """Press a button of the draft's page, as it stands for whoever presses."""
        page = self.seats[who].get(f"{PAGES}/show?draft={number}")
        said = {"draft": number, "form_token": page.form_token}
        for name in ("seen", "digest"):
            found = re.search(f'name="{name}" value="([^"]*)"', page.text)
            said[name] = found[1] if found else ""
        done = self.seats[who].post(f"{PAGES}/{path}", **said, **fields)
        assert done.status == 303, done.plain


def password(number: str) -> str:
    return f"the password of {number}"


def hire(eco: Ecosystem) -> None:
    """Let the operator of B市 make entries for its officials with `renkei staff`."""
    for number, role in ROLES.items():
        done = subprocess.run(
            [*eco.program(B), "staff", number, "--name", f"職員{number}", "--role", role],
            input=f"{password(number)}\n" * 2,
            capture_output=True,
            check=True,
            text=True,
            start_new_session=True,  # without a terminal the password is read from the pipe
        )
        entry = done.stdout[done.stdout.index("[staff.") :]
        with eco.file(B).open("a", encoding="utf-8") as file:
            file.write(f"\n{entry}")


@pytest.fixture(scope="module")
def town() -> Iterator[Town]:
    at = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="renkei-own-use-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
        with ecosystem(folder / "sites", at=at, binaries=binaries) as eco:
            (eco.folder / "releases").mkdir()
            hire(eco)
            for part in PARTS:
                text = eco.file(part).read_text(encoding="utf-8")
                eco.file(part).write_text(
                    text.replace('state = "state"\n', SHELF), encoding="utf-8"
                )
                eco.settings[part.name] = read_settings(eco.file(part))
            source = eco.folder / "standard"
            shutil.copytree(str(standard.shipped_folder()), source)
            fill(eco, people=PEOPLE, seed=SEED, at=at, narrator=Narrator("en", quiet=True))
            stage = stage_of(eco, people=PEOPLE, seed=SEED, day=day_of(at))
            port = eco.settings["b"].staff_door.port
            seats = {number: Seat(port) for number in ROLES}
            for number, seat in seats.items():
                assert seat.sign_in(number, password(number)).status == 303
            yield Town(Speaking(stage), source, seats)


def drafted(town: Town) -> str:
    """Let the first official write the row by a file, see what it does, take it and save it."""
    today = day_of(datetime.now(UTC))
    row = {
        "団体コード": str(B.tenant),
        "事務手続": ASKED.procedure,
        "条例": ORDINANCE,
        "届出の番号": "届出-合成-0100",
        "届出日": (today - timedelta(days=1)).isoformat(),
        "この日から": today.isoformat(),
        "確かさ": "proposed",
        "出典": "合成データ",
    }
    file = "\ufeff" + "\r\n".join(",".join(cells) for cells in (row.keys(), row.values()))
    seat, edit = town.seats["2001"], f"{PAGES}/edit"
    said = {"form_token": seat.get(edit).form_token, "draft": "0", "seen": "0"} | {
        "title": "B市の独自利用事務",
        "reason": "条例の施行と届出（合成）",
        "since": today.isoformat(),
    }
    shown = seat.send(edit, ("own-use.csv", file.encode()), do="upload", **said)
    assert ORDINANCE in shown.plain
    given = re.search('name="given" value="([^"]*)"', shown.text)
    assert given, shown.plain
    saved = seat.send(edit, ("", b""), do="save", rows=given[1], **said)
    assert saved.status == 303, saved.plain
    return saved.headers["location"].rpartition("=")[2]


def released(town: Town, key: str, record: Path) -> Path:
    """Let the authority fold the record in, raise the edition, and release the standard."""
    file = town.shelf / "next.release"
    words = ("--key", "authority.key", "--issuer", AUTHORITY, "--out", str(file))
    applied = town.run(
        *("law", "apply", str(record), "--trust", key, "--source", str(town.source), "--json")
    )
    assert applied.returncode == 0, applied.stderr
    assert json.loads(applied.stdout)["written"] == ["own_use.tsv"]
    early = town.run("standard", "release", str(town.source), *words)
    assert (early.returncode, "edition-taken" in early.stderr) == (1, True), early.stderr
    head = town.source / "standard.yaml"
    text = head.read_text(encoding="utf-8")
    head.write_text(text.replace(f'"{OURS}"', f'"{NEXT}"'), encoding="utf-8")
    done = town.run("standard", "release", str(town.source), *words)
    assert done.returncode == 0, done.stderr
    return file


def taken(town: Town) -> None:
    """Let all restart with the release on their shelves, and the towns say so in the next list."""
    eco = town.eco
    eco.stop()
    eco.start(*PARTS)
    for part in (A, B):
        assert NEXT in str(eco.run(part, "standard", "accept")["releases"])
    rows = [str(eco.folder / part.name / "public.json") for part in PARTS]
    words = ("--out", "members.json", "--key", "authority.key", "--json")
    issued = town.run("directory", "issue", *rows, *words)
    assert issued.returncode == 0, issued.stderr
    version = json.loads(issued.stdout)["version"]
    stage = town.speaking.stage
    wait_for(lambda: all(health(stage, part)["version"] == version for part in PARTS))


def test_a_house_makes_its_own_use_law_and_what_was_refused_is_answered(town, tmp_path):
    # 1. Refused, and said why.
    refused = town.ask()
    assert (refused.status, refused.body["code"]) == (403, "own-use-not-notified")
    status, said = town.explained()
    assert (status, "条例" in said) == (2, True)

    # 2. Three officials at the console; the trial finds the very question that was refused.
    number = drafted(town)
    town.press("2001", number, "try")
    assert "新たに許可 1" in town.seats["2001"].get(f"{PAGES}/show?draft={number}").plain
    town.press("2001", number, "step", act="submit")
    town.press("2002", number, "step", act="review")
    town.press("2003", number, "step", act="approve")

    # 3. The record, the authority's folder, the release.
    record = tmp_path / "own-use.amendment"
    exported = town.eco.run(B, "law", "export", number, "--out", str(record))
    release = released(town, str(exported["key"]), record)
    again = town.eco.run(
        *(B, "law", "apply", str(record), "--trust", str(exported["key"])),
        *("--source", str(town.source)),
    )
    assert (again["written"], again["state"]) == ([], "enacted")

    # 4. The members take it; a question in it is decided by it, by all five.
    taken(town)
    answered = town.ask(PF_Release=NEXT)
    assert answered.status == 200, answered.body
    assert answered.body["provision"] == "OWN-017"
    entries = [town.speaking.entries(part, answered.body["inquiry"])[-1] for part in (A, B)]
    assert {entry.table for entry in entries} == {str(again["table"])}
    old = town.ask()
    assert (old.status, old.body["code"]) == (403, "own-use-not-notified")

    # 5. And it is said why.
    status, said = town.explained("--from", str(release))
    assert (status, ORDINANCE in said) == (0, True), said
