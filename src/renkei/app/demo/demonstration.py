"""The demo: two towns, a hub, two hundred questions, the proof, and a page to look at it."""

import asyncio
import csv
import json
import socket
import statistics
import subprocess
import sys
import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from renkei import federation, kit
from renkei.app.demo.asker import Asker, Told
from renkei.app.demo.ecosystem import (
    OVERSEER,
    PARTS,
    A,
    B,
    Ecosystem,
    L,
    Part,
    R,
    ecosystem,
    free_port,
)
from renkei.app.demo.scenarios import (
    ALL,
    DOWN,
    SCENARIOS,
    UP_AGAIN,
    Ask,
    Cast,
    Scenario,
    asks,
    cast_people,
    shares,
)
from renkei.app.operations.oversight import Standing
from renkei.app.proofs import books
from renkei.app.registrar.issued_file import COLUMN, SYNTHETIC
from renkei.app.site import now, read_desk
from renkei.standard.synthetic import tax_year_in_force

AT_ONCE = 4
PERSONS = ("resident", "unregistered_person")
FILES = (*PERSONS, "income", "child_allowance", "child_medical")
SETTLE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Stage:
    """What the demo works with once everything runs."""

    ecosystem: Ecosystem
    members: federation.Members
    cast: Cast
    year: int
    day: date
    people: int
    seed: int

    @staticmethod
    def port(wanted: int) -> int:
        """Return the wanted port of the loopback, or a free one where it is taken."""
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", wanted))
            except OSError:
                return free_port()
        return wanted


class Narrator:
    """Says what happens, with the seconds each part took."""

    def __init__(self, language: kit.Language, *, quiet: bool) -> None:
        """Speak a language; quiet speaks to nobody."""
        self.language = language
        self._console = Console(stderr=quiet, quiet=quiet)

    @contextmanager
    def part(self, code: str) -> Iterator[None]:
        """Announce a part and, when it is done, how long it took."""
        text = kit.say(f"demo-{code}", self.language)
        started = time.monotonic()
        with self._console.status(text):
            yield
        took = kit.say("demo-seconds", self.language, seconds=f"{time.monotonic() - started:.1f}")
        self._console.print(f"[green]✓[/] {text} [dim]{took}[/]")

    def tell(self, code: str, **facts: object) -> None:
        """Say one sentence."""
        self._console.print(kit.say(f"demo-{code}", self.language, **facts))

    def show(self, table: Table) -> None:
        """Show a table."""
        self._console.print(table)


def run_demo(
    folder: Path,
    *,
    people: int,
    questions: int,
    seed: int,
    once: bool,
    as_json: bool,
    language: kit.Language,
) -> bool:
    """Run the demo; return whether everything came as it must and the books balance."""
    narrator = Narrator(language, quiet=as_json)
    narrator.tell("synthetic")
    try:
        with set_stage(folder, people=people, seed=seed, at=now(), narrator=narrator) as stage:
            told = ask_all(stage, questions, narrator)
            with narrator.part("proving"):
                verdict = prove(stage, told)
            report(told, verdict, narrator)
            if as_json:
                sys.stdout.write(json.dumps(summary(told, verdict), ensure_ascii=False) + "\n")
            if not once:
                from renkei.app.demo.page import serve_page

                eco = stage.ecosystem
                token = eco.tokens[L.name]["overseer"]
                url = f"{eco.staff(L)}/console/"
                narrator.tell("oversight", url=url, number=OVERSEER, token=token)
                serve_page(stage, told, lambda url: narrator.tell("page-open", url=url))
            narrator.tell("stopping")
    except KeyboardInterrupt:
        narrator.tell("stopping")
        return True
    return verdict.balance and all(one.as_expected for one in told)


@contextmanager
def set_stage(
    folder: Path,
    *,
    people: int,
    seed: int,
    at: datetime,
    narrator: Narrator,
    database: str = "embedded",
    binaries: str = "",
) -> Iterator[Stage]:
    """Make the towns, found and fill the sites, start them, fetch the codes."""
    day = kit.day_of(at)
    with narrator.part("founding"):
        founded = ecosystem(folder, at=at, database=database, binaries=binaries)
    with founded as eco:
        fill(eco, people=people, seed=seed, at=at, narrator=narrator)
        yield stage_of(eco, people=people, seed=seed, day=day)


