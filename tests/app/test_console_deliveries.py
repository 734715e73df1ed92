"""The console shows how each unit stands, to those whose role it is, and no personal value."""

import csv
import io
import json
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Route
from tests.app.seat import AT, Clock, Seat, staffed_site
from tests.exchange.serving import serving
from tests.store.rows import RESIDENT, file, personal_number, resident

from renkei import kit, store
from renkei.app.console import SECTIONS, console
from renkei.app.console.standing import EntityStanding
from renkei.app.deliveries.receiving import Arrival, Receiver
from renkei.standard import catalogue

TODAY = date(2026, 11, 24)
BLOCKED, UNKNOWN = UUID(int=7), UUID(int=8)
WHO = {"nobody": None, "operator": "1001", "officer": "1002", "approver": "1003"}


@pytest.fixture(scope="module")
def site(folder, database):
    with staffed_site(folder / "sites", database) as found:
        settings = replace(found.settings, rhythm={"01": 7, "resident": 1})
        site = replace(found, settings=settings)
        receiver = Receiver(database, found.settings.tenant, catalogue(), Clock(AT))
        deliver(receiver, [resident(1), resident(2)], TODAY - timedelta(days=3))
        yield site


def deliver(receiver, rows, on, number=None):
    arrival = Arrival("resident", "resident.csv", on, number=number or uuid4())
    return receiver.receive(arrival, file(RESIDENT, rows))


@pytest.fixture(scope="module")
def blocked(site, database):
    later = Receiver(database, site.settings.tenant, catalogue(), Clock(AT + timedelta(minutes=1)))
    received = deliver(later, [resident(1, birth_date="昨日")], TODAY, BLOCKED)
    assert received.delivery.outcome == "blocked"
    return received.delivery


@pytest.fixture(scope="module")
def port(site, blocked):
    app = Starlette(routes=[console(site, Clock(AT + timedelta(hours=1)))])
    with serving(uvicorn.Config(app, "127.0.0.1", 0, log_config=None)) as number:
        yield number


@pytest.fixture(scope="module")
def seats(port):
    return {
        who: Seat(port) if number is None else Seat(port).signed_in(number)
        for who, number in WHO.items()
    }


STAFF_ROLES = ("operator", "officer", "approver")
OPERATORS = {"operator": 200, "approver": 200, "officer": 403, "nobody": 303}
SIGNED_IN = {"operator": 200, "approver": 200, "officer": 200, "nobody": 303}
MISSING = {"operator": 404, "approver": 404, "officer": 403, "nobody": 303}
NO_TOKEN = {"operator": 403, "approver": 403, "officer": 403, "nobody": 303}
REVIEWERS = {"operator": 403, "approver": 200, "officer": 200, "nobody": 303}
BUILDERS = {"operator": 403, "approver": 403, "officer": 200, "nobody": 303}
AUDITORS = {"operator": 403, "approver": 403, "officer": 403, "nobody": 303}
TASKS = {"operator": 200, "approver": 403, "officer": 200, "nobody": 303}
NO_TASK = TASKS | {"operator": 404, "officer": 404}
NO_CASE = dict.fromkeys(STAFF_ROLES, 404) | {"nobody": 303}
WATCHERS = {"operator": 200, "approver": 403, "officer": 403, "nobody": 303}
EVERYBODY = dict.fromkeys(WHO, 200)

NO_HASH = "0" * 64

