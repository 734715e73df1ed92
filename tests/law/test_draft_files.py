"""Rows of a draft come from a CSV file as it was meant, or its first mistake is named by place."""

import csv
import io
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei import kit
from renkei.law import drafting
from renkei.law.drafting import DraftFileWrong, rows_of_file, with_rows
from renkei.standard.amending import COLUMNS, OWN_COLUMNS

HEAD = "団体コード,事務手続,条例,届出の番号,届出日,この日から"
USE = '131024,JT99000000001701,"B市条例、第2条 ""合成""",届出-1,2026-04-01,2026-05-01'
ROW = "\t".join(
    (
        *("131024", "JT99000000001701", 'B市条例、第2条 "合成"', "届出-1"),
        *("2026-04-01", "2026-05-01", "", "", ""),
    )
)


def refused(data: bytes) -> tuple[int, int, str]:
    with pytest.raises(DraftFileWrong) as caught:
        rows_of_file(data)
    facts = caught.value.facts
    for language in ("ja", "en"):
        said = caught.value.text(language)
        assert str(facts["line"]) in said
        assert "{" not in said
        assert f"law-file-{facts['defect']}" not in said
    return int(facts["line"]), int(facts["column"]), str(facts["defect"])


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_file_is_read_with_and_without_a_mark_and_by_any_line_end(mark, end):
    assert rows_of_file(mark + f"{HEAD}{end}{USE}{end}".encode()) == ROW
    assert rows_of_file(mark + f"{HEAD}{end}{end}{USE}".encode()) == ROW


def test_columns_are_named_in_either_language_or_as_in_the_files_and_in_any_order():
    english = "Ordinance,From,Procedure,organisation"
    rows = rows_of_file(f"{english}\nB,2026-05-01,JT9,131024\n".encode())
    assert rows == "131024\tJT9\tB\t\t\t2026-05-01\t\t\t"


def test_a_line_that_takes_a_row_out_is_one_cell():
    assert rows_of_file(b"row,law\n-NA-074,\n") == "-NA-074"
    assert rows_of_file("団体コード,事務手続,この日から\n-131024 JT9 2026-05-01\n".encode()) == (
        "-131024 JT9 2026-05-01"
    )


