"""What an extract writes is what other programs read; within limits, or not at all."""

import csv
import io
import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pypdf
import pytest
from tests.store.asking import load
from tests.store.extracting import child, moment, q, rows, settle
from tests.store.rows import RESIDENT, TOWN, day, register_number, resident

from renkei.kit import Connection, Database
from renkei.standard import catalogue
from renkei.standard.synthetic import example_row
from renkei.store import extracts
from renkei.store.extracts import Column, Equals, Form, Limits

HEADING = extracts.Heading(
    name="児童手当の現況 (1)",
    town="A市",
    by="1002 業務　見本",
    at=datetime(2026, 4, 11, 9, 30, tzinfo=UTC),
    on=day(10),
    purpose="児童手当の現況確認",
    language="ja",
)
LATER = 5  # than all the town has loaded
FORMULAS = {"=1+1", "+81", "@海", "-5"}


@pytest.fixture(scope="module")
def town(database: Database) -> Database:
    settle(database, TOWN)  # the other town stays empty: `conn` holds what it reads to that
    return database


@pytest.fixture
def reading(town: Database) -> Iterator[Connection]:
    """Give a connection as extracts have it."""
    with (
        town.beside(size=1, settings=extracts.SETTINGS) as pool,
        pool.transaction(TOWN) as conn,
    ):
        yield conn


def write(
    conn: Connection,
    path: Path,
    query: extracts.Query,
    form: Form,
    limits: Limits = Limits(),  # noqa: B008  # frozen
) -> extracts.Output:
    ticks = itertools.count()
    return extracts.write(
        *(conn, TOWN, extracts.plan(query, catalogue()), path),
        form=form,
        heading=HEADING,
        moment=moment(query),
        limits=limits,
        clock=lambda: next(ticks) / 1000,
        progress=lambda _: None,
    )


def all_residents() -> extracts.Query:
    """Return register number, name, birth date, sex with its name, order in the household."""
    columns = ("register_number", "name", "birth_date", "sex", "processed_on", "order_in_household")
    return extracts.Query(
        leading=extracts.Source(entity="resident"),
        columns=tuple(Column(item=f"resident.{one}", named=one == "sex") for one in columns),
        order=(extracts.Order(item="resident.register_number"),),
    )


def text_of(path: Path, form: Form) -> str:
    """Return everything a person could read in a file."""
    match form:
        case Form.csv | Form.csv_windows_31j:
            return path.read_bytes().decode("cp932" if "31j" in form else "utf-8-sig")
        case Form.parquet:
            return str(pl.read_parquet(path).rows())
        case Form.xlsx:
            sheets = openpyxl.load_workbook(path).worksheets
            return str([[*sheet.values] for sheet in sheets])
        case Form.pdf:
            return "".join(page.extract_text() for page in pypdf.PdfReader(path).pages)


SOME = all_residents()


def names(found: "list[tuple[str, ...]]") -> set[str]:
    return {row[1] for row in found}


