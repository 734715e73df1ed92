"""A unit of A that can only put files down, and the places its node looks after."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from tests.app.drop import BucketOfUnit, Dropper, FolderOfUnit
from tests.buckets import bucket_server

from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import Stage
from renkei.app.demo.ecosystem import A, B
from renkei.app.demo.scenarios import Ask, Scenario, one
from renkei.backup import Target

SECONDS = 100  # longer than the lease of a question whose asker was killed
ADDRESS = f"JP/MUN/{B.tenant}/06/income"


class Files:
    """A unit of A and what it puts down, in the folder or the bucket of its node."""

    def __init__(self, stage: Stage, at: FolderOfUnit | BucketOfUnit) -> None:
        self.stage, self.at = stage, at

    def dropper(self, scenario: Scenario, **said: object) -> Dropper:
        return Dropper(
            self.at,
            f"{scenario.unit}/MUN-{B.tenant}-06/income",
            {
                "client": f"JP/MUN/{A.tenant}/{scenario.unit}",
                "service": ADDRESS,
                "procedure": scenario.procedure,
                "purpose": scenario.title("ja"),
                "items": scenario.items.split(",") if scenario.items else [],
            }
            | said,
        )

    def ready(self, scenario: Scenario, number: int = 0) -> Ask:
        return one(scenario, self.stage.cast, number, self.stage.year, Asker.new_message())

    def row(self, ask: Ask) -> tuple[str, ...]:
        return (ask.message, ask.scenario.consent, ask.subject, str(ask.year))

    def await_name(self, dropper: Dropper, name: str) -> None:
        deadline = time.monotonic() + SECONDS
        while name not in dropper.answers():
            assert time.monotonic() < deadline, f"{name} did not come: {dropper.answers()}"
            time.sleep(0.1)

    def await_end(self, dropper: Dropper, name: str) -> None:
        """Return when a file was answered, or refused."""
        ends = {f"{name}.answer.manifest.json", f"{name}.error.json"}
        deadline = time.monotonic() + SECONDS
        while not ends & dropper.answers():
            assert time.monotonic() < deadline, f"{name} did not end: {dropper.answers()}"
            time.sleep(0.1)

    def answers(self, *asks: Ask, **said: object) -> list[dict[str, str]]:
        """Drop questions of one kind and return their answers."""
        dropper = self.dropper(asks[0].scenario, **said)
        name = dropper.drop(*map(self.row, asks))
        self.await_name(dropper, f"{name}.answer.manifest.json")
        return dropper.answer(name)

    def progress(self) -> dict[str, dict[str, object]]:
        """Return what the command says of each file."""
        facts = self.stage.ecosystem.run(A, "files")["files"]
        assert isinstance(facts, list)
        return {str(one["id"]): one for one in facts}

    def entries(self) -> int:
        """Return how many entries A's log has, those that wait for their place too."""
        at = json.loads(self.stage.ecosystem.oversight(A, "checkpoint"))
        return int(at["size"]) + int(at["pending"])


@contextmanager
def places_of(stage: Stage) -> Iterator[dict[str, Files]]:
    """Let A's node look after a folder and a bucket from now on."""
    eco = stage.ecosystem
    with bucket_server("files") as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "dummy")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "dummy")
        bucket = Target("s3://files/a", address, "ap-northeast-1")
        with eco.file(A).open("a", encoding="utf-8") as settings:
            settings.write('\n[[files]]\nplace = "files"\nevery = "1s"\n')
            settings.write(f'\n[[files]]\nplace = "{bucket.place}"\nevery = "1s"\n')
            settings.write(f'endpoint = "{address}"\nregion = "{bucket.region}"\n')
        eco.stop(A)
        eco.start(A)
        folder = FolderOfUnit(eco.folder / A.name / "files")
        yield {"folder": Files(stage, folder), "bucket": Files(stage, BucketOfUnit(bucket))}
