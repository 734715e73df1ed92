"""A file is held to the standard's rules of records: its finding is the rule, its line the row."""

from collections.abc import Sequence
from datetime import date

import pytest
from tests.store.rows import (
    DAY,
    OTHER_TOWN,
    RESIDENT,
    TOWN,
    Row,
    day,
    file,
    hour,
    household,
    lines,
    of_lines,
    personal_number,
    register_number,
    resident,
)

from renkei import store
from renkei.kit import Connection, Database
from renkei.standard import Entity, catalogue
from renkei.standard.synthetic import Records
from renkei.standard.synthetic.dice import Dice
from renkei.store import LoadReport, Outcome, Severity

HOUSEHOLD = catalogue().entity("household")
ELECTOR = catalogue().entity("overseas_elector")
UNREGISTERED = catalogue().entity("unregistered_person")
LATER = date(2026, 6, 1)
FIRST = 3  # the line of the first record: a comment and the header come before

Found = list[tuple[str, int | None, int | None]]


def take_in(
    conn: Connection, rows: Sequence[Row], *, entity: Entity = RESIDENT, at: int = 0
) -> LoadReport:
    return store.load(conn, TOWN, entity, file(entity, rows), on=day(0), at=hour(at))


def found(report: LoadReport) -> Found:
    return [(f.rule, f.place.line, f.place.column) for f in report.findings.kept]


def member(number: int, **changes: str) -> Row:
    """Return a resident of the household of the first one."""
    return resident(number, household_number=register_number(90001), **changes)


def unregistered(number: int, **changes: str) -> Row:
    return {
        "register_number": register_number(number),
        "person_kind": "1",
        "name": f"見本　{number}号",
        "kana": "ミホン　ゴウ",
        "address": "他町一丁目1番1号",
        "registration_reason": "固定資産の所有",
        "registration_affair": "税務",
        "valid_since": "2001-01-01",
        "protected": "0",
    } | changes


def test_a_household_with_two_heads_keeps_the_file_out(conn: Connection) -> None:
    wife = member(2, relationship="妻", order_in_household="2")
    assert take_in(conn, [member(1), wife]).outcome is Outcome.loaded
    report = take_in(conn, [member(1), wife, member(3)], at=1)
    assert (report.outcome, found(report)) == (Outcome.blocked, [("01-R011", FIRST + 2, 9)])


def test_a_household_without_a_head_is_found_at_its_first_member(conn: Connection) -> None:
    report = take_in(
        conn, [resident(9), member(1, relationship="子"), member(2, relationship="妻")]
    )
    assert found(report) == [("01-R011", FIRST + 1, 9)]
    finding = report.findings.kept[0]
    assert "世帯主がちょうど一人" in finding.says("ja")
    assert "§1.1.11" in finding.says("en")
    assert finding.remedy("ja")


def test_who_moved_out_is_no_member_of_the_household(conn: Connection) -> None:
    gone = member(2, resident_status="2", change_reason="21")
    assert take_in(conn, [member(1), gone]).outcome is Outcome.loaded


@pytest.mark.parametrize(
    ("birth", "since", "in_order"),
    [
        ("1980-02-29", "1980-03-00頃", True),
        ("1980-03-15", "1980-03-00頃", True),
        ("1980-04-01", "1980-03-00頃", False),
        ("1980-12-31", "1980-00-00", True),
        ("1980-春", "1979-12-31", False),
        ("0000-00-00", "1900-01-01", True),
        ("1980-03-01から1980-03-10まで", "1980-03-01", True),
        ("1980-03-02から1980-03-10まで", "1980-03-01", False),
    ],
)
def test_days_fall_only_where_what_is_known_of_them_says_so(
    conn: Connection, birth: str, since: str, *, in_order: bool
) -> None:
    report = take_in(conn, [resident(1, birth_date=birth, resident_since=since)])
    assert report.outcome is Outcome.loaded
    assert found(report) == ([] if in_order else [("01-R033", FIRST, 7)])
    assert all(f.severity is Severity.alert for f in report.findings.kept)


def test_a_personal_number_belongs_to_one_person(conn: Connection) -> None:
    twice = {"personal_number": personal_number(1)}
    report = take_in(conn, [resident(1), resident(2, **twice), resident(3, **twice)])
    assert report.outcome is Outcome.blocked
    assert found(report) == [("01-R025", FIRST + 1, 23), ("01-R025", FIRST + 2, 23)]


def test_all_breaches_are_counted_and_the_first_are_shown(conn: Connection) -> None:
    same = {"name": "見本　太郎"}
    assert take_in(conn, [resident(1, **same)]).findings.kept == []
    report = take_in(conn, [resident(number, **same) for number in range(1, 102)], at=1)
    assert report.outcome is Outcome.loaded
    assert report.findings.counts == {"01-R028": 100}
    assert [f.place.line for f in report.findings.kept] == list(range(FIRST + 1, FIRST + 51))


def test_of_a_first_delivery_no_namesake_was_there_before(conn: Connection) -> None:
    same = {"name": "見本　太郎"}
    assert take_in(conn, [resident(1, **same), resident(2, **same)]).findings.kept == []


