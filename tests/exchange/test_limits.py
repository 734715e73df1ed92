"""What is too large or too slow is refused before anyone reads it."""

from collections.abc import Iterator

import pytest
import uvicorn
from tests.exchange.serving import exchange_bytes, serving

from renkei.exchange import Answer, Limits, Receive, Scope, Send, guarded, read_body
from renkei.kit import NodeError

LIMITS = Limits(body=1 << 20, headers=4096, count=20, seconds=0.3)


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body, or with the code of the error."""
    try:
        body = await read_body(scope, receive, LIMITS)
        answer = Answer(200, (), f"{len(body)}".encode())
    except NodeError as error:
        answer = Answer(error.status, (), error.code().encode())
    await answer(scope, receive, send)


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    config = uvicorn.Config(
        echo, port=0, http=guarded(LIMITS), ws="none", lifespan="off", log_config=None
    )
    with serving(config) as opened:
        yield opened


def post(length: int, *more: bytes) -> bytes:
    lines = [b"POST / HTTP/1.1", b"host: x", b"connection: close", *more]
    return b"\r\n".join([*lines, f"content-length: {length}".encode(), b"", b""])


@pytest.mark.clause("RK-10.1")
def test_a_body_of_exactly_the_limit_is_read(port: int) -> None:
    said = exchange_bytes(port, post(1 << 20) + b"x" * (1 << 20))
    assert said.startswith(b"HTTP/1.1 200")
    assert said.endswith(b"1048576")


@pytest.mark.clause("RK-10.1")
@pytest.mark.parametrize("size", [(1 << 20) + 1, 3 << 20])
def test_a_longer_body_is_refused_and_the_sender_reads_why(port: int, size: int) -> None:
    said = exchange_bytes(port, post(size) + b"x" * size)
    assert said.startswith(b"HTTP/1.1 413")
    assert said.endswith(b"body-too-large")


def test_a_body_announced_as_far_too_long_is_refused_at_once(port: int) -> None:
    assert exchange_bytes(port, post(1 << 40)).startswith(b"HTTP/1.1 413")


def test_a_body_without_a_length_has_the_same_limit(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    chunk = b"10000\r\n" + b"x" * 65536 + b"\r\n"
    assert exchange_bytes(port, head, *[chunk] * 17, b"0\r\n\r\n").startswith(b"HTTP/1.1 413")


@pytest.mark.clause("RK-10.1")
def test_a_body_that_stops_arriving_is_refused_in_time(port: int) -> None:
    said = exchange_bytes(port, post(10) + b"x")
    assert said.startswith(b"HTTP/1.1 408")
    assert said.endswith(b"body-late")


@pytest.mark.clause("RK-10.1")
@pytest.mark.parametrize("said", [b"", b"POST / HTTP/1.1\r\nhost: x\r\n"])
def test_headers_that_stop_arriving_are_refused_in_time(port: int, said: bytes) -> None:
    assert exchange_bytes(port, said).startswith(b"HTTP/1.1 408")


@pytest.mark.clause("RK-10.1")
@pytest.mark.parametrize(
    "more",
    [(b"x: " + b"y" * 5000,), tuple(b"x%d: y" % n for n in range(30))],
)
def test_headers_beyond_the_limit_are_refused(port: int, more: tuple[bytes, ...]) -> None:
    assert exchange_bytes(port, post(0, *more)).startswith(b"HTTP/1.1 431")


def test_a_header_that_never_ends_is_refused_before_it_ends(port: int) -> None:
    pieces = [b"GET / HTTP/1.1\r\nx: ", *[b"y" * 2000] * 4]
    assert exchange_bytes(port, *pieces, pause=0.02).startswith(b"HTTP/1.1 431")


def test_a_header_after_the_body_is_refused(port: int) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n"
    said = exchange_bytes(port, head, b"0\r\npf-subject: 1\r\n\r\n", pause=0.05)
    assert said.startswith(b"HTTP/1.1 431")


def test_what_is_no_http_is_refused(port: int) -> None:
    assert exchange_bytes(port, b"\x16\x03\x01\x02\x00").startswith(b"HTTP/1.1 400")


def test_a_connection_is_used_again_with_a_clock_of_its_own(port: int) -> None:
    ask = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"
    last = b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    said = exchange_bytes(port, ask, ask, last, pause=0.2)
    assert said.count(b"HTTP/1.1 200") == 3
