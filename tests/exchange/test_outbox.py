"""The outbox: each letter once in effect, in order, also when a sender dies or two send at once."""

from contextlib import suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from renkei import exchange, identity
from renkei.exchange import DestinationUnknown, outbox
from renkei.exchange.outbox import Claim, Letter
from renkei.kit import Connection, Database, tenant

TOWN, OTHER = tenant("131016"), tenant("131024")
NOW = datetime(2026, 4, 1, 9, 0, tzinfo=UTC)
LEASE = timedelta(minutes=1)
SEAL = identity.Seal(bytes(32))


def letters(*names: str) -> list[Letter]:
    return [Letter(name, f"body of {name}".encode()) for name in names]


def put(conn: Connection, destination: str, *names: str, at: datetime = NOW) -> int:
    return outbox.put(conn, TOWN, destination, letters(*names), at=at, seal=SEAL)


def claim(conn: Connection, at: datetime = NOW, **more: int) -> dict[str, Claim]:
    found = outbox.claim(conn, TOWN, at=at, until=at + LEASE, seal=SEAL, **more)
    return {one.destination: one for one in found}


def ids(one: Claim | None) -> list[str]:
    return [] if one is None else [letter.id for letter in one.letters]


@pytest.fixture
def two(conn: Connection) -> Connection:
    """Give two destinations, a with three letters and b with one."""
    for name in ("a", "b"):
        outbox.register(conn, TOWN, name, f"http://unit.example/{name}")
    put(conn, "a", "1", "2", "3")
    put(conn, "b", "1")
    return conn


@pytest.mark.clause("RK-12.2")
def test_letters_are_claimed_in_their_order_with_what_they_hold(two):
    found = claim(two)
    assert ids(found["a"]) == ["1", "2", "3"]
    assert found["a"].letters[1].body == b"body of 2"
    assert found["b"].url == "http://unit.example/b"


def test_what_waits_is_sealed(two):
    bodies = two.execute("SELECT body FROM exchange_outbox").fetchall()
    assert not any(b"body of" in bytes(body) for (body,) in bodies)


def test_a_letter_is_put_once_under_its_id(two):
    assert put(two, "a", "3", "4") == 1
    assert ids(claim(two)["a"]) == ["1", "2", "3", "4"]


def test_what_is_leased_is_nobody_elses_until_the_lease_ends(two):
    claim(two)
    assert claim(two) == {}
    assert ids(claim(two, NOW + LEASE)["a"]) == ["1", "2", "3"]


def test_what_was_taken_is_gone_and_the_rest_comes_next(two):
    first = claim(two)["a"]
    outbox.taken(two, TOWN, first, first.letters[:2])
    outbox.release(two, TOWN, first)
    assert ids(claim(two)["a"]) == ["3"]


@pytest.mark.clause("RK-12.2")
def test_a_letter_that_waits_holds_back_those_behind_it(two):
    first = claim(two)["a"]
    later = NOW + timedelta(seconds=5)
    outbox.postpone(two, TOWN, first, first.letters[0], until=later, reason="HTTP 503")
    outbox.release(two, TOWN, first)
    assert "a" not in claim(two)
    again = claim(two, later)["a"]
    assert ids(again) == ["1", "2", "3"]
    assert [letter.tries for letter in again.letters] == [1, 0, 0]
    assert [letter.failures for letter in again.letters] == [1, 0, 0]


def test_a_letter_with_a_time_is_not_sent_before_it(two):
    later = NOW + timedelta(hours=1)
    outbox.put(two, TOWN, "b", letters("2"), at=NOW, seal=SEAL, not_before=later)
    put(two, "b", "3")
    assert ids(claim(two)["b"]) == ["1"]
    assert ids(claim(two, later)["b"]) == ["1", "2", "3"]


@pytest.mark.clause("RK-12.2", "RK-12.5")
def test_a_dead_letter_lets_the_others_go_on_and_can_be_sent_again(two):
    first = claim(two)["a"]
    outbox.bury(two, TOWN, first, first.letters[0], reason="HTTP 422", at=NOW)
    outbox.release(two, TOWN, first)
    assert ids(claim(two)["a"]) == ["2", "3"]
    (dead,) = outbox.dead_letters(two, TOWN, "a")
    assert (dead.id, dead.reason, dead.tries) == ("1", "HTTP 422", 1)
    assert outbox.resend(two, TOWN, "a", ["no such"], at=NOW) == 0
    assert outbox.resend(two, TOWN, "a", at=NOW) == 1
    again = claim(two, NOW + LEASE)["a"]
    assert ids(again) == ["2", "3", "1"]
    assert again.letters[2].body == b"body of 1"
    assert outbox.dead_letters(two, TOWN, "a") == []


