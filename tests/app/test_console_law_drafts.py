"""A draft is written, tried, reviewed and approved at the console, by three people."""

import urllib.parse
from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest
from tests.app.law_desk import CHANGED, EDIT, HEAD, PAST, STEP, Desk, law_desk
from tests.app.test_console_provisions import ROW

from renkei import audit
from renkei.app.errors import HouseWithoutOverlay
from renkei.app.standards.drafts import Ground
from renkei.law import drafting
from renkei.standard import catalogue
from renkei.standard.amending import COLUMNS, folded


@pytest.fixture(scope="module")
def desk(folder, database) -> Iterator[Desk]:
    with law_desk(folder / "sites", database) as found:
        yield found


def test_three_people_make_a_draft_ready_and_each_step_is_entered(desk):
    number = desk.until("approved")
    draft = desk.draft(number)
    assert draft.state == "approved"
    mine = [e for e in desk.entries(audit.Kind.AMENDMENT) if e.details["draft"] == str(number)]
    assert [(one.outcome, one.details["staff"]) for one in mine] == [
        ("drafted", "1006"),
        ("tried", "1006"),
        ("submitted", "1006"),
        ("reviewed", "1007"),
        ("approved", "1008"),
    ]
    assert {one.details["digest"] for one in mine} == {draft.digest}
    page = desk["1004"].get(f"/console/provisions/drafts/show?draft={number}")
    assert "新たに拒否 7" in page.plain
    assert "131016" in page.plain
    assert "遡及" in page.plain
    assert '<rect class="after' in page.text


@pytest.mark.parametrize("number", ["1001", "1002", "1003"])
def test_other_roles_see_no_draft_and_take_no_step(desk, number):
    draft = desk.new()
    seat = desk[number]
    assert seat.get(f"/console/provisions/drafts/show?draft={draft}").status == 403
    assert seat.get(EDIT).status == 403
    token = seat.get("/console/").form_token
    assert seat.post(STEP, form_token=token, draft=str(draft), act="withdraw").status == 403
    assert desk.draft(draft).state == "drafted"


def test_who_only_reads_the_record_sees_a_draft_and_no_button(desk):
    draft = desk.until("submitted")
    page = desk["1004"].get(f"/console/provisions/drafts/show?draft={draft}")
    assert (page.status, 'name="act"' in page.text) == (200, False)
    token = desk["1004"].get("/console/provisions").form_token
    assert desk["1004"].post(STEP, form_token=token, draft=str(draft), act="review").status == 403


@pytest.mark.parametrize(
    ("state", "who", "act"),
    [
        ("submitted", "1006", "review"),
        ("submitted", "1008", "review"),
        ("reviewed", "1007", "approve"),
    ],
)
def test_a_step_of_another_hand_is_refused_and_the_refusal_is_entered(desk, state, who, act):
    draft = desk.until(state)
    answer = desk.press(who, draft, act=act)
    assert (answer.status, desk.draft(draft).state) == (403, state)
    last = desk.entries(audit.Kind.REFUSAL)[-1]
    assert (last.details["act"], last.details["draft"]) == (f"law-{act}", str(draft))
    assert last.details["staff"] == who


def test_one_person_with_every_role_still_cannot_approve_alone(desk):
    staff = dict(desk.site.settings.staff)
    every = frozenset({"law-drafter", "law-reviewer", "law-approver"})
    desk.site.settings.staff["1006"] = replace(staff["1006"], roles=every)
    try:
        draft = desk.until("submitted")
        assert desk.press("1006", draft, act="review").status == 403
        page = desk["1006"].get(f"/console/provisions/drafts/show?draft={draft}")
        assert 'value="review"' not in page.text
    finally:
        desk.site.settings.staff["1006"] = staff["1006"]


