"""Two towns become one, by the commands their operators have: one joins, one is merged, it leaves.

People die and get other codes meanwhile. The log operator hears of it from the registrar itself,
though no organisation asks; the successor is told what its predecessor would have been.
"""

import asyncio
import json
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.federation.desks import income
from tests.store.rows import RESIDENT, Row, lines, personal_number, register_number, resident
from tests.stories.listing import STATUTE, wait_for

from renkei import kit, standard
from renkei.app.demo.asker import Asker, Told
from renkei.app.demo.ecosystem import (
    H1,
    H2,
    PARTS,
    A,
    B,
    C,
    Ecosystem,
    L,
    Part,
    R,
    ecosystem,
    found_part,
    free_port,
)
from renkei.app.demo.scenarios import Ask
from renkei.app.operations.doctor import examine
from renkei.app.settings import read_settings
from renkei.app.site import read_desk
from renkei.standard.synthetic import tax_year_in_force

pytestmark = pytest.mark.xdist_group("merger")

HELD, IN_BOTH, DEAD, REISSUED, DYING = 1, 2, 3, 4, 5
IN_BOTH_AT_C = 12
BY = ("--by", "1001", "--reason", "届出")


@dataclass
class Country:
    """Six sites and who joins them, and what their operators type."""

    eco: Ecosystem
    listed: tuple[Part, ...] = PARTS

    def issue(self, *listed: Part) -> None:
        """Let the authority issue the next list from everybody's rows; wait until all go by it."""
        eco, self.listed = self.eco, listed
        rows = [str(eco.folder / part.name / "public.json") for part in listed]
        files = (
            "--out",
            str(eco.folder / "members.json"),
            "--key",
            str(eco.folder / "authority.key"),
        )
        command = [*eco.program(A), "directory", "issue", *rows, *files, "--json"]
        done = subprocess.run(command, capture_output=True, check=True, text=True)
        version = json.loads(done.stdout)["version"]
        running = [part for part in listed if part.name in eco.processes]
        wait_for(lambda: all(self.version(part) == version for part in running))

    def version(self, part: Part) -> int:
        with urllib.request.urlopen(f"{self.eco.staff(part)}/health", timeout=5) as answer:
            return int(json.load(answer)["members"]["version"])

    def registrar(self, *words: str, piped: str = "") -> dict[str, object]:
        """Take a step at the registrar; what is asked for comes from a pipe."""
        command = [*self.eco.command(R, "registrar", *words), *BY, "--json"]
        done = subprocess.run(command, input=piped, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    def fill(self, part: Part, entity: str, *rows: Row) -> None:
        """Load records into a town."""
        file = self.eco.folder / part.name / f"{entity}.csv"
        kind = RESIDENT if entity == "resident" else standard.catalogue().entity(entity)
        file.write_text("".join(f"{line}\n" for line in lines(kind, rows)), encoding="utf-8")
        self.eco.run(part, "load", str(file))

    def told(self, part: Part, person: int) -> tuple[str, str]:
        """Let a unit ask B about a person; return outcome and reason."""

        async def ask() -> Told:
            members = read_desk(self.eco.settings[A.name if part == A else C.name]).members
            async with Asker(self.eco, members) as asker:
                scenario = replace(STATUTE, asker=part)
                year = tax_year_in_force(kit.day_of(datetime.now(UTC)))
                number = register_number(person)
                return await asker.ask(Ask(scenario, Asker.new_message(), number, year))

        told = asyncio.run(ask())
        return told.outcome, told.reason


@pytest.fixture(scope="module")
def country() -> Iterator[Country]:
    """Two towns with a few people; B has the income of one of them."""
    year = str(tax_year_in_force(kit.day_of(datetime.now(UTC))))
    with tempfile.TemporaryDirectory(prefix="renkei-merger-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        with ecosystem(folder / "sites", at=datetime.now(UTC)) as eco:
            one = Country(eco)
            eco.start(*PARTS)  # first: a command beside a running node joins its database server
            one.fill(A, "resident", *(resident(n) for n in (HELD, IN_BOTH, DEAD, REISSUED, DYING)))
            one.fill(B, "resident", resident(HELD))
            one.fill(B, "income", income(HELD) | {"tax_year": year})
            file = folder / "issued.csv"
            numbers = "\n".join(personal_number(n) for n in range(1, 6))
            file.write_text(f"# 合成データ\n個人番号\n{numbers}\n", encoding="utf-8")
            one.registrar("load", str(file))
            for part in (A, B):
                eco.run(part, "codes")
            yield one


@pytest.mark.clause("RK-24.12", "RK-24.13", "RK-24.15", "RK-24.16")
def test_two_towns_become_one(country: Country):
    eco = country.eco
    assert country.told(A, HELD) == ("answered", "")
    dies_while_the_log_operator_is_away(country)
    joins(country)
    country.registrar("reissue", piped=f"{personal_number(REISSUED)}\n")
    wait_for(lambda: country.told(A, REISSUED) == ("refused", "code-closed"))

    subprocess.run(
        [*eco.program(A), "directory", "succession", eco.folder / "c" / "public.json", A.tenant],
        check=True,
        capture_output=True,
    )
    country.issue(*country.listed)
    moved = eco.run(A, "linkage", "transfer", C.tenant)
    shared = f"{register_number(IN_BOTH)} = {register_number(IN_BOTH_AT_C)}"
    assert moved == {"kept": 3, "shared": [shared], "not_admitted": [], "unlisted": []}
    both = resident(IN_BOTH_AT_C, personal_number=personal_number(IN_BOTH))
    country.fill(C, "resident", both, *(resident(n) for n in (HELD, REISSUED, DYING)))
    assert country.told(C, HELD) == ("answered", "")
    assert country.told(C, REISSUED) == ("not-held", "")

    leaves(country)
    assert country.told(C, HELD) == ("answered", "")
    country.registrar("close", piped=f"{personal_number(DYING)}\n")
    wait_for(lambda: country.told(C, DYING) == ("refused", "code-closed"))
    assert eco.run(C, "linkage", "follow")["shared"] == []
    assert country.told(C, DYING)[0] == "code-not-issued"
    assert country.told(C, REISSUED) == ("not-held", "")


def dies_while_the_log_operator_is_away(country: Country) -> None:
    """The death waits, the doctor says so, and it is told as soon as somebody listens."""
    eco = country.eco
    assert country.told(A, DEAD) == ("not-held", "")
    eco.stop(L)
    country.registrar("close", piped=f"{personal_number(DEAD)}\n")
    assert "closings-wait" in {one.code for one in examine(eco.settings[R.name])}
    eco.start(L)
    wait_for(lambda: country.told(A, DEAD) == ("refused", "code-closed"))
    assert "closings-told" in {one.code for one in examine(eco.settings[R.name])}


def joins(country: Country) -> None:
    """C is founded, admitted by both converters and listed; it fetches the codes of its people."""
    eco = country.eco
    doors = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port()}"
    founded = found_part(eco.folder, C, doors, at=datetime.now(UTC))
    eco.tokens[C.name], eco.settings[C.name] = founded.tokens, read_settings(founded.settings)
    for hub in (H1, H2):
        assert eco.run(hub, "factors", "admit", C.tenant)["held"] == [1]
    country.issue(*country.listed, C)
    eco.start(C)
    country.fill(C, "resident", resident(IN_BOTH_AT_C, personal_number=personal_number(IN_BOTH)))
    eco.run(C, "codes")


def leaves(country: Country) -> None:
    """A's factors are destroyed and its row goes: nobody converts its codes or hears it."""
    eco = country.eco
    for hub in (H1, H2):
        assert eco.run(hub, "factors", "end", A.tenant, "--leaves")["destroyed"] == [1]
    country.issue(*(part for part in country.listed if part != A))
    assert country.told(A, HELD)[0] == "failed"
