"""What is wrong with the line to a NATS server is found and said in words, by doctor and sender."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from cryptography.x509.oid import ExtendedKeyUsageOID
from nats.js import JetStreamContext
from nats.js.api import StorageType, StreamConfig
from tests.app.nats_parties import Party, party
from tests.app.nats_server import NatsServer, nats_server
from tests.app.office import HERE

from renkei import exchange, kit
from renkei.app.operations import doctor
from renkei.exchange import StreamPlan, outbox

SIGNING = exchange.SigningKey.generate()
SECRET = "what the node and the server know"


def now() -> datetime:
    return datetime.now(UTC)


def test_the_doctor_says_in_words_how_the_line_stands(tmp_path):
    with nats_server(tmp_path) as server:
        missing = asyncio.run(doctor._stream(plan(server)))
        sent(plan(server))
        good = asyncio.run(doctor._stream(plan(server)))
    away = asyncio.run(doctor._stream(plan(server)))
    assert [one.verdict for one in (missing, good, away)] == ["warning", "good", "bad"]
    assert "renkei-test-131016" in good.text("ja")
    assert "1 letters" in good.text("en")
    assert server.url in away.text("ja")
    assert "the package nats-server" in away.text("en")


def plan(server: NatsServer, **other: object) -> StreamPlan:
    return replace(StreamPlan((server.url,), "131016", "test"), **other)  # type: ignore[arg-type]


def seen(wanted: StreamPlan) -> str:
    """Return what the doctor's look comes to: an error's code, or good."""
    try:
        asyncio.run(exchange.look_at_stream(wanted, seconds=2.0))
    except kit.NodeError as error:
        return error.code() if error.text("ja") != error.text("en") else "untranslated"
    return "good"


def sent(wanted: StreamPlan) -> exchange.Posted:
    """Send one letter and return what became of it."""
    letter = outbox.Letter("x-1", b"{}")
    at = now()
    claim = outbox.Claim("15:01/x", "nats:", uuid4(), at, (letter,))

    async def run() -> exchange.Posted:
        carrier = exchange.stream_carrier(wanted, lambda: SIGNING, now, sender=HERE, seconds=2.0)
        try:
            return await carrier.carry(claim, letter)
        finally:
            await carrier.close()

    return asyncio.run(run())


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(f"{SECRET}\n")
    return file


def test_nobody_there(tmp_path):
    server = NatsServer(tmp_path)
    assert seen(plan(server)) == "nats-unreachable"
    assert sent(plan(server)).reason == "nats-unreachable"


def test_a_stream_that_is_not_made_yet_is_made_by_the_first_letter_and_not_by_a_look(tmp_path):
    with nats_server(tmp_path) as server:
        assert seen(plan(server)) == "nats-stream-missing"
        assert seen(plan(server)) == "nats-stream-missing"
        assert sent(plan(server)).fate is exchange.Fate.taken
        assert seen(plan(server)) == "good"


def test_a_server_without_jetstream_keeps_nothing(tmp_path):
    with nats_server(tmp_path, "") as server:
        assert seen(plan(server)) == "nats-without-jet-stream"
        assert sent(plan(server)).reason == "nats-without-jet-stream"


@pytest.mark.clause("RK-12.8")
@pytest.mark.parametrize(
    "other",
    [
        {"subjects": ["renkei.>"]},
        {"subjects": ["renkei.test.131016.>", "more"]},
        {"storage": StorageType.MEMORY},
        {"duplicate_window": 5.0},
    ],
)
def test_a_stream_that_would_mix_or_lose_letters_is_given_none(tmp_path, other):
    async def make(stream: JetStreamContext) -> None:
        good = StreamConfig(
            "renkei-test-131016", subjects=["renkei.test.131016.>"], storage=StorageType.FILE
        )
        await stream.add_stream(replace(good, **other))

    with nats_server(tmp_path) as server:
        server.does(make)
        assert seen(plan(server)) == "nats-stream-unfit"
        assert sent(plan(server)).reason == "nats-stream-unfit"


def test_who_is_not_known_is_not_let_in_and_told_so(tmp_path, password):
    store = NatsServer(tmp_path).store
    users = f'authorization {{ user: "node", password: "{SECRET}" }}'
    with nats_server(tmp_path, store, users) as server:
        known = plan(server, user="node", password=password)
        assert seen(plan(server)) == "nats-not-let-in"
        assert sent(replace(known, user="other")).reason == "nats-not-let-in"
        assert sent(known).fate is exchange.Fate.taken
        password.write_text("another")
        assert seen(known) == "nats-not-let-in"
        password.unlink()
        assert seen(known) == "nats-file-unreadable"


def test_who_may_not_publish_is_told_so_and_no_letter_is_lost(tmp_path, password):
    store = NatsServer(tmp_path).store
    may = 'publish: ["$JS.API.STREAM.>"], subscribe: "_INBOX.>"'
    users = (
        f'authorization {{ users: [{{ user: node, password: "{SECRET}", '
        f"permissions: {{ {may} }} }}] }}"
    )
    with nats_server(tmp_path, store, users) as server:
        posted = sent(plan(server, user="node", password=password))
        assert (posted.fate, posted.reason) == (exchange.Fate.away, "nats-not-let-in")


@pytest.fixture
def parties(tmp_path) -> dict[str, Party]:
    client, server = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH
    uses = {"server": server, "node": client, "stranger": client}
    return {name: party(tmp_path, name, use) for name, use in uses.items()}


@pytest.fixture
def encrypted(tmp_path, parties) -> Iterator[StreamPlan]:
    """Run a server that lets in who shows the node's certificate."""
    store, own, node = NatsServer(tmp_path).store, parties["server"], parties["node"]
    tls = (
        f'tls {{ cert_file: "{own.certificate}", key_file: "{own.key}", '
        f'ca_file: "{node.certificate}", verify: true }}'
    )
    with nats_server(tmp_path, store, tls) as server:
        yield plan(
            server,
            servers=(server.url.replace("nats:", "tls:"),),
            ca=own.certificate,
            certificate=node.certificate,
            key=node.key,
        )


