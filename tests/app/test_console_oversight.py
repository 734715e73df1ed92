"""The oversight body looks at everything and changes nothing; every look is entered."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.app.test_console_record import ENTRY, looks
from tests.exchange.serving import serving

from renkei import audit, kit
from renkei.app.console import SECTIONS, console
from renkei.app.console.oversight_export import as_csv
from renkei.app.keeping.findings_told import lacks_of
from renkei.app.site import Site
from renkei.audit import Kind, Logged
from renkei.law import provision_table

TABLE = provision_table()
LINE = next(
    line
    for line in TABLE.provisions
    if (line.asker_kind, line.holder_kind, line.conditions) == ("municipality",) * 2 + ((),)
    and line.in_force(kit.day_of(AT))
)
TOLD = {
    "relation": (LINE.persons or ("applicant",))[0],
    "year": str((LINE.named_years(kit.day_of(AT)) or [AT.year])[-1]),
}
"""What an entry keeps of what the law looked at besides parties and items."""
GOOD = replace(
    ENTRY,
    request="good-1",
    procedure=LINE.procedure,
    unit=LINE.asker_unit,
    provision=LINE.row,
    items=LINE.items[:1],
    table=TABLE.version,
    details={**ENTRY.details, **TOLD},
)
ENTRIES = [
    GOOD,
    replace(GOOD, request="bad-1", items=("99-9-999",)),
    replace(GOOD, request="old-1", details=ENTRY.details),
    replace(GOOD, request="strange-1", table="ab" * 32),
    replace(GOOD, request="withheld-1", withheld=True),
    replace(GOOD, request="formula-1", purpose="=1+1"),
    replace(GOOD, request="other-1", holder="131032", at=AT - timedelta(days=2)),
    replace(
        GOOD,
        request="refused-1",
        kind=Kind.REFUSAL,
        outcome="refused",
        details={**ENTRY.details, "reason": "handle-unknown"},
    ),
    replace(
        GOOD,
        request="b-1.1",
        outcome="asked",
        details={**GOOD.details, "bulk": "bulk-1", "order": "shuffled", "persons": "20"},
    ),
]


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        tenant = found.desk.tenant
        lacks = json.dumps([{"request": "good-1", "tenant": "131024", "part": "provision"}])
        one = audit.Reconciliation(kit.day_of(AT) - timedelta(days=1), AT, 12, ("131032",), lacks)
        with database.transaction(tenant) as conn:
            audit.append_many(conn, tenant, ENTRIES)
            audit.sequence(conn, tenant, found.signer, at=AT)
            audit.keep_reconciliation(conn, tenant, one)
        assert [lack.tenant for lack in lacks_of(one)] == ["131024"]
        yield found


@pytest.fixture
def seat(site) -> Iterator[Seat]:
    app = Starlette(routes=[console(site, Clock())])
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None)
    with serving(config) as port:
        yield Seat(port)


PATHS = ["", "/anomalies", "/replay", "/entries.csv", "/entries.json"]


@pytest.mark.parametrize("number", ["1001", "1002", "1003", "1004"])
@pytest.mark.parametrize("path", PATHS)
def test_nobody_else_comes_in(site, seat, number, path):
    before = len(looks(site))
    assert seat.signed_in(number).get(f"/console/oversight{path}").status == 403
    assert len(looks(site)) == before


def test_the_account_of_the_oversight_body_can_change_nothing(site, seat):
    """Of all that the console has, its role may only look, try a table on what was asked (which
    changes none), take evidence away and sign out.
    """
    mount = console(site, Clock())
    seat.signed_in("1005")
    token = seat.get("/console/oversight").form_token
    posts = {
        route.path
        for route in mount.routes
        if isinstance(route, Route) and "POST" in (route.methods or ()) and "{" not in route.path
    } - {"/sign-in", "/record/evidence", "/sign-out", "/provisions/trial"}
    assert len(posts) > 3
    for path in posts:
        answer = seat.post(f"/console{path}", form_token=token)
        assert answer.status in (303, 403, 404), path
    (own,) = [section for section in SECTIONS if section.name == "oversight"]
    assert own.roles == {"oversight"}


@pytest.mark.parametrize("path", PATHS)
def test_every_look_is_entered_before_its_page_is_given(site, seat, path):
    before = len(looks(site))
    assert seat.signed_in("1005").get(f"/console/oversight{path}").status == 200
    (look,) = looks(site)[before:]
    assert look.kind is Kind.VIEW
    assert look.details["staff"] == "1005"
    assert look.details["as"].startswith("oversight")
    assert look.withheld is (path != "")


def test_the_front_says_how_the_log_is_proven_and_compared(seat):
    page = seat.signed_in("1005").get("/console/oversight")
    assert "この拠点の設定に証人がありません" in page.plain
    assert "照会good-1: 131024に提供の記録がありません。" in page.plain
    assert "未突合: 131032" in page.plain
    english = seat.get("/console/oversight?lang=en").plain
    assert "Exchange good-1: 131024 has no entry of the provision." in english


def test_decisions_are_decided_again_by_the_table_they_name(seat):
    page = seat.signed_in("1005").get("/console/oversight/replay")
    assert "一致: 4" in page.plain
    assert ("対象者は前提): 1" in page.plain) is bool(LINE.years or LINE.persons)
    assert "相違: 1" in page.plain
    assert "表か参加団体が手元にない: 2" in page.plain, "one table, one town that left the list"
    assert "表によらない拒否: 1" in page.plain
    first = re.findall(r"show\?request=([\w-]+)", page.text)[:3]
    assert set(first) == {"bad-1", "strange-1", "other-1"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", 9),
        ("partner=131032", 1),
        (f"provision={LINE.row}", 9),
        ("provision=nowhere", 0),
        ("until=2026-11-22", 1),
    ],
)
def test_entries_are_searched_by_organisation_provision_and_day(seat, query, found):
    answer = seat.signed_in("1005").get(f"/console/oversight/entries.json?{query}")
    assert len(json.loads(answer.text)) == found


def test_what_is_taken_away_is_whole_and_harmless_in_a_spreadsheet(seat):
    answer = seat.signed_in("1005").get("/console/oversight/entries.csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff"))))
    by_request = {row["request"]: row for row in rows}
    assert by_request["formula-1"]["purpose"] == "'=1+1"
    assert by_request["withheld-1"]["withheld"] == "1"
    assert by_request["good-1"]["provision"] == LINE.row


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_no_cell_is_a_formula(start):
    made = as_csv([Logged(0, None, None, b"", replace(GOOD, purpose=f"{start}1"))])
    assert f"'{start}1" in made.decode("utf-8-sig")


def test_what_strikes_is_shown(seat):
    page = seat.signed_in("1005").get("/console/oversight/anomalies")
    for text in ("時間外", "一日に200件以上", "同じ人について5回以上", "使われていない"):
        assert text in page.plain, text
    for text in ("一括照会", "bulk-1", "順序を隠す"):
        assert text in page.plain, text