def test_an_approval_form_is_good_once_and_for_what_it_showed(desk):
    draft = desk.until("reviewed")
    seen, digest = str(desk.draft(draft).last), desk.draft(draft).digest
    assert desk.press("1008", draft, act="approve", digest="0" * 64).status == 409
    assert desk.press("1008", draft, act="approve").status == 303
    assert desk.press("1008", draft, act="approve", seen=seen, digest=digest).status == 409
    assert desk.write(draft=draft, rows=CHANGED, title="承認の後の編集").status == 303
    assert desk.press("1008", draft, act="approve", digest=digest).status == 409
    assert desk.draft(draft).state == "drafted"


def test_a_form_of_another_session_does_nothing(desk):
    draft = desk.until("submitted")
    token = desk["1006"].get("/console/provisions").form_token
    said = {"draft": str(draft), "seen": str(desk.draft(draft).last), "act": "review"}
    assert desk["1007"].post(STEP, form_token=token, **said).status == 403
    assert desk["1007"].ask("POST", STEP, urllib.parse.urlencode(said).encode()).status == 403
    assert desk.draft(draft).state == "submitted"


def test_who_saves_after_somebody_else_keeps_the_text_and_overwrites_nothing(desk):
    draft = desk.new()
    page = desk["1006"].get(f"{EDIT}?draft={draft}")
    desk.write(draft=draft, rows=CHANGED, title="先に保存したもの")
    said = {**HEAD, **PAST, "title": "後から保存したもの", "rows": CHANGED, "draft": str(draft)}
    late = desk["1006"].post(EDIT, form_token=page.form_token, do="save", seen="1", **said)
    assert (late.status, "後から保存したもの" in late.text) == (409, True)
    assert "手順1ではなく、いまは手順2" in late.plain
    assert desk.draft(draft).content.title == "先に保存したもの"


def cells(line: str, **changes: str) -> dict[str, str]:
    """Return a row as the fields of its form."""
    row = dict(zip(COLUMNS, line.split("\t"), strict=True)) | changes
    return {f"cell-{name}": text for name, text in row.items()} | {"row-kind": "provision"}


def test_a_row_is_written_by_its_fields_and_its_findings_stand_there(desk):
    row = cells(ROW, since="2027-04-01", until="2027-03-31", row="NEW-1")
    page = desk.write(do="check", **row)
    at = page.text.index('id="cell-until"')
    assert "catalogue" not in page.text
    assert 'class="reason at"' in page.text[at : at + 400]
    assert "NEW-1\t番号法" in page.text  # and stands among the lines
    english = desk["1006"].get(f"{EDIT}?lang=en")
    assert "Day of coming" in english.text or "day of coming" in english.text
    desk["1006"].get(f"{EDIT}?lang=ja")


def test_a_row_of_the_table_is_picked_changed_and_taken_out(desk):
    page = desk.write(do="load", picked="NA-074")
    assert 'value="NA-074"' in page.text
    assert 'name="cell-items" value="06-1-013" checked' in page.text
    page = desk.write(do="take-out", picked="KT-002")
    assert "\n-KT-002</textarea>" in page.text
    kept = desk.write(do="remove provision KT-002", rows="-KT-002")
    assert "-KT-002" not in kept.text


def test_an_own_use_is_written_with_ordinance_and_notice(desk):
    use = {
        "row-kind": "own_use",
        "cell-organisation": "131016",
        "cell-procedure": "JT99000000001701",
        "cell-ordinance": "改正条例\t(合成)",
        "cell-notice": "届出-2",
        "cell-notified": "2017-12-01",
        "cell-since": "2018-01-01",
        "cell-until": "2018-03-31",
        "cell-provenance": "proposed",
        "cell-source": "合成",
    }
    answer = desk.write(**use, title="独自利用", since="2018-01-01")
    draft = desk.draft(int(answer.headers["location"].rpartition("=")[2]))
    assert draft.content.rows.split("\t")[2:4] == ["改正条例 (合成)", "届出-2"]
    page = desk["1006"].get(f"/console/provisions/drafts/show?draft={draft.number}")
    assert "指摘 " not in page.plain
    assert "2018-01-01 – 2018-03-31" in page.plain


