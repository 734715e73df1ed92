"""One person is one identity: found by numbers, shown to people, decided, undone."""

import psycopg
import pytest
from tests.store.rows import DAY, TOWN, day, hour, register_number
from tests.store.townspeople import load, outside, outsider, person

from renkei.kit import Connection
from renkei.kit.numbers import register_number_ok
from renkei.store import people
from renkei.store.people import Kind, State, Verdict

PAIR = (register_number(1), outside(1))


def matched(conn: Connection, at: int = 1) -> people.MatchReport:
    return people.match(conn, TOWN, on=DAY, at=hour(at))


def came_back() -> dict[str, str]:
    copied = ("name", "kana", "birth_date", "resident_record_code")
    return {**person(2), **{name: person(1)[name] for name in copied}}


def decide(
    conn: Connection, pair: tuple[str, str], verdict: Verdict, at: int, by: str = "職員A"
) -> people.Decided:
    said = {"by": by, "reason": "戸籍で確認"}
    return people.decide(conn, TOWN, pair, verdict, on=DAY, at=hour(at), **said)


def is_one(conn: Connection, one: str, other: str) -> bool:
    numbers = people.identities_of(conn, TOWN, [one, other], on=DAY)
    return numbers[one] == numbers[other]


def test_an_equal_personal_number_makes_one_identity(conn: Connection) -> None:
    load(conn, [person(1), person(2)], [outsider(1, person(1), address="別の町1番地")])
    report = matched(conn)
    assert (report.numbered, report.merged) == (3, 1)
    assert is_one(conn, register_number(1), outside(1))
    assert not is_one(conn, register_number(1), register_number(2))


@pytest.mark.parametrize(
    "contradiction",
    [
        {"birth_date": "1951-12-30"},
        {"sex": "1"},
        {"name": "見本1　次郎", "kana": "カカキ　ジロウ"},
        {"birth_date": "1951-12-30", "sex": "1"},
    ],
)
def test_an_equal_number_with_a_contradiction_is_shown_as_a_conflict(
    conn: Connection, contradiction: dict[str, str]
) -> None:
    load(conn, [person(1)], [outsider(1, person(1), **contradiction)])
    assert matched(conn).merged == 0
    (pair,) = people.queue(conn, TOWN)
    assert (pair.kind, pair.state) == (Kind.conflict, State.waiting)
    assert not is_one(conn, register_number(1), outside(1))


@pytest.mark.parametrize(("many", "waiting"), [(10, 45), (11, 0)])
def test_a_number_that_many_share_was_filled_in_for_want_of_one(
    conn: Connection, many: int, waiting: int
) -> None:
    shared = person(50)["personal_number"]
    others = [outsider(n, person(n), personal_number=shared) for n in range(1, many + 1)]
    load(conn, [], others)
    assert matched(conn).merged == 0
    found = people.queue(conn, TOWN, limit=100)
    assert len([pair for pair in found if pair.kind is Kind.conflict]) == waiting


def test_equal_basic_items_alert_and_are_never_merged_by_the_program(conn: Connection) -> None:
    load(conn, [person(1)], [outsider(1, person(1), personal_number="")])
    assert matched(conn).merged == 0
    (pair,) = people.queue(conn, TOWN)
    assert pair.kind is Kind.alert
    assert set(pair.evidence) == {
        *("surname-same", "given-same", "birth-same", "sex-same", "address-same")
    }


def test_two_residents_with_one_record_code_are_one_who_came_back(conn: Connection) -> None:
    back = came_back() | {"personal_number": person(1)["personal_number"]}
    load(conn, [person(1), back], [])
    assert matched(conn).merged == 1


def test_one_record_code_with_two_personal_numbers_is_a_conflict(conn: Connection) -> None:
    load(conn, [person(1), came_back()], [])
    assert matched(conn).merged == 0
    assert people.queue(conn, TOWN)[0].kind is Kind.conflict


def test_what_the_unit_merged_is_followed_and_parts_when_cancelled(conn: Connection) -> None:
    one, two = outsider(1, person(1), personal_number=""), outsider(2, person(2))
    merged = one | {"merged_into_number": outside(2), "valid_until": "2026-01-01"}
    load(conn, [person(3)], [merged, two])
    assert matched(conn).merged == 1
    assert is_one(conn, outside(1), outside(2))
    load(conn, [person(3)], [one, two], on=day(1), at=hour(2))
    report = people.match(conn, TOWN, on=day(1), at=hour(3))
    assert (report.withdrawn, report.is_whole) == (1, False)
    numbers = people.identities_of(conn, TOWN, [outside(1), outside(2)], on=day(1))
    assert len(set(numbers.values())) == 2


