"""Two towns that never read each other's files agree on everybody who moved between them."""

from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest

from renkei.standard.synthetic import movers, write_town

from .conftest import PEOPLE, SEED, A, B, Read, Rows, rows

SAME = ("name", "kana", "former_surname", "birth_date", "sex", "resident_record_code")


def by_personal_number(people: Iterable[dict[str, str]]) -> dict[str, dict[str, str]]:
    return {row["personal_number"]: row for row in people if row["personal_number"]}


def moved_in(residents: Rows, origin: str) -> dict[str, dict[str, str]]:
    """Return who came from the neighbour since last year, as its own register should know."""
    return by_personal_number(
        row
        for row in residents
        if row["previous_municipality"] == origin and row["register_number"] > "000000600000000"
    )


@pytest.mark.parametrize(("here", "there"), [(A, B), (B, A)])
def test_both_towns_agree_on_everybody_who_moved(read: Read, here: str, there: str) -> None:
    came = moved_in(read(here, "resident"), there)
    left = by_personal_number(read(there, "resident"))
    assert 80 <= len(came) <= 110
    for number, row in came.items():
        before = left[number]
        assert [row[name] for name in SAME] == [before[name] for name in SAME]
        assert (row["change_reason"], before["change_reason"]) == ("11", "21")
        assert (row["resident_status"], before["resident_status"]) == ("1", "2")
        assert "2025-01-02" <= row["resident_since"] == before["changed_on"] <= "2026-04-01"
        assert row["previous_address"].startswith(before["address"])
        assert row["protected"] == before["protected"]


def test_no_two_persons_share_a_number_unless_they_are_one_who_moved(read: Read) -> None:
    known: dict[str, set[str]] = {}
    for code in (A, B):
        people = [*read(code, "resident"), *read(code, "unregistered_person")]
        numbers = [row["personal_number"] for row in people if row["personal_number"]]
        assert len(numbers) == len(set(numbers))
        known[code] = set(numbers)
    both = known[A] & known[B]
    assert both == {*moved_in(read(A, "resident"), B), *moved_in(read(B, "resident"), A)}


def test_only_the_old_town_holds_the_income_of_who_moved(read: Read) -> None:
    here = {row["register_number"] for row in read(A, "income")}
    there = {row["register_number"]: row for row in read(B, "income")}
    assert not here & {row["register_number"] for row in moved_in(read(A, "resident"), B).values()}
    former = by_personal_number(read(B, "resident"))
    guardians = [g for m in movers(B, A, people=PEOPLE, seed=SEED) for g in m.guardians]
    assert {True, False} == {guardian.income_held for guardian in guardians}
    for guardian in guardians:
        before = former[guardian.personal_number]
        assert before["register_number"] == guardian.former_register_number
        assert (guardian.former_register_number in there) == guardian.income_held
        if guardian.total_income is not None:
            income = there[guardian.former_register_number]
            assert income["total_income"] == str(guardian.total_income)
            assert income["assessment_municipality"] == B


def test_movers_are_told_as_both_registers_know_them(read: Read) -> None:
    here = {row["register_number"]: row for row in read(A, "resident")}
    there = {row["register_number"]: row for row in read(B, "resident")}
    moves = list(movers(B, A, people=PEOPLE, seed=SEED))
    assert {True, False} == {move.protected for move in moves}
    for move in moves:
        child, guardian = here[move.child.register_number], here[move.guardians[0].register_number]
        assert child["household_number"] == guardian["household_number"]
        assert child["relationship"] == "子"
        assert child["personal_number"] == move.child.personal_number
        assert child["resident_since"] == move.moved_on.isoformat()
        before = there[move.child.former_register_number]
        assert before["personal_number"] == move.child.personal_number
        assert (before["protected"] == "1") == move.protected


def test_the_new_town_has_no_medical_claim_of_who_moved_yet(read: Read) -> None:
    claimed = {row["child_number"] for row in read(A, "child_medical")}
    paid = {row["child_number"] for row in read(A, "child_allowance")}
    children = {move.child.register_number for move in movers(B, A, people=PEOPLE, seed=SEED)}
    assert not children & claimed
    assert children & paid


def test_towns_of_different_sizes_agree_when_both_know_both_sizes(tmp_path: Path) -> None:
    write_town(A, people=900, seed=5, out=tmp_path / A, neighbour=B, neighbour_people=300)
    write_town(B, people=300, seed=5, out=tmp_path / B, neighbour=A, neighbour_people=900)
    came = moved_in(rows(tmp_path / A / "resident.csv", "resident"), B)
    left = by_personal_number(rows(tmp_path / B / "resident.csv", "resident"))
    assert came
    assert came.keys() <= left.keys()
    told = movers(B, A, people=300, seed=5, neighbour_people=900)
    assert {move.child.personal_number for move in told} <= came.keys()


def test_a_later_tax_year_is_held_where_they_lived_on_its_first_day(tmp_path: Path) -> None:
    for code, other in ((A, B), (B, A)):
        out = tmp_path / code
        write_town(code, people=900, seed=5, out=out, neighbour=other, tax_years=[2025, 2026])
    here = {
        (row["register_number"], row["tax_year"])
        for row in rows(tmp_path / A / "income.csv", "income")
    }
    moves = list(movers(B, A, people=900, seed=5))
    assert len({move.moved_on.year for move in moves}) == 2
    for move in moves:
        number = move.guardians[0].register_number
        assert (number, "2025") not in here
        assert ((number, "2026") in here) == (move.moved_on.isoformat() <= "2026-01-01")


def test_children_of_a_family_stay_in_the_order_of_their_birth(read: Read) -> None:
    residents = [row for row in read(A, "resident") if row["register_number"] > "0000006"]
    for one, other in pairwise(residents):
        if one["relationship"] == other["relationship"] == "子":
            assert one["birth_date"] < other["birth_date"]
