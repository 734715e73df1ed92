"""A peer that cannot be reached is left alone for a while, probed once, and asked again.

RK-2.12: after line failures in a row a peer is paused; what it signed is no line failure.
"""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.federation.site import B, Site, clock, membership

from renkei.app.errors import NodeDraining
from renkei.exchange import Answer
from renkei.federation.breaker import (
    LONGEST_PAUSE,
    MOST_FAILURES,
    PROBE_SECONDS,
    Breaker,
)
from renkei.federation.channel import Channel, body_of
from renkei.federation.errors import ModeDiffers, PeerBusy, PeerPaused, PeerUnreachable
from renkei.kit import NodeError


class Moved:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


def opened(moved: Moved, chance: float = 1.0) -> Breaker:
    breaker = Breaker(moved, lambda: chance)
    for _ in range(MOST_FAILURES):
        assert breaker.enter() == "closed"
        breaker.failed(is_probe=False)
    assert breaker.state == "open"
    return breaker


def test_one_answer_between_failures_begins_the_count_anew() -> None:
    breaker = Breaker(Moved(), lambda: 1.0)
    for _ in range(3 * MOST_FAILURES):
        breaker.failed(is_probe=False)
        breaker.succeeded()
        assert breaker.enter() == "closed"


def test_of_many_that_come_after_the_pause_one_alone_is_let_through() -> None:
    moved = Moved()
    breaker = opened(moved)
    moved.at += 1.0
    entered = [breaker.enter() for _ in range(50)]
    assert entered.count("probe") == 1
    assert all(one == PROBE_SECONDS for one in entered[1:])
    breaker.succeeded()
    assert (breaker.enter(), breaker.state) == ("closed", "closed")


def test_each_probe_that_fails_doubles_the_pause_up_to_a_bound() -> None:
    moved = Moved()
    breaker = opened(moved)
    pauses = []
    for _ in range(10):
        wait = breaker.enter()
        assert isinstance(wait, float)
        pauses.append(wait)
        moved.at += wait
        assert breaker.enter() == "probe"
        breaker.failed(is_probe=True)
    assert pauses[:4] == [1.0, 2.0, 4.0, 8.0]
    assert pauses[-1] == LONGEST_PAUSE


def test_what_was_under_way_before_the_pause_does_not_lengthen_it() -> None:
    moved = Moved()
    breaker = opened(moved)
    for _ in range(100):
        breaker.failed(is_probe=False)
    assert breaker.enter() == 1.0
    moved.at += 1.0
    assert breaker.enter() == "probe"
    breaker.failed(is_probe=False)  # not the probe's word
    assert breaker.state == "half-open"


def test_a_probe_that_says_nothing_or_is_called_off_makes_room_for_another() -> None:
    moved = Moved()
    breaker = opened(moved)
    moved.at += 1.0
    assert breaker.enter() == "probe"
    moved.at += PROBE_SECONDS
    assert breaker.enter() == "probe"
    breaker.gave_up(is_probe=True)
    assert (breaker.state, breaker.enter()) == ("open", "probe")


@given(st.floats(0, 1), st.lists(st.sampled_from(["fail", "answer", "leave", "wait"])))
def test_nobody_waits_longer_than_the_longest_pause(chance: float, deeds: list[str]) -> None:
    moved = Moved()
    breaker = Breaker(moved, lambda: chance)
    for deed in deeds * 3:
        entered = breaker.enter()
        if isinstance(entered, float):
            assert 0 < entered <= LONGEST_PAUSE
            moved.at += entered if deed == "wait" else 0.1
        elif deed == "fail":
            breaker.failed(is_probe=entered == "probe")
        elif deed == "answer":
            breaker.succeeded()
            assert breaker.state == "closed"
        else:
            breaker.gave_up(is_probe=entered == "probe")


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Site:
    return Site.create(tmp_path_factory.mktemp("breaker"))


def states(channel: Channel) -> list[str]:
    """Return how the lines to B's nodes stand."""
    return [one.state for one in channel.lines() if one.peer == B]


async def ask(channel: Channel) -> str:
    try:
        await channel.call(B, "POST", "/inquiry", b"{}", at=clock())
    except NodeError as error:
        return error.code()
    return "answered"


@pytest.mark.clause("RK-2.12")
def test_a_peer_that_is_away_is_paused_and_asked_again_when_it_is_back(site) -> None:
    moved = Moved()

    async def while_away(channel: Channel) -> list[str]:
        return [await ask(channel) for _ in range(MOST_FAILURES + 3)]

    async def talk() -> None:
        async with Channel(
            membership(site.a, site.members), clock=moved, chance=lambda: 1.0
        ) as channel:
            told = await while_away(channel)
            assert told == ["peer-unreachable"] * MOST_FAILURES + ["peer-paused"] * 3
            assert states(channel) == ["open"]
            with pytest.raises(PeerPaused) as paused:
                await channel.call(B, "POST", "/inquiry", b"{}", at=clock())
            assert paused.value.facts["seconds"] == 1
            assert isinstance(paused.value, PeerUnreachable)  # asked again, as a task
            door = site.open()
            await asyncio.to_thread(door.__enter__)
            try:
                before = await ask(channel)
                moved.at += 1.0
                after = [await ask(channel) for _ in range(3)]
            finally:
                await asyncio.to_thread(door.__exit__, None, None, None)
            assert (before, after) == ("peer-paused", ["answered"] * 3)
            assert states(channel) == ["closed"]

    asyncio.run(talk())


@pytest.mark.clause("RK-2.12")
def test_what_a_peer_signed_is_no_failure_of_the_line(site) -> None:
    def refuse(_caller: object, _at: object) -> Answer:
        raise ModeDiffers(theirs="drill", ours="test")

    async def talk(channel: Channel) -> list[str]:
        told = []
        for _ in range(3 * MOST_FAILURES):
            reply = await channel.call(B, "POST", "/inquiry", b"{}", at=clock())
            assert reply.fault is not None
            told.append(reply.fault.code)
        assert states(channel) == ["closed"]
        return told

    with site.open(site.door(refuse)):
        assert set(site.converse(talk)) == {"mode-differs"}


def test_a_peer_that_is_away_pauses_no_other(site) -> None:
    async def talk(channel: Channel) -> None:
        for _ in range(MOST_FAILURES + 1):
            assert "peer" in await ask(channel)
        with pytest.raises(PeerUnreachable) as other:
            await channel.call(site.a.id, "POST", "/inquiry", b"{}", at=clock())
        assert not isinstance(other.value, PeerPaused | PeerBusy)

    site.converse(talk)


def test_a_peer_that_takes_nothing_now_is_asked_again_and_its_line_stands(site) -> None:
    def drain(_caller: object, _at: object) -> Answer:
        raise NodeDraining(seconds=5)

    async def talk(channel: Channel) -> None:
        for _ in range(2 * MOST_FAILURES):
            reply = await channel.call(B, "POST", "/inquiry", b"{}", at=clock())
            with pytest.raises(PeerBusy) as busy:
                body_of(B, reply)
            assert isinstance(busy.value, PeerUnreachable)  # what a task waits for
        assert states(channel) == ["closed"]

    with site.open(site.door(drain)):
        site.converse(talk)
