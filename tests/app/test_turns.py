"""Who asks much waits for itself alone, nobody is forgotten, and a place is never lost.

RK-1.19: beyond what a node does at once, the clients of one urgency go in turn.
"""

import asyncio
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renkei.app.errors import NodeBusy
from renkei.app.units.turns import USUAL, Turns


async def go(turns: Turns, client: str, log: list[str], urgency: int = USUAL) -> None:
    async with turns.of(client, urgency):
        log.append(client)
        await asyncio.sleep(0)


def test_below_the_limit_nobody_waits() -> None:
    async def talk() -> None:
        turns = Turns(3, 0)
        log: list[str] = []
        await asyncio.gather(*(go(turns, "15", log) for _ in range(3)))
        assert (log, turns.under_way, turns.waiting) == (["15"] * 3, 0, 0)

    asyncio.run(talk())


@pytest.mark.clause("RK-1.19")
def test_the_clients_go_in_turn_however_many_one_of_them_sent() -> None:
    async def talk() -> list[str]:
        turns, log = Turns(1, 100), list[str]()
        async with turns.of("first"):
            many = [asyncio.create_task(go(turns, "15", log)) for _ in range(50)]
            few = [asyncio.create_task(go(turns, "17", log)) for _ in range(3)]
            await asyncio.sleep(0)
        await asyncio.gather(*many, *few)
        assert (turns.under_way, turns.waiting) == (0, 0)
        return log

    log = asyncio.run(talk())
    assert log[:6] == ["15", "17", "15", "17", "15", "17"]
    assert Counter(log) == {"15": 50, "17": 3}


def test_the_urgent_go_first() -> None:
    async def talk() -> list[str]:
        turns, log = Turns(1, 100), list[str]()
        async with turns.of("first"):
            usual = [asyncio.create_task(go(turns, "15", log)) for _ in range(3)]
            await asyncio.sleep(0)
            urgent = asyncio.create_task(go(turns, "17", log, urgency=0))
            await asyncio.sleep(0)
        await asyncio.gather(*usual, urgent)
        return log

    assert asyncio.run(talk()) == ["17", "15", "15", "15"]


def test_a_full_queue_refuses_its_own_client_alone() -> None:
    async def talk() -> None:
        turns, log = Turns(1, 2), list[str]()
        held = [asyncio.create_task(go(turns, "15", log)) for _ in range(3)]
        await asyncio.sleep(0)
        with pytest.raises(NodeBusy) as busy:
            await go(turns, "15", log)
        assert busy.value.facts["seconds"] == 2
        await asyncio.gather(*held, go(turns, "17", log))
        assert Counter(log) == {"15": 3, "17": 1}

    asyncio.run(talk())


def test_nobody_waits_for_ever_and_who_gave_up_leaves_no_hole() -> None:
    async def talk() -> None:
        turns, log = Turns(1, 9, seconds=0.05), list[str]()
        async with turns.of("15"):
            told = await asyncio.gather(go(turns, "17", log), return_exceptions=True)
            assert isinstance(told[0], NodeBusy)
            called_off = asyncio.create_task(go(turns, "17", log))
            await asyncio.sleep(0)
            called_off.cancel()
            await asyncio.gather(called_off, return_exceptions=True)
            assert turns.waiting == 0
        await go(turns, "17", log)
        assert (log, turns.under_way) == (["17"], 0)

    asyncio.run(talk())


@settings(deadline=None)
@given(
    st.integers(1, 4),
    st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 7), st.booleans()), max_size=40),
)
def test_whatever_happens_no_place_is_lost_and_the_limit_holds(
    most: int, comers: list[tuple[str, int, bool]]
) -> None:
    async def one(turns: Turns, client: str, urgency: int) -> None:
        async with turns.of(client, urgency):
            assert turns.under_way <= most
            await asyncio.sleep(0)

    async def talk() -> None:
        turns = Turns(most, 5)
        tasks = []
        for client, urgency, is_called_off in comers:
            tasks.append(asyncio.create_task(one(turns, client, urgency)))
            await asyncio.sleep(0)
            if is_called_off:
                tasks[len(tasks) // 2].cancel()
        for ended in await asyncio.gather(*tasks, return_exceptions=True):
            assert ended is None or isinstance(ended, NodeBusy | asyncio.CancelledError)
        assert (turns.under_way, turns.waiting, turns._of_client) == (0, 0, {})

    asyncio.run(talk())