@pytest.mark.clause("RK-12.11")
def test_server_and_node_know_each_other_by_certificate(encrypted, parties):
    assert sent(encrypted).fate is exchange.Fate.taken
    assert seen(encrypted) == "good"
    stranger = parties["stranger"]
    assert seen(replace(encrypted, ca=stranger.certificate)) == "nats-not-trusted"
    shown = replace(encrypted, certificate=stranger.certificate, key=stranger.key)
    assert seen(shown) == "nats-not-trusted"
    assert sent(shown).fate is exchange.Fate.away
    assert seen(replace(encrypted, certificate=None, key=None)) == "nats-not-trusted"


@pytest.mark.clause("RK-12.11")
def test_to_a_server_that_offers_no_tls_not_even_the_password_is_said(tmp_path, password):
    """A server in clear logs what it was shown; ours is reached by an address that wants TLS."""
    store = NatsServer(tmp_path).store
    users = f'authorization {{ user: "node", password: "{SECRET}" }}\ndebug: true\ntrace: true'
    with nats_server(tmp_path, store, users) as server:
        secure = (server.url.replace("nats:", "tls:"),)
        wanted = plan(server, servers=secure, user="node", password=password)
        assert seen(wanted) == "nats-in-clear"
        assert sent(wanted).reason == "nats-in-clear"
        said = (tmp_path / "nats.log").read_text()
        assert "CONNECT" not in said
        assert sent(replace(wanted, servers=(server.url,))).fate is exchange.Fate.taken
        assert "CONNECT" in (tmp_path / "nats.log").read_text()


WITHOUT = """
import sys
sys.modules["nats"] = None  # as on a machine where it was never installed
from renkei import exchange
try:
    exchange.check_stream_library()
except exchange.NatsNotInstalled as error:
    print(error.text("ja"), error.text("en"))
"""


def test_without_the_library_a_person_is_told_what_to_install():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert done.stdout.count("pip install nats-py") == 2