def fill(eco: Ecosystem, *, people: int, seed: int, at: datetime, narrator: Narrator) -> None:
    """Make the towns, load them, start every site, fetch the codes of the cast."""
    with narrator.part("simulating"):
        _in_parallel(lambda part: _simulate(eco, part, people, seed, at), (A, B))
    with narrator.part("loading"):
        _in_parallel(lambda part: _load(eco, part, at), (A, B))
    with narrator.part("starting"):
        eco.start(*PARTS)
    with narrator.part("numbers"):
        list_numbers(eco, *(files_of(eco, part) for part in (A, B)))
    with narrator.part("codes"):
        _fetch_codes(eco, cast_people(people, seed, kit.day_of(at)))


def stage_of(eco: Ecosystem, *, people: int, seed: int, day: date) -> Stage:
    """Return the stage of an ecosystem that was filled on a day."""
    members = read_desk(eco.settings["a"]).members
    cast = cast_people(people, seed, day)
    return Stage(eco, members, cast, tax_year_in_force(day), day, people, seed)


def _in_parallel(do: Callable[[Part], None], parts: Sequence[Part]) -> None:
    with ThreadPoolExecutor(len(parts)) as pool:
        for done in [pool.submit(do, part) for part in parts]:
            done.result()


def _simulate(eco: Ecosystem, part: Part, people: int, seed: int, at: datetime) -> None:
    other = B if part is A else A
    subprocess.run(
        [
            *(*eco.program(part), "simulate", "town", "--json"),
            *("--code", part.tenant, "--neighbour", other.tenant, "--people", str(people)),
            *("--seed", str(seed), "--day", kit.day_of(at).isoformat()),
            *("--out", str(files_of(eco, part))),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )


def files_of(eco: Ecosystem, part: Part) -> Path:
    """Return the folder of a town's synthetic files."""
    return eco.folder / part.name / "files"


def _load(eco: Ecosystem, part: Part, at: datetime) -> None:
    files = [str(files_of(eco, part) / f"{entity}.csv") for entity in FILES]
    eco.run(part, "load", *files, "--on", kit.day_of(at).isoformat())


def list_numbers(eco: Ecosystem, *towns: Path) -> None:
    """Let the registrar take in whose numbers stand in towns' files, as a list from elsewhere."""
    numbers: set[str] = set()
    for town in towns:
        for entity in PERSONS:
            with (town / f"{entity}.csv").open(encoding="utf-8", newline="") as opened:
                rows = csv.DictReader(line for line in opened if not line.startswith("#"))
                numbers |= {row[COLUMN] for row in rows if row[COLUMN]}
    file = eco.folder / R.name / "issued.csv"
    lines = [SYNTHETIC, COLUMN, *sorted(numbers)]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    words = ("--by", "demo", "--reason", "合成データの番号の一覧")
    eco.run(R, "registrar", "load", str(file), *words)


def _fetch_codes(eco: Ecosystem, cast: Cast) -> None:
    """Fetch the codes of those who will be asked about, at both towns, as the law's 取得 does."""
    for part in (A, B):
        numbers = cast.coded() if part is A else cast.coded_at_b
        path = files_of(eco, part) / "codes.txt"
        path.write_text("\n".join(numbers), encoding="ascii")
        eco.run(part, "codes", "--persons", str(path))


def ask_all(stage: Stage, questions: int, narrator: Narrator) -> list[Told]:
    """Ask everything: first with all parts up, then with B stopped, then with B back.

    After some failures in a row A spares B for a while; then one question finds out for all.
    """
    counts = shares(questions)
    eco = stage.ecosystem

    def run(scenarios: Sequence[Scenario], at_once: int = AT_ONCE) -> list[Told]:
        questions = asks(scenarios, counts, stage.cast, stage.year, Asker.new_message())
        return asyncio.run(ask_many(stage, questions, at_once=at_once))

    with narrator.part("asking"):
        told = run(SCENARIOS)
        eco.stop(B)
        told += run([DOWN])
        eco.start(B)
        time.sleep(federation.FIRST_PAUSE)
        told += run([UP_AGAIN], at_once=1)
    return told


async def ask_many(stage: Stage, questions: Iterable[Ask], *, at_once: int = AT_ONCE) -> list[Told]:
    """Ask from several clients at once, each waiting for its answer."""
    waiting = iter(questions)
    told: list[Told] = []

    async with Asker(stage.ecosystem, stage.members) as asker:

        async def client() -> None:
            for question in waiting:
                told.append(await asker.ask(question))

        await asyncio.gather(*(client() for _ in range(at_once)))
    return told


def prove(stage: Stage, told: Sequence[Told]) -> books.Books:
    """Wait until every promise is sequenced, then verify all logs and balance the books."""
    unsettled = settle(stage.ecosystem)
    verdict = balance(stage, told)
    return replace(verdict, defects=(*unsettled, *verdict.defects))


def balance(stage: Stage, told: Sequence[Told]) -> books.Books:
    """Balance the books from the published logs, all parts running or not."""
    eco = stage.ecosystem
    logs = [
        books.read_log(stage.members.by_id(part.tenant), eco.settings[part.name].state / "log")
        for part in PARTS
    ]
    return books.balance(stage.members, logs, [one.claim() for one in told])


def checkpoint(eco: Ecosystem, part: Part) -> Standing | None:
    """Ask a part for its newest checkpoint; None while it is away."""
    try:
        return kit.read_json(eco.oversight(part, "checkpoint"), Standing)
    except OSError:
        return None


def settle(eco: Ecosystem) -> list[str]:
    """Wait until no part has an entry pending and its newest checkpoint is published.

    Returns what did not settle in time: the books cannot be judged then.
    """
    return [
        f"{part.name}: its log did not settle in {SETTLE_SECONDS} s"
        for part in PARTS
        if not _settled(eco, part)
    ]


def _settled(eco: Ecosystem, part: Part) -> bool:
    published = eco.settings[part.name].state / "log" / "checkpoint"
    deadline = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < deadline:
        found = checkpoint(eco, part)
        note = published.read_text(encoding="utf-8") if published.exists() else ""
        if found and not found.pending and found.note == note:
            return True
        time.sleep(0.05)
    return False


def report(told: Sequence[Told], verdict: books.Books, narrator: Narrator) -> None:
    """Show what happened, a line per kind of question, and the verdict."""
    language = narrator.language
    table = Table()
    for column in ("scenario", "happened", "good", "count", "median"):
        right = column in ("count", "median")
        table.add_column(kit.say(f"demo-{column}", language), justify="right" if right else "left")
    for scenario in ALL:
        mine = [one for one in told if one.ask.scenario is scenario]
        tally = Tally((one.outcome, one.reason) for one in mine)
        good = all(one.as_expected for one in mine)
        table.add_row(
            scenario.title(language),
            "\n".join(_outcome(*pair, language) for pair in tally),
            "[green]✓[/]" if good else "[red]✗[/]",
            str(len(mine)),
            f"{statistics.median(one.ms for one in mine):.0f}" if mine else "",
        )
    narrator.show(table)
    if verdict.balance:
        narrator.tell(
            "books-balance",
            logs=verdict.logs,
            entries=verdict.entries,
            answered=verdict.answered,
        )
    else:
        narrator.tell("books-differ", count=len(verdict.defects))
        for defect in verdict.defects[:20]:
            narrator.tell("defect", defect=defect)


def _outcome(outcome: str, reason: str, language: kit.Language) -> str:
    said = kit.say(f"outcome-{outcome}", language)
    return f"{said} ({reason})" if reason else said


def summary(told: Sequence[Told], verdict: books.Books) -> dict[str, object]:
    """Return the same as facts for a program."""
    return {
        "questions": len(told),
        "as_expected": sum(one.as_expected for one in told),
        "outcomes": dict(Tally(one.outcome for one in told)),
        "unexpected": [
            {"scenario": one.ask.scenario.name, "outcome": one.outcome, "reason": one.reason}
            for one in told
            if not one.as_expected
        ],
        "books": {
            "logs": verdict.logs,
            "entries": verdict.entries,
            "answered": verdict.answered,
            "defects": list(verdict.defects),
        },
    }
