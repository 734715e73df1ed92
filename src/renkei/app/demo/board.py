"""The demo page's board: the questions asked so far, and those still under way."""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

import aiohttp
import msgspec

from renkei import federation, kit
from renkei.app.demo.asker import Asker, Told
from renkei.app.demo.demonstration import Stage
from renkei.app.demo.scenarios import ALL, Ask, Scenario, one
from renkei.app.errors import QuestionUnknown
from renkei.app.site import now

KEPT = 1000


@dataclass(slots=True)
class Asked:
    """One question: what was asked and when, its steps (all of them, if whole), how it ended.

    What the demo asked before the page was open has no time here; its entries have theirs.
    """

    ask: Ask
    at: datetime | None
    steps: list[federation.Step] = field(default_factory=list)
    told: Told | None = None
    whole: bool = False

    @property
    def id(self) -> str:
        """Return the message id, which names it on the page."""
        return self.ask.message

    @property
    def outcome(self) -> str:
        """Return the outcome, or `waiting`."""
        return "waiting" if self.told is None else self.told.outcome


class _Steps(msgspec.Struct):
    """What a node says of a question's steps."""

    steps: list[federation.Step]
    ended: bool


class Board:
    """The questions by message id, the oldest making room for new ones."""

    def __init__(self, stage: Stage, told: Iterable[Told]) -> None:
        """Take what the demo asked already."""
        self.stage = stage
        self._asked: OrderedDict[str, Asked] = OrderedDict()
        self._tasks: set[asyncio.Task[None]] = set()
        self._number = 0
        for known in told:
            self._keep(Asked(known.ask, None, told=known))

    def _keep(self, asked: Asked) -> None:
        self._asked[asked.id] = asked
        while len(self._asked) > KEPT:
            self._asked.popitem(last=False)

    def get(self, message: str) -> Asked:
        """Return a question."""
        if message not in self._asked:
            raise QuestionUnknown(message=message[:80])
        return self._asked[message]

    def newest(self, count: int) -> list[Asked]:
        """Return the newest questions asked here, newest first."""
        here = [asked for asked in self._asked.values() if asked.at is not None]
        return list(reversed(here))[:count]

    def tally(self) -> Iterator[tuple[int, Asked]]:
        """Yield how often each kind had each outcome, and the newest example."""
        order = [scenario.name for scenario in ALL]
        found: dict[tuple[int, str], list[Asked]] = {}
        for asked in self._asked.values():
            place = order.index(asked.ask.scenario.name), asked.outcome
            found.setdefault(place, []).append(asked)
        for place in sorted(found):
            yield len(found[place]), found[place][-1]

    def begin(self, scenario: Scenario, asker: Asker) -> Asked:
        """Ask a question of a kind; it goes on while its page is shown."""
        self._number += 1
        message = Asker.new_message()
        ask = one(scenario, self.stage.cast, self._number, self.stage.year, message)
        asked = Asked(ask, now())
        self._keep(asked)
        task = asyncio.create_task(self._run(asked, asker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return asked

    @staticmethod
    async def _run(asked: Asked, asker: Asker) -> None:
        asked.told = await asker.ask(asked.ask)

    async def steps(
        self, asked: Asked, web: aiohttp.ClientSession
    ) -> AsyncIterator[federation.Step]:
        """Yield each step from the first one on, read from the asking node as it happens.

        A node that is away, or that forgot the question, has no more steps to tell.
        """
        node = self.stage.ecosystem.staff(asked.ask.scenario.asker)
        seen = 0
        ended = False
        while not ended:
            url = f"{node}/questions/{asked.id}/steps"
            try:
                async with web.get(url, params={"after": str(seen)}) as answer:
                    found = kit.read_json(await answer.read(), _Steps)
            except (aiohttp.ClientError, msgspec.DecodeError):
                return
            if seen + len(found.steps) > len(asked.steps):  # not what another watcher had sooner
                asked.steps[seen:] = found.steps
            for step in found.steps:
                yield step
            seen += len(found.steps)
            ended = asked.whole = found.ended
