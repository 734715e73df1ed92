"""An extract is built, approved and run at the console by plain forms, by the law of the day."""

import csv
import html
import io
import re
import time
import urllib.parse
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.extracts import PROCEDURE, PURPOSE, bureau, entries, query, saved, settle
from tests.app.seat import Answer, Clock, Seat, staffed_site
from tests.exchange.serving import serving
from tests.store.rows import TOWN, register_number

from renkei import audit
from renkei.app.console import console
from renkei.app.site import Site
from renkei.store import extracts

BUILD = "/console/extracts/build"


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        settle(found)
        yield found


@pytest.fixture
def seat(site) -> Iterator[Seat]:
    app = Starlette(routes=[console(site, Clock())])
    with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as port:
        yield Seat(port)


class Page:
    """The builder as a browser without JavaScript holds it: what is on the page is sent."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.now = seat.get(BUILD)

    def press(self, button: str, **fields: str | list[str]) -> Answer:
        told: list[tuple[str, str]] = [("do", button), ("form-token", self.now.form_token)]
        told.append(("draft", self._value("draft")))
        for name in ("unit", "procedure", "purpose", "name", "on", "known", "limit"):
            given = fields.pop(name, None)
            told.append((name, str(given) if given is not None else self._value(name)))
        for name, values in fields.items():
            told += [(name, value) for value in ([values] if isinstance(values, str) else values)]
        body = urllib.parse.urlencode(told).encode()
        answer = self.seat.ask(
            "POST", BUILD, body, content_type="application/x-www-form-urlencoded"
        )
        if answer.status < 300 or answer.status >= 400:
            self.now = answer
        return answer

    def _value(self, name: str) -> str:
        found = re.search(f'<input[^>]* name="{name}"[^>]* value="([^"]*)"', self.now.text)
        if found is None:
            select = re.search(f'<select id="{name}".*?</select>', self.now.text, re.DOTALL)
            found = re.search('value="([^"]*)" selected', select[0]) if select else None
        return html.unescape(found[1]) if found else ""


def built(seat: Seat) -> Page:
    """Build what unit 15 may take: allowances above 9,000 yen and the children's births."""
    page = Page(seat)
    page.press("apply", unit="15")
    page.press("apply", procedure=PROCEDURE, purpose=PURPOSE)
    page.press("lead", leading="child_allowance")
    page.press("ways", **{"join-entity": "resident"})
    page.press(
        "join",
        **{
            "join-entity": "resident",
            "link": "child_allowance child_number=register_number ",
            "alias": "child",
        },
    )
    own = ["child_allowance.register_number", "child_allowance.child_number"]
    page.press("show child_allowance", column=[*own, "child_allowance.allowance_class"])
    page.press("show child", column=["child.birth_date"])
    page.press("pick", item="child_allowance.monthly_amount")
    page.press(
        "add-condition",
        picked="child_allowance.monthly_amount",
        operator="between",
        **{"between-least": "9000", "between-most": ""},
    )
    return page


def test_only_an_officer_builds_and_only_an_approver_approves(seat):
    assert seat.copy().signed_in("1001").get("/console/extracts").status == 403
    approver = seat.copy().signed_in("1003")
    assert approver.get("/console/extracts").status == 200
    assert approver.get(BUILD).status == 403


def test_items_without_a_provision_are_not_offered(seat):
    page = built(seat.signed_in("1002"))
    boxes = dict(re.findall(r'name="column" value="([^"]+)"( checked| disabled)?', page.now.text))
    assert boxes["child.birth_date"] == " checked"
    assert boxes["child.name"] == " disabled"
    assert boxes["child_allowance.monthly_amount"] == ""


def test_the_operators_fit_the_item_and_codes_are_chosen_by_name(seat):
    page = built(seat.signed_in("1002"))
    amount = page.press("pick", item="child_allowance.monthly_amount").text
    assert re.findall('name="operator" value="([a-z_]+)"', amount) == [
        *("equals", "one_of", "between", "is_empty")
    ]
    coded = page.press("pick", item="child.sex").text
    assert re.findall('name="operator" value="([a-z_]+)"', coded) == [
        "equals",
        "one_of",
        "is_empty",
    ]
    assert '<option value="2">2 女</option>' in coded


def test_conditions_are_said_in_words_and_grouped(seat):
    page = built(seat.signed_in("1002"))
    page.press(
        "add-condition",
        picked="child.sex",
        operator="one_of",
        group="0",
        negated="1",
        **{"one_of-value": ["1", "2"]},
    )
    said = page.now.plain
    assert "）・月額が9000～の範囲" in said
    assert "または" in said
    assert "性別が「1 男、2 女」のいずれか、ではない" in said
    page.press("drop-condition 0 0")
    assert "9000" not in page.now.plain.split("並べ方")[0].split("4.")[1]


def test_rows_are_counted_without_a_value_and_the_look_is_entered(site, seat):
    page = built(seat.signed_in("1002"))
    entries(site.database)
    page.press("count")
    assert "該当する行は3件です" in page.now.plain
    assert not re.search("[0-9]{15}", page.now.plain)
    assert {one.details["use"] for one in entries(site.database)} == {"extract-count"}


