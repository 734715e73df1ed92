"""An extract leaves only by the law of its day, with its entries, whole or not at all."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from tests.app.extracts import PROCEDURE, PURPOSE, bureau, entries, keep, query, saved, settle
from tests.app.seat import AT, staffed_site
from tests.store.asking import PROTECTION, chain, protection
from tests.store.rows import TOWN, register_number

from renkei import audit, law
from renkei.app.disclosure import extracting
from renkei.app.disclosure.extracting import Bureau, Delivered, Order
from renkei.app.errors import ExtractsBusy, ExtractStopped
from renkei.app.site import Site
from renkei.store import extracts
from renkei.store.extracts import AgeBetween, Equals, Extract, Form, IsEmpty, Limits, Not


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        settle(found)
        yield found


@pytest.fixture
def desk(site) -> Bureau:
    entries(site.database)
    return bureau(site)


def order(out: Path, **changes: object) -> Order:
    said = {"form": Form.csv, "out": out, "by": "1002", "at": AT}
    return Order(**said | changes)  # type: ignore[arg-type]  # changes are named by the tests


def run(
    desk: Bureau, extract: Extract, how: Order, progress=lambda _: None
) -> Delivered | law.Refusal:
    ticks = itertools.count()
    return extracting.run(desk, extract, how, clock=lambda: next(ticks) / 1000, progress=progress)


def labels(desk: Bureau, *numbers: int) -> set[bytes]:
    with desk.database.transaction(TOWN) as conn:
        return {chain(conn, number, seal=desk.seal).label(2026) for number in numbers}


@pytest.mark.parametrize("form", Form)
def test_a_permitted_extract_is_a_file_without_whoever_is_protected(desk, tmp_path, form):
    done = run(desk, saved(desk, query()), order(tmp_path / f"a{form.suffix}", form=form))
    assert isinstance(done, Delivered)
    assert (done.output.rows, done.persons) == (3, 5)
    assert [file.name for file in tmp_path.iterdir()] == [f"a{form.suffix}"]
    assert (tmp_path / f"a{form.suffix}").stat().st_mode & 0o777 == 0o600
    if form is Form.csv:
        text = (tmp_path / "a.csv").read_text("utf-8-sig")
        assert all(register_number(n) in text for n in (1, 11, 4, 14, 15))
        assert not any(register_number(n) in text for n in (2, 12, 3, 13))


def test_each_permit_has_a_head_and_an_entry_for_every_person_under_it(desk, tmp_path):
    done = run(desk, saved(desk, query()), order(tmp_path / "a.csv"))
    assert isinstance(done, Delivered)
    found = entries(desk.database)
    heads = [one for one in found if one.label is None]
    assert [head.provision for head in heads] == ["IN-01-resident-15", "OWN-15"]
    assert [head.items for head in heads] == [("01-1-007",), ("15-1-001", "15-1-002")]
    told = heads[0].details
    assert (told["sha256"], told["records"], told["persons"], told["staff"]) == (
        *(done.output.sha256, "3", "3", "1002"),
    )
    assert {one.purpose for one in heads} == {PURPOSE}
    by_row = {
        head.provision: {
            one.label for one in found if one.label and one.provision == head.provision
        }
        for head in heads
    }
    assert by_row == {
        "IN-01-resident-15": labels(desk, 11, 14, 15),
        "OWN-15": labels(desk, 1, 4, 11, 14, 15),
    }
    assert {one.request for one in found} == {done.request}


UNPERMITTED = {
    "a column": lambda: query("child.name"),
    "a condition": lambda: query(where=Equals(item="child.name", value="見本　14号")),
    "a negated condition": lambda: query(where=Not(of=IsEmpty(item="child.personal_number"))),
    "an order": lambda: query(order=(extracts.Order(item="child.kana"),)),
}


@pytest.mark.parametrize("part", UNPERMITTED)
def test_an_item_no_provision_names_closes_the_whole_extract(desk, tmp_path, part):
    refused = run(desk, saved(desk, UNPERMITTED[part]()), order(tmp_path / "a.csv"))
    assert isinstance(refused, law.Refusal)
    assert [*tmp_path.iterdir()] == []
    (entry,) = entries(desk.database)
    assert (entry.kind, entry.outcome) == (audit.Kind.REFUSAL, "refused")
    assert (entry.details["reason"], entry.details["extract"]) == (refused.reason.value, "現況")


def test_what_is_not_permitted_is_not_saved_either_and_the_refusal_stays(desk):
    asker = desk.asker("15", PROCEDURE, PURPOSE)
    refused = extracting.save(desk, "名簿", query("child.name"), asker, by="1002", at=AT)
    assert isinstance(refused, law.Refusal)
    assert [one.kind for one in entries(desk.database)] == [audit.Kind.REFUSAL]
    with desk.database.transaction(TOWN) as conn:
        assert extracts.versions(conn, TOWN, "名簿") == []


def test_the_law_is_asked_again_on_the_day_of_the_run(desk, tmp_path):
    extract = saved(desk, query())
    before = order(tmp_path / "a.csv", at=AT.replace(year=2010))
    refused = run(desk, extract, before)
    assert isinstance(refused, law.Refusal)
    assert refused.reason is law.Reason.NOT_IN_FORCE


@pytest.mark.parametrize(
    ("unit", "procedure"), [("17", PROCEDURE), ("15", "JT99000000001705"), ("15", "JT0")]
)
def test_another_unit_or_procedure_is_refused(desk, tmp_path, unit, procedure):
    extract = replace(saved(desk, query()), unit=unit, procedure=procedure)
    assert isinstance(run(desk, extract, order(tmp_path / "a.csv")), law.Refusal)


def test_a_units_own_record_is_open_to_it_but_for_what_needs_special_care(desk):
    resident = extracts.Query(
        leading=extracts.Source(entity="resident"),
        columns=(extracts.Column(item="resident.name"),),
    )
    special = replace_columns(resident, "resident.personal_number")
    asker = desk.asker("01", "JT99000000000101", PURPOSE)
    day = AT.date()
    _, granted = desk.permits(resident, asker, on=day)
    assert [one.permit.provision for one in granted] == ["OWN-01"]
    _, refused = desk.permits(special, asker, on=day)
    assert isinstance(refused, law.Refusal)


def replace_columns(asked: extracts.Query, *items: str) -> extracts.Query:
    import msgspec

    columns = tuple(extracts.Column(item=item) for item in items)
    return msgspec.structs.replace(asked, columns=columns)


def test_what_nobody_approved_does_not_run(desk, tmp_path):
    extract = saved(desk, query(), "未承認", approve=False)
    with pytest.raises(extracts.ExtractNotApproved):
        run(desk, extract, order(tmp_path / "a.csv"))


def test_nobody_approves_what_they_saved(desk):
    extract = saved(desk, query(), "自分", approve=False)
    with pytest.raises(extracts.ApproverSame), desk.database.transaction(TOWN) as conn:
        extracts.approve(conn, TOWN, extract, by="1002", at=AT)


def test_a_saved_version_stays_as_it_was(desk):
    first = saved(desk, query(), "版")
    second = saved(desk, query(limit=1), "版", approve=False)
    with desk.database.transaction(TOWN) as conn:
        assert extracts.find(conn, TOWN, "版", first.version) == first
        assert extracts.find(conn, TOWN, "版") == second
        assert [one.version for one in extracts.versions(conn, TOWN, "版")] == [2, 1]
        assert [one.name for one in extracts.extracts(conn, TOWN)].count("版") == 1


def test_a_count_needs_the_same_permits_and_is_entered_without_persons(desk):
    asker = desk.asker("15", PROCEDURE, PURPOSE)
    young = query(where=AgeBetween(item="child.birth_date", on=AT.date(), most=60))
    assert extracting.count(desk, young, asker, by="1002", at=AT) == 3
    found = entries(desk.database)
    assert {one.details["use"] for one in found} == {"extract-count"}
    assert {one.label for one in found} == {None}
    refused = extracting.count(desk, query("child.name"), asker, by="1002", at=AT)
    assert isinstance(refused, law.Refusal)


def test_an_existing_file_is_left_as_it_is(desk, tmp_path):
    (tmp_path / "a.csv").write_text("mine")
    with pytest.raises(extracts.TargetExists):
        run(desk, saved(desk, query()), order(tmp_path / "a.csv"))
    assert (tmp_path / "a.csv").read_text() == "mine"
    assert entries(desk.database) == []


def test_a_folder_that_is_not_there_is_named(desk, tmp_path):
    with pytest.raises(extracts.FolderUnwritable):
        run(desk, saved(desk, query()), order(tmp_path / "none" / "a.csv"))


@pytest.mark.parametrize("form", Form)
def test_what_fails_leaves_neither_file_nor_entry(desk, tmp_path, form):
    with pytest.raises(extracts.ExtractTooManyRows):
        run(desk, saved(desk, query()), order(tmp_path / "a", form=form, limits=Limits(rows=1)))
    assert [*tmp_path.iterdir()] == []
    assert entries(desk.database) == []


@pytest.mark.parametrize("form", Form)
def test_what_is_cancelled_leaves_neither_file_nor_entry(desk, tmp_path, form):
    def cancel(_: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(desk, saved(desk, query()), order(tmp_path / "a", form=form), cancel)
    assert [*tmp_path.iterdir()] == []
    assert entries(desk.database) == []


def test_who_comes_under_protection_meanwhile_stops_the_release(desk, tmp_path):
    def protect(_: int) -> None:
        with desk.database.transaction(TOWN) as conn:
            keep(conn, PROTECTION, [protection(13), protection(14)], on=1)

    extract = saved(desk, query())
    with pytest.raises(extracts.ExtractOvertaken):
        run(desk, extract, order(tmp_path / "a.csv"), protect)
    assert [*tmp_path.iterdir()] == []
    assert entries(desk.database) == []
    done = run(desk, extract, order(tmp_path / "a.csv"))
    assert isinstance(done, Delivered)
    assert done.output.rows == 2
    with desk.database.transaction(TOWN) as conn:
        keep(conn, PROTECTION, [protection(13)], on=2)


def test_two_extracts_run_at_once_and_a_third_is_told(desk, tmp_path):
    told = []

    def another(_: int) -> None:
        with desk.reading(), pytest.raises(ExtractsBusy), desk.reading():
            pass
        told.append(True)

    run(desk, saved(desk, query()), order(tmp_path / "a.csv"), another)
    assert told == [True]


def test_what_a_killed_process_left_goes_with_the_next_run(desk, tmp_path):
    code = (
        "import os, pathlib, sys, time\n"
        "left = pathlib.Path(sys.argv[1]) / f'.extract-{os.getpid()}-x'\n"
        "left.mkdir(); (left / 'extract.csv').write_text('half')\n"
        "print(left, flush=True); time.sleep(60)\n"
    )
    killed = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert killed.stdout
    left = Path(killed.stdout.readline().strip())
    run(desk, saved(desk, query()), order(tmp_path / "a.csv"))
    assert left.exists(), "of a process that runs nothing is taken"
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    killed.stdout.close()
    run(desk, saved(desk, query()), order(tmp_path / "b.csv"))
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.csv", "b.csv"]


def test_a_look_up_beside_a_heavy_extract_has_its_own_connections(desk):
    begin = time.monotonic()
    with desk.reading() as one, desk.reading() as two, desk.database.transaction(TOWN) as conn:
        pids = {row[0] for c in (one, two, conn) for row in c.execute("SELECT pg_backend_pid()")}
    assert len(pids) == 3
    assert time.monotonic() - begin < 30


def test_a_process_of_its_own_writes_the_same_file_with_the_same_entries(desk, tmp_path):
    sorted_query = query(order=(extracts.Order(item="child_allowance.child_number"),))
    extract, apart = saved(desk, sorted_query), replace(desk, is_apart=True)
    here = run(desk, extract, order(tmp_path / "a"))
    entries(desk.database)
    there = run(apart, extract, order(tmp_path / "b"))
    assert isinstance(here, Delivered)
    assert isinstance(there, Delivered)
    assert (there.output.rows, there.persons) == (here.output.rows, here.persons)
    assert (tmp_path / "b").read_bytes() == (tmp_path / "a").read_bytes()
    assert {one.details.get("sha256") for one in entries(desk.database)} == {
        there.output.sha256,
        None,
    }


@pytest.mark.parametrize(
    ("limits", "error"),
    [
        (Limits(rows=1), extracts.ExtractTooManyRows),
        (Limits(size=1), extracts.ExtractTooLarge),
        (Limits(seconds=0.0001), extracts.ExtractTooSlow),
    ],
)
def test_an_error_of_that_process_is_told_as_ones_own(desk, tmp_path, limits, error):
    apart, extract = replace(desk, is_apart=True), saved(desk, query())
    with pytest.raises(error) as raised:
        run(apart, extract, order(tmp_path / "a", limits=limits))
    assert raised.value.text("ja")
    assert [*tmp_path.iterdir()] == []


def test_a_process_that_ends_without_a_word_leaves_nothing(desk, tmp_path):
    broken = replace(desk, is_apart=True, overlays=(tmp_path / "none",))
    with pytest.raises(ExtractStopped):
        run(broken, saved(desk, query()), order(tmp_path / "a"))
    assert [*tmp_path.iterdir()] == []
    assert entries(desk.database) == []
