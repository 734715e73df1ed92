"""The members list of the stage changes, and clerks ask all the while."""

import json
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from renkei import federation
from renkei.app.demo.demonstration import Stage
from renkei.app.demo.ecosystem import PARTS, Part
from renkei.app.demo.scenarios import SCENARIOS
from renkei.app.membership.initiation import authority_signer

SECONDS = 30
PAUSE = 0.2  # of a clerk between two questions: they are to flow, not to fill the machine
STATUTE = next(one for one in SCENARIOS if one.name == "statute")


def health(stage: Stage, part: Part) -> dict[str, object]:
    with urllib.request.urlopen(f"{stage.ecosystem.staff(part)}/health", timeout=5) as answer:
        members: dict[str, object] = json.load(answer)["members"]
        return members


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + SECONDS
    while not what():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.1)


def issue(stage: Stage, *rows: federation.Member, but: Part | None = None) -> int:
    """Issue the next list: some rows renewed, perhaps one left out; wait until all go by it."""
    eco = stage.ecosystem
    authority = authority_signer(eco.folder / "authority.key")
    file = eco.folder / "members.json"
    now = federation.read_members(file.read_bytes(), authority.verifier)
    known = {member.id: member for member in (*now.all, *rows)}
    if but is not None:
        del known[but.tenant]
    text = federation.sign_members(
        known.values(), authority, instance="JP", version=now.version + 1, at=datetime.now(UTC)
    )
    fresh = file.with_suffix(".new")
    fresh.write_bytes(text)
    fresh.replace(file)
    listed = [part for part in PARTS if part != but]
    wait_for(lambda: all(health(stage, part)["version"] == now.version + 1 for part in listed))
    return now.version + 1


@contextmanager
def asking(unit) -> Iterator[list[str]]:
    """Let two clerks ask all the time; give how their questions ended, complete at the end."""
    outcomes: list[str] = []
    ending = threading.Event()

    def ask() -> None:
        while not ending.wait(PAUSE):
            outcomes.append(unit.told(STATUTE, len(outcomes) % 8).outcome)

    clerks = [threading.Thread(target=ask) for _ in range(2)]
    for clerk in clerks:
        clerk.start()
    try:
        yield outcomes
    finally:
        ending.set()
        for clerk in clerks:
            clerk.join()
