"""A file goes in whole or not at all, and the same file a second time changes nothing."""

import io
from pathlib import Path

import pytest
from tests.store.rows import (
    ALLOWANCE,
    OTHER_TOWN,
    RESIDENT,
    TOWN,
    Row,
    allowance,
    day,
    file,
    hour,
    lines,
    of_lines,
    register_number,
    resident,
)

from renkei import store
from renkei.kit import Connection, Database
from renkei.store import LoadReport, Outcome, Progress, Severity
from renkei.store.snapshot import Limits

THREE = [resident(number) for number in (1, 2, 3)]


def take_in(
    conn: Connection, rows: list[Row], *, on: int = 0, at: int = 0, allow_ending: bool = False
) -> LoadReport:
    source = file(RESIDENT, rows)
    return store.load(
        conn, TOWN, RESIDENT, source, on=day(on), at=hour(at), allow_ending=allow_ending
    )


def held(conn: Connection, number: int, item: str = "name", on: int = 0) -> store.Value:
    key = {"register_number": register_number(number)}
    record = store.read(conn, TOWN, RESIDENT, key, (item,), on=day(on))
    return record.values[item] if record else None


def test_a_first_file_makes_every_line_a_record(conn: Connection) -> None:
    report = take_in(conn, THREE)
    assert report.outcome is Outcome.loaded
    assert report.changes == store.Changes(new=3, changed=0, gone=0, same=0)
    assert held(conn, 3) == "見本　3号"
    assert report.findings.kept == []


def test_a_second_file_changes_begins_and_ends_records(conn: Connection) -> None:
    take_in(conn, THREE)
    changed = [resident(1), resident(2, name="見本　改"), resident(4)]
    report = take_in(conn, changed, on=1, at=1, allow_ending=True)
    assert report.changes == store.Changes(new=1, changed=1, gone=1, same=1)
    assert [held(conn, n, on=1) for n in (1, 2, 3, 4)] == [
        "見本　1号",
        "見本　改",
        None,
        "見本　4号",
    ]
    assert [held(conn, n, on=0) for n in (1, 2, 3, 4)] == [
        "見本　1号",
        "見本　2号",
        "見本　3号",
        None,
    ]


def test_the_same_file_for_the_same_day_changes_nothing(conn: Connection) -> None:
    first = take_in(conn, THREE)
    again = take_in(conn, THREE, at=1)
    assert (again.outcome, again.changes) == (Outcome.already_loaded, None)
    assert again.sha256 == first.sha256


def test_the_same_file_for_a_later_day_is_a_load_without_changes(conn: Connection) -> None:
    take_in(conn, THREE)
    again = take_in(conn, THREE, on=1, at=1)
    assert again.outcome is Outcome.loaded
    assert again.changes == store.Changes(new=0, changed=0, gone=0, same=3)


def test_one_wrong_value_keeps_the_whole_file_out(conn: Connection) -> None:
    report = take_in(conn, [resident(1), resident(2, sex="7")])
    assert (report.outcome, report.findings.errors) == (Outcome.blocked, 1)
    assert held(conn, 1) is None


def test_a_file_that_would_end_too_many_records_is_blocked_with_the_numbers(
    conn: Connection,
) -> None:
    take_in(conn, [resident(number) for number in range(1, 21)])
    fewer = [resident(number) for number in range(1, 18)]
    report = take_in(conn, fewer, on=1, at=1)
    finding = report.findings.kept[0]
    assert report.outcome is Outcome.blocked
    assert "20件のうち3件" in finding.says("ja")
    assert held(conn, 20, on=1) == "見本　20号"
    assert take_in(conn, fewer, on=1, at=1, allow_ending=True).outcome is Outcome.loaded


def test_a_key_on_two_lines_blocks_a_later_file_too(conn: Connection) -> None:
    take_in(conn, THREE)
    report = take_in(conn, [*THREE, resident(2, name="見本　改")], on=1, at=1)
    assert [(f.rule, f.place.line) for f in report.findings.kept] == [("duplicate-key", 6)]
    assert report.outcome is Outcome.blocked
    assert held(conn, 2, on=1) == "見本　2号"


def test_a_tenth_of_the_records_may_end(conn: Connection) -> None:
    take_in(conn, [resident(number) for number in range(1, 21)])
    assert take_in(conn, [resident(n) for n in range(1, 19)], on=1, at=1).outcome is Outcome.loaded


def test_a_snapshot_of_an_earlier_day_is_refused(conn: Connection) -> None:
    take_in(conn, THREE, on=2)
    with pytest.raises(store.SnapshotOlder):
        take_in(conn, THREE, on=1, at=1)


def test_a_load_at_an_earlier_time_is_refused(conn: Connection) -> None:
    take_in(conn, THREE, at=1)
    with pytest.raises(store.LoadNotLater):
        take_in(conn, THREE, on=1, at=1)


def test_a_correction_of_the_same_day_is_kept_beside_what_was_known(conn: Connection) -> None:
    take_in(conn, THREE)
    take_in(conn, [resident(1, name="見本　訂正"), *THREE[1:]], at=2)
    key = {"register_number": register_number(1)}
    before = store.read(conn, TOWN, RESIDENT, key, ("name",), on=day(0), known=hour(1))
    after = store.read(conn, TOWN, RESIDENT, key, ("name",), on=day(0))
    assert before is not None
    assert after is not None
    assert (before.values["name"], after.values["name"]) == ("見本　1号", "見本　訂正")


