"""Of several nodes of a member the soonest is asked; what may have arrived is sent once only."""

import asyncio
import time
from contextlib import ExitStack
from datetime import datetime

import msgspec
import pytest
from tests.federation.nodes import FIRST, SECOND, Two, unanswering
from tests.federation.site import B, clock, listed, row

from renkei import exchange
from renkei.app.demo.ecosystem import free_port
from renkei.app.errors import NodeDraining
from renkei.exchange import Answer, Receive, Scope, Send
from renkei.federation.breaker import MOST_FAILURES
from renkei.federation.channel import Channel, Reply
from renkei.federation.door import Caller
from renkei.federation.errors import (
    MembersMalformed,
    MembersRepeated,
    PeerBrokeOff,
    PeerCertificateWrong,
    PeerPaused,
    PeerSilent,
    PeerUnreachable,
)
from renkei.federation.lines import Line
from renkei.federation.member import Node
from renkei.federation.pace import FADES_SECONDS
from renkei.kit import Database


@pytest.fixture
def two(tmp_path, database: Database) -> Two:
    return Two.create(tmp_path, database)


async def ask(channel: Channel, message: str = "m-1") -> Reply:
    headers = [("x-road-id", message)]
    return await channel.call(B, "POST", "/inquiry", b"{}", headers, at=clock())


async def ask_all(channel: Channel, count: int) -> list[str]:
    """Ask one after the other; return which node answered."""
    return [(await ask(channel, f"m-{number}")).node for number in range(count)]


@pytest.mark.clause("RK-2.13")
def test_of_two_nodes_the_one_that_answers_sooner_is_asked(two: Two) -> None:
    with two.both(slow=0.2):
        nodes = two.converse(lambda channel: ask_all(channel, 30))
    assert len(two.heard[FIRST]) == 1  # it was measured once
    assert set(nodes[1:]) == {f"https://127.0.0.1:{two.ports[SECOND]}"}


@pytest.mark.clause("RK-2.13")
def test_a_slow_node_is_looked_at_again_by_one_question_though_many_come(two: Two) -> None:
    async def talk(channel: Channel) -> None:
        await ask_all(channel, 3)
        moved[0] += 10 * FADES_SECONDS
        await asyncio.gather(*(ask(channel, f"n-{number}") for number in range(8)))

    moved = [0.0]
    with two.both(slow=0.8):
        two.converse(talk, clock=lambda: moved[0])
    assert len(two.heard[FIRST]) <= 3
    assert len(two.heard[FIRST]) + len(two.heard[SECOND]) == 11


@pytest.mark.clause("RK-2.13")
def test_many_at_once_are_shared_by_nodes_of_one_pace(two: Two) -> None:
    async def many(channel: Channel) -> None:
        await ask_all(channel, 2)
        await asyncio.gather(*(ask(channel, f"n-{number}") for number in range(40)))

    with ExitStack() as stack:
        for which in (FIRST, SECOND):
            stack.enter_context(two.open(which, seconds=0.02))
        two.converse(many)
    assert min(len(two.heard[FIRST]), len(two.heard[SECOND])) >= 8


@pytest.mark.clause("RK-2.14")
@pytest.mark.parametrize("dead", [FIRST, SECOND])
def test_a_node_that_is_down_is_no_failure_while_another_one_answers(two: Two, dead: int) -> None:
    with two.open(1 - dead):
        nodes = two.converse(lambda channel: ask_all(channel, 10))
    assert set(nodes) == {f"https://127.0.0.1:{two.ports[1 - dead]}"}
    assert two.heard[1 - dead] == [f"m-{number}" for number in range(10)]


@pytest.mark.clause("RK-2.14")
def test_a_node_that_takes_no_connection_costs_one_question_its_three_seconds(two: Two) -> None:
    async def talk(channel: Channel) -> list[float]:
        took = []
        for number in range(5):
            begun = time.monotonic()
            assert (await ask(channel, f"m-{number}")).fault is None
            took.append(time.monotonic() - begun)
        return took

    with two.open(SECOND), unanswering(two.ports[FIRST]):
        took = two.converse(talk)
    assert 2.9 < took[0] < 5
    assert max(took[1:]) < 1


@pytest.mark.clause("RK-2.14", "RK-2.12")
def test_where_all_nodes_are_down_the_peer_is_and_each_has_a_breaker_of_its_own(two: Two) -> None:
    async def talk(channel: Channel) -> None:
        for number in range(MOST_FAILURES):
            with pytest.raises(PeerUnreachable) as caught:
                await ask(channel, f"m-{number}")
            assert type(caught.value) is PeerUnreachable
        assert [line.state for line in channel.lines()] == ["open", "open"]
        with pytest.raises(PeerPaused):
            await ask(channel)
        door = two.open(SECOND)
        await asyncio.to_thread(door.__enter__)
        try:
            moved[0] += 1.0
            assert (await ask(channel, "m-back")).fault is None
            assert sorted(line.state for line in channel.lines()) in (
                ["closed", "closed"],
                ["closed", "open"],
            )
        finally:
            await asyncio.to_thread(door.__exit__, None, None, None)

    moved = [0.0]
    two.converse(talk, clock=lambda: moved[0])
    assert two.heard == ([], ["m-back"])