ENDPOINTS = [
    ("GET", "/console/style.css", EVERYBODY),
    ("GET", "/console/sign-in", EVERYBODY),
    ("POST", "/console/sign-in", dict.fromkeys(WHO, 403)),
    ("POST", "/console/sign-out", NO_TOKEN),
    ("GET", "/console/sign-in/with/none", dict.fromkeys(WHO, 404)),
    ("GET", "/console/sign-in/return", dict.fromkeys(WHO, 400)),
    ("GET", "/console/", SIGNED_IN),
    ("GET", "/console/deliveries", OPERATORS),
    ("GET", "/console/deliveries/units/01", OPERATORS),
    ("GET", "/console/deliveries/units/99", MISSING),
    ("GET", "/console/deliveries/entities/resident", OPERATORS),
    ("GET", "/console/deliveries/entities/nonsense", MISSING),
    ("GET", f"/console/deliveries/{BLOCKED}", OPERATORS),
    ("GET", f"/console/deliveries/{UNKNOWN}", MISSING),
    ("GET", f"/console/deliveries/{BLOCKED}/findings.csv", OPERATORS),
    ("GET", f"/console/deliveries/{BLOCKED}/findings.json", OPERATORS),
    ("GET", f"/console/deliveries/{UNKNOWN}/findings.csv", MISSING),
    ("GET", f"/console/deliveries/{UNKNOWN}/findings.json", MISSING),
    ("GET", "/console/drift", OPERATORS),
    ("GET", "/console/cases", SIGNED_IN),
    ("GET", "/console/cases.csv", SIGNED_IN),
    ("GET", "/console/cases/letters", SIGNED_IN),
    ("POST", "/console/cases/letters", NO_TOKEN),
    ("GET", "/console/cases/public", SIGNED_IN),
    ("GET", f"/console/cases/public/{NO_HASH}", NO_CASE),
    ("GET", f"/console/cases/of/{NO_HASH}", NO_CASE),
    ("POST", f"/console/cases/of/{NO_HASH}/withdraw", NO_TOKEN),
    ("GET", f"/console/cases/of/{NO_HASH}/statistics", NO_CASE),
    ("GET", f"/console/cases/of/{NO_HASH}/statistics.csv", NO_CASE),
    ("GET", f"/console/cases/of/{NO_HASH}/try", NO_CASE),
    ("GET", f"/console/cases/{UNKNOWN}/try", NO_CASE),
    ("GET", f"/console/cases/proposed/{UNKNOWN}", NO_CASE),
    ("POST", f"/console/cases/proposed/{UNKNOWN}", NO_TOKEN),
    ("POST", f"/console/cases/proposed/{UNKNOWN}/decide", NO_TOKEN),
    ("POST", "/console/cases/by-values", NO_TOKEN),
    *(
        ("POST", f"/console/cases/{UNKNOWN}/{act}", NO_TOKEN)
        for act in ("values", "retry", "skip", "choose", "arrived", "move", "cancel", "change")
    ),
    ("GET", f"/console/cases/{UNKNOWN}", NO_CASE),
    ("GET", "/console/tasks", TASKS),
    ("GET", f"/console/tasks/{UNKNOWN}/1", NO_TASK),
    ("POST", f"/console/tasks/{UNKNOWN}/1", NO_TOKEN),
    ("GET", f"/console/tasks/{UNKNOWN}/1/files/{UNKNOWN}", NO_TASK),
    ("GET", "/console/statistics", WATCHERS),
    ("GET", "/console/statistics.json", WATCHERS),
    ("GET", "/console/record", AUDITORS),
    ("GET", "/console/record/show", AUDITORS),
    ("POST", "/console/record/evidence", AUDITORS),
    ("GET", "/console/provisions", AUDITORS),
    ("POST", "/console/provisions/trial", NO_TOKEN),
    ("GET", "/console/provisions/drafts/show", AUDITORS),
    ("GET", "/console/provisions/drafts/edit", AUDITORS),
    ("POST", "/console/provisions/drafts/edit", NO_TOKEN),
    ("POST", "/console/provisions/drafts/try", NO_TOKEN),
    ("POST", "/console/provisions/drafts/step", NO_TOKEN),
    ("GET", "/console/oversight", AUDITORS),
    ("GET", "/console/oversight/anomalies", AUDITORS),
    ("GET", "/console/oversight/replay", AUDITORS),
    ("GET", "/console/oversight/entries.csv", AUDITORS),
    ("GET", "/console/oversight/entries.json", AUDITORS),
    ("GET", "/console/people", REVIEWERS),
    ("POST", "/console/people/pair", NO_TOKEN),
    ("POST", "/console/people/code", NO_TOKEN),
    ("POST", "/console/people/decision", NO_TOKEN),
    ("GET", "/console/people/decisions", REVIEWERS),
    ("GET", "/console/extracts", REVIEWERS),
    ("GET", "/console/extracts/show", REVIEWERS | {"officer": 404, "approver": 404}),
    ("POST", "/console/extracts/approve", NO_TOKEN),
    ("POST", "/console/extracts/run", NO_TOKEN),
    ("GET", "/console/extracts/build", BUILDERS),
    ("POST", "/console/extracts/build", NO_TOKEN),
    ("GET", "/console/nothing", SIGNED_IN | dict.fromkeys(STAFF_ROLES, 404)),
    ("DELETE", "/console/deliveries", dict.fromkeys(WHO, 405)),
]


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize(("method", "path", "statuses"), ENDPOINTS)
def test_every_endpoint_is_for_its_roles(seats, method, path, who, statuses):
    seat = seats[who].copy()
    assert seat.ask(method, path).status == statuses[who]


