"""What docs/nats.md shows runs as it stands: the server, its users, and a unit's reader."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from nats.aio.client import Client
from nats.errors import TimeoutError as Silence
from tests.app.nats_parties import party
from tests.app.nats_server import NatsServer
from tests.app.office import HERE
from tests.app.receiver import until

from renkei import exchange
from renkei.exchange import StreamPlan, outbox

PAGE = (Path(__file__).parents[2] / "docs/nats.md").read_text(encoding="utf-8")
SECRETS = {"NODE_PASSWORD": "of-the-node", "UNIT15_PASSWORD": "of-unit-15"}
SIGNING = exchange.SigningKey.generate()


def block(kind: str, with_: str) -> str:
    """Return the block of the page that holds a text."""
    (found,) = (one for one in re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S) if with_ in one)
    return str(found)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """Lay everything the page names into one folder, and be in it."""
    server = party(tmp_path, "server", ExtendedKeyUsageOID.SERVER_AUTH)
    assert (server.certificate.name, server.key.name) == ("server.pem", "server.key")
    for name, secret in (SECRETS | {"NATS_STORE_KEY": "of-the-disk"}).items():
        monkeypatch.setenv(name, secret)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nats.password").write_text(SECRETS["NODE_PASSWORD"])
    return tmp_path


@pytest.fixture
def server(folder) -> Iterator[NatsServer]:
    running = NatsServer(folder)
    shown = block("conf", "authorization").replace("listen: 0.0.0.0:4222\n", "")
    running.configure(shown)
    running.start()
    yield running
    running.kill()


def publish(plan: StreamPlan, *ids: str) -> None:
    """Send letters as the node does."""
    letters = tuple(outbox.Letter(one, json.dumps(one).encode()) for one in ids)
    until_then = datetime.now(UTC) + timedelta(seconds=60)
    claim = outbox.Claim("15:01/person_search", exchange.NATS, uuid4(), until_then, letters)

    async def run() -> list[exchange.Posted]:
        carrier = exchange.stream_carrier(
            plan, lambda: SIGNING, lambda: datetime.now(UTC), sender=HERE, seconds=5.0
        )
        posted = [await carrier.carry(claim, letter) for letter in letters]
        await carrier.close()
        return posted

    assert [one.fate.value for one in asyncio.run(run())] == ["taken"] * len(ids)


@pytest.fixture
def plan(server, folder) -> StreamPlan:
    secure = server.url.replace("nats:", "tls:")
    here = {"password": folder / "nats.password", "ca": folder / "server.pem"}
    return StreamPlan((secure,), "131016", "production", user="node", **here)


def test_a_unit_reads_its_letters_once_though_its_reader_is_killed(plan, folder):
    reader = folder / "reader.py"
    reader.write_text(block("python", "pull_subscribe"))
    publish(plan, "x-1", "x-2")
    env = os.environ | {"NATS_SERVER": plan.servers[0]}
    said = folder / "said"
    for wanted in (["x-1", "x-2"], ["x-1", "x-2", "x-3"]):
        with said.open("ab") as out:
            running = subprocess.Popen([sys.executable, reader], env=env, stdout=out, cwd=folder)
        try:
            until(partial(has_heard, said, wanted))
        finally:
            running.kill()
            running.wait()
        publish(plan, "x-3")


def has_heard(said: Path, wanted: list[str]) -> bool:
    return [json.loads(line) for line in said.read_text().splitlines()] == wanted


@pytest.mark.parametrize("subject", ["renkei.>", "_INBOX.>", "$JS.>"])
def test_a_unit_may_not_listen_to_what_is_anothers(plan, subject):
    complaints: list[str] = []

    async def complain(error: Exception) -> None:
        complaints.append(str(error).lower())

    async def run() -> None:
        client = Client()
        await client.connect(
            list(plan.servers),
            user="unit15",
            password=SECRETS["UNIT15_PASSWORD"],
            tls=plan.tls(),
            inbox_prefix="_INBOX.unit15",
            error_cb=complain,
        )
        await client.subscribe(subject)
        await client.flush()
        with pytest.raises(Silence):
            await client.jetstream(timeout=0.5).get_msg(plan.stream, 1)
        await client.close()

    publish(plan, "x-1")
    asyncio.run(run())
    assert any("permissions violation for subscription" in one for one in complaints)
    assert any("permissions violation for publish" in one for one in complaints)
