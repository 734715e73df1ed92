"""One ecosystem for all stories: six real sites in processes of their own, two small towns."""

import asyncio
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.stories.comparing import Comparing
from tests.stories.dropping import Files, places_of

from renkei.app.demo.asker import Asker, Told
from renkei.app.demo.demonstration import Narrator, Stage, ask_many, set_stage
from renkei.app.demo.scenarios import Ask, Scenario, one

PEOPLE = 1_000
collect_ignore = ["xroad_provider.py"]  # it runs in an environment of its own


@pytest.fixture(scope="session")
def stage() -> Iterator[Stage]:
    """Set the stage once a run; the stories' tests stay on one worker (xdist_group)."""
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


@pytest.fixture(scope="session")
def places(stage) -> Iterator[dict[str, Files]]:
    """Give a folder and a bucket that A's node looks after."""
    with places_of(stage) as found:
        yield found
