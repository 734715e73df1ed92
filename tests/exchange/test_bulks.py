"""A list is kept once, asked about part by part, each inquiry in turn, and told part by part."""

from datetime import UTC, datetime, timedelta

import pytest

from renkei import exchange
from renkei.exchange import RequestIdReused, bulks, tasks
from renkei.identity import Seal
from renkei.kit import Connection, tenant

TOWN = tenant("131016")
AT = datetime(2026, 4, 1, tzinfo=UTC)
SEAL = Seal(bytes(range(32)))
ONE, TWO = (exchange.client(f"JP/MUN/131016/{unit}") for unit in ("15", "17"))
MINUTE = timedelta(minutes=1)
PARTS = (bulks.Handed(2, b"ab"), bulks.Handed(1, b"c"))


def accept(conn: Connection, name: str, *, parts=PARTS, at: datetime = AT) -> tasks.Accepted:
    return bulks.accept(
        conn,
        *(TOWN, ONE, name, b"q", parts),
        at=at,
        expires_at=at + 60 * MINUTE,
        seal=SEAL,
    )


def claim(conn: Connection, at: datetime = AT) -> bulks.BulkPart:
    part = bulks.claim(conn, TOWN, at=at, until=at + MINUTE, seal=SEAL)
    assert part is not None
    return part


def end(conn: Connection, part: bulks.BulkPart, answer: bytes = b"a") -> bool:
    return bulks.end(conn, TOWN, part, answer, at=AT, seal=SEAL)


def state(conn: Connection) -> bulks.BulkState:
    (found,) = bulks.states(conn, TOWN)
    return found


def test_a_list_is_asked_about_part_by_part_and_told_how_far_it_is(conn: Connection) -> None:
    number = accept(conn, "1").number
    told = [(state(conn).answered, state(conn).is_whole)]
    for content in (b"ab", b"c"):
        part = claim(conn)
        assert (part.number, part.question, part.content, part.tries) == (number, b"q", content, 1)
        assert end(conn, part, content.upper())
        told.append((state(conn).answered, state(conn).is_whole))
    assert told == [(0, False), (2, False), (3, True)]
    question, parts = bulks.kept(conn, TOWN, number, seal=SEAL)
    assert (question, [one.answer for one in parts]) == (b"q", [b"AB", b"C"])
    assert bulks.claim(conn, TOWN, at=AT, until=AT + MINUTE, seal=SEAL) is None


def test_the_same_list_again_is_the_same_inquiry_and_another_one_is_refused(
    conn: Connection,
) -> None:
    first = accept(conn, "1")
    assert accept(conn, "1", at=AT + MINUTE) == first
    for parts in (PARTS[:1], PARTS[::-1], (bulks.Handed(3, b"abc"),)):
        with pytest.raises(RequestIdReused):
            accept(conn, "1", parts=parts)


def test_an_id_that_a_question_used_is_no_longer_free(conn: Connection) -> None:
    exchange.first_use(conn, TOWN, ONE, "1", at=AT)
    with pytest.raises(RequestIdReused):
        accept(conn, "1")


def test_a_part_whose_worker_died_is_asked_about_again_and_kept_once(conn: Connection) -> None:
    accept(conn, "1")
    lost = claim(conn)
    again = claim(conn, AT + 2 * MINUTE)
    assert (again.part, again.tries) == (lost.part, 2)
    assert not bulks.renew(conn, TOWN, lost, until=AT + 5 * MINUTE)
    assert not end(conn, lost, b"late")
    assert end(conn, again)


def test_a_lease_that_is_renewed_is_not_lost(conn: Connection) -> None:
    accept(conn, "1", parts=PARTS[:1])
    part = claim(conn)
    assert bulks.renew(conn, TOWN, part, until=AT + 5 * MINUTE)
    assert bulks.claim(conn, TOWN, at=AT + 2 * MINUTE, until=AT + 3 * MINUTE, seal=SEAL) is None
    assert end(conn, part)


def test_a_part_that_was_given_back_waits_and_what_expired_is_not_claimed(
    conn: Connection,
) -> None:
    accept(conn, "1", parts=PARTS[:1])
    bulks.postpone(conn, TOWN, claim(conn), not_before=AT + MINUTE)
    assert bulks.claim(conn, TOWN, at=AT, until=AT + MINUTE, seal=SEAL) is None
    assert claim(conn, AT + MINUTE).tries == 2
    late = AT + 61 * MINUTE
    assert bulks.claim(conn, TOWN, at=late, until=late + MINUTE, seal=SEAL) is None
    assert state(conn).is_over(late)


def test_inquiries_take_turns(conn: Connection) -> None:
    first, second = accept(conn, "1"), accept(conn, "2", at=AT + MINUTE)
    at = AT + MINUTE
    order = []
    for turn in range(4):
        part = claim(conn, at + timedelta(seconds=turn))
        order.append(part.number)
        end(conn, part)
    assert order == [first.number, second.number] * 2


def test_what_waits_is_sealed(conn: Connection) -> None:
    accept(conn, "1", parts=(bulks.Handed(1, b"000000600000209"),))
    end(conn, claim(conn), b"4321000")
    query = "SELECT list, answer FROM exchange_bulk_part"
    for sealed in conn.execute(query).fetchone() or ():
        assert b"000000600000209" not in sealed
        assert b"4321000" not in sealed


def test_only_its_client_is_told_and_what_is_old_is_forgotten(conn: Connection) -> None:
    number = accept(conn, "1").number
    assert bulks.states(conn, TOWN, number=number, client=ONE)
    assert bulks.states(conn, TOWN, number=number, client=TWO) == []
    assert bulks.forget(conn, TOWN, before=AT) == 0
    assert bulks.forget(conn, TOWN, before=AT + 120 * MINUTE) == 1
    assert bulks.states(conn, TOWN) == []
