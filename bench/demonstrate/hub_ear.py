"""What the hub hears of real questions: both converters' doors, by requests that towns really send.

Units of A ask at their node's door about many persons, each several times. What a unit may word
by itself differs from person to person and is the same each time: reference of a consent, purpose,
day, message id, user, second user. The order is drawn by lot: when a question comes is traffic, and
not tried.
"""

import asyncio
import random
import socket
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec

from renkei import federation, kit
from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import Stage, ask_many
from renkei.app.demo.ecosystem import H1, H2, Ecosystem, Part
from renkei.app.demo.scenarios import SCENARIOS, Ask

CONVERTERS = (H1, H2)
START_SECONDS = 60.0
OWN_USE = next(one for one in SCENARIOS if one.name == "own-use")


@dataclass(frozen=True, slots=True)
class Wording(Ask):
    """A question with everything its unit may word by itself, all of it the person's."""

    purpose: str
    on: date
    user: str
    second: str

    def headers(self, members: federation.Members, token: str) -> dict[str, str]:
        """Return what the unit says about its question."""
        return {
            **Ask.headers(self, members, token),
            "PF-Purpose": quote(self.purpose, safe=""),
            "PF-On": self.on.isoformat(),
            "X-Road-UserId": self.user,
            "PF-Second": self.second,
        }

    @property
    def words(self) -> tuple[str, ...]:
        """Return what must not be heard by the hub, as it would be spelled there."""
        mine = (self.purpose, quote(self.purpose, safe=""), self.scenario.consent)
        case, _, _ = self.message.rpartition("/")  # what follows is new each time
        return (*mine, self.user, self.second, case, self.subject, self.on.isoformat())


@dataclass(frozen=True, slots=True)
class Heard:
    """All that both converters heard of one question, by field, and whom it was about."""

    ask: Wording
    fields: dict[str, str]
    question: bytes
    raw: str


class _Said(msgspec.Struct):
    """One request as a listening converter wrote it down."""

    method: str
    path: str
    query: str
    head: list[tuple[str, str]]
    body: str


class _Body(msgspec.Struct):
    """Of a body: the blinded question as the first converter heard it."""

    question: msgspec.Raw


def wordings(stage: Stage, count: int) -> list[Wording]:
    """Return so many questions, an even number about each person, in an order drawn by lot."""
    chance = random.Random()  # noqa: S311 # an order, no secret
    people = list(stage.cast.held)
    chance.shuffle(people)
    people = people[: max(2, count // 2)]
    kept = [_words(stage, number, person, chance) for number, person in enumerate(people)]
    pairs = [kept[number % len(kept)] for number in range(count // 2)]
    asks = [
        replace(one, message=f"{one.message}/{number}") for number, one in enumerate(pairs + pairs)
    ]
    chance.shuffle(asks)
    return asks


def _words(stage: Stage, number: int, person: str, chance: random.Random) -> Wording:
    consent = f"C-{chance.randbytes(8).hex()}"
    return Wording(
        replace(OWN_USE, consent=consent),
        f"case-{chance.randbytes(8).hex()}-{Asker.new_message()}",
        person,
        stage.year,
        purpose=f"世帯{chance.randbytes(8).hex()}の認定",
        on=stage.day - timedelta(days=chance.randrange(1, 300)),
        user=f"staff-{chance.randbytes(4).hex()}-{number}",
        second=f"second-{chance.randbytes(4).hex()}-{number}",
    )


def heard(stage: Stage, count: int, folder: Path) -> list[Heard]:
    """Ask so many questions while both converters write down what they hear."""
    asks = wordings(stage, count)
    with listening(stage.ecosystem, folder) as files:
        told = asyncio.run(ask_many(stage, asks))
    said = [_by_question(file) for file in files]
    found = []
    for one in told:
        if not isinstance(one.ask, Wording) or any(one.inquiry not in each for each in said):
            raise RuntimeError(f"not heard: {one.outcome} {one.reason}")
        requests = [each[one.inquiry] for each in said]
        fields: dict[str, str] = {}
        for number, request in enumerate(requests, 1):
            fields |= _fields(number, request)
        question = kit.read_json(requests[0].body, _Body).question
        raw = "".join(request.body + repr(request.head) + request.query for request in requests)
        found.append(Heard(one.ask, fields, bytes(question), raw))
    return found


def by_person(found: Sequence[Heard]) -> list[list[Heard]]:
    """Return what was heard, person by person; which of a person's requests came first is lost.

    Else two requests of one person would be told by their order in time.
    """
    people: dict[str, list[Heard]] = defaultdict(list)
    for one in found:
        people[one.ask.subject].append(one)
    for each in people.values():
        random.shuffle(each)
    return list(people.values())


def _by_question(file: Path) -> dict[str, _Said]:
    """Return the requests for a conversion by the number of their inquiry."""
    with file.open("rb") as lines:
        said = [kit.read_json(line, _Said) for line in lines]
    return {dict(one.head)["x-road-id"]: one for one in said if one.path == federation.CONVERT}


def _fields(converter: int, said: _Said) -> dict[str, str]:
    """Return every field of a request, so that fields of two requests can be laid side by side."""
    fields = {f"{converter} method": said.method, f"{converter} target": said.path + said.query}
    for name, value in said.head:
        fields[f"{converter} {name}"] = fields.get(f"{converter} {name}", "") + value
    for name, value in _leaves(msgspec.json.decode(said.body)):
        fields[f"{converter} body{name}"] = value
    return fields


def _leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    match value:
        case dict():
            for key, part in value.items():
                yield from _leaves(part, f"{name}.{key}")
        case list():
            for number, part in enumerate(value):
                yield from _leaves(part, f"{name}.{number}")
        case _:
            yield name, str(value)


@contextmanager
def listening(eco: Ecosystem, folder: Path) -> Iterator[list[Path]]:
    """Put listening converters in the place of those that run, and these back at the end."""
    eco.stop(*CONVERTERS)
    files = [folder / f"{part.name}.jsonl" for part in CONVERTERS]
    running = []
    try:
        for part, file in zip(CONVERTERS, files, strict=True):
            program = [sys.executable, "-m", "bench.demonstrate.listening"]
            running.append(subprocess.Popen([*program, str(eco.file(part)), str(file)]))
        for part, process in zip(CONVERTERS, running, strict=True):
            _await(eco, part, process)
        yield files
    finally:
        for process in running:
            process.terminate()
        for process in running:
            process.wait()
        eco.start(*CONVERTERS)


def _await(eco: Ecosystem, part: Part, process: subprocess.Popen[bytes]) -> None:
    at = eco.settings[part.name].peers_door
    end = time.monotonic() + START_SECONDS
    while True:
        with suppress(OSError), socket.create_connection((at.host, at.port), timeout=1):
            return
        if process.poll() is not None or time.monotonic() > end:
            raise RuntimeError(f"{part.name} does not listen")
        time.sleep(0.05)
