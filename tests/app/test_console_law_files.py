"""The rows of a file are shown as differences first, and are of the draft once somebody says so."""

import html
import re
from collections.abc import Iterator

import pytest
from tests.app.law_desk import EDIT, HEAD, PAST, Desk, law_desk
from tests.app.seat import Answer

from renkei.law import drafting

CSV = (
    "団体コード,事務手続,条例,届出の番号,届出日,この日から,確かさ,出典\r\n"
    "131024,JT99000000001701,B市医療費助成条例（合成）,届出-1,2024-05-01,2024-05-27,proposed,合成\r\n"
    "131016,JT99000000001701,A市乳幼児医療費助成条例（合成）,届出-合成-0002,2018-03-15,2018-04-01,"
    "proposed,合成データ（A市は架空の団体）\r\n"
)
GIVEN = re.compile('name="given" value="([^"]*)"')
ROWS = re.compile('name="rows"[^>]*>\n(.*?)</textarea>', re.DOTALL)


@pytest.fixture(scope="module")
def desk(folder, database) -> Iterator[Desk]:
    with law_desk(folder / "sites", database) as found:
        yield found


def send(desk: Desk, file: str | bytes, do: str = "upload", **fields: str) -> Answer:
    seat = desk["1006"]
    token = seat.get(EDIT).form_token
    data = file.encode() if isinstance(file, str) else file
    said = {"form_token": token, "do": do, "draft": "0", "seen": "0", **HEAD, **PAST} | fields
    return seat.send(EDIT, ("改正.csv", data), **said)


def rows(page: Answer) -> str:
    found = ROWS.search(page.text)
    assert found, page.text
    return html.unescape(found[1]).strip("\n")


def given(page: Answer) -> str:
    found = GIVEN.search(page.text)
    return html.unescape(found[1]) if found else ""


def test_a_file_is_shown_as_a_difference_and_nothing_is_of_the_draft_yet(desk):
    page = send(desk, CSV)
    assert (page.status, rows(page)) == (200, "")
    assert "ファイルの2行と、いまの改正案・根拠表との違い" in page.plain
    assert "条例: B市医療費助成条例（合成）" in page.plain
    assert "<del>届出-合成-0001</del> <ins>届出-合成-0002</ins>" in page.text
    assert 'value="save"' not in page.text
    english = desk["1006"].get(f"{EDIT}?lang=en")
    assert "Take rows from a CSV file" in english.plain
    desk["1006"].get(f"{EDIT}?lang=ja")


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_what_is_taken_is_saved_as_if_it_had_been_typed(desk, mark):
    shown = given(send(desk, mark + CSV.encode()))
    taken = send(desk, b"", "take-file", given=shown)
    assert (given(taken), "新しい行" in taken.plain) == ("", True)
    assert rows(taken) == shown
    saved = send(desk, b"", "save", rows=rows(taken))
    assert saved.status == 303, saved.plain
    draft = desk.draft(int(saved.headers["location"].rpartition("=")[2]))
    assert draft.content.rows == shown
    assert desk.press("1006", draft.number, "/console/provisions/drafts/try").status == 303


def test_what_is_dropped_leaves_the_draft_as_it_was(desk):
    shown = given(send(desk, CSV))
    kept = send(desk, b"", "drop-file", given=shown, rows="-KT-002")
    assert (given(kept), rows(kept)) == ("", "-KT-002")
    again = send(desk, CSV, rows=rows(send(desk, b"", "take-file", given=shown)))
    assert again.plain.count("違いなし") == 2


def test_no_draft_is_saved_while_a_file_is_only_shown(desk):
    page = send(desk, b"", "save", given=given(send(desk, CSV)))
    assert (page.status, "先に、ファイルの内容を" in page.plain) == (200, True)


@pytest.mark.parametrize(
    ("file", "place"),
    [
        (CSV.encode("cp932"), "1行目の1文字目: UTF-8でない文字です"),
        (CSV + "131032,JT9\u202e", "4行目の11文字目: 目に見えない文字です: U+202E"),
        (CSV + 'x,"y', "4行目の3文字目: 引用符が閉じていません"),
        (b"<script>,row\n", "1行目の1文字目: この名前の列はありません: <script>"),
        (b"", "1行目の1文字目: 行がありません"),
    ],
)
def test_a_file_that_is_wrong_is_refused_by_its_place_and_what_was_typed_stays(desk, file, place):
    page = send(desk, file, rows="-KT-002", title="打ちかけの件名")
    assert (page.status, place in page.plain) == (400, True), page.plain
    assert "<script>" not in page.text
    assert (rows(page), given(page)) == ("-KT-002", "")
    assert "打ちかけの件名" in page.text


def test_an_endless_file_and_one_to_another_page_are_refused(desk):
    assert send(desk, b"a" * (drafting.LARGEST_FILE + (64 << 10))).status == 413
    seat = desk["1006"]
    step = "/console/provisions/drafts/step"
    token = seat.get(EDIT).form_token
    assert (
        seat.send(step, ("a.csv", b""), form_token=token, act="withdraw", draft="1").status == 403
    )


def test_a_file_without_the_token_of_the_session_or_the_role_is_refused(desk):
    said = {"do": "upload", "draft": "0", "seen": "0", **HEAD}
    assert desk["1006"].send(EDIT, ("a.csv", CSV.encode()), form_token="x", **said).status == 403
    reviewer = desk["1007"]
    token = reviewer.get("/console/provisions").form_token
    assert reviewer.send(EDIT, ("a.csv", CSV.encode()), form_token=token, **said).status == 403


def test_a_file_takes_a_row_of_the_table_out(desk):
    page = send(desk, "行の名前\n-KT-002\n")
    assert "表から除く" in page.plain
    assert given(page) == "-KT-002"