WRONG = {
    "Shift_JIS": (f"{HEAD}\n131024,JT9,条例,,,2026-05-01".encode("cp932"), (1, 1, "encoding")),
    "Shift_JIS in a late line": (
        f"{HEAD}\n131024,JT9,".encode() + "条例".encode("cp932"),
        (2, 12, "encoding"),
    ),
    "UTF-16": (f"{HEAD}\n{USE}".encode("utf-16"), (1, 1, "encoding")),
    "UTF-16 without a mark": ("row,law\nX,Y".encode("utf-16-le"), (1, 1, "column-unknown")),
    "nothing": (b"", (1, 1, "empty")),
    "a mark alone": (b"\xef\xbb\xbf", (1, 1, "empty")),
    "columns alone": (HEAD.encode(), (1, 30, "empty")),
    "an unknown column": (b"row,law,nonsense\nX,Y,Z", (1, 9, "column-unknown")),
    "tabs": (b"row\tlaw\nX\tY", (1, 1, "column-unknown")),
    "a column twice": ("row,law,法令\nX,Y,Z".encode(), (1, 9, "column-twice")),
    "no name of the row": (b"law,citation\nX,Y", (1, 1, "column-missing")),
    "a column of the other kind": (
        "団体コード,事務手続,この日から,項目\n".encode(),
        (1, 18, "column-elsewhere"),
    ),
    "more cells than columns": (b"row,law\nX,Y\nZ,Y,Y\n", (3, 5, "cells-many")),
    "a row without its name": (b"row,law\n,Y\n", (2, 1, "cell-missing")),
    "a name that is a comment": (b"row,law\n#X,Y\n", (2, 1, "name-unfit")),
    "a name that takes out": (b"row,law\n-X,Y\n", (2, 1, "name-unfit")),
    "the heads of the table once more": (
        ("\n".join([",".join(COLUMNS)] * 2)).encode(),
        (2, 1, "name-unfit"),
    ),
    "a row twice": (b"row,law\nX,Y\nZ,Y\nX,W\n", (4, 1, "row-twice")),
    "a quote that is not closed": (b'row,law\nX,"Y\nZ,Y\n', (2, 3, "quote-unclosed")),
    "a quote within": (b'row,law\nX,Y"Y"\n', (2, 4, "quote-inside")),
    "letters behind a quote": (b'row,law\nX,"Y"Y\n', (2, 6, "quote-inside")),
    "a letter that turns the writing": (
        "row,law\nX,番\u202e号\n".encode(),
        (2, 4, "letter-unseen"),
    ),
    "a nought": (b"row,law\nX,Y\0\n", (2, 4, "letter-unseen")),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_named_by_line_and_letter(what):
    data, wanted = WRONG[what]
    assert refused(data) == wanted


def test_a_quoted_cell_may_hold_a_lines_end_and_lines_are_still_counted():
    data = b'row,law\nX,"one\r\ntwo"\nZ,Y,more\n'
    assert refused(data) == (4, 5, "cells-many")
    assert rows_of_file(b'row,law\nX,"one\r\ntwo"\n').split("\t")[:2] == ["X", "one two"]


SAID = st.text(st.characters(exclude_categories=["Cc", "Cf", "Cs"]), min_size=1).map(
    lambda text: " ".join(text.split())
)
NAMES = SAID.filter(lambda text: text and text[0] not in "-#")
RECORDS = st.lists(st.tuples(NAMES, SAID), min_size=1, max_size=5, unique_by=lambda one: one[0])


@given(RECORDS, st.sampled_from(["\n", "\r\n"]))
def test_what_a_spreadsheet_writes_is_read_as_it_was_meant(records, end):
    out = io.StringIO()
    csv.writer(out, lineterminator=end).writerows([("row", "citation"), *records])
    cells = [line.split("\t") for line in rows_of_file(out.getvalue().encode()).split("\n")]
    assert [(one[0], one[2]) for one in cells] == records
    assert {len(one) for one in cells} == {len(COLUMNS)}


@given(st.binary(max_size=200))
def test_any_bytes_are_rows_or_a_place(data):
    with suppress(DraftFileWrong):
        rows = rows_of_file(b"row,law\nA,B\n" + data)
        assert all(
            line.startswith("-") or line.count("\t") == len(COLUMNS) - 1
            for line in rows.split("\n")
        )


def test_rows_of_a_file_stand_in_the_place_of_those_of_their_names():
    rows = f"# said\n{ROW}\n-NA-074"
    newer = ROW.replace("届出-1", "届出-2")
    other = ROW.replace("131024", "131032")
    assert with_rows(rows, f"{newer}\n{other}") == f"# said\n{newer}\n-NA-074\n{other}"
    assert with_rows("", newer) == newer
    assert (
        with_rows(rows, "NA-074" + "\t" * (len(COLUMNS) - 1)).split("\n")[2].startswith("NA-074\t")
    )


def test_every_column_can_be_named_as_the_editor_calls_it():
    """No two columns are called alike in one kind of row."""
    languages: tuple[kit.Language, ...] = ("ja", "en")
    for columns in (COLUMNS, OWN_COLUMNS):
        for language in languages:
            called = [kit.say(f"law-cell-{column}", language) for column in columns]
            values = ["-x", *[""] * (len(columns) - 1)]
            out = io.StringIO()
            csv.writer(out).writerows([called, values])
            assert rows_of_file(out.getvalue().encode()) == "-x"
            assert len(set(called)) == len(columns)
    assert drafting.FIELDS["rows"] < drafting.LARGEST_FILE