def test_of_a_later_snapshot_only_new_records_are_reminded_of_a_namesake(
    conn: Connection,
) -> None:
    same = {"name": "見本　太郎"}
    old = [resident(2, **same), resident(3, **same), resident(4)]
    assert take_in(conn, old).findings.kept == []
    assert take_in(conn, [*old, resident(5)], at=1).findings.kept == []
    report = take_in(conn, [resident(1, **same), *old, resident(5), resident(6)], at=2)
    assert found(report) == [("01-R028", FIRST, 4)]
    assert report.findings.counts == {"01-R028": 1}
    pair = [resident(7, name="見本　花子"), resident(8, name="見本　花子")]
    report = take_in(conn, [resident(1, **same), *old, resident(5), resident(6), *pair], at=3)
    assert found(report) == [("01-R028", FIRST + 7, 4)]


def test_a_value_and_the_rule_it_breaks_are_one_finding(conn: Connection) -> None:
    report = take_in(conn, [resident(1, relationship="祖父")])
    (finding,) = report.findings.kept
    assert (finding.rule, finding.cites) == ("malformed-relationship", "01-R010")


def test_a_rule_about_one_row_names_its_items(conn: Connection) -> None:
    body = unregistered(1, person_kind="2", sex="1", birth_date="1980-01-01")
    report = take_in(conn, [body], entity=UNREGISTERED)
    (finding,) = report.findings.kept
    assert (finding.rule, finding.items) == ("22-R001", ("birth_date", "sex"))
    assert (report.outcome, finding.place.item) == (Outcome.blocked, "生年月日")


def test_lines_of_rules_count_from_the_top_of_the_file(conn: Connection) -> None:
    all_lines = lines(RESIDENT, [member(1), member(2)])
    all_lines[1:1] = ["# もう一行", "# さらに一行"]
    report = store.load(conn, TOWN, RESIDENT, of_lines(all_lines), on=day(0), at=hour(0))
    assert found(report) == [("01-R011", 6, 9)]


def test_a_rule_of_another_day_is_not_asked(conn: Connection) -> None:
    rows = [member(1), member(2)]
    before = DAY.replace(year=2018)
    report = store.load(conn, TOWN, RESIDENT, file(RESIDENT, rows), on=before, at=hour(0))
    assert report.outcome is Outcome.loaded


def test_a_reference_that_leads_nowhere_is_an_alert(conn: Connection) -> None:
    take_in(conn, [resident(1)])
    good, bad = household(1, head=1), household(2, head=7)
    report = take_in(conn, [good, bad], entity=HOUSEHOLD, at=1)
    (finding,) = report.findings.kept
    assert report.outcome is Outcome.loaded
    assert (finding.rule, finding.severity) == ("reference-missing", Severity.alert)
    assert (finding.place.line, finding.place.item) == (FIRST + 1, "世帯主宛名番号")
    assert "「住民」" in finding.says("ja")


def test_a_reference_to_what_no_unit_delivered_is_not_asked(conn: Connection) -> None:
    report = take_in(conn, [household(1, head=7)], entity=HOUSEHOLD)
    assert (report.outcome, found(report)) == (Outcome.loaded, [])


def test_a_file_may_refer_to_itself(conn: Connection) -> None:
    merged = {"valid_until": "2020-01-01"}
    rows = [
        unregistered(1, merged_into_number=register_number(2), **merged),
        unregistered(2),
        unregistered(3, merged_into_number=register_number(4), **merged),
    ]
    report = take_in(conn, rows, entity=UNREGISTERED)
    assert [(rule, line) for rule, line, _ in found(report)] == [("reference-missing", FIRST + 2)]


def test_a_person_is_a_resident_or_an_unregistered_person(conn: Connection) -> None:
    electors = [{"register_number": register_number(number)} for number in (1, 2, 3, 4)]
    take_in(conn, [resident(1)])
    assert found(take_in(conn, electors[1:], entity=ELECTOR, at=1)) == []  # of 22 nothing yet
    take_in(conn, [unregistered(2)], entity=UNREGISTERED, at=2)
    report = take_in(conn, electors, entity=ELECTOR, at=3)
    assert (report.outcome, found(report)) == (
        Outcome.loaded,
        [("subject-missing", FIRST + 2, 1), ("subject-missing", FIRST + 3, 1)],
    )


def test_a_person_of_another_town_is_nobody_here(database: Database) -> None:
    for town in (OTHER_TOWN, TOWN):
        people = (RESIDENT, [resident(1 if town is TOWN else 2)]), (UNREGISTERED, [unregistered(3)])
        with database.transaction(town) as conn:
            for entity, rows in people:
                store.load(conn, town, entity, file(entity, rows), on=day(0), at=hour(0))
    electors = [{"register_number": register_number(number)} for number in (1, 2)]
    with database.transaction(TOWN) as conn:
        report = take_in(conn, electors, entity=ELECTOR, at=1)
    assert found(report) == [("subject-missing", FIRST + 1, 1)]


def test_a_code_of_a_later_day_is_told_as_not_yet_in_use(conn: Connection) -> None:
    warning = catalogue().entity("weather_warning")
    (row, *_) = Records(catalogue(), Dice("warning"), LATER, ()).make(warning, 1)
    source = file(warning, [row])
    report = store.load(conn, TOWN, warning, source, on=day(0), at=hour(0))
    assert {f.rule for f in report.findings.kept} == {"code-not-yet"}
    assert report.outcome is Outcome.loaded
