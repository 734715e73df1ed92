"""Processor time per person of one inquiry about many (一括照会) against single questions.

Six real sites: both nodes, both converters, the log operator and their databases count together.
Both towns hold the same synthetic people, so that every question is answered; single questions are
asked of some of the very same people. Wall time is told besides: a batch goes from party to party,
of single questions several are under way at once.
"""

import argparse
import asyncio
import csv
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from urllib.request import Request, urlopen

from bench.measure import Ratio, Result, interleaved
from renkei import kit
from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import Stage, ask_many, files_of, stage_of
from renkei.app.demo.ecosystem import H1, H2, PARTS, A, B, Ecosystem, L, ecosystem
from renkei.app.demo.scenarios import SCENARIOS, one

RATIO = Ratio(floor=5, baseline="single questions about the same people")
PARTIES = (A, B, H1, H2, L)
FILES = ("resident", "income")
ADDRESS, SUBJECT, YEAR = "住所コード", "宛名番号", "課税年度"
ENDINGS = {"answered", "refused"}
"""A few of the people are under a protection measure: nothing is told of them, as of one alone."""
WARM_UP = 10
SEED = 7
SECONDS = 3600


def options(parser: argparse.ArgumentParser) -> None:
    """Add the number of persons, of single questions and of rounds."""
    parser.add_argument("--persons", type=int, help="of one list; default 10000, quick 250")
    parser.add_argument("--questions", type=int, help="single ones a round; default 300, quick 40")
    parser.add_argument("--rounds", type=int, default=1)


def run(args: argparse.Namespace) -> Result:
    """Measure processor seconds of all servers per person, asked about so and so."""
    persons = args.persons or (250 if args.quick else 10_000)
    questions = args.questions or (40 if args.quick else 300)
    rounds = args.rounds
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="renkei-bulk-")))
        folder.chmod(0o711)
        at = datetime.now(UTC)
        eco = stack.enter_context(ecosystem(folder / "sites", at=at))
        people = fill(eco, persons, at)
        stage = stage_of(eco, people=persons, seed=SEED, day=kit.day_of(at))
        stage = replace(stage, cast=replace(stage.cast, held=tuple(people)))
        subjects = cycle(range(len(people)))
        single(stage, [next(subjects) for _ in range(WARM_UP)])
        bulk(stage, people[:WARM_UP])
        trees = {part.name: eco.processes[part.name].pid for part in PARTIES}
        sides: dict[str, Callable[[], object]] = {
            "single": lambda: single(stage, [next(subjects) for _ in range(questions)]),
            "bulk": lambda: bulk(stage, people),
        }
        measured = interleaved(rounds, sides, trees)
    counts = {"single": questions, "bulk": len(people)}

    def cpu(side: str) -> float:
        return sum(measured[side].cpu_of(part.name) for part in PARTIES) / counts[side] * 1000

    detail: dict[str, float | int | str] = {"persons": len(people), "questions": questions}
    for side in sides:
        detail[f"{side}_cpu_ms"] = round(cpu(side), 2)
        detail[f"{side}_wall_ms"] = round(measured[side].wall / counts[side] * 1000, 2)
    for part in PARTIES:
        spent = measured["bulk"].cpu_of(part.name) / len(people) * 1000
        detail[f"bulk_{part.name}_cpu_ms"] = round(spent, 2)
    return Result(cpu("single") / cpu("bulk"), detail)


