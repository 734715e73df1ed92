"""Look-ups that arrive together are one query, and each caller gets its own answer."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest
from tests.store.rows import DAY, NOW, RESIDENT, TOWN, file, register_number, resident

from renkei import store
from renkei.kit import Database
from renkei.store import Coalescer, LookupsFull, LookupsStopped


class Shop:
    """A query function that notes its calls, and can be held up and made to fail."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, list[int]]] = []
        self.open = threading.Event()
        self.open.set()

    def fetch(self, kind: str, keys: Sequence[int]) -> Mapping[int, str]:
        self.calls.append((kind, list(keys)))
        assert self.open.wait(10)
        if kind == "broken":
            raise ZeroDivisionError
        return {key: f"{kind} {key}" for key in keys if key < 100}

    async def entered(self, calls: int) -> None:
        while len(self.calls) < calls:
            await asyncio.sleep(0.001)


Lookups = Coalescer[str, int, str]


def played(
    scene: Callable[[Lookups, Shop], Awaitable[None]], *, waiting: int = 100, together: int = 50
) -> Shop:
    """Play a scene on a coalescer and return what the shop saw."""
    shop = Shop()

    async def play() -> None:
        async with Coalescer(shop.fetch, waiting=waiting, together=together) as lookups:
            await asyncio.wait_for(scene(lookups, shop), 20)

    asyncio.run(play())
    return shop


def test_one_turn_of_the_loop_is_one_query() -> None:
    async def scene(lookups: Lookups, _: Shop) -> None:
        found = await asyncio.gather(*(lookups.ask("a", key) for key in (3, 1, 3, 200)))
        assert found == ["a 3", "a 1", "a 3", None]

    assert played(scene).calls == [("a", [3, 1, 200])]


def test_who_comes_while_a_query_runs_is_in_the_next_one() -> None:
    async def scene(lookups: Lookups, shop: Shop) -> None:
        shop.open.clear()
        first = asyncio.create_task(lookups.ask("a", 1))
        await shop.entered(1)
        others = [asyncio.create_task(lookups.ask("a", key)) for key in (2, 3)]
        await asyncio.sleep(0.01)
        shop.open.set()
        assert await asyncio.gather(first, *others) == ["a 1", "a 2", "a 3"]

    assert played(scene).calls == [("a", [1]), ("a", [2, 3])]


def test_kinds_are_never_mixed() -> None:
    async def scene(lookups: Lookups, _: Shop) -> None:
        asked = [lookups.ask(kind, 1) for kind in ("a", "b", "a")]
        assert await asyncio.gather(*asked) == ["a 1", "b 1", "a 1"]

    assert sorted(played(scene).calls) == [("a", [1]), ("b", [1])]


def test_a_batch_is_not_larger_than_allowed() -> None:
    async def scene(lookups: Lookups, _: Shop) -> None:
        await asyncio.gather(*(lookups.ask("a", key) for key in range(5)))

    assert [keys for _, keys in played(scene, together=2).calls] == [[0, 1], [2, 3], [4]]


def test_an_error_reaches_everyone_who_waited_and_nobody_else() -> None:
    async def scene(lookups: Lookups, _: Shop) -> None:
        asked = [lookups.ask(kind, key) for kind in ("broken", "a") for key in (1, 2)]
        found = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(one) for one in found] == [ZeroDivisionError, ZeroDivisionError, str, str]
        assert await lookups.ask("a", 3) == "a 3"

    played(scene)


def test_who_stops_waiting_disturbs_nobody() -> None:
    async def scene(lookups: Lookups, shop: Shop) -> None:
        shop.open.clear()
        running = asyncio.create_task(lookups.ask("a", 1))
        await shop.entered(1)
        quitter, other = (asyncio.create_task(lookups.ask("a", key)) for key in (2, 3))
        await asyncio.sleep(0.01)
        quitter.cancel()
        running.cancel()
        await asyncio.sleep(0.01)
        shop.open.set()
        assert await other == "a 3"

    assert played(scene).calls == [("a", [1]), ("a", [3])]


def test_too_many_waiting_are_refused_and_later_ones_are_not() -> None:
    async def scene(lookups: Lookups, shop: Shop) -> None:
        shop.open.clear()
        waiting = [asyncio.create_task(lookups.ask("a", key)) for key in range(3)]
        await shop.entered(1)
        with pytest.raises(LookupsFull):
            await lookups.ask("a", 4)
        shop.open.set()
        await asyncio.gather(*waiting)
        assert await lookups.ask("a", 4) == "a 4"

    played(scene, waiting=3)


def test_stopping_finishes_what_runs_and_tells_the_others() -> None:
    async def scene(lookups: Lookups, shop: Shop) -> None:
        shop.open.clear()
        running = asyncio.create_task(lookups.ask("a", 1))
        await shop.entered(1)
        late = asyncio.create_task(lookups.ask("a", 2))
        await asyncio.sleep(0.01)
        stopping = asyncio.create_task(lookups.stop())
        await asyncio.sleep(0.01)
        shop.open.set()
        await stopping
        assert await running == "a 1"
        with pytest.raises(LookupsStopped):
            await late
        with pytest.raises(LookupsStopped):
            await lookups.ask("a", 3)

    played(scene)


def test_the_records_of_a_town_are_read_together(database: Database) -> None:
    rows = [resident(number) for number in range(20)]
    with database.transaction(TOWN) as conn:
        store.load(conn, TOWN, RESIDENT, file(RESIDENT, rows), on=DAY, at=NOW)
    queries = []

    def fetch(kind: tuple[str, ...], keys: Sequence[str]) -> Mapping[str, store.Record]:
        queries.append(len(keys))
        with database.transaction(TOWN) as conn:
            return store.read_many(conn, TOWN, RESIDENT, keys, kind, on=DAY)

    async def play() -> list[store.Record | None]:
        async with Coalescer(fetch) as lookups:
            return await asyncio.gather(
                *(lookups.ask(("name",), register_number(number)) for number in range(20))
            )

    found = asyncio.run(play())
    assert [one and one.values["name"] for one in found] == [row["name"] for row in rows]
    assert queries == [20]
