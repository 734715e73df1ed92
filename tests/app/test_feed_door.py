"""The feed's doors: units pull over HTTP, operators read by command; and all of it is entered."""

import json
import tempfile
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import pytest
import uvicorn
from starlette.applications import Starlette
from tests.app.conftest import AUTHORITY, Run, plan
from tests.app.office import approved
from tests.app.receiver import receiver, until
from tests.exchange.serving import serving
from tests.store.asking import PROTECTION, protection
from tests.store.rows import ALLOWANCE, RESIDENT, TOWN, Row, allowance, day, file, hour
from tests.store.rows import register_number as number

from renkei import audit, store
from renkei.app.disclosure.courier import Courier
from renkei.app.disclosure.feed_door import feed_routes
from renkei.app.disclosure.permission import Office
from renkei.app.membership.initiation import found_site, write_members
from renkei.app.settings import read_settings
from renkei.app.site import Site, open_site
from renkei.standard import Entity, catalogue

Lines = list[dict[str, Any]]
AT = datetime(2026, 4, 1, tzinfo=UTC)
UNITS = ("15", "06", "99")
HUB = (("4000012090001", "log"), ("1000012090004", "converter"), ("2000012100001", "registrar"))


@dataclass(frozen=True)
class Door:
    """A running node's door for its units, and how a unit knocks."""

    site: Site
    settings: Path
    port: int
    tokens: dict[str, str]

    def get(self, query: str = "", unit: str = "15", **headers: str) -> tuple[int, Lines]:
        """Ask as a unit and return the status and the lines."""
        said = {
            "x-road-client": f"JP/MUN/{TOWN}/{unit}",
            "authorization": f"Bearer {self.tokens[unit]}",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        url = f"http://127.0.0.1:{self.port}/changes{query}"
        try:
            with urllib.request.urlopen(urllib.request.Request(url, headers=said)) as answer:
                return answer.status, [json.loads(line) for line in answer.read().splitlines()]
        except HTTPError as error:
            return error.code, [json.loads(error.read())]

    def load(self, entity: Entity, *rows: Row, at: int) -> None:
        with self.site.database.transaction(TOWN) as conn:
            source = file(entity, rows)
            report = store.load(conn, TOWN, entity, source, on=day(at), at=hour(at))
            assert report.outcome is store.Outcome.loaded, report.findings

    def entries(self) -> list[audit.Entry]:
        """Return everything entered so far."""
        with self.site.database.transaction(TOWN) as conn:
            audit.sequence(conn, TOWN, self.site.signer, at=AT)
            rows = conn.execute("SELECT leaf FROM audit_entry ORDER BY i").fetchall()
        return [audit.Leaf.parse(bytes(leaf)).entry() for (leaf,) in rows]


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    """Give a node where persons 1 and 2 are held, 3 protected, 4 not approved, 1 changed."""
    with tempfile.TemporaryDirectory(prefix="renkei-feed-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        founded = found_site(folder / "a", plan(units=UNITS), at=AT)
        others = [
            found_site(
                folder / role,
                plan(role=role, tenant=tenant, member_class="COM", peers=f"127.0.0.1:{n}"),
                at=AT,
            ).public
            for n, (tenant, role) in enumerate(HUB, 3)
        ]
        rows = [founded.public, *others]
        write_members(rows, folder / "a" / "members.json", AUTHORITY, version=1, at=AT)
        with open_site(read_settings(founded.settings)) as site:
            app = Starlette(routes=feed_routes(site))
            config = uvicorn.Config(app, "127.0.0.1", 0, log_level="error")
            with serving(config) as port:
                opened = Door(site, founded.settings, port, founded.tokens)
                people = [approved(1), approved(2), approved(3), approved(4, approval_state="1")]
                opened.load(RESIDENT, *people, at=1)
                opened.load(PROTECTION, protection(3), at=1)
                opened.load(ALLOWANCE, allowance(1, 2), at=1)
                opened.load(RESIDENT, approved(1, name="見本　改名"), *people[1:], at=2)
                yield opened


def keys(lines: Lines) -> list[tuple[int, str, str]]:
    return [
        (line["position"], line["key"]["register_number"], line["became"]) for line in lines[:-1]
    ]


@pytest.mark.clause("RK-12.7")
def test_a_unit_pulls_the_keys_of_what_changed_of_what_it_may_read(door):
    status, lines = door.get()
    assert status == 200
    assert keys(lines) == [(1, number(1), "new"), (1, number(2), "new"), (4, number(1), "changed")]
    assert {line["entity"] for line in lines[:-1]} == {"resident"}
    assert "見本" not in json.dumps(lines, ensure_ascii=False)


@pytest.mark.clause("RK-12.7")
def test_a_unit_goes_on_where_it_was_also_within_a_load(door):
    found: list[tuple[int, str, str]] = []
    since = "0"
    for _ in range(20):
        _, lines = door.get(f"?since={since}&limit=1")
        found += keys(lines)
        since = lines[-1]["next"]
        if not lines[-1]["more"]:
            break
    assert found == keys(door.get()[1])
    assert since == "4"


@pytest.mark.clause("RK-12.7")
def test_what_a_unit_carries_within_a_load_tells_nobody_a_number(door):
    _, lines = door.get("?limit=1")
    token = lines[-1]["next"]
    assert number(1) not in token
    assert door.get(f"?since={token}", unit="06")[0] == 400  # it is not for another unit
    assert door.get(f"?since={token[:-2]}AA")[0] == 400


@pytest.mark.clause("RK-12.7")
@pytest.mark.parametrize(
    "query",
    ["?since=-1", "?since=x", "?since=1.5", "?since=", "?limit=0", "?limit=5001", "?limit=x",
     "?limit=" + "9" * 5000, "?since=" + "9" * 5000],
)  # fmt: skip
def test_a_malformed_question_is_refused(door, query):
    status, (error,) = door.get(query)
    assert status == 400
    assert error["code"] == "parameter-malformed"


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer wrong"},
        {"authorization": ""},
        {"x_road_client": f"JP/MUN/{TOWN}/16"},
        {"x_road_client": "JP/MUN/131024/15"},
        {"x_road_client": f"JP/MUN/{TOWN}"},
    ],
)
def test_who_shows_no_token_of_its_own_is_not_let_in(door, headers):
    status, (error,) = door.get(**headers)
    assert (status, error["code"]) == (401, "token-refused")


