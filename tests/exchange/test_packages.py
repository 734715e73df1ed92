"""An envelope is found at the beginning of its package; what could be read in two ways is not."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.memory import peak_of

from renkei import exchange
from renkei.exchange import Body, BodyLimits, Package, is_related, open_package
from renkei.exchange.packages import LONGEST, LONGEST_HEAD
from renkei.kit import NodeError

RELATED = 'multipart/related; type="text/xml"; boundary="b.1"'
HEAD = b"Content-Type: text/xml; charset=utf-8\r\nContent-ID: <root>\r\n"
SOAP = b"<e:Envelope>\r\n\xe9\xab\x98</e:Envelope>"
SECOND = b"Content-ID: <one>\r\n\r\n\x00\xff--b\r\n"


def packed(*parts: bytes, mark: bytes = b"b.1") -> bytes:
    return b"".join(b"--%s\r\n%s\r\n" % (mark, part) for part in parts) + b"--%s--\r\n" % mark


WHOLE = packed(HEAD + b"\r\n" + SOAP, SECOND)


async def gives(data: bytes, size: int = 1 << 16) -> AsyncIterator[bytes]:
    for begin in range(0, len(data), size):
        yield data[begin : begin + size]


def opened(data: bytes, kind: str = RELATED, size: int = 1 << 16) -> Package:
    return asyncio.run(open_package(gives(data, size), kind))


def read_again(data: bytes, kind: str = RELATED, size: int = 1 << 16) -> bytes:
    async def read() -> bytes:
        pieces = gives(data, size)
        package = await open_package(pieces, kind)
        return b"".join([piece async for piece in package.whole(pieces)])

    return asyncio.run(read())


@pytest.mark.parametrize("lead", [b"", b"\r\n"])
def test_the_envelope_is_found_as_it_was_sent(lead):
    package = opened(lead + WHOLE)
    assert (package.envelope, package.kind) == (SOAP, "text/xml; charset=utf-8")
    assert package.has_attachments
    assert not opened(lead + packed(HEAD + b"\r\n" + SOAP)).has_attachments


def test_an_envelope_alone_is_a_package(tmp_path: Path):
    package = opened(SOAP, "text/xml")
    assert (package.envelope, package.kind, package.has_attachments) == (SOAP, "text/xml", False)
    assert package.replaced(b"<a/>", Body.of(SOAP)).data == b"<a/>"


@given(st.binary(max_size=300), st.integers(1, 400))
def test_all_of_it_comes_again_however_it_was_cut(content, size):
    if b"--b.1" in content:
        return
    data = packed(HEAD + b"\r\n" + SOAP, b"\r\n" + content)
    assert read_again(data, size=size) == data


@given(st.binary(max_size=400))
def test_no_bytes_are_read_or_refused_otherwise_than_said(data):
    try:
        assert read_again(data) == data
    except exchange.PackageMalformed:
        return


@given(st.integers(0, len(WHOLE) - 3), st.integers(1, 400))
def test_no_beginning_of_a_package_is_taken_for_one(end, size):
    with pytest.raises(exchange.PackageMalformed):
        read_again(WHOLE[:end], size=size)


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/related",
        "multipart/related; boundary=",
        "multipart/related; boundary=b.1; boundary=b.2",
        "multipart/related; boundary=b.1; Boundary=b.1",
        "multipart/related; boundary*0=b; boundary*1=.1",
        "multipart/related; boundary*=utf-8''b.1",
        f"multipart/related; boundary={'b' * 71}",
        'multipart/related; boundary="b 1"',
        'multipart/related; boundary="b\\"1"',
        "multipart/related; boundary=高",
        'multipart/related; boundary=b.1; start="<other>"',
        'multipart/related; boundary=b.1; start="<root>"; start="<other>"',
    ],
)
def test_a_type_that_two_readers_read_in_two_ways_is_refused(kind):
    with pytest.raises(exchange.PackageMalformed):
        opened(WHOLE, kind)


@pytest.mark.parametrize("start", ['"<root>"', "<root>", "root"])
def test_start_may_name_the_first_part(start):
    assert opened(WHOLE, f"{RELATED}; start={start}").envelope == SOAP


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"preamble\r\n" + WHOLE,
        WHOLE.replace(b"\r\n", b"\n"),
        WHOLE.replace(b"--b.1\r\n", b"--b.10\r\n", 1),
        packed(b"\r\n", mark=b"b.2"),
        packed(HEAD + HEAD + b"\r\n" + SOAP),
        packed(HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + SOAP),
        packed(HEAD + b"Content-Transfer-Encoding: quoted-printable\r\n\r\n" + SOAP),
        packed(HEAD + b"Content-Transfer-Encoding: 8bit\r\n" * 2 + b"\r\n" + SOAP),
        packed(HEAD + b"no field\r\n\r\n" + SOAP),
        packed(HEAD + b"X: \xff\r\n\r\n" + SOAP),
        packed(HEAD + b"X: a\nContent-Type: text/html\r\n\r\n" + SOAP),
        packed(HEAD + b"X: " + b"a" * LONGEST_HEAD + b"\r\n\r\n" + SOAP),
        packed(HEAD + b"X: a\r\n" * 40 + b"\r\n" + SOAP),
        packed(HEAD + b"\r\n" + SOAP + b"\n--b.1\n" + SOAP),
        packed(HEAD + b"\r\n" + SOAP + b"\r\n--b.1x\r\n"),
        packed(HEAD + b"\r\n" + b"a" * (LONGEST + 1)),
        packed(HEAD + b"\r\n" + b"a" * (8 * LONGEST)),
        b"--b.1\r\n" + HEAD + b"\r\n" + SOAP,
        b"--b.1\r\n" + HEAD,
    ],
)
def test_what_is_no_package_is_refused(data):
    with pytest.raises(exchange.PackageMalformed):
        opened(data)


def test_an_envelope_alone_has_the_same_limit():
    with pytest.raises(exchange.PackageMalformed):
        opened(b"a" * (LONGEST + 1), "text/xml")


def test_a_package_cut_off_after_its_envelope_is_seen_at_its_end():
    for end in (len(WHOLE) - 3, len(WHOLE) - 9):
        assert opened(WHOLE[:end]).envelope == SOAP
        with pytest.raises(exchange.PackageMalformed):
            read_again(WHOLE[:end], size=7)


def test_another_part_may_be_multipart_itself():
    inner = b"Content-Type: multipart/mixed; boundary=c\r\n\r\n" + packed(SECOND, mark=b"c")
    data = packed(HEAD + b"\r\n" + SOAP, inner)
    assert read_again(data) == data


@pytest.mark.parametrize("size", [100, 1 << 20])
def test_the_envelope_is_replaced_and_what_follows_is_left_alone(tmp_path: Path, size):
    async def replaced() -> bytes:
        data = packed(HEAD + b"\r\n" + SOAP, b"\r\n" + bytes(size))
        with await Body.read(gives(data), BodyLimits(), tmp_path) as body:
            assert (body.file is None) == (size == 100)
            package = await open_package(body.pieces(), RELATED)
            other = package.replaced(b"<other/>", body)
            told = b"".join([piece async for piece in other.pieces()])
            assert other.size == len(told)
            return told

    assert asyncio.run(replaced()) == packed(HEAD + b"\r\n<other/>", b"\r\n" + bytes(size))


def test_the_type_is_told_by_its_name():
    assert is_related("Multipart/Related; boundary=a")
    assert not is_related("multipart/mixed; boundary=a")
    assert issubclass(exchange.PackageMalformed, NodeError)


def test_memory_does_not_grow_with_what_is_attached():
    async def attached() -> AsyncIterator[bytes]:
        yield b"--b.1\r\n" + HEAD + b"\r\n" + SOAP + b"\r\n--b.1\r\n\r\n"
        for _ in range(1024):
            yield bytes(64 << 10)
        yield b"\r\n--b.1--\r\n"

    async def size() -> int:
        pieces = attached()
        package = await open_package(pieces, RELATED)
        return sum([len(piece) async for piece in package.whole(pieces)])

    whole, peak = peak_of(lambda: asyncio.run(size()))
    assert peak < 4 << 20 < 64 << 20 < whole
