"""Two towns in one database: what belongs together, belongs together in one town only."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.store.rows import DAY, OTHER_TOWN, TOWN, hour, register_number
from tests.store.townspeople import load, outside, outsider, person

from renkei.kit import Connection, Database, NodeError, tenant
from renkei.store import people
from renkei.store.people import State, Verdict

COUNT = 6
THIRD_TOWN = tenant("131032")
NUMBERS = [register_number(n) for n in range(1, COUNT + 1)]


@pytest.fixture(scope="module")
def both(database: Database) -> Database:
    """Give a database in which each of two towns has a person in both its registers."""
    for town in (TOWN, OTHER_TOWN):
        with database.transaction(town) as conn:
            load(conn, [person(1)], [outsider(1, person(1))], town=town)
            people.match(conn, town, on=DAY, at=hour(1))
    return database


def test_no_identity_crosses_a_town(both: Database) -> None:
    for town, other in ((TOWN, OTHER_TOWN), (OTHER_TOWN, TOWN)):
        with both.transaction(town) as conn:
            assert people.census(conn, town) == people.Census(2, 1)
            assert people.census(conn, other) == people.Census(0, 0)
            assert people.queue(conn, other, states=list(State)) == []
            assert people.last_decisions(conn, other, by_program=True) == []
            numbers = [register_number(1), outside(1)]
            assert people.identities_of(conn, other, numbers, on=DAY) == {}
            with pytest.raises(people.PairUnknown):
                people.pair(conn, other, *numbers)


@pytest.mark.usefixtures("both")
def test_without_row_security_another_town_is_not_seen_either(dsn: str) -> None:
    with psycopg.connect(dsn) as conn:  # a superuser, who passes every policy by
        assert people.census(conn, TOWN).identities == 1
        assert people.census(conn, THIRD_TOWN) == people.Census(0, 0)
        numbers = [register_number(1), outside(1)]
        assert people.identities_of(conn, THIRD_TOWN, numbers, on=DAY) == {}
        assert people.queue(conn, THIRD_TOWN, states=list(State)) == []
        report = people.match(conn, THIRD_TOWN, on=DAY, at=hour(1))
        assert (report.records, report.numbered, report.found) == (0, 0, 0)
        pair, said = (numbers[0], numbers[1]), {"by": "A", "reason": "x"}
        with pytest.raises(people.IdentityUnknown):
            people.decide(conn, THIRD_TOWN, pair, Verdict.same, on=DAY, at=hour(2), **said)
        conn.rollback()


pairs_of_numbers = st.tuples(st.integers(0, COUNT - 1), st.integers(0, COUNT - 1)).filter(
    lambda pair: pair[0] < pair[1]
)


def numbered(conn: Connection) -> dict[str, str]:
    load(conn, [person(n) for n in range(1, COUNT + 1)], [], town=OTHER_TOWN, at=hour(20))
    people.number_all(conn, OTHER_TOWN, on=DAY, at=hour(21))
    return links(conn)


def links(conn: Connection) -> dict[str, str]:
    return people.identities_of(conn, OTHER_TOWN, NUMBERS, on=DAY)


def say(conn: Connection, pair: tuple[int, int], verdict: Verdict, at: int) -> None:
    one, other = (NUMBERS[n] for n in pair)
    try:
        with conn.transaction():
            said = {"by": "A", "reason": "x"}
            people.decide(conn, OTHER_TOWN, (one, other), verdict, on=DAY, at=hour(at), **said)
    except (people.StillTogether, people.DecisionContradicts, people.PairDecided):
        pass


@settings(max_examples=25, deadline=None)
@given(
    decisions=st.lists(
        st.tuples(pairs_of_numbers, st.sampled_from([Verdict.same, Verdict.different])), max_size=8
    ),
    data=st.data(),
)
def test_identities_part_the_numbers_and_undoing_all_brings_back_what_was(
    database: Database,
    decisions: list[tuple[tuple[int, int], Verdict]],
    data: st.DataObject,
) -> None:
    with database.transaction(OTHER_TOWN) as conn:
        before = numbered(conn)
        for n, (pair, verdict) in enumerate(decisions):
            say(conn, pair, verdict, 30 + n)
        after = links(conn)
        assert after.keys() == before.keys()
        own = set(before.values())
        for unified in set(after.values()):
            assert unified in own
            found = people.identity(conn, OTHER_TOWN, unified, on=DAY)
            assert found is not None
            ours = set(found.register_numbers) & before.keys()
            assert ours == {number for number, own in after.items() if own == unified}
            assert unified == min(before[number] for number in ours)
        decided = [
            pair
            for pair in people.pairs_of(conn, OTHER_TOWN, NUMBERS)
            if pair.state in {State.same, State.different}
        ]
        for n, one in enumerate(data.draw(st.permutations(decided))):
            both, said = (one.one, one.other), {"by": "B", "reason": "y"}
            people.undo(conn, OTHER_TOWN, both, on=DAY, at=hour(60 + n), **said)
        assert links(conn) == before
        raise psycopg.Rollback


@settings(max_examples=25, deadline=None)
@given(pairs=st.lists(pairs_of_numbers, unique=True, max_size=6), data=st.data())
def test_the_order_of_mergers_does_not_matter(
    database: Database, pairs: list[tuple[int, int]], data: st.DataObject
) -> None:
    outcomes = []
    for order in (pairs, data.draw(st.permutations(pairs))):
        with database.transaction(OTHER_TOWN) as conn:
            numbered(conn)
            for n, pair in enumerate(order):
                say(conn, pair, Verdict.same, 30 + n)
            outcomes.append(links(conn))
            raise psycopg.Rollback
    assert outcomes[0] == outcomes[1]


def test_of_two_who_decide_at_once_one_is_told_that_it_is_decided(database: Database) -> None:
    numbers = (register_number(1), outside(2))
    with database.transaction(TOWN) as conn:
        load(
            conn,
            [person(1)],
            [outsider(1, person(1)), outsider(2, person(1), personal_number="")],
            at=hour(10),
        )
        people.match(conn, TOWN, on=DAY, at=hour(11))
    ready = threading.Barrier(2)

    def official(name: str) -> str:
        ready.wait()
        try:
            with database.transaction(TOWN) as conn:
                people.decide(
                    conn, TOWN, numbers, Verdict.same, by=name, reason="x", on=DAY, at=hour(12)
                )
        except NodeError as error:
            return error.code()
        return "decided"

    with ThreadPoolExecutor(2) as both:
        said = sorted(both.map(official, ["A", "B"]))
    assert said == ["decided", "pair-decided"]
