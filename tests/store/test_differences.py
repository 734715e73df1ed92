"""Differences go in by their numbers, each once, and only where they fit what is held."""

import io
from itertools import pairwise

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.rows import (
    OTHER_TOWN,
    RESIDENT,
    TOWN,
    Row,
    day,
    file,
    hour,
    register_number,
    resident,
)

from renkei import store
from renkei.kit import Connection, Database
from renkei.standard import difference_of
from renkei.store import LoadReport, Outcome

CHANGED = difference_of(RESIDENT)
ADDED, AMENDED, REMOVED = "1", "2", "3"


def became(change: str, number: int, **items: str) -> Row:
    return {"delivery_change": change} | dict(resident(number, **items))


def snapshot(conn: Connection, rows: list[Row], *, at: int = 0) -> LoadReport:
    return store.load(
        conn, TOWN, RESIDENT, file(RESIDENT, rows), on=day(at), at=hour(at), allow_ending=True
    )


def differ(
    conn: Connection, number: int, rows: list[Row], *, at: int = 1, allow_ending: bool = True
) -> LoadReport:
    source = file(CHANGED, rows)
    return store.load(
        conn,
        TOWN,
        RESIDENT,
        source,
        on=day(at),
        at=hour(at),
        difference=number,
        allow_ending=allow_ending,
    )


def names(conn: Connection, numbers: range, on: int) -> list[store.Value]:
    keys = [register_number(n) for n in numbers]
    found = store.read_many(conn, TOWN, RESIDENT, keys, ("name",), on=day(on))
    return [found[key].values["name"] if key in found else None for key in keys]


@pytest.fixture
def three(conn: Connection) -> Connection:
    """Give a transaction in which residents 1 to 3 are held."""
    snapshot(conn, [resident(n) for n in (1, 2, 3)])
    return conn


def test_a_difference_adds_amends_and_removes(three: Connection) -> None:
    rows = [became(ADDED, 4), became(AMENDED, 2, name="見本　改"), became(REMOVED, 3)]
    report = differ(three, 1, rows)
    assert report.changes == store.Changes(new=1, changed=1, gone=1, same=1)
    assert names(three, range(1, 5), 1) == ["見本　1号", "見本　改", None, "見本　4号"]
    assert names(three, range(1, 5), 0) == ["見本　1号", "見本　2号", "見本　3号", None]


def test_an_amendment_that_changes_nothing_is_counted_as_the_same(three: Connection) -> None:
    assert differ(three, 1, [became(AMENDED, 2)]).changes == store.Changes(0, 0, 0, 3)


def test_a_difference_with_a_gap_before_it_is_refused_and_says_what_is_missing(
    three: Connection,
) -> None:
    differ(three, 1, [became(ADDED, 4)])
    with pytest.raises(store.DifferenceMissing, match="3 of resident came, but 2"):
        differ(three, 3, [became(ADDED, 5)], at=2)


@pytest.mark.parametrize("number", [1, 2])
def test_a_difference_whose_number_was_loaded_is_refused(three: Connection, number: int) -> None:
    differ(three, 1, [became(ADDED, 4)])
    differ(three, 2, [became(ADDED, 5)], at=2)
    with pytest.raises(store.DifferenceRepeated):
        differ(three, number, [became(ADDED, 6)], at=3)


def test_the_same_difference_again_changes_nothing(three: Connection) -> None:
    rows = [became(ADDED, 4)]
    differ(three, 1, rows)
    assert differ(three, 1, rows).outcome is Outcome.already_loaded


def test_the_first_difference_of_a_town_without_records_is_number_one(conn: Connection) -> None:
    with pytest.raises(store.DifferenceMissing):
        differ(conn, 2, [became(ADDED, 1)])
    assert differ(conn, 1, [became(ADDED, 1)]).outcome is Outcome.loaded


def test_after_a_snapshot_numbers_may_be_skipped_but_not_repeated(three: Connection) -> None:
    differ(three, 1, [became(ADDED, 4)])
    snapshot(three, [resident(n) for n in (1, 2, 3, 4, 5)], at=2)
    assert differ(three, 7, [became(ADDED, 6)], at=3).outcome is Outcome.loaded
    with pytest.raises(store.DifferenceRepeated):
        differ(three, 6, [became(ADDED, 7)], at=4)


