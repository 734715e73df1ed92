"""A body is read whole within its limits, whatever its size, and nothing of a refused one stays."""

import asyncio
import errno
import hashlib
import os
import resource
from collections.abc import AsyncIterator, Iterable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.memory import peak_of

from renkei.exchange import BodyBroken, BodyLate, BodyTooLarge, BodyWithoutRoom
from renkei.exchange.bodies import IN_MEMORY, Body, BodyLimits, received


async def in_pieces(pieces: Iterable[bytes], pause: float = 0.0) -> AsyncIterator[bytes]:
    for piece in pieces:
        await asyncio.sleep(pause)
        yield piece


async def whole(body: Body) -> bytes:
    with body:
        return b"".join([piece async for piece in body.pieces()])


def read(pieces: Iterable[bytes], folder: Path, limits: BodyLimits | None = None) -> Body:
    return asyncio.run(Body.read(in_pieces(pieces), limits or BodyLimits(), folder, sha512=True))


@given(st.lists(st.binary(max_size=100), max_size=20))
def test_what_comes_is_what_is_given_and_its_digests_fit(pieces):
    body = read(pieces, Path("/nonexistent"))
    data = b"".join(pieces)
    assert asyncio.run(whole(body)) == data
    assert (body.size, body.sha256) == (len(data), hashlib.sha256(data).digest())
    assert body.sha512 == (hashlib.sha512(data).digest() if data else b"")
    assert body.file is None


@pytest.mark.parametrize("size", [IN_MEMORY, IN_MEMORY + 1, 3 << 20])
def test_a_large_body_waits_on_disk_without_a_name_and_can_be_read_twice(tmp_path, size):
    data = bytes(range(256)) * (size // 256) + bytes(size % 256)
    body = read([data[n : n + 65_536] for n in range(0, size, 65_536)], tmp_path)
    assert (body.file is not None) == (size > IN_MEMORY)
    assert not list(tmp_path.iterdir())

    async def twice() -> None:
        for _ in range(2):
            got = b"".join([piece async for piece in body.pieces()])
            assert hashlib.sha256(got).digest() == body.sha256 == hashlib.sha256(data).digest()

    asyncio.run(twice())
    body.close()


def test_memory_does_not_grow_with_the_body(tmp_path):
    piece = bytes(65_536)
    _, peak = peak_of(lambda: read((piece for _ in range(1_600)), tmp_path).close())
    assert peak < 8 << 20 < 1_600 * len(piece)


@pytest.mark.clause("RK-17.13")
def test_a_body_the_disk_has_no_room_for_is_refused_by_that_name(tmp_path):
    size, most = 3 << 20, resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, most[1]))
    try:
        with pytest.raises(BodyWithoutRoom) as raised:
            read([bytes(65_536)] * (size // 65_536), tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, most)
    assert raised.value.facts["reason"] == os.strerror(errno.EFBIG)


@pytest.mark.clause("RK-17.10")
def test_a_body_over_its_limit_is_refused_at_the_first_byte_too_many(tmp_path):
    limits = BodyLimits(size=1 << 20)
    with read([bytes(1 << 20)], tmp_path, limits) as body:
        assert body.size == 1 << 20
    with pytest.raises(BodyTooLarge, match="1048576"):
        read([bytes(1 << 20), b"x"], tmp_path, limits)


@pytest.mark.clause("RK-17.10")
def test_a_sender_who_stands_still_is_given_up(tmp_path):
    async def late() -> None:
        await Body.read(in_pieces([b"a", b"b"], 0.5), BodyLimits(seconds=0.05), tmp_path)

    with pytest.raises(BodyLate):
        asyncio.run(late())


@pytest.mark.clause("RK-17.5")
def test_a_body_that_breaks_off_is_none(tmp_path):
    half: dict[str, object] = {"type": "http.request", "body": b"half", "more_body": True}
    gone: dict[str, object] = {"type": "http.disconnect"}
    messages = iter([half, gone])

    async def receive() -> dict[str, object]:
        return next(messages)

    with pytest.raises(BodyBroken):
        asyncio.run(Body.read(received(receive), BodyLimits(), tmp_path))
