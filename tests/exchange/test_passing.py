"""A system may take long over a large body, not over its answer; what it does wrong is said."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import uvicorn
from tests.exchange.serving import serving

from renkei.exchange import (
    Body,
    BodyLimits,
    Passed,
    Provider,
    ProviderAnswerTooLarge,
    ProviderBrokeOff,
    ProviderLine,
    ProviderSilent,
    ProviderUnreachable,
    Receive,
    Scope,
    Send,
)
from renkei.exchange.passing import IDLE_SECONDS

SECONDS = 0.4
LIMITS = BodyLimits(size=16 << 20)


async def system(scope: Scope, receive: Receive, send: Send) -> None:
    """Take its time with a body, or with the answer, as the path says."""
    if scope["type"] != "http":
        return
    size, more = 0, True
    while more:
        message = await receive()
        size += len(message.get("body", b""))
        more = message.get("more_body", False)
        if scope["path"] == "/slow":
            await asyncio.sleep(0.02)
    if scope["path"] == "/silent":
        await asyncio.sleep(3 * SECONDS)
    length = 32 << 20 if scope["path"] == "/huge" else len(str(size))
    head = [(b"content-length", str(length).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    await send({"type": "http.response.body", "body": str(size).encode().ljust(length)})


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    config = uvicorn.Config(system, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    with serving(config) as found:
        yield found


def asked(port: int, path: str, folder: Path, size: int = 0) -> tuple[int, bytes]:
    provider = Provider("31", "x", f"http://127.0.0.1:{port}", {}, seconds=SECONDS)

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(size >> 20):
            yield bytes(1 << 20)

    async def talk() -> tuple[int, bytes]:
        async with ProviderLine(LIMITS, folder) as line:
            with await Body.read(pieces(), LIMITS, folder) as body:
                passed: Passed = await line.ask(provider, "POST", f"{provider.url}{path}", (), body)
            with passed.body as told:
                return passed.answer.status, b"".join([one async for one in told.pieces()])

    return asyncio.run(talk())


def test_a_large_body_may_take_longer_than_a_system_may_be_silent(port, tmp_path):
    assert asked(port, "/slow", tmp_path, size=8 << 20) == (200, str(8 << 20).encode())


def test_a_system_that_is_silent_is_given_up(port, tmp_path):
    with pytest.raises(ProviderSilent):
        asked(port, "/silent", tmp_path)


def test_an_answer_over_the_limit_is_none(port, tmp_path):
    with pytest.raises(ProviderAnswerTooLarge):
        asked(port, "/huge", tmp_path)


def test_a_system_that_is_away_or_speaks_no_http_is_said(tmp_path):
    async def babble(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail ready\r\n")
        writer.close()

    async def talk() -> None:
        server = await asyncio.start_server(babble, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with ProviderLine(LIMITS, tmp_path) as line:
            provider = Provider("31", "x", f"http://127.0.0.1:{port}", {}, seconds=SECONDS)
            with pytest.raises(ProviderBrokeOff):
                await line.ask(provider, "GET", provider.url, (), Body.of(b""))
            server.close()
            await server.wait_closed()
            with pytest.raises(ProviderUnreachable):
                await line.ask(provider, "GET", provider.url, (), Body.of(b""))

    asyncio.run(talk())


def test_a_system_that_ends_a_resting_connection_loses_no_message(tmp_path):
    """It ends one just as the next message comes on it, as a server does whose clock ran out."""
    accepted = []

    async def impatient(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.append(1)
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        await reader.read(1)
        writer.close()

    async def talk() -> list[int]:
        async with (
            await asyncio.start_server(impatient, "127.0.0.1", 0) as server,
            ProviderLine(LIMITS, tmp_path) as line,
        ):
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            provider = Provider("31", "x", url, {}, seconds=SECONDS)
            told = []
            for _ in range(2):
                passed = await line.ask(provider, "POST", url, (), Body.of(b""))
                told.append(passed.answer.status)
                await asyncio.sleep(IDLE_SECONDS * 1.1)
            return told

    assert asyncio.run(talk()) == [200, 200]
    assert len(accepted) == 2
