"""A node that takes files of questions from a folder or a bucket, turn by turn."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
import pytest
from tests.app.drop import (
    LAYOUT,
    BucketOfUnit,
    Dropper,
    FolderOfUnit,
)
from tests.app.seat import AT, Clock, staffed_site
from tests.buckets import bucket_server
from tests.store.rows import register_number

from renkei import federation
from renkei.app.files.bucket_place import BucketPlace
from renkei.app.files.folder_place import FolderPlace
from renkei.app.files.place import FilePlace
from renkei.app.files.sweep import FileOffice, FileSweep
from renkei.app.site import Site
from renkei.app.units.kept_question import KeptAnswer, KeptQuestion
from renkei.app.units.rest_answers import RestAnswers
from renkei.backup import Target
from renkei.exchange import tasks

ONE, TWO = register_number(1), register_number(2)
ASK = ("", "", ONE, "2026")
HEAD = ",".join(LAYOUT.question).encode()
RECORD = {"total_income": 1_500_000, "dependants": 2}


@dataclass
class Town:
    """A node that takes files: turns when a test says so, tasks ended by the test."""

    site: Site
    place: FilePlace
    unit: Dropper
    clock: Clock = field(default_factory=lambda: Clock(AT))

    @property
    def sweep(self) -> FileSweep:
        site = self.site
        seal = site.keys.node().seal
        office = FileOffice(lambda: site.desk, site.database, seal, self.clock)
        return FileSweep(office, self.place)

    def turn(self) -> list[str]:
        self.clock.wait(seconds=1)
        return self.sweep.turn()

    def end_all(self, outcome: federation.Outcome = "answered", **told: object) -> int:
        """End every question that waits, as the worker of tasks does; return how many."""
        tenant, seal = self.site.desk.tenant, self.site.keys.node().seal
        fact = federation.Fact("i", outcome, **told)  # type: ignore[arg-type]
        answer = KeptAnswer.of(RestAnswers("7.8").told(fact, "", ()))
        with self.site.database.transaction(tenant) as conn:
            at = self.clock.at
            claimed = tasks.claim(conn, tenant, at=at, until=at, most=10_000, seal=seal)
            for task in claimed:
                tasks.end(conn, tenant, task, answer.encoded(), at=at, seal=seal)
        return len(claimed)

    def questions(self) -> list[KeptQuestion]:
        """Return the questions that wait."""
        tenant, seal = self.site.desk.tenant, self.site.keys.node().seal
        with self.site.database.transaction(tenant) as conn:
            claimed = tasks.claim(conn, tenant, at=self.clock.at, until=AT, most=100, seal=seal)
        return [KeptQuestion.decoded(one.question) for one in claimed]


@pytest.fixture(scope="module")
def site(tmp_path_factory, database) -> Iterator[Site]:
    with staffed_site(tmp_path_factory.mktemp("files"), database) as made:
        yield made


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with bucket_server("files") as address:
        yield address


@pytest.fixture(autouse=True)
def emptied(dsn) -> Iterator[None]:
    yield
    with psycopg.connect(dsn, autocommit=True) as conn:
        conn.execute("TRUNCATE exchange_file, exchange_task CASCADE")


@pytest.fixture
def folder(site, tmp_path) -> Town:
    place = FolderPlace("files", tmp_path / "files")
    place.prepare(("15", "17"))
    return Town(site, place, Dropper(FolderOfUnit(place.root)))


@pytest.fixture
def bucket(site, endpoint, monkeypatch) -> Town:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "dummy")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "dummy")
    target = Target(f"s3://files/{uuid4()}", endpoint, "ap-northeast-1")
    return Town(site, BucketPlace.of(target), Dropper(BucketOfUnit(target)))


@pytest.fixture(params=["folder", "bucket"])
def town(request) -> Town:
    found: Town = request.getfixturevalue(request.param)
    return found