def test_who_lost_the_lease_ends_nobody_elses(two):
    lost = claim(two)["a"]
    claim(two, NOW + LEASE)
    outbox.release(two, TOWN, lost)
    assert "a" not in claim(two, NOW + LEASE)


def test_only_so_many_letters_and_destinations_are_claimed_at_once(two):
    assert len(claim(two, limit=2, destinations=1)) == 1
    assert {len(one.letters) for one in claim(two, limit=2).values()} <= {1, 2}


def test_the_backlog_says_what_waits_and_why(two):
    first = claim(two)["a"]
    outbox.bury(two, TOWN, first, first.letters[0], reason="HTTP 422", at=NOW)
    for reached in (True, False):
        outbox.postpone(
            two, TOWN, first, first.letters[1], until=NOW, reason="TimeoutError", reached=reached
        )
    of_a, of_b = outbox.backlog(two, TOWN)
    assert (of_a.waiting, of_a.oldest, of_a.tries, of_a.reason) == (2, NOW, 2, "TimeoutError")
    assert (of_a.dead, of_b.dead, of_b.reason) == (1, 0, "")


def test_a_destination_that_is_forgotten_takes_everything_with_it(two):
    outbox.unregister(two, TOWN, "a")
    assert [one.destination for one in outbox.backlog(two, TOWN)] == ["b"]
    with pytest.raises(DestinationUnknown):
        put(two, "a", "9")
    with pytest.raises(DestinationUnknown):
        outbox.unregister(two, TOWN, "a")


def test_a_letter_moved_to_another_destination_does_not_open(two):
    two.execute("DELETE FROM exchange_outbox WHERE destination = 'b'")
    two.execute("UPDATE exchange_outbox SET destination = 'b' WHERE id = '1'")
    with pytest.raises(identity.SealBroken):
        claim(two)


def test_no_town_sees_the_letters_of_another(two):
    two.execute("SELECT set_config('renkei.tenant', %s, true)", [OTHER])
    assert claim(two) == {}
    assert outbox.backlog(two, TOWN) == []
    assert outbox.claim(two, OTHER, at=NOW, until=NOW + LEASE, seal=SEAL) == []


@pytest.fixture
def committed(database: Database):
    """Give a destination c with three letters, committed, and forget it at the end."""
    with database.transaction(TOWN) as conn:
        outbox.register(conn, TOWN, "c", "http://unit.example/c")
        put(conn, "c", "1", "2", "3")
    yield database
    with database.transaction(TOWN) as conn:
        outbox.unregister(conn, TOWN, "c")


def test_two_senders_at_once_never_share_a_destination(committed):
    with committed.transaction(TOWN) as first, committed.transaction(TOWN) as second:
        assert ids(claim(first)["c"]) == ["1", "2", "3"]
        assert claim(second) == {}  # it does not wait either
        raise psycopg.Rollback


def test_a_letter_that_is_being_put_holds_its_destination_but_no_claim(committed):
    """Else a second writer could commit a later place first, and the order would be another."""
    with committed.transaction(TOWN) as writer, committed.transaction(TOWN) as sender:
        put(writer, "c", "4")
        assert claim(sender) == {}
    with committed.transaction(TOWN) as sender:
        assert ids(claim(sender)["c"]) == ["1", "2", "3", "4"]


def test_a_deed_that_is_taken_back_leaves_no_letter(committed):
    with suppress(ZeroDivisionError), committed.transaction(TOWN) as conn:
        put(conn, "c", "5")
        raise ZeroDivisionError
    with committed.transaction(TOWN) as conn:
        assert "5" not in ids(claim(conn)["c"])


@pytest.mark.clause("RK-12.5")
@pytest.mark.parametrize(
    ("status", "fate"),
    [
        (200, "taken"),
        (202, "taken"),
        (302, "away"),
        (400, "refused"),
        (401, "away"),
        (404, "away"),
        (408, "failed"),
        (413, "refused"),
        (422, "refused"),
        (429, "away"),
        (500, "failed"),
        (503, "failed"),
    ],
)
def test_a_status_tells_what_became_of_a_letter(status, fate):
    assert exchange.fate_of(status).value == fate