@pytest.mark.parametrize(
    "rows",
    [
        "&a [*b, *b]: {x: &x [*x]}\n!!python/object:os.system",
        "\t" * 5000,
        "-" * 3000,
        "NA-074" + "\t<img src=x onerror=alert(1)>" * 15,
        "\u2028".join(["NA-074"] * 50),
    ],
)
def test_hostile_rows_are_findings_and_never_markup(desk, rows):
    page = desk.write(do="check", rows=rows)
    assert page.status == 200
    assert "<img" not in page.text
    assert "\t" not in rows or 'class="reason' in page.text or not rows.strip()


def test_hostile_titles_are_text_and_endless_ones_are_refused(desk):
    number = desk.new(title="<script>alert(1)</script>")
    page = desk["1007"].get(f"/console/provisions/drafts/show?draft={number}")
    assert "<script>alert" not in page.text
    assert "&lt;script&gt;" in page.text
    assert desk.write(rows=CHANGED, title="あ" * 121).status == 400
    assert desk.write(rows=CHANGED, title="\u202eおわり").status == 400
    assert desk.write(rows="あ" * 20_000).status == 413
    assert desk.write(rows=CHANGED, since="soon").status == 400


@pytest.mark.parametrize("number", ["0", "99999", "-1", "x", "1 OR 1=1", "9" * 40])
def test_a_draft_that_is_not_there_is_not_found(desk, number):
    path = f"/console/provisions/drafts/show?draft={urllib.parse.quote(number)}"
    assert desk["1006"].get(path).status == 404


def test_a_step_nobody_knows_is_none(desk):
    draft = desk.new()
    assert desk.press("1006", draft, act="enact").status == 400
    assert desk.press("1006", draft, act="save").status == 400
    assert len(desk.draft(draft).steps) == 1


def test_each_edit_shows_what_it_changed(desk):
    draft = desk.new()
    desk.write(draft=draft, rows=ROW, title="別の件名")
    page = desk["1007"].get(f"/console/provisions/drafts/show?draft={draft}")
    assert f"<del>{HEAD['title']}</del> <ins>別の件名</ins>" in page.text


def test_a_returned_draft_tells_its_writer_why(desk):
    draft = desk.until("submitted")
    assert desk.press("1007", draft, act="return").status == 400
    assert desk.press("1007", draft, act="return", remarks="期間を確かめること").status == 303
    page = desk["1006"].get(f"/console/provisions/drafts/show?draft={draft}")
    assert "差戻し" in page.plain
    assert "期間を確かめること" in page.plain


def test_an_own_use_of_the_house_is_drafted_over_the_overlay_as_its_files_stand(desk, tmp_path):
    head = "id: town\nedition: '1'\nja: 町\nen: town\nsince: 2026-04-01\nextends: {}\n"
    extends = catalogue().edition.id
    (tmp_path / "overlay.yaml").write_text(head.format(extends), encoding="utf-8")
    ground = Ground(desk.site.desk.provisions, [tmp_path])
    base = ground.base("house")
    use = "131024\tJT99000000001701\t町条例\t届出\t2027-01-01\t2027-04-01\t\tproposed\t合成"
    told = {"title": "t", "reason": "r", "since": "2027-04-01", "retroactive": "", "rows": use}
    content = msgspec.convert(told | {"scope": "house", "base": base.version}, drafting.Content)
    found = ground.examine(content)
    assert (base.version, found.findings) == (desk.site.desk.provisions.version, ())
    (tmp_path / "own_use.tsv").write_text(folded("", "own_use", use), encoding="utf-8")
    assert ground.examine(content).base == found.result
    assert ground.examine(content).first is None
    with pytest.raises(HouseWithoutOverlay):
        Ground(desk.site.desk.provisions, []).examine(content)
