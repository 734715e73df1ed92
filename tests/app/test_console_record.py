"""The access record is searched at the console by those entitled, and every look is entered."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.parties import KEY, unzipped
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.exchange.serving import serving

from renkei import audit
from renkei.app.console import console
from renkei.app.proofs import offline_verifier
from renkei.app.site import Site
from renkei.audit import Entry, Kind, Mode

DETAILS = {"message": "m-7", "client": "JP/MUN/131016/15", "service": "JP/MUN/131024/06/income"}
ENTRY = Entry(
    kind=Kind.REQUEST,
    request="req-1",
    at=AT,
    asker="131016",
    holder="131024",
    unit="15",
    procedure="JT99000000001501",
    items=("06-1-013",),
    provision="NA-074",
    table="ab" * 32,
    outcome="asked",
    purpose="児童手当の認定",
    mode=Mode.TEST,
    details=DETAILS,
)
ENTRIES = [
    ENTRY,
    replace(ENTRY, kind=Kind.ANSWER, outcome="answered", at=AT + timedelta(seconds=1)),
    replace(ENTRY, request="req-2", kind=Kind.REFUSAL, outcome="refused", withheld=True),
    *(
        replace(ENTRY, request=f"many-{n}", holder="131032", at=AT - timedelta(days=1, minutes=n))
        for n in range(120)
    ),
]


@pytest.fixture(scope="module")
def site(folder, database) -> Iterator[Site]:
    with staffed_site(folder / "sites", database) as found:
        with database.transaction(found.desk.tenant) as conn:
            audit.append_many(conn, found.desk.tenant, ENTRIES)
            audit.sequence(conn, found.desk.tenant, found.signer, at=AT)
        yield found


@pytest.fixture
def seat(site) -> Iterator[Seat]:
    app = Starlette(routes=[console(site, Clock())])
    config = uvicorn.Config(app, "127.0.0.1", 0, log_config=None)
    with serving(config) as port:
        yield Seat(port)


def looks(site: Site) -> list[Entry]:
    with site.database.transaction(site.desk.tenant) as conn:
        rows = conn.execute("SELECT core FROM audit_outbox ORDER BY q").fetchall()
    return [audit.Leaf(core).entry() for (core,) in rows]


def shown(page) -> list[str]:
    return re.findall(r"show\?request=([\w-]+)", page.text)


@pytest.mark.parametrize("number", ["1001", "1002", "1003"])
@pytest.mark.parametrize("path", ["/console/record", "/console/record/show?request=req-1"])
def test_who_has_another_role_sees_no_record(site, seat, number, path):
    before = len(looks(site))
    page = seat.signed_in(number).get(path)
    assert page.status == 403
    assert "req-1" not in page.text.replace("request=req-1", "")
    assert len(looks(site)) == before


def test_the_newest_entries_stand_first_and_pages_go_on(seat):
    seat.signed_in("1004")
    page, found = seat.get("/console/record"), []
    assert shown(page)[:2] == ["req-1", "req-1"]
    found += shown(page)
    for _ in range(2):
        (older,) = re.findall(r'href="(\?[^"]*)">古い記録へ', page.text)
        page = seat.get(f"/console/record{older.replace('&amp;', '&')}")
        found += shown(page)
    assert "古い記録へ" not in page.text
    assert found == ["req-1", "req-1", *(f"many-{n}" for n in range(120))]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("name=req-1", ["req-1", "req-1"]),
        ("name=m-7&partner=131024", ["req-1", "req-1"]),
        ("kind=answer", ["req-1"]),
        ("outcome=answered&service=JP/MUN/131024/06", ["req-1"]),
        ("client=JP/MUN/131016/15/&kind=answer", ["req-1"]),
        ("since=2026-11-24&until=2026-11-24", ["req-1", "req-1"]),
        ("until=2026-11-22", []),
        ("partner=131032&until=2026-11-23&name=many-5", ["many-5"]),
        ("name=nowhere", []),
        ("kind=none&since=yesterday&before=x&name=req-1", ["req-1", "req-1"]),
        ("before=5@2026-11-24T00:30:00&name=req-1", ["req-1", "req-1"]),
    ],
)
def test_each_field_of_the_search_selects_what_it_says(seat, query, found):
    assert shown(seat.signed_in("1004").get(f"/console/record?{query}")) == found


def test_what_the_law_withholds_is_shown_to_the_oversight_role_alone(site, seat):
    seat.signed_in("1004")
    assert shown(seat.get("/console/record?name=req-2")) == []
    assert seat.get("/console/record/show?request=req-2").status == 404
    token = seat.get("/console/record").form_token
    got = seat.post("/console/record/evidence", form_token=token, request="req-2")
    assert got.status == 404
    assert not looks(site)[-1].withheld
    seat.signed_in("1005")
    assert shown(seat.get("/console/record?name=req-2")) == ["req-2"]
    page = seat.get("/console/record/show?request=req-2")
    assert "法令により不開示" in page.plain
    assert looks(site)[-1].withheld


def test_one_request_is_shown_whole_and_found_in_the_log(seat):
    page = seat.signed_in("1004").get("/console/record/show?request=req-1")
    for text in ("ログにあることを確かめました", "児童手当の認定", "NA-074", "A市", "B市", "所得"):
        assert text in page.plain, text
    english = seat.get("/console/record/show?request=req-1&lang=en").plain
    assert "Found in the log just now" in english


def test_every_look_is_entered_with_who_looked_and_for_what(site, seat):
    seat.signed_in("1004")
    before = len(looks(site))
    seat.get("/console/record?partner=131024&kind=answer")
    page = seat.get("/console/record/show?request=req-1")
    seat.post("/console/record/evidence", form_token=page.form_token, request="req-1")
    search, one, evidence = looks(site)[before:]
    assert {look.kind for look in (search, one, evidence)} == {Kind.VIEW}
    assert {look.details["staff"] for look in (search, one, evidence)} == {"1004"}
    told = {"staff": "1004", "as": "record-search", "partner": "131024", "kind": "answer"}
    assert search.details == told | {"entries": "1"}
    assert (one.details["as"], one.details["of"]) == ("record", "req-1")
    assert (evidence.details["as"], evidence.details["of"]) == ("evidence", "req-1")


def test_the_evidence_is_a_file_that_a_stranger_verifies(site, seat):
    page = seat.signed_in("1004").get("/console/record/show?request=req-1")
    got = seat.post("/console/record/evidence", form_token=page.form_token, request="req-1")
    assert got.headers["content-disposition"] == 'attachment; filename="evidence-req-1.zip"'
    assert set(unzipped(got.body)) == set(offline_verifier.FILES)
    report = offline_verifier.verify([("a.zip", got.body)], [site.settings.authority])
    assert (report.verdict, report.request) == ("proven", "req-1")
    assert site.settings.authority != KEY


def test_evidence_is_given_against_a_form_of_this_session_only(seat):
    seat.signed_in("1004")
    got = seat.post("/console/record/evidence", form_token="0" * 64, request="req-1")
    assert got.status != 200
    assert got.body[:2] != b"PK"
