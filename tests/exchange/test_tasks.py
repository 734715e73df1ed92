"""A task is accepted once, worked on by one at a time, in turn, and told to its client alone."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from renkei import exchange
from renkei.exchange import RequestIdReused, tasks
from renkei.identity import Seal
from renkei.kit import Connection, Database, tenant

TOWN, OTHER = tenant("131016"), tenant("131024")
AT = datetime(2026, 4, 1, tzinfo=UTC)
SEAL = Seal(bytes(range(32)))
ONE, TWO = (exchange.client(f"JP/MUN/131016/{unit}") for unit in ("15", "17"))
MINUTE = timedelta(minutes=1)


def accept(
    conn: Connection,
    name: str,
    *,
    client: exchange.Client = ONE,
    question: bytes = b"q",
    priority: int = tasks.USUAL,
    at: datetime = AT,
    life: timedelta = 60 * MINUTE,
) -> tasks.Accepted:
    return tasks.accept(
        conn,
        TOWN,
        client,
        name,
        question,
        at=at,
        expires_at=at + life,
        seal=SEAL,
        priority=priority,
    )


def claim(conn: Connection, *, at: datetime = AT, most: int = 10) -> list[tasks.Task]:
    return tasks.claim(conn, TOWN, at=at, until=at + MINUTE, most=most, seal=SEAL)


def end(conn: Connection, task: tasks.Task, answer: bytes = b"a") -> bool:
    return tasks.end(conn, TOWN, task, answer, at=AT, seal=SEAL)


def test_a_task_is_asked_and_its_answer_fetched(conn: Connection) -> None:
    number = accept(conn, "1", question=b"what").number
    (task,) = claim(conn)
    assert (task.number, task.question, task.tries) == (number, b"what", 1)
    assert end(conn, task, b"that")
    found = tasks.find(conn, TOWN, ONE, number, seal=SEAL)
    assert found is not None
    assert (found.answer, found.ended_at) == (b"that", AT)
    assert claim(conn, at=AT + 5 * MINUTE) == []


@pytest.mark.clause("RK-1.15")
def test_the_same_message_again_is_the_same_task(conn: Connection) -> None:
    first = accept(conn, "1")
    assert accept(conn, "1", at=AT + MINUTE) == first
    assert len(claim(conn)) == 1
    with pytest.raises(RequestIdReused):
        accept(conn, "1", question=b"another")
    assert accept(conn, "1", client=TWO).number != first.number


def test_what_is_leased_is_nobody_elses_until_the_lease_ends(conn: Connection) -> None:
    accept(conn, "1")
    (lost,) = claim(conn)
    assert claim(conn) == []
    (again,) = claim(conn, at=AT + 2 * MINUTE)
    assert again.tries == 2
    assert not end(conn, lost)
    assert end(conn, again)
    assert not end(conn, again)


def test_what_is_postponed_comes_again_at_its_time(conn: Connection) -> None:
    accept(conn, "1")
    (task,) = claim(conn)
    tasks.postpone(conn, TOWN, task, not_before=AT + MINUTE)
    assert claim(conn) == []
    assert [one.tries for one in claim(conn, at=AT + MINUTE)] == [2]


@pytest.mark.clause("RK-1.15")
def test_the_urgent_go_first_and_clients_take_turns(conn: Connection) -> None:
    numbers = {accept(conn, str(n), at=AT + n * timedelta(seconds=1)).number: n for n in range(5)}
    other = accept(conn, "1", client=TWO, at=AT + MINUTE / 2).number
    urgent = accept(conn, "9", priority=0, at=AT + MINUTE / 2).number
    later = (AT + MINUTE + n * timedelta(seconds=1) for n in range(4))
    order = [claim(conn, at=at, most=1)[0].number for at in later]
    assert order[:2] == [urgent, other]
    assert [numbers[one] for one in order[2:]] == [0, 1]


def test_what_has_expired_is_not_asked_any_more(conn: Connection) -> None:
    number = accept(conn, "1", life=MINUTE).number
    assert claim(conn, at=AT + MINUTE) == []
    assert tasks.find(conn, TOWN, ONE, number, seal=SEAL) is not None
    assert tasks.forget(conn, TOWN, before=AT) == 0
    assert tasks.forget(conn, TOWN, before=AT + 2 * MINUTE) == 1
    assert tasks.find(conn, TOWN, ONE, number, seal=SEAL) is None


@pytest.mark.clause("RK-1.15")
def test_nobody_else_is_told_of_a_task(conn: Connection) -> None:
    number = accept(conn, "1").number
    assert tasks.find(conn, TOWN, TWO, number, seal=SEAL) is None
    assert tasks.find(conn, OTHER, ONE, number, seal=SEAL) is None
    assert tasks.find(conn, TOWN, ONE, uuid4(), seal=SEAL) is None
    assert tasks.claim(conn, OTHER, at=AT, until=AT + MINUTE, most=9, seal=SEAL) == []


def test_what_waits_is_sealed(conn: Connection) -> None:
    accept(conn, "1", question="見本の照会".encode())
    end(conn, claim(conn)[0], "見本の回答".encode())
    row = conn.execute("SELECT question, answer FROM exchange_task").fetchone()
    assert row is not None
    assert all("見本".encode() not in bytes(sealed) for sealed in row)


def test_two_workers_at_once_never_share_a_task(database: Database) -> None:
    with database.transaction(TOWN) as conn:
        for n in range(20):
            accept(conn, str(n))
    with database.transaction(TOWN) as one:
        mine = {task.number for task in claim(one, most=10)}
    with database.transaction(TOWN) as other:
        theirs = {task.number for task in claim(other, most=20)}
    assert (len(mine), len(theirs)) == (10, 10)
    assert mine.isdisjoint(theirs)
