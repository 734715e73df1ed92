"""An ecosystem for the stories of a group: six real sites in processes of their own, two towns."""

import asyncio
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar, cast

import pytest
from tests.grouping import scope_of
from tests.stories.comparing import Comparing
from tests.stories.dropping import Files, places_of

from renkei.app.demo.asker import Asker, Told
from renkei.app.demo.demonstration import Narrator, Stage, ask_many, set_stage
from renkei.app.demo.scenarios import Ask, Scenario, one

PEOPLE = 1_000
collect_ignore = ["xroad_provider.py"]  # it runs in an environment of its own
T = TypeVar("T")


class Lasting:
    """What lasts while the tests of a group run on a worker: made when one of them first asks.

    A session's fixture would last until the worker ends: six sites that nobody asks any more took a
    fifth of a processor, and three workers had some for most of a run.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._found: dict[str, object] = {}
        self._end = ExitStack()

    def get(self, name: str, make: Callable[[], AbstractContextManager[T]]) -> T:
        """Return what has this name; make it where there is none."""
        if name not in self._found:
            self._found[name] = self._end.enter_context(make())
        return cast("T", self._found[name])

    def end(self) -> None:
        """End all of it."""
        self._found.clear()
        self._end.close()


LASTING = Lasting()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """End what lasts behind the last test of a group; without workers, behind the last of all."""
    is_alike = nextitem is not None and (
        scope_of(nextitem.nodeid) == scope_of(item.nodeid)
        or not hasattr(item.config, "workerinput")  # the tests stand in no order of groups
    )
    if not is_alike:
        LASTING.end()


@contextmanager
def a_stage() -> Iterator[Stage]:
    """Give a stage of its own, and take it down."""
    with tempfile.TemporaryDirectory(prefix="renkei-story-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        with set_stage(
            folder / "sites",
            people=PEOPLE,
            seed=7,
            at=datetime.now(UTC),
            narrator=Narrator("en", quiet=True),
            binaries=os.environ.get("RENKEI_TEST_BINARIES", ""),
        ) as found:
            yield found


@pytest.fixture(scope="module")
def stage() -> Stage:
    """Give the stage of the group; a module of it leaves the sites as they were."""
    return LASTING.get("stage", a_stage)


@dataclass(frozen=True)
class Unit:
    """A clerk's unit: asks one question of a kind and is told how it ended."""

    stage: Stage

    def ready(self, scenario: Scenario, number: int = 0) -> Ask:
        """Return a question about one person of the kind's group."""
        return one(scenario, self.stage.cast, number, self.stage.year, Asker.new_message())

    def ask(self, *questions: Ask) -> list[Told]:
        """Ask them, some at once."""
        return asyncio.run(ask_many(self.stage, questions))

    def told(self, scenario: Scenario, number: int = 0) -> Told:
        """Ask one question of a kind."""
        (told,) = self.ask(self.ready(scenario, number))
        return told


@pytest.fixture
def unit(stage) -> Unit:
    return Unit(stage)


@pytest.fixture(scope="module")
def compared(stage) -> Comparing:
    return Comparing(stage)


@pytest.fixture(scope="module")
def places(stage) -> dict[str, Files]:
    """Give a folder and a bucket that A's node looks after."""
    return LASTING.get("places", lambda: places_of(stage))
