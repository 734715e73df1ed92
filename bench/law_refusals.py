"""Share of the law's reasons for a refusal that are reached by real questions and stand on record.

Two towns and a hub are founded anew and run; a unit asks one question for each reason the law has,
over HTTP, and is told that reason. Then the published log of the asking town is searched: each
question must have one entry of a refusal with the same reason, by which table and of which row, and
deciding that entry once more must give the reason again. A reason nobody reaches is named.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from bench.measure import Ratio, Result
from renkei import federation, kit, law
from renkei.app.demo.asker import Asker, Told
from renkei.app.demo.demonstration import Narrator, Stage, ask_many, set_stage
from renkei.app.demo.ecosystem import PARTS, Part
from renkei.app.demo.scenarios import SCENARIOS, Scenario, one
from renkei.app.site import running_database
from renkei.app.standards.replay import Replay
from renkei.standard import catalogue

RATIO = Ratio(floor=1.0, baseline="every reason (no baseline program: a share)")
PATIENCE = 60.0
"""Seconds until the entries stand in the log."""


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of one reason."""

    reason: str
    inquiry: str
    defect: str


def options(parser: argparse.ArgumentParser) -> None:
    """Add the size of the towns."""
    parser.add_argument("--people", type=int, default=2_000, help="of each town (default 2,000)")


def run(args: argparse.Namespace) -> Result:
    """Ask, read the log, and print a line a reason."""
    with tempfile.TemporaryDirectory(prefix="renkei-law-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        at, narrator = datetime.now(UTC), Narrator("en", quiet=True)
        people = min(args.people, 1_000) if args.quick else args.people
        with set_stage(folder / "sites", people=people, seed=7, at=at, narrator=narrator) as stage:
            found = reached(stage)
    for each in found:
        print(
            f"{each.reason:28} {each.inquiry:40} {each.defect or 'reached, recorded'}", flush=True
        )
    good = sum(not each.defect for each in found)
    return Result(good / len(found), {"reasons": len(found), "reached_and_recorded": good})


def kinds() -> list[Scenario]:
    """Return a kind of question for each reason that there is one for."""
    reasons = {reason.value for reason in law.Reason}
    return [scenario for scenario in SCENARIOS if scenario.reason in reasons]


def reached(stage: Stage) -> list[Reached]:
    """Ask a question for every reason, and return what the asking towns' logs say of it."""
    asks = [one(kind, stage.cast, 0, stage.year, Asker.new_message()) for kind in kinds()]
    told = asyncio.run(ask_many(stage, asks))
    recorded: dict[str, law.Past] = {}
    for part in PARTS:
        mine = {each.inquiry for each in told if each.ask.scenario.asker == part}
        if mine:
            recorded |= past_of(stage, part, mine)
    by_reason = {each.ask.scenario.reason: each for each in told}
    return [_judged(reason.value, by_reason.get(reason.value), recorded) for reason in law.Reason]


def past_of(stage: Stage, part: Part, wanted: Collection[str]) -> dict[str, law.Past]:
    """Return what a town's log holds of these inquiries, waiting until it holds all of them."""
    settings = stage.ecosystem.settings[part.name]
    kind = federation.KINDS[part.member_class]
    today = kit.day_of(datetime.now(UTC))
    end = time.monotonic() + PATIENCE
    with running_database(settings) as dsn, kit.Database(dsn, size=1) as database:
        while True:
            with database.transaction(part.tenant) as conn:
                replay = Replay(conn, part.tenant, kind, catalogue(), stage.day, today)
                found = {past.entry: past for past in replay if past.entry in wanted}
            if len(found) == len(wanted) or time.monotonic() > end:
                return found
            time.sleep(0.2)


def _judged(reason: str, told: Told | None, recorded: Mapping[str, law.Past]) -> Reached:
    if told is None:
        return Reached(reason, "", "no question reaches it")
    if (told.outcome, told.reason) != ("refused", reason):
        return Reached(reason, told.inquiry, f"the unit was told {told.outcome} {told.reason}")
    past = recorded.get(told.inquiry)
    if past is None:
        return Reached(reason, told.inquiry, "no entry of it")
    if past.reason != reason:
        return Reached(reason, told.inquiry, f"the entry says {past.reason}")
    again = law.decide(past.request, law.provision_table(), past.on)
    if isinstance(again, law.Permit) or (again.reason, again.provision) != (reason, past.provision):
        return Reached(reason, told.inquiry, "decided from the entry it is another answer")
    return Reached(reason, told.inquiry, "")