def test_crlf_a_byte_order_mark_and_quoted_values_are_accepted(conn: Connection) -> None:
    quoted = [resident(1, building='"見本"棟, 1号室'), resident(2)]
    text = b"\xef\xbb\xbf" + file(RESIDENT, quoted).getvalue().replace(b"\n", b"\r\n")
    report = store.load(conn, TOWN, RESIDENT, io.BytesIO(text), on=day(0), at=hour(0))
    assert report.outcome is Outcome.loaded
    assert [(f.severity, f.rule) for f in report.findings.kept] == [
        (Severity.alert, "byte-order-mark")
    ]
    assert held(conn, 1, "building") == '"見本"棟, 1号室'


def test_a_quoted_empty_value_is_no_value(conn: Connection) -> None:
    text = file(RESIDENT, THREE).getvalue().decode().replace("ゴウ,,", 'ゴウ,"",')
    report = store.load(conn, TOWN, RESIDENT, io.BytesIO(text.encode()), on=day(0), at=hour(0))
    assert report.outcome is Outcome.loaded
    assert held(conn, 1, "former_surname") is None


def test_a_retired_code_is_an_alert(conn: Connection) -> None:
    source = file(ALLOWANCE, [allowance(1, 2, allowance_class="3")])
    report = store.load(conn, TOWN, ALLOWANCE, source, on=day(0), at=hour(0))
    assert report.outcome is Outcome.loaded
    assert [f.rule for f in report.findings.kept] == ["code-retired"]


def test_a_file_without_records_is_loaded_where_none_is_held(conn: Connection) -> None:
    report = take_in(conn, [])
    assert (report.outcome, report.changes) == (Outcome.loaded, store.Changes(0, 0, 0, 0))
    assert [f.rule for f in report.findings.kept] == ["no-records"]


def test_a_file_without_records_ends_all_only_if_that_is_meant(conn: Connection) -> None:
    take_in(conn, THREE)
    assert take_in(conn, [], on=1, at=1).outcome is Outcome.blocked
    assert take_in(conn, [], on=1, at=1, allow_ending=True).outcome is Outcome.loaded
    assert take_in(conn, THREE, on=2, at=2).changes == store.Changes(
        new=3, changed=0, gone=0, same=0
    )
    assert [held(conn, 1, on=n) for n in (0, 1, 2)] == ["見本　1号", None, "見本　1号"]


def test_progress_is_told_block_by_block(conn: Connection, tmp_path: Path) -> None:
    path = tmp_path / "resident.csv"
    path.write_bytes(file(RESIDENT, [resident(n) for n in range(100)]).getvalue())
    told: list[Progress] = []
    limits = Limits(block_bytes=4096)
    store.load(
        conn, TOWN, RESIDENT, path, on=day(0), at=hour(0), progress=told.append, limits=limits
    )
    assert len(told) > 5
    assert told == sorted(told, key=lambda one: one.records)
    assert told[-1].records == 100


def test_two_entities_load_in_one_transaction_or_neither(database: Database) -> None:
    def both(conn: Connection, sex: str) -> None:
        store.load(conn, TOWN, ALLOWANCE, file(ALLOWANCE, [allowance(1, 2)]), on=day(0), at=hour(0))
        if take_in(conn, [resident(1, sex=sex)]).outcome is Outcome.blocked:
            raise store.LoadInterrupted(entity="resident", reason="blocked")

    with pytest.raises(store.LoadInterrupted), database.transaction(TOWN) as conn:
        both(conn, "7")
    key = {"register_number": register_number(1), "child_number": register_number(2)}
    with database.transaction(TOWN) as conn:
        assert store.read(conn, TOWN, ALLOWANCE, key, ("paid_since",), on=day(0)) is None


def test_no_tenant_sees_another(database: Database) -> None:
    towns = (TOWN, OTHER_TOWN)
    for town in towns:
        rows = [resident(1, name=f"町 {town}")]
        with database.transaction(town) as conn:
            store.load(conn, town, RESIDENT, file(RESIDENT, rows), on=day(0), at=hour(0))
    key = {"register_number": register_number(1)}
    for town in towns:
        other = towns[1 - towns.index(town)]
        with database.transaction(town) as conn:
            own = store.read(conn, town, RESIDENT, key, ("name",), on=day(0))
            strange = store.read(conn, other, RESIDENT, key, ("name",), on=day(0))
            assert own is not None
            assert own.values["name"] == f"町 {town}"
            assert strange is None
            assert len(list(store.persons(conn, town))) == 1


def test_lines_are_counted_from_the_top_of_the_file(conn: Connection) -> None:
    all_lines = lines(RESIDENT, THREE)
    all_lines[1:1] = ["# もう一行"]
    all_lines[4] = all_lines[4].replace("世帯主", "祖父")
    report = store.load(conn, TOWN, RESIDENT, of_lines(all_lines), on=day(0), at=hour(0))
    assert [(f.place.line, f.place.column, f.place.item) for f in report.findings.kept] == [
        (5, 9, "続柄")
    ]