def test_a_second_search_without_news_changes_nothing(conn: Connection) -> None:
    load(conn, [person(1)], [outsider(1, person(1)), outsider(2, person(1), personal_number="")])
    matched(conn, 1)
    before = people.queue(conn, TOWN), people.last_decisions(conn, TOWN, by_program=True)
    assert matched(conn, 2).compared == 0
    again = people.match(conn, TOWN, on=DAY, at=hour(3), whole=True)
    assert (again.merged, again.lapsed) == (0, 0)
    assert (people.queue(conn, TOWN), people.last_decisions(conn, TOWN, by_program=True)) == before


def test_a_load_brings_new_pairs_and_lets_old_ones_lapse(conn: Connection) -> None:
    load(conn, [person(1), person(2)], [outsider(1, person(1), personal_number="")])
    matched(conn)
    load(
        conn,
        [person(1), person(2)],
        [outsider(1, person(9), personal_number=""), outsider(2, person(2), personal_number="")],
        on=day(1),
        at=hour(2),
    )
    report = people.match(conn, TOWN, on=day(1), at=hour(3))
    assert (report.is_whole, report.lapsed) == (False, 1)
    waiting = [(pair.one, pair.other) for pair in people.queue(conn, TOWN)]
    assert waiting == [(register_number(2), outside(2))]


def test_undoing_a_merger_brings_back_both_identities_and_leaves_history(conn: Connection) -> None:
    load(conn, [person(1)], [outsider(1, person(1), personal_number="")])
    matched(conn)
    before = people.identities_of(conn, TOWN, PAIR, on=DAY)
    assert decide(conn, PAIR, Verdict.same, 2).moved == 1
    assert is_one(conn, *PAIR)
    decide(conn, PAIR, Verdict.undone, 3)
    assert people.identities_of(conn, TOWN, PAIR, on=DAY) == before
    assert people.identities_of(conn, TOWN, PAIR, on=DAY, known=hour(2)) != before
    verdicts = [one.verdict for one in people.decisions_of(conn, TOWN, *PAIR)]
    assert verdicts == [Verdict.same, Verdict.undone]
    assert people.pair(conn, TOWN, *PAIR).state is State.waiting


def test_a_number_merged_into_another_leads_to_it(conn: Connection) -> None:
    load(conn, [person(1)], [outsider(1, person(1), personal_number="")])
    matched(conn)
    before = people.identities_of(conn, TOWN, PAIR, on=DAY)
    decide(conn, PAIR, Verdict.same, 2)
    assert people.identity(conn, TOWN, before[PAIR[1]], on=DAY) is None
    assert people.merged_into(conn, TOWN, before[PAIR[1]], on=DAY) == before[PAIR[0]]
    assert len(people.memberships(conn, TOWN, PAIR[1])) == 2


def test_what_people_undid_the_program_does_not_merge_again(conn: Connection) -> None:
    load(conn, [person(1)], [outsider(1, person(1))])
    matched(conn)
    decide(conn, PAIR, Verdict.undone, 2)
    assert people.match(conn, TOWN, on=DAY, at=hour(3), whole=True).merged == 0
    assert not is_one(conn, *PAIR)
    assert people.pair(conn, TOWN, *PAIR).state is State.waiting


def test_the_program_joins_nothing_that_people_keep_apart(conn: Connection) -> None:
    load(conn, [person(1)], [outsider(1, person(1)), outsider(2, person(1), personal_number="")])
    matched(conn)
    second = (PAIR[0], outside(2))
    decide(conn, second, Verdict.different, 2)
    # Now the unit merges the second with a third, which has the number of the first.
    third = outsider(3, person(1))
    merged = outsider(2, person(1), personal_number="", merged_into_number=outside(3))
    merged |= {"valid_until": "2026-01-01"}
    load(conn, [person(1)], [outsider(1, person(1)), merged, third], on=day(1), at=hour(3))
    people.match(conn, TOWN, on=day(1), at=hour(4))
    numbers = people.identities_of(conn, TOWN, [PAIR[0], outside(2)], on=day(1))
    assert len(set(numbers.values())) == 2
    assert people.pair(conn, TOWN, outside(2), outside(3)).kind is Kind.conflict


