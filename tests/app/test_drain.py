"""Whoever ends waits for what is under way, for what only looks not, and for nothing for ever.

RK-1.18: a node that stops says so in every binding.
"""

import asyncio

import pytest

from renkei.app.errors import NodeBusy, NodeDraining, QuestionsTooMany
from renkei.app.operations.drain import Drain
from renkei.app.units.rest_answers import RestAnswers
from renkei.app.units.soap_questions import FAULTS
from renkei.federation import PeerPaused


def test_the_end_waits_for_what_is_under_way() -> None:
    async def talk() -> None:
        drain = Drain()
        drain.check()
        with drain.counting():
            drain.begin()
            with pytest.raises(NodeDraining):
                drain.check()
            waiting = asyncio.create_task(drain.ended(10))
            await asyncio.sleep(0.01)
            assert not waiting.done()
        assert await waiting

    asyncio.run(talk())


def test_the_end_does_not_wait_longer_than_it_may() -> None:
    async def talk() -> bool:
        drain = Drain()
        with drain.counting():
            drain.begin()
            return await drain.ended(0.02)

    assert asyncio.run(talk()) is False


@pytest.mark.parametrize(
    ("path", "counted"),
    [("/r1/JP", 1), ("/soap/JP", 1), ("/deliveries", 1), ("/ready", 0), ("/oversight/meter", 0)],
)
def test_what_only_looks_holds_up_nobody(path: str, counted: int) -> None:
    drain, seen = Drain(), list[int]()

    async def app(*_: object) -> None:
        seen.append(drain.under_way)

    door = drain.counted(app)
    asyncio.run(door({"type": "http", "path": path}, None, None))  # type: ignore[arg-type]  # nobody reads or writes
    assert (seen, drain.under_way) == ([counted], 0)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NodeDraining(seconds=5), 503),
        (NodeBusy(seconds=5), 429),
        (QuestionsTooMany(key="15", rate=1, seconds=5), 429),
        (PeerPaused(peer="131024", seconds=5), 500),
    ],
)
@pytest.mark.clause("RK-1.18")
def test_who_should_come_again_is_told_when(error, status) -> None:
    answer = RestAnswers("7.8").failed(error, "1", "")
    assert (answer.status, answer.field("retry-after")) == (status, "5")


def test_in_soap_it_is_the_fault_of_a_provider_that_is_busy() -> None:
    assert FAULTS["node-draining"] == FAULTS["node-busy"] == "busy"