@pytest.mark.clause("RK-2.14")
@pytest.mark.parametrize(
    ("seconds", "error"), [(1.0, PeerSilent), (None, PeerBrokeOff)], ids=["silent", "broken"]
)
def test_a_question_whose_fate_is_unknown_goes_to_no_other_node(
    two: Two, seconds: float | None, error: type[PeerUnreachable]
) -> None:
    async def breaking(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            two.heard[FIRST].append("m-1")
            start = {"type": "http.response.start", "status": 200, "headers": []}
            await send(start | {"headers": [(b"content-length", b"5")]})
            await send({"type": "http.response.body", "body": b"x", "more_body": False})

    async def talk(channel: Channel) -> str:
        with pytest.raises(error) as caught:
            await ask(channel)
        assert type(caught.value) is error
        return (await ask(channel, "m-2")).node

    door = breaking if seconds is None else None
    with two.open(FIRST, door, seconds or 0.0), two.open(SECOND):
        node = two.converse(talk, seconds=0.5)
    assert node == f"https://127.0.0.1:{two.ports[SECOND]}"  # the next question does
    assert two.heard == (["m-1"], ["m-2"])


@pytest.mark.clause("RK-2.14")
def test_what_a_node_that_stops_does_not_take_another_one_answers(two: Two) -> None:
    def drain(_caller: Caller, _at: datetime) -> Answer:
        raise NodeDraining(seconds=5)

    async def talk(channel: Channel) -> list[str]:
        return await ask_all(channel, 4)

    with two.open(FIRST, two.door(FIRST, drain)), two.open(SECOND):
        nodes = two.converse(talk)
    assert set(nodes) == {f"https://127.0.0.1:{two.ports[SECOND]}"}
    assert len(two.heard[SECOND]) == 4


def test_where_every_node_stops_the_unit_is_told_so(two: Two) -> None:
    def drain(_caller: Caller, _at: datetime) -> Answer:
        raise NodeDraining(seconds=5)

    with two.open(FIRST, two.door(FIRST, drain)), two.open(SECOND, two.door(SECOND, drain)):
        reply = two.converse(ask)
    assert reply.fault is not None
    assert reply.fault.code == "node-draining"


@pytest.mark.clause("RK-2.15")
def test_a_question_answered_by_one_node_is_a_replay_at_the_other(two: Two) -> None:
    fields = (("x-road-client", "JP/MUN/131016/15"), ("x-road-id", "m-1"), ("pf-to", B))
    plain = exchange.Question("POST", "/inquiry", "", (*fields, ("content-type", "a/b")), b"{}")
    signed, mark = exchange.sign_question(plain, two.a.signing, at=clock())

    async def send(channel: Channel, node: str) -> Answer:
        async def use(line: Line) -> Reply:
            answer = await channel._send(line, signed, time.monotonic() + 5, 1 << 20)
            return Reply(two.row, signed, answer, mark, mark, line.node.url)

        told = await channel.over(two.row, 5.0, use, at=clock(), node=node)
        return told.answer

    async def talk(channel: Channel) -> list[int]:
        return [(await send(channel, node.url)).status for node in two.row.all_nodes]

    with two.both():
        assert two.converse(talk) == [200, 409]
    assert two.heard == (["m-1"], [])


@pytest.mark.clause("RK-2.1", "RK-2.13")
def test_a_node_may_show_a_certificate_of_its_own_and_no_other_node_may_show_it(tmp_path) -> None:
    two = Two.create(tmp_path, own=True)
    with two.both():
        nodes = two.converse(lambda channel: ask_all(channel, 4))
    assert len(set(nodes)) == 2
    swapped = Two(two.a, two.shown[::-1], two.ports, heard=([], []))
    with swapped.open(FIRST):  # listed for the second one
        with pytest.raises(PeerCertificateWrong):
            two.converse(ask)
        with two.open(SECOND):
            assert two.converse(ask).node == f"https://127.0.0.1:{two.ports[SECOND]}"
    assert swapped.heard == ([], [])


@pytest.mark.clause("RK-8.2")
@pytest.mark.parametrize(
    "nodes",
    [
        [Node(url="http://127.0.0.1:1")],
        [Node(url="https://127.0.0.1:1/x")],
        [Node(url="https://127.0.0.1:7"), Node(url="https://127.0.0.1:7")],
        [Node(url="https://127.0.0.1:7", certificates=("x",))],
        [Node(url=f"https://127.0.0.1:{port}") for port in range(2, 10)],
    ],
)
def test_further_nodes_are_few_each_with_an_address_of_its_own(two: Two, nodes) -> None:
    first = row(two.a, 5)
    fits = msgspec.structs.replace(first, nodes=(Node(url="https://127.0.0.1:6"),))
    assert listed(fits).all == (fits,)
    with pytest.raises(MembersMalformed, match="nodes"):
        listed(msgspec.structs.replace(first, nodes=tuple(nodes)))


@pytest.mark.clause("RK-8.4")
def test_the_certificate_of_a_node_is_nobody_elses(two: Two) -> None:
    other = Node(url=f"https://127.0.0.1:{free_port()}", certificates=two.row.certificates)
    with pytest.raises(MembersRepeated):
        listed(msgspec.structs.replace(row(two.a), nodes=(other,)), two.row)
