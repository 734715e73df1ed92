"""A peer's answer to a passed message is believed whole, or nothing of it is left on disk."""

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
from starlette.types import ASGIApp
from tests.federation.site import CLIENT, B, Site, clock

from renkei.exchange import (
    Answer,
    Body,
    BodyLimits,
    Question,
    Receive,
    Scope,
    Send,
    envelope,
    service_call,
)
from renkei.federation.channel import Channel
from renkei.federation.door import sign
from renkei.federation.errors import AnswerTooLarge, AnswerUntrusted, PeerBrokeOff
from renkei.federation.passing import Arrival, Message, depart, travel

NUMBER = "00000000-0000-4000-8000-000000000001"
BODY = bytes(1 << 20)  # more than waits in memory
LIMITS = BodyLimits(size=len(BODY))


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site.create(tmp_path_factory.mktemp("keys"))


def door(site: Site, told: bytes, *, length: int | None = None) -> ASGIApp:
    """Return a door of B that signs for `BODY` and sends something."""

    async def answering(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive()).get("more_body"):
            continue
        question = Question.received(scope, b"")
        fields = (("x-road-request-id", NUMBER), ("content-length", str(length or len(told))))
        plain = Answer(200, fields)
        digest = hashlib.sha256(BODY).digest()
        signed, _ = sign(plain, question, site.b, at=clock(), carried=digest)
        head = [(name.encode(), value.encode()) for name, value in signed.fields]
        await send({"type": "http.response.start", "status": 200, "headers": head})
        await send({"type": "http.response.body", "body": told, "more_body": length is not None})

    return answering


def travelled(site: Site, folder: Path) -> Arrival:
    """Send a message of A to B's door."""

    async def sent(channel: Channel) -> Arrival:
        call = service_call(f"/r1/JP/MUN/{B}/31/boats")
        fields = (("x-road-client", CLIENT), ("x-road-id", "m-1"), ("pf-mode", "test"))
        message = Message(NUMBER, "GET", envelope(fields, instance="JP"), call)
        peer = site.members.by_id(B)
        departure = depart(message, peer, fields, Body.of(b""), site.a, at=clock())
        return await travel(channel, departure, LIMITS, folder, at=clock())

    return site.converse(sent)


def open_files(folder: Path) -> list[str]:
    """Return the files below a folder that this process has open, nameless ones too."""
    found = []
    for file in Path("/proc/self/fd").iterdir():
        with suppress(OSError):  # the one of this very list
            found.append(str(file.readlink()))
    return [name for name in found if name.startswith(str(folder))]


@pytest.mark.clause("RK-17.5")
def test_a_large_answer_waits_in_a_file_until_it_is_let_go(site: Site, tmp_path: Path) -> None:
    with site.open(door(site, BODY)):
        arrival = travelled(site, tmp_path)
    assert arrival.passed.body.size == len(BODY)
    assert len(open_files(tmp_path)) == 1
    arrival.passed.body.close()
    assert open_files(tmp_path) == []


@pytest.mark.parametrize(
    ("told", "length", "error"),
    [
        (b"x" + BODY[1:], None, AnswerUntrusted),
        (BODY[1:], None, AnswerUntrusted),
        (BODY + b"x", None, AnswerTooLarge),
        (BODY[1:], len(BODY), PeerBrokeOff),
    ],
)
def test_of_an_answer_that_is_not_the_signed_one_nothing_is_left(
    site: Site, tmp_path: Path, told: bytes, length: int | None, error: type[Exception]
) -> None:
    with site.open(door(site, told, length=length)), pytest.raises(error) as caught:
        travelled(site, tmp_path)
    assert open_files(tmp_path) == []
    assert caught.tb is not None  # which keeps alive whatever was not let go