@pytest.mark.parametrize(
    ("change", "number", "rule"),
    [(ADDED, 2, "already-held"), (AMENDED, 9, "not-held"), (REMOVED, 9, "not-held")],
)
def test_a_difference_that_does_not_fit_what_is_held_is_blocked_at_its_line(
    three: Connection, change: str, number: int, rule: str
) -> None:
    report = differ(three, 1, [became(ADDED, 4), became(change, number)])
    assert report.outcome is Outcome.blocked
    assert [(f.rule, f.place.line, f.place.column) for f in report.findings.kept] == [(rule, 4, 1)]
    assert names(three, range(4, 5), 1) == [None]


def test_a_key_on_two_lines_blocks_a_difference(three: Connection) -> None:
    report = differ(three, 1, [became(ADDED, 4), became(REMOVED, 4)])
    assert [(f.rule, f.place.line) for f in report.findings.kept] == [("duplicate-key", 4)]


def test_an_unknown_kind_of_change_is_found_at_its_line(three: Connection) -> None:
    report = differ(three, 1, [became("4", 1)])
    assert [(f.rule, f.place.item) for f in report.findings.kept] == [("code-unknown", "異動区分")]


def test_a_snapshot_given_as_a_difference_is_blocked_for_want_of_its_column(
    three: Connection,
) -> None:
    source = io.BytesIO(file(RESIDENT, [resident(4)]).getvalue())
    report = store.load(three, TOWN, RESIDENT, source, on=day(1), at=hour(1), difference=1)
    assert [(f.rule, f.place.item) for f in report.findings.kept] == [
        ("column-missing", "異動区分")
    ]


def test_a_difference_that_would_end_too_many_records_is_blocked(three: Connection) -> None:
    report = differ(three, 1, [became(REMOVED, 1)], allow_ending=False)
    assert [f.rule for f in report.findings.kept] == ["too-many-ending"]
    assert names(three, range(1, 2), 1) == ["見本　1号"]


def test_the_differences_of_one_town_are_not_counted_in_another(
    three: Connection, database: Database
) -> None:
    differ(three, 1, [became(ADDED, 4)])
    with database.transaction(OTHER_TOWN) as conn:
        source = file(CHANGED, [became(ADDED, 1)])
        report = store.load(conn, OTHER_TOWN, RESIDENT, source, on=day(0), at=hour(0), difference=1)
        assert report.outcome is Outcome.loaded
        raise psycopg.Rollback


Town = dict[int, str]
towns = st.dictionaries(st.integers(1, 6), st.sampled_from(["見本　甲", "見本　乙"]), max_size=6)


def difference_between(before: Town, after: Town) -> list[Row]:
    """Return what a unit delivers when its register goes from one state to another."""
    gone = [became(REMOVED, n, name=before[n]) for n in before if n not in after]
    kept = [
        became(AMENDED if n in before else ADDED, n, name=name)
        for n, name in after.items()
        if before.get(n) != name
    ]
    return gone + kept


def everything(conn: Connection) -> list[tuple[object, ...]]:
    """Return every version of every resident, past and in force."""
    items = "register_number, name, valid_from, known_from"
    return conn.execute(
        f"SELECT {items}, valid_to, known_to FROM store_resident_history"  # noqa: S608
        f" UNION ALL SELECT {items}, NULL, NULL FROM store_resident ORDER BY 1, 3, 4"
    ).fetchall()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(states=st.lists(towns, min_size=2, max_size=4))
def test_loading_differences_leaves_what_loading_snapshots_leaves(
    database: Database, states: list[Town]
) -> None:
    left = []
    for by_difference in (False, True):
        with database.transaction(TOWN) as conn:
            snapshot(conn, [resident(n, name=name) for n, name in states[0].items()])
            for step, (before, after) in enumerate(pairwise(states), 1):
                if by_difference:
                    differ(conn, step, difference_between(before, after), at=step)
                else:
                    rows = [resident(n, name=name) for n, name in after.items()]
                    snapshot(conn, rows, at=step)
            left.append(everything(conn))
            raise psycopg.Rollback
    assert left[0] == left[1]