@pytest.mark.clause("RK-12.7")
def test_a_unit_the_law_names_nowhere_is_told_nothing(door):
    status, lines = door.get(unit="99")
    assert (status, lines) == (200, [{"next": "0", "more": False}])


@pytest.mark.clause("RK-12.7")
def test_a_pull_is_entered_with_its_provision(door):
    before = len(door.entries())
    door.get("?since=3")
    (entry,) = door.entries()[before:]
    assert (entry.unit, entry.kind, entry.outcome) == ("15", audit.Kind.VIEW, "answered")
    assert entry.provision.startswith("IN-01-")
    assert (entry.details["as"], entry.details["records"]) == ("changes", "1")


@pytest.fixture
def command(run, door) -> Run:
    return lambda *words: run(*words, "--settings", door.settings)


def test_an_operator_reads_the_feed_and_it_is_entered(command, door):
    before = len(door.entries())
    said = command("feed", "--since", "1", "--json")
    lines = [json.loads(line) for line in said.out.splitlines()]
    assert [(line["entity"], line["became"]) for line in lines] == [
        ("child_allowance", "new"),
        ("resident", "changed"),
    ]  # the protected person's record of a protection is not listed
    (entry,) = door.entries()[before:]
    assert (entry.details["as"], entry.details["records"]) == ("feed", "2")


def test_a_subscription_is_added_served_listed_and_removed(command, door):
    office = Office.of(door.site.settings, door.site.desk)
    with receiver() as unit:
        words = ("15", "01/person_search", "--url", unit.url, "--item", "name", "--since", "0")
        assert command("subscriptions", "add", *words).code == 0
        assert command("subscriptions", "add", *words).code == 1
        signing = door.site.credentials.signing
        running = Courier(door.site.database, office, lambda: signing, lambda: datetime.now(UTC))
        running.start()
        try:
            until(lambda: len(unit.told()) == 3)
        finally:
            running.finish()
    assert unit.told() == ["1 new", "2 new", "1 changed"]
    listed = json.loads(command("subscriptions", "list", "--json").out)
    one = listed["15:01/person_search"]
    assert (one["load"], one["events_behind"], one["withheld"]) == (4, 0, 1)
    assert (one["letters_waiting"], one["dead_letters"], one["refused"]) == (0, 0, None)
    assert command("subscriptions", "resend", "15", "01/person_search").code == 0
    assert command("subscriptions", "remove", "15", "01/person_search").code == 0
    assert json.loads(command("subscriptions", "list", "--json").out) == {}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("15", "01/person_search", "--url", "http://u.example/", "--item", "personal_number"), 2),
        (("99", "01/person_search", "--url", "http://u.example/"), 2),
        (("15", "01/no_such", "--url", "http://u.example/"), 1),
        (("15", "01/person_search", "--url", "file:///etc/passwd"), 1),
        (("15", "01/person_search", "--url", "nats:"), 1),
        (("15", "01/person_search", "--url", "http://u.example/", "--item", "no_such"), 1),
    ],
)
def test_what_the_law_refuses_or_nobody_can_do_is_said(command, words, code):
    said = command("subscriptions", "add", *words)
    assert said.code == code
    assert json.loads(command("subscriptions", "list", "--json").out) == {}


def test_every_interface_of_a_unit_has_one_provision_within_the_house():
    """So a subscription need not name its procedure."""
    known = catalogue()
    for interface in known.interfaces:
        rows = [row.asker_unit for row in known.basis(interface) if row.holder_kind == "own"]
        assert len(rows) == len(set(rows)), interface.name