def test_a_number_learnt_after_people_kept_two_apart_is_shown_to_them(conn: Connection) -> None:
    load(conn, [person(1)], [outsider(1, person(1), personal_number="")])
    matched(conn)
    decide(conn, PAIR, Verdict.different, 2)
    load(conn, [person(1)], [outsider(1, person(1))], on=day(1), at=hour(3))
    assert people.match(conn, TOWN, on=day(1), at=hour(4)).merged == 0
    assert [(p.one, p.other) for p in people.queue(conn, TOWN)] == [PAIR]


def test_a_protected_person_needs_two_officials(conn: Connection) -> None:
    load(conn, [person(1, protected="1")], [outsider(1, person(1), personal_number="")])
    matched(conn)
    assert not decide(conn, PAIR, Verdict.same, 2, by="A").is_in_effect
    assert not is_one(conn, *PAIR)
    with pytest.raises(people.SecondPersonNeeded), conn.transaction():
        decide(conn, PAIR, Verdict.same, 3, by="A")
    assert decide(conn, PAIR, Verdict.same, 4, by="B").is_in_effect
    assert is_one(conn, *PAIR)
    assert not decide(conn, PAIR, Verdict.undone, 5, by="B").is_in_effect
    assert decide(conn, PAIR, Verdict.undone, 6, by="C").is_in_effect
    assert not is_one(conn, *PAIR)


def test_what_contradicts_another_decision_is_refused(conn: Connection) -> None:
    load(conn, [person(n) for n in (1, 2, 3)], [])
    people.number_all(conn, TOWN, on=DAY, at=hour(1))
    one, two, three = (register_number(n) for n in (1, 2, 3))
    decide(conn, (one, two), Verdict.same, 2)
    decide(conn, (one, three), Verdict.different, 3)
    with pytest.raises(people.DecisionContradicts), conn.transaction():
        decide(conn, (two, three), Verdict.same, 4)
    with pytest.raises(people.PairDecided), conn.transaction():
        decide(conn, (one, two), Verdict.different, 4)
    decide(conn, (one, three), Verdict.undone, 5)
    decide(conn, (two, three), Verdict.same, 6)
    with pytest.raises(people.StillTogether):
        decide(conn, (one, three), Verdict.different, 7)


@pytest.mark.parametrize(
    ("by", "reason"), [("", "x"), ("A", " "), ("renkei", "x"), ("A", "x" * 501)]
)
def test_a_decision_names_who_and_why(conn: Connection, by: str, reason: str) -> None:
    load(conn, [person(1), person(2)], [])
    people.number_all(conn, TOWN, on=DAY, at=hour(1))
    pair = (register_number(1), register_number(2))
    said = {"by": by, "reason": reason}
    with pytest.raises(people.ReasonMissing):
        people.decide(conn, TOWN, pair, Verdict.same, on=DAY, at=hour(2), **said)


def test_a_unified_number_has_fifteen_digits_and_its_check_digit(conn: Connection) -> None:
    load(conn, [person(n) for n in range(1, 40)], [])
    assert people.number_all(conn, TOWN, on=DAY, at=hour(1)) == 39
    assert people.number_all(conn, TOWN, on=DAY, at=hour(2)) == 0
    numbers = people.identities_of(conn, TOWN, [register_number(n) for n in range(1, 40)], on=DAY)
    assert len(set(numbers.values())) == 39
    assert all(register_number_ok(number) for number in numbers.values())


def test_nothing_is_decided_before_what_is_recorded(conn: Connection) -> None:
    load(conn, [person(1), person(2)], [])
    people.number_all(conn, TOWN, on=day(3), at=hour(3))
    said = {"by": "A", "reason": "x"}
    numbers = (register_number(1), register_number(2))
    for on, at in ((day(2), hour(4)), (day(3), hour(3))):
        with pytest.raises(people.IdentityNotLater), conn.transaction():
            people.decide(conn, TOWN, numbers, Verdict.same, on=on, at=at, **said)
    assert conn.info.transaction_status == psycopg.pq.TransactionStatus.INTRANS