def test_what_is_built_is_saved_approved_run_and_downloaded(site, seat):
    officer, approver = seat.copy().signed_in("1002"), seat.copy().signed_in("1003")
    page = built(officer)
    done = page.press("save", name="児童手当の現況")
    assert done.status == 303, page.now.plain
    address = done.headers["location"]
    shown = officer.get(address)
    assert "承認待ち" in shown.plain
    assert "IN-01-resident-15" in shown.plain
    assert "/console/extracts/run" not in shown.text
    asked = approver.get(address)
    named = {"name": "児童手当の現況", "version": "1"}
    assert (
        approver.post("/console/extracts/approve", form_token=asked.form_token, **named).status
        == 303
    )
    entries(site.database)
    token = officer.get(address).form_token
    file = officer.post("/console/extracts/run", form_token=token, form="csv", **named)
    assert "attachment" in file.headers["content-disposition"]
    head, *rows = csv.reader(io.StringIO(file.body.decode("utf-8-sig"), newline=""))
    assert head == ["宛名番号", "児童宛名番号", "区分", "生年月日"]
    assert sorted(row[:2] for row in rows) == [
        [register_number(a), register_number(b)] for a, b in ((1, 11), (4, 14), (4, 15))
    ]
    assert not rows[0][2].isdigit()
    assert len([one for one in entries(site.database) if one.label]) == 3 + 5
    left, deadline = site.settings.state / "extracts", time.monotonic() + 10
    while [*left.rglob("*.csv")] and time.monotonic() < deadline:
        time.sleep(0.05)  # the file goes once it is sent
    assert [*left.rglob("*.csv")] == []


def test_an_extract_the_law_does_not_permit_is_refused_on_the_page_and_on_record(site, seat):
    desk = bureau(site)
    saved(desk, query("child.name"), "根拠なし")
    officer = seat.signed_in("1002")
    address = "/console/extracts/show?" + urllib.parse.urlencode({"name": "根拠なし"})
    shown = officer.get(address)
    assert "根拠がありません" in shown.plain
    entries(site.database)
    refused = officer.post(
        "/console/extracts/run",
        form_token=shown.form_token,
        name="根拠なし",
        version="1",
        form="csv",
    )
    assert refused.status == 403
    assert "拒否したことを記録しました" in refused.plain
    assert [one.kind for one in entries(site.database)] == [audit.Kind.REFUSAL]


def test_a_saved_extract_is_the_start_of_its_next_version(site, seat):
    desk = bureau(site)
    before = saved(desk, query(limit=7), "次の版")
    officer = seat.signed_in("1002")
    page = Page(officer)
    page.now = officer.get("/console/extracts/show?" + urllib.parse.urlencode({"name": "次の版"}))
    page.now = officer.post(
        BUILD, form_token=page.now.form_token, draft=page._value("draft"), do="edit"
    )
    page.press("save", unit="15", procedure=PROCEDURE)
    with desk.database.transaction(TOWN) as conn:
        after = extracts.find(conn, TOWN, "次の版")
    assert (after.version, after.query) == (before.version + 1, before.query)


@pytest.mark.parametrize(
    "draft",
    ["{", "[]", '{"leading":{"entity":"resident","alias":"a b"}}', '{"x":1}', "\x00", "{" * 9000],
)
def test_a_draft_we_did_not_write_is_refused(seat, draft):
    officer = seat.signed_in("1002")
    token = officer.get(BUILD).form_token
    assert officer.post(BUILD, form_token=token, draft=draft, do="apply").status == 403


@pytest.mark.parametrize(
    ("button", "fields"),
    [
        ("lead", {"leading": "pg_class"}),
        ("join", {"join-entity": "pg_class", "link": "x a=b"}),
        ("join", {"join-entity": "resident", "link": 'child_allowance "=b', "alias": 'x" y'}),
        ("show child", {"column": ["child.tenant", "child.x; DROP TABLE y"]}),
        ("hide 99", {}),
        ("left x", {}),
        ("drop-condition 9 9", {}),
        ("drop-condition", {}),
        ("add-condition", {"picked": "child.tenant", "operator": "equals", "equals-value": "1"}),
        ("add-condition", {"picked": "child.sex", "operator": "sql", "sql-value": "1"}),
        ("sort", {"sort": "child.tenant"}),
        ("nothing", {}),
    ],
)
def test_a_button_takes_nothing_that_was_not_offered(seat, button, fields):
    page = built(seat.signed_in("1002"))
    answer = page.press(button, **fields)
    assert answer.status in (200, 422)
    assert "tenant" not in page.now.text
    assert "pg_class" not in html.unescape(page._value("draft"))


def test_a_form_without_its_token_changes_nothing(seat):
    officer = seat.signed_in("1002")
    assert officer.post(BUILD, form_token="x", do="lead", leading="resident").status == 403


@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_field_of_the_builder_has_a_label(seat, language):
    page = built(seat.signed_in("1002"))
    page.seat.get(f"{BUILD}?lang={language}")
    for item in ("child.sex", "child.birth_date", "child_allowance.paid_since"):
        text = page.press("pick", item=item).text
        labelled = set(re.findall('<label for="([^"]+)"', text))
        for field in re.findall("<(?:input|select)[^>]*>", text):
            hidden, inside = 'type="hidden"' in field, re.search("checkbox|radio", field)
            named = re.search(' id="([^"]+)"', field)
            known = "aria-label=" in field or (named and named[1] in labelled)
            assert hidden or inside or known, field