def test_csv_is_read_back_by_the_standard_library_marks_apart(reading, town, tmp_path):
    output = write(reading, tmp_path / "a.csv", all_residents(), Form.csv)
    data = (tmp_path / "a.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    head, *body = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    assert head[:4] == ["宛名番号", "氏名", "生年月日", "性別"]
    wanted = rows(town, all_residents())
    assert [row[0] for row in body] == [row[0] for row in wanted]
    assert {row[1].removeprefix("'") for row in body} == names(wanted)
    assert {row[3] for row in body} == {"男", "女"}
    assert (output.rows, output.size) == (len(wanted), len(data))


def test_no_cell_of_a_csv_begins_as_a_formula(reading, tmp_path):
    output = write(reading, tmp_path / "a.csv", all_residents(), Form.csv)
    text = (tmp_path / "a.csv").read_text("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text, newline="")) for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]
    marked = [cell for cell in cells if cell.startswith("'")]
    assert {cell[1:] for cell in marked} == FORMULAS
    assert output.written.marked == len(marked)


def test_windows_31j_tells_what_it_could_not_hold(reading, tmp_path, conn):
    load(conn, RESIDENT, resident(1, name="𠮷野　髙橋"), resident(2, name="𠮷川"), on=LATER)
    output = write(conn, tmp_path / "a.csv", all_residents(), Form.csv_windows_31j)
    text = (tmp_path / "a.csv").read_bytes().decode("cp932")
    assert "〓野　髙橋" in text
    (missing,) = output.written.missing
    assert (missing.character, missing.count, missing.row) == ("𠮷", 2, 2)


def test_xlsx_is_read_back_with_texts_as_texts_and_days_as_days(reading, town, tmp_path):
    write(reading, tmp_path / "a.xlsx", all_residents(), Form.xlsx)
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    sheet, about = book.worksheets
    head, *body = sheet.iter_rows()
    assert [cell.value for cell in head][:2] == ["宛名番号", "氏名"]
    wanted = rows(town, all_residents())
    assert [row[0].value for row in body] == [row[0] for row in wanted]
    assert {row[1].value for row in body} >= FORMULAS
    assert {cell.data_type for row in body for cell in row[:4]} == {"s"}
    assert body[0][4].value == datetime(2001, 1, 2)  # noqa: DTZ001
    assert body[0][5].value == 1
    assert about["B6"].value == "児童手当の現況確認"


def test_parquet_is_read_back_with_its_types(reading, town, tmp_path):
    write(reading, tmp_path / "a.parquet", all_residents(), Form.parquet)
    frame = pl.read_parquet(tmp_path / "a.parquet")
    assert frame["氏名"].to_list() == [row[1] for row in rows(town, all_residents())]
    assert frame.schema["宛名番号"] == pl.String
    assert [str(frame.schema[name]) for name in ("処理日", "世帯員の並び順")] == ["Date", "Int64"]
    assert frame["処理日"][0] == date(2001, 1, 2)
    assert pl.read_parquet_metadata(tmp_path / "a.parquet")["利用目的"] == "児童手当の現況確認"
    assert [path.name for path in tmp_path.iterdir()] == ["a.parquet"]


def test_pdf_is_read_back_with_who_when_and_why_on_every_page(reading, town, tmp_path):
    many = q(
        *("resident.register_number", "other.name"),
        joins=(
            extracts.Join(
                entity="income",
                to="resident",
                pairs=(("register_number", "register_number"),),
                optional=True,
            ),
            extracts.Join(
                entity="person",
                alias="other",
                to="resident",
                pairs=(("register_number", "register_number"),),
            ),
        ),
    )
    write(reading, tmp_path / "a.pdf", many, Form.pdf)
    pages = pypdf.PdfReader(tmp_path / "a.pdf").pages
    text = "".join(page.extract_text() for page in pages)
    for row in rows(town, many):
        assert all(cell in text for cell in row)
    for number, page in enumerate(pages, 1):
        told = page.extract_text()
        for wanted in ("児童手当の現況 (1)", "1002 業務　見本", "2026-04-11 09:30", "現況確認"):
            assert wanted in told
        assert f"{number} / {len(pages)} ページ" in told


def test_a_pdf_of_many_rows_repeats_its_header(conn, tmp_path):
    load(conn, RESIDENT, *(resident(n) for n in range(1, 121)), on=LATER)
    write(conn, tmp_path / "a.pdf", q("resident.register_number", "resident.name"), Form.pdf)
    pages = [page.extract_text() for page in pypdf.PdfReader(tmp_path / "a.pdf").pages]
    assert len(pages) > 2
    assert all("宛名番号" in page and "氏名" in page for page in pages)
    numbers = [register_number(n) for n in range(1, 121)]
    assert all(any(number in page for page in pages) for number in numbers)


def test_a_pdf_marks_what_its_fonts_cannot_hold(conn, tmp_path):
    load(conn, RESIDENT, resident(1, name="𠮷野　一"), on=LATER)
    output = write(conn, tmp_path / "a.pdf", q("resident.name"), Form.pdf)
    assert "〓野" in pypdf.PdfReader(tmp_path / "a.pdf").pages[0].extract_text()
    assert [one.character for one in output.written.missing] == ["𠮷"]


@pytest.mark.parametrize("form", Form)
def test_an_extract_of_nothing_is_a_file_with_a_header(reading, tmp_path, form):
    query = q("resident.name", where=Equals(item="resident.name", value="誰でもない"))
    path = tmp_path / f"a{form.suffix}"
    assert write(reading, path, query, form).rows == 0
    match form:
        case Form.parquet:
            assert pl.read_parquet(path).columns == ["氏名"]
        case Form.xlsx:
            assert openpyxl.load_workbook(path).worksheets[0]["A1"].value == "氏名"
        case Form.pdf:
            assert "氏名" in pypdf.PdfReader(path).pages[0].extract_text()
        case Form.csv | Form.csv_windows_31j:
            assert path.stat().st_size > 4


@pytest.mark.parametrize("form", Form)
def test_more_rows_than_the_limit_are_an_error(reading, tmp_path, form):
    limits = Limits(rows=3)
    with pytest.raises(extracts.ExtractTooManyRows):
        write(reading, tmp_path / "a", all_residents(), form, limits)


def test_a_form_has_a_limit_of_its_own(conn, tmp_path):
    crowd(conn, 145)
    pairs = everyone_with_everyone(2, distinct=False)
    with pytest.raises(extracts.ExtractTooManyRows) as raised:
        write(conn, tmp_path / "a.pdf", pairs, Form.pdf)
    assert raised.value.facts == {"limit": 20_000, "form": "pdf"}
    assert write(conn, tmp_path / "a.csv", pairs, Form.csv).rows == 145 * 145


@pytest.mark.parametrize("form", Form)
def test_a_larger_file_than_the_limit_is_an_error(reading, tmp_path, form):
    with pytest.raises(extracts.ExtractTooLarge):
        write(reading, tmp_path / "a", all_residents(), form, Limits(size=10))


HOUSEHOLD = catalogue().entity("household")
SHARED = (("household_number", "household_number"),)


def crowd(conn: Connection, people: int) -> None:
    """Load that many people, all of one household."""
    number = register_number(90001)
    load(conn, HOUSEHOLD, {**example_row(HOUSEHOLD, catalogue()), "household_number": number})
    together = [
        resident(
            n,
            household_number=number,
            relationship="世帯主" if n == 1 else "子",
            order_in_household=str(n),
        )
        for n in range(1, people + 1)
    ]
    load(conn, RESIDENT, *together, on=LATER)


def everyone_with_everyone(times: int, *, distinct: bool = True) -> extracts.Query:
    """Return a query whose rows are all tuples of people of a household."""
    joins = [extracts.Join(entity="household", to="resident", pairs=SHARED)]
    joins += [
        extracts.Join(entity="resident", alias=f"r{n}", to="household", pairs=SHARED)
        for n in range(times - 1)
    ]
    return q("resident.name", joins=tuple(joins), distinct=distinct)


def test_the_server_itself_ends_a_query_that_takes_too_long(conn, tmp_path):
    crowd(conn, 300)
    with pytest.raises(extracts.ExtractTooSlow) as raised, conn.transaction():
        extracts.write(
            *(conn, TOWN, extracts.plan(everyone_with_everyone(5), catalogue())),
            tmp_path / "a.csv",
            form=Form.csv,
            heading=HEADING,
            moment=moment(SOME),
            limits=Limits(seconds=0.3),
            clock=lambda: 0.0,  # ours never ends it
            progress=lambda _: None,
        )
    assert raised.value.facts == {"seconds": "0.3"}


def test_the_time_of_all_pieces_together_is_limited(reading, tmp_path):
    ticks = iter([0.0, 1.0, 2.0, 99.0, 100.0, 101.0])
    with pytest.raises(extracts.ExtractTooSlow):
        extracts.write(
            *(reading, TOWN, extracts.plan(all_residents(), catalogue()), tmp_path / "a.csv"),
            form=Form.csv,
            heading=HEADING,
            moment=moment(all_residents()),
            limits=Limits(seconds=50),
            clock=lambda: next(ticks),
            progress=lambda _: None,
        )


def test_extracts_cannot_write_and_have_bounded_memory(reading):
    import psycopg

    shown = {
        name: reading.execute("SELECT current_setting(%s)", [name]).fetchone()
        for name in ("work_mem", "default_transaction_read_only", "max_parallel_workers_per_gather")
    }
    assert shown == {
        "work_mem": ("32MB",),
        "default_transaction_read_only": ("on",),
        "max_parallel_workers_per_gather": ("0",),
    }
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction), reading.transaction():
        reading.execute("DELETE FROM store_resident")


@pytest.mark.parametrize("form", Form)
def test_a_protected_person_is_in_no_output_as_subject_or_named(conn, tmp_path, form):
    load(conn, RESIDENT, resident(2, protected="1"), resident(3), on=LATER)
    mentioned = q("child_allowance.child_number", leading="child_allowance")
    for query in (q("resident.register_number"), mentioned, q("resident.name", distinct=True)):
        path = tmp_path / f"{query.leading.entity}-{query.distinct}{form.suffix}"
        output = write(conn, path, query, form)
        persons = output.persons.of((query.leading.entity,))
        assert register_number(3) in persons
        assert register_number(2) not in persons
        assert register_number(2) not in text_of(path, form)


def test_persons_are_told_by_source_each_once(reading, tmp_path):
    query = q("child_allowance.monthly_amount", leading="child_allowance", joins=(child(),))
    output = write(reading, tmp_path / "a.csv", query, Form.csv)
    parents, children = ("child_allowance",), ("child",)
    assert output.persons.of(children) == [register_number(n) for n in (2, 3, 5, 6, 7)]
    assert set(output.persons.of(parents)) >= {register_number(n) for n in (1, 4, 50)}
    both = output.persons.of((*parents, *children, "nobody"))
    assert both == sorted(set(both))


def test_whom_a_distinct_row_is_about_is_still_told(reading, tmp_path):
    query = q("resident.sex", distinct=True)
    output = write(reading, tmp_path / "a.csv", query, Form.csv)
    single = write(reading, tmp_path / "b.csv", q("resident.sex"), Form.csv)
    assert output.rows == 2
    assert output.persons.of(("resident",)) == single.persons.of(("resident",))
