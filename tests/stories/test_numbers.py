"""付番: a number is issued, an organisation has a code of it, and is told when it is another.

The registrar's own staff work beside its running process; everybody reads its corporate register.
"""

import asyncio
import json
import subprocess
from contextlib import contextmanager
from urllib.request import urlopen

import pytest
from tests.store.rows import register_number
from tests.stories.listing import wait_for
from tests.stories.test_usage import portal

from renkei import federation, identity
from renkei.app.deliveries.intake import site_database
from renkei.app.demo.ecosystem import A, B, L, Part, R, free_port
from renkei.app.membership.keys import Keys
from renkei.app.site import issuing_channel, now, read_desk
from renkei.identity import StepKind

__all__ = ["portal"]  # the fixture
pytestmark = pytest.mark.xdist_group("ecosystem-bodies")

NEWBORN = register_number(99_000_001)
BY = ("--by", "1001", "--reason", "出生")


HERE = '\n[registrar]\nnumbers = "here"\n'


@pytest.fixture(scope="module")
def registrar(stage):
    """Take a step at the registrar, whose process runs; what is asked for comes from a pipe.

    It draws numbers itself here. A's keeper has nothing to do meanwhile: its codes were followed.
    """
    stage.ecosystem.run(A, "linkage", "follow")
    settings = stage.ecosystem.file(R)
    before = settings.read_text("utf-8")
    settings.write_text(before + HERE, "utf-8")

    def step(*words: str, piped: str = "") -> dict[str, object]:
        command = [*stage.ecosystem.command(R, *words), *BY, "--json"]
        done = subprocess.run(command, input=piped, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))

    yield step
    settings.write_text(before, "utf-8")


@contextmanager
def speaking(stage, part: Part):
    """Give what a member needs to speak with the registrar over the real line."""
    settings = stage.ecosystem.settings[part.name]
    desk, keys = read_desk(settings), Keys(settings.keys, settings.tenant).node()
    with site_database(settings) as database:
        yield desk, keys, database, issuing_channel(settings, desk)


def acquire(stage, part: Part, number: str) -> identity.Nym:
    """Acquire the code of one person and return it."""

    async def run() -> None:
        async with channel:
            people = iter([(NEWBORN, number)])
            await federation.acquire(
                desk, keys, database, channel, people, clock=now, progress=lambda _: None
            )

    with speaking(stage, part) as (desk, keys, database, channel):
        asyncio.run(run())
    nym = code_of(stage, part, NEWBORN)
    assert nym is not None
    return nym


def code_of(stage, part: Part, person: str) -> identity.Nym | None:
    """Return the code a member keeps of a person."""
    with (
        speaking(stage, part) as (desk, keys, database, _),
        database.transaction(desk.tenant) as conn,
    ):
        return identity.code_of(conn, desk.tenant, person, seal=keys.seal)


def handles_closed(stage) -> int:
    """Return how many persons are closed at the log operator."""
    settings = stage.ecosystem.settings[L.name]
    with site_database(settings) as database, database.transaction(settings.tenant) as conn:
        asked = "SELECT count(*) FROM identity_handle WHERE closed_at IS NOT NULL"
        return int((conn.execute(asked).fetchone() or (0,))[0])


def told(stage, part: Part, after: int = 0) -> list[federation.CodeFollowed]:
    """Ask what became of a member's codes."""

    async def run() -> list[federation.CodeFollowed]:
        async with channel:
            return await federation.fetch_following(desk, keys, channel, after=after, clock=now)

    with speaking(stage, part) as (desk, keys, _, channel):
        return asyncio.run(run())


@pytest.mark.clause("RK-7.8", "RK-45.4")
def test_a_code_that_is_another_is_told_to_whoever_holds_it(stage, registrar, portal):
    number = str(registrar("registrar", "issue", piped="住民票コード 1\n")["number"])
    before = acquire(stage, A, number)
    changed = str(registrar("registrar", "change", piped=f"{number}\n")["number"])
    assert acquire(stage, A, changed).code == before.code
    shown = portal.find(NEWBORN)["totalUsages"]
    closed = handles_closed(stage)
    registrar("registrar", "reissue", piped=f"{changed}\n")
    wait_for(lambda: handles_closed(stage) == closed + 1)
    (one,) = told(stage, A)
    assert (one.kind, one.old.code) == (StepKind.reissued, before.code)
    assert one.new is not None
    assert stage.ecosystem.run(A, "linkage", "follow") == {"followed": 1, "shared": []}
    assert code_of(stage, A, NEWBORN) == one.new
    portal.settle()
    assert portal.find(NEWBORN)["totalUsages"] == shown + 1  # under the former code
    assert told(stage, B) == []
    registrar("registrar", "close", piped=f"{changed}\n")
    (ended,) = told(stage, A, one.position)
    assert (ended.kind, ended.old.code, ended.new) == (StepKind.died, one.new.code, None)
    assert stage.ecosystem.run(A, "linkage", "follow") == {"followed": 1, "shared": []}
    assert code_of(stage, A, NEWBORN) is None
    assert told(stage, A, ended.position) == []
    assert stage.ecosystem.run(A, "linkage", "follow") == {"followed": 0, "shared": []}


def test_everybody_reads_the_corporate_register_beside_the_registrars_work(
    stage, registrar, tmp_path
):
    file, port = tmp_path / "corporations.csv", free_port()
    words = ("simulate", "corporations", "--out", str(file), "--count", "30")
    subprocess.run([*stage.ecosystem.program(R), *words], check=True, capture_output=True)
    registrar("corporate", "load", str(file))
    settings = stage.ecosystem.file(R)
    before = settings.read_text("utf-8")
    stage.ecosystem.stop(R)
    door = f'[registrar]\ndoor = "127.0.0.1:{port}"\n'
    settings.write_text(before.replace("[registrar]\n", door), "utf-8")
    stage.ecosystem.start(R)
    try:
        with urlopen(f"http://127.0.0.1:{port}/corporations.json?closed=1&limit=1000") as answer:
            assert len(json.load(answer)["corporations"]) == 30
        with urlopen(f"http://127.0.0.1:{port}/") as answer:
            assert "法人番号" in answer.read().decode()
    finally:
        stage.ecosystem.stop(R)
        settings.write_text(before, "utf-8")
        stage.ecosystem.start(R)