def test_the_table_names_every_endpoint_of_the_console(site):
    mounted = console(site)
    known = [path for _, path, _ in ENDPOINTS]
    for route in mounted.routes:
        assert isinstance(route, Route)
        assert any(route.path_regex.match(path.removeprefix("/console")) for path in known), (
            route.path
        )


@pytest.mark.parametrize("language", ["ja", "en"])
def test_what_is_late_or_kept_out_comes_first(seats, language):
    page = seats["operator"].get(f"/console/deliveries?lang={language}").plain
    urgent = page.partition({"ja": "業務ユニットごと", "en": "By unit"}[language])[0]
    assert {"ja": "未取込 住民 01", "en": "kept out Resident 01"}[language] in urgent
    assert {"ja": "2日超過", "en": "2 d over"}[language] in urgent
    assert {"ja": "遅れ 世帯 01", "en": "overdue Household 01"}[language] in urgent


def test_a_delivery_shows_where_what_and_what_to_do_and_no_value(seats):
    for path in (f"/console/deliveries/{BLOCKED}", "/console/deliveries/units/01"):
        page = seats["operator"].get(f"{path}?lang=ja").plain
        for value in ("昨日", "見本 1号", personal_number(1)):
            assert value not in page
    page = seats["operator"].get(f"/console/deliveries/{BLOCKED}").plain
    assert "エラー 3 7 生年月日 漢漢" in page


def test_the_findings_come_as_a_table_and_for_a_program(seats, blocked):
    data = seats["operator"].get(f"/console/deliveries/{BLOCKED}/findings.csv?lang=en").body
    (row,) = csv.DictReader(io.StringIO(data.decode("utf-8-sig")))
    assert (row["line"], row["column"], row["item"]) == ("3", "7", "生年月日")
    assert row["shape of the value"] == "漢漢"
    told = json.loads(seats["operator"].get(f"/console/deliveries/{BLOCKED}/findings.json").body)
    assert told["outcome"] == "blocked"
    assert told["findings"][0]["says"]["en"] == blocked.findings[0].says("en")


@pytest.mark.parametrize("hostile", ["<script>alert(1)</script>", '"><img src=x>', "../../etc"])
def test_the_name_of_a_file_is_text_and_nothing_else(seats, site, database, hostile):
    number = uuid4()
    made = store.not_delivered(number, "resident", on=TODAY, source=hostile, at=AT)
    with database.transaction(site.settings.tenant) as conn:
        store.keep_delivery(conn, site.settings.tenant, made)
    page = seats["operator"].get(f"/console/deliveries/{number}")
    assert page.status == 200
    assert "<script" not in page.text
    assert "<img" not in page.text


def test_a_file_of_no_entity_is_shown_too(seats, site, database):
    number = uuid4()
    made = store.not_delivered(number, "", on=TODAY, source="strange.csv", at=AT)
    with database.transaction(site.settings.tenant) as conn:
        store.keep_delivery(conn, site.settings.tenant, made)
    assert seats["operator"].get(f"/console/deliveries/{number}").status == 200


def test_an_entity_without_a_rhythm_is_never_overdue():
    entity = catalogue().entity("resident")
    assert EntityStanding(entity, None, None, None, None, 0).state == "never"


def test_every_section_has_its_texts():
    for section in SECTIONS:
        for language in ("ja", "en"):
            assert kit.say(f"console-{section.name}", language)
            assert kit.say(f"console-{section.name}-lead", language)
