"""Findings leave as CSV and JSON: with place, item, rule and remedy, and never with a value."""

import csv
import io
import json

from tests.store.deliveries import csv_utf_8
from tests.store.readings import read
from tests.store.rows import RESIDENT, resident

from renkei.store import Listing, findings_csv, findings_json

ROWS = [resident(1, sex="9", name="-秘密\t"), resident(2, kana="ひみつ")]


def listing(file: str = "resident.csv", text: bytes | None = None) -> Listing:
    return Listing(file, RESIDENT, read(text or csv_utf_8(RESIDENT, ROWS)).findings)


def table(*listings: Listing) -> list[dict[str, str]]:
    text = findings_csv(listings, "en").decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_a_line_of_csv_says_where_what_and_what_to_do() -> None:
    line = next(line for line in table(listing()) if line["rule"] == "code-unknown")
    assert line == {
        "file": "resident.csv",
        "line": "3",
        "column": "8",
        "item number": "01-1-008",
        "item": "性別",
        "item in English": "Sex",
        "rule": "code-unknown",
        "severity": "error",
        "shape of the value": "9",
        "what is wrong": "The code list holds no such value.",
        "what to do": "Use a value of the standard's code list.",
    }


def test_csv_is_as_excel_reads_it_in_both_languages() -> None:
    text = findings_csv([listing()], "ja")
    assert text.startswith(b"\xef\xbb\xbf" + "ファイル,行,列,項目番号".encode())
    assert text.count(b"\r\n") == text.count(b"\n") == 4


def test_no_cell_is_a_formula() -> None:
    cells = [cell for line in table(listing("=cmd|x.csv")) for cell in line.values()]
    assert any(cell == "'=cmd|x.csv" for cell in cells)
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


def test_json_holds_both_languages_and_the_item() -> None:
    (one,) = json.loads(findings_json([listing()]))
    sex = next(f for f in one["findings"] if f["rule"] == "code-unknown")
    assert sex["item"] == {"id": "01-1-008", "ja": "性別", "en": "Sex"}
    assert sex["message"]["ja"] == "コード辞書にない値です。"
    assert sex["remedy"]["en"] == "Use a value of the standard's code list."
    assert (one["errors"], one["counts"]["code-unknown"]) == (3, 1)


def test_no_value_leaves_with_a_finding() -> None:
    for text in (findings_csv([listing()], "ja"), findings_json([listing()])):
        assert "秘密" not in text.decode()
        assert "ひみつ" not in text.decode()


def test_what_was_not_kept_is_counted_in_a_line_of_its_own() -> None:
    rows = [resident(n, sex="9") for n in range(70)]
    lines = table(listing(text=csv_utf_8(RESIDENT, rows)))
    assert len(lines) == 51
    assert lines[-1]["what is wrong"] == "20 more."


def test_findings_of_a_file_without_an_item_have_empty_cells() -> None:
    (line,) = table(listing(text=b"# x\n"))
    assert (line["rule"], line["line"], line["item"]) == ("empty-file", "", "")
