"""The journal of a node: the steps of its latest questions, for whoever watches them happen."""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field

from renkei.federation import Asked, Counter, Fact, Step

KEPT = 2000
WAIT_SECONDS = 5.0
GRACE_SECONDS = 1.0
"""How long a watcher may be earlier than the question."""


@dataclass(slots=True)
class _Story:
    """The steps of one question so far, and whether more will come."""

    steps: list[Step] = field(default_factory=list)
    ended: bool = False
    changed: asyncio.Event = field(default_factory=asyncio.Event)


class Journal:
    """Steps by message id, in memory only: what must be kept stands in the log."""

    def __init__(self) -> None:
        """Begin empty; the oldest stories make room for new ones."""
        self._stories: OrderedDict[str, _Story] = OrderedDict()

    def _story(self, message: str) -> _Story:
        if message not in self._stories:
            self._stories[message] = _Story()
            while len(self._stories) > KEPT:
                self._stories.popitem(last=False)
        return self._stories[message]

    async def follow(self, counter: Counter, asked: Asked) -> Fact:
        """Ask at a counter, telling the steps as they happen, and return how it ended."""
        message = asked.envelope.id
        try:
            return await counter.ask(asked, lambda step: self.tell(message, step))
        finally:
            self.end(message)

    def tell(self, message: str, step: Step) -> None:
        """Add a step; call it on the event loop."""
        story = self._story(message)
        story.steps.append(step)
        self._wake(story)

    def end(self, message: str) -> None:
        """Say that no more steps come."""
        story = self._story(message)
        story.ended = True
        self._wake(story)

    async def after(self, message: str, known: int) -> tuple[list[Step], bool]:
        """Return the steps after the known ones and whether it ended; wait a little for more.

        Of a question that is not here, or not any more, no step will come: it ended.
        """
        story = await self._begun(message)
        if story is None:
            return [], True
        if len(story.steps) <= known and not story.ended:
            try:
                await asyncio.wait_for(story.changed.wait(), WAIT_SECONDS)
            except TimeoutError:
                return [], False
        return story.steps[known:], story.ended

    async def _begun(self, message: str) -> _Story | None:
        """Return a story, waited for a moment; watching never makes one."""
        until = asyncio.get_running_loop().time() + GRACE_SECONDS
        while message not in self._stories and asyncio.get_running_loop().time() < until:
            await asyncio.sleep(0.02)
        return self._stories.get(message)

    @staticmethod
    def _wake(story: _Story) -> None:
        story.changed.set()
        story.changed = asyncio.Event()
