"""A site founded for the test, and the command line as a person uses it."""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.app.consoles import Consoles, open_consoles
from tests.conftest import FreshDsn

from renkei import audit, kit
from renkei.app.cli import main
from renkei.app.membership.initiation import Founded, Plan, found_site
from renkei.app.settings import Settings, read_settings
from renkei.app.site import running_database

A = kit.tenant("131016")
AT = datetime(2026, 11, 23, 1, 2, 3, tzinfo=UTC)
AUTHORITY = audit.Signer.from_seed("authority.example", bytes(32))


def plan(**changes: object) -> Plan:
    """Return the plan of a node, with some parts changed."""
    said: dict[str, object] = {
        "tenant": A,
        "role": "node",
        "mode": "test",
        "member_class": "MUN",
        "ja": "A市",
        "en": "City A",
        "peers": "127.0.0.1:1",
        "staff": "127.0.0.1:2",
        "authority": str(AUTHORITY.verifier),
        "binaries": os.environ.get("RENKEI_TEST_BINARIES", ""),
        "units": ("15",),
    }
    return Plan(**said | changes)  # type: ignore[arg-type] # changes are named by the tests


@dataclass(frozen=True)
class Said:
    """What a command said and with which code it ended."""

    code: int
    out: str
    err: str


Run = Callable[..., Said]


@pytest.fixture
def run(capsys, monkeypatch) -> Run:
    """Run a command of the program, in this process, in a language."""

    def command(*words: object, language: str = "en") -> Said:
        monkeypatch.setattr(sys, "argv", ["renkei", *map(str, words)])
        monkeypatch.setenv("RENKEI_LANG", language)
        monkeypatch.setenv("TERMINAL_WIDTH", "200")
        code = 0
        try:
            main()
        except SystemExit as end:
            code = int(end.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return command


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """Give a folder that the database server's account may pass (see kit/postgres.py)."""
    with tempfile.TemporaryDirectory(prefix="renkei-app-") as made:
        Path(made).chmod(0o711)
        yield Path(made)


@pytest.fixture(scope="module")
def founded(folder) -> Founded:
    return found_site(folder / "a", plan(), at=AT)


@pytest.fixture(scope="module")
def settings(founded) -> Settings:
    return read_settings(founded.settings)


@pytest.fixture(scope="module")
def running(settings) -> Iterator[str]:
    """Give the connection string of the site's database, which runs as beside a node."""
    with running_database(settings) as dsn:
        yield dsn


NODE = [
    *("renkei.audit", "renkei.law", "renkei.identity", "renkei.store", "renkei.exchange"),
    "renkei.process",
]


@pytest.fixture(scope="session")
def open_doors(fresh_dsn: FreshDsn, template: Callable[[list[str]], str]) -> Iterator[Consoles]:
    """Give two consoles with open doors, once a run; their tests stay on one worker."""
    with (
        tempfile.TemporaryDirectory(prefix="renkei-sign-in-") as made,
        fresh_dsn(template(NODE)) as dsn,
        kit.Database(dsn) as database,
    ):
        Path(made).chmod(0o711)
        with open_consoles(Path(made) / "sites", database) as found:
            yield found


@pytest.fixture
def consoles(open_doors: Consoles) -> Iterator[Consoles]:
    """Give both consoles; what a test does to the clock and to the provider is undone."""
    yield open_doors
    open_doors.clock.shift = timedelta()
    open_doors.provider.tamper, open_doors.provider.described = None, {}