def fill(eco: Ecosystem, persons: int, at: datetime) -> list[str]:
    """Load the same people at both towns, start every site, fetch their codes; return them."""
    town = files_of(eco, A)
    words = ("simulate", "town", "--json", "--code", A.tenant, "--neighbour", B.tenant)
    # Enough that so many have an income.
    size, day = persons * 2, kit.day_of(at).isoformat()
    told = (*("--people", str(size)), *("--seed", str(SEED)), *("--day", day))
    eco_run(eco, *words, *told, "--out", str(town))
    there = files_of(eco, B)
    there.mkdir(parents=True)
    for name in FILES:
        moved(town / f"{name}.csv", there / f"{name}.csv")
    for part in (A, B):
        files = [str(files_of(eco, part) / f"{name}.csv") for name in FILES]
        eco.run(part, "load", *files, "--on", day)
    eco.start(*PARTS)
    people = earners(town / "income.csv")[:persons]
    for part in (A, B):
        listed = files_of(eco, part) / "codes.txt"
        listed.write_text("\n".join(people), encoding="ascii")
        eco.run(part, "codes", "--persons", str(listed))
    return people


def moved(file: Path, there: Path) -> None:
    """Write the file of A's people as if they were B's: its own number, addresses in its area."""
    head, rows = read(file)
    address = rows[0].index(ADDRESS) if ADDRESS in rows[0] else -1
    for row in rows:
        for place, cell in enumerate(row):
            if cell == A.tenant:
                row[place] = B.tenant
            elif place == address and cell.startswith(A.tenant[:5]):
                row[place] = B.tenant[:5] + cell[5:]
    with there.open("w", encoding="utf-8", newline="") as lines:
        lines.writelines(line.replace(A.tenant, B.tenant) for line in head)
        csv.writer(lines, lineterminator="\n").writerows(rows)


def read(file: Path) -> tuple[list[str], list[list[str]]]:
    """Return the lines of comment that begin a file, and its rows, the header first."""
    lines = file.read_text(encoding="utf-8-sig").splitlines(keepends=True)
    head = [line for line in lines if line.startswith("#")]
    return head, list(csv.reader(lines[len(head) :]))


def eco_run(eco: Ecosystem, *words: str) -> None:
    """Run a command of no site."""
    command = [*eco.program(A), *words]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


def earners(file: Path) -> list[str]:
    """Return whose income of the newest year is in a file."""
    _, (header, *rows) = read(file)
    subject, year = header.index(SUBJECT), header.index(YEAR)
    newest = max(row[year] for row in rows)
    return [row[subject] for row in rows if row[year] == newest]


def single(stage: Stage, numbers: Sequence[int]) -> None:
    """Ask about people one by one, some at once."""
    questions = [
        one(SCENARIOS[0], stage.cast, number, stage.year, Asker.new_message()) for number in numbers
    ]
    told = asyncio.run(ask_many(stage, questions))
    wrong = [each for each in told if each.outcome not in ENDINGS]
    if wrong:
        raise RuntimeError(f"not answered: {wrong[0]}")


def bulk(stage: Stage, people: Sequence[str]) -> None:
    """Ask about people at once and take the answer."""
    ask = one(SCENARIOS[0], stage.cast, 0, stage.year, Asker.new_message())
    headers = ask.headers(stage.members, stage.ecosystem.tokens["a"][ask.scenario.unit])
    del headers["PF-Subject"]
    url = stage.ecosystem.staff(A)
    body = json.dumps({"persons": [{"subject": each} for each in people]}).encode()
    target = ask.target(stage.members).replace("/r1/", "/bulk/")
    number = json.loads(send(url + target, headers, body)[1])["number"]
    deadline = time.monotonic() + SECONDS
    while send(f"{url}/bulk/{number}", headers)[0] == 202:
        if time.monotonic() > deadline:
            raise RuntimeError("the inquiry did not end")
        time.sleep(0.2)
    outcomes = json.loads(send(f"{url}/bulk/{number}/answer", headers)[1])["outcomes"]
    if not set(outcomes) <= ENDINGS or sum(outcomes.values()) != len(people):
        raise RuntimeError(f"not answered: {outcomes}")


def send(url: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, bytes]:
    """Ask the own node."""
    request = Request(url, headers=headers, data=body)  # noqa: S310 # loopback
    with urlopen(request, timeout=60) as answer:  # noqa: S310 # loopback
        return answer.status, answer.read()
