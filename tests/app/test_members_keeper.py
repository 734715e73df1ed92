"""A newer list comes into force by itself; what is none is said, and the one in force stays."""

import asyncio
import json
import logging
import tempfile
import time
import urllib.request
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send
from tests.app.conftest import A, plan
from tests.exchange.serving import serving

from renkei import audit, federation
from renkei.app.demo.ecosystem import free_port
from renkei.app.errors import KeysNotListed, KeysNotNext, MembersMissing
from renkei.app.membership import list_in_force
from renkei.app.membership.initiation import found_site
from renkei.app.membership.members_keeper import MembersKeeper
from renkei.app.membership.members_serving import PATH, list_routes
from renkei.app.membership.members_source import fetch
from renkei.app.membership.rotation import Rotation
from renkei.app.operations.oversight import line_state
from renkei.app.settings import Settings, read_settings
from renkei.app.site import Site, open_site, read_desk
from renkei.federation import LARGEST_LIST, Member

NOW = datetime.now(UTC)
AUTHORITY = audit.Signer.from_seed("authority.example", bytes(32))
STRANGER = audit.Signer.from_seed("authority.example", b"1" * 32)
DAY = timedelta(days=1)


@dataclass
class Body:
    """The governing body: its rows, and the file it lets members fetch."""

    rows: dict[str, Member]
    file: Path
    version: int = 0
    asked: list[str] = field(default_factory=list)

    def sign(
        self,
        version: int,
        *,
        rows: dict[str, Member] | None = None,
        by: audit.Signer = AUTHORITY,
        at: datetime = NOW,
        valid_for: timedelta = 90 * DAY,
    ) -> bytes:
        members = (rows or self.rows).values()
        return federation.sign_members(
            members, by, instance="JP", version=version, at=at, valid_for=valid_for
        )

    def issue(self, *rows: Member, **more: object) -> int:
        """Issue the next list, some rows renewed."""
        self.rows |= {row.id: row for row in rows}
        self.version += 1
        self.file.write_bytes(self.sign(self.version, **more))  # type: ignore[arg-type]
        return self.version


@pytest.fixture(scope="module")
def body() -> Iterator[Body]:
    with tempfile.TemporaryDirectory(prefix="renkei-members-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        port = free_port()
        ours = plan(
            role="registrar",
            member_class="GOV",
            tenant="2000012100001",
            directory=f"http://127.0.0.1:{port}{PATH}",
            directory_settle_seconds=600,
        )
        rows = [found_site(folder / "r", ours, at=NOW).public]
        for number, role in (("4000012090001", "log"), ("1000012090004", "converter"), (A, "node")):
            kind = "MUN" if role == "node" else "COM"
            other = plan(
                role=role, tenant=number, member_class=kind, peers=f"127.0.0.1:{len(rows)}"
            )
            rows.append(found_site(folder / role, other, at=NOW).public)
        read = [msgspec.json.decode(row.read_bytes(), type=Member) for row in rows]
        found = Body({row.id: row for row in read}, folder / "members.json")
        found.issue()
        with serving(uvicorn.Config(counted(found), "127.0.0.1", port, log_config=None)):
            yield found


def counted(body: Body) -> ASGIApp:
    """Return the source, noting the tag of every request and the status of its answer."""
    inner = Starlette(routes=list_routes(body.file))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def noting(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                body.asked.append(str(message["status"]))
            await send(message)

        await inner(scope, receive, noting)

    return app


@pytest.fixture(scope="module")
def settings(body: Body) -> Settings:
    return read_settings(body.file.parent / "r" / "renkei.toml")


@pytest.fixture(scope="module")
def site(body: Body, settings: Settings) -> Iterator[Site]:
    with open_site(settings) as opened:
        yield opened


@pytest.fixture
def keeper(body: Body, site: Site) -> MembersKeeper:
    """Give a keeper that has just looked, with all in order."""
    made = MembersKeeper(site)
    made.turn(NOW)
    assert site.membership.trouble is None
    assert site.membership.members.version == body.version
    return made


def entries(site: Site) -> list[audit.Entry]:
    """Sequence the log and return its entries about the members list."""
    tenant = site.desk.tenant
    with site.database.transaction(tenant) as conn:
        audit.sequence(conn, tenant, site.signer, at=NOW)
        return [
            logged.entry
            for version in range(1, 100)
            for logged in audit.entries_for_request(conn, tenant, f"members/{version}")
        ]


def renamed(member: Member, en: str) -> Member:
    return msgspec.structs.replace(member, en=en)


# What comes into force


@pytest.mark.clause("RK-8.6", "RK-8.9")
def test_a_newer_list_is_in_force_without_a_restart_and_entered(body, site, keeper):
    """Who holds the site sees the new list; its entry says what changed."""
    version = body.issue(renamed(body.rows[A], "New name"))
    keeper.turn(NOW)
    assert site.desk.members.version == version
    assert site.desk.members.by_id(A).en == "New name"
    last = entries(site)[-1]
    assert (last.kind, last.outcome) == (audit.Kind.MEMBERSHIP, "in-force")
    assert last.details == {
        "version": str(version),
        "before": str(version - 1),
        "digest": site.desk.members.digest.hex(),
        "added": "",
        "removed": "",
        "changed": A,
    }


def test_an_entry_names_who_came_and_who_went(body, site, keeper):
    row = body.rows.pop(A)
    body.issue()
    keeper.turn(NOW)
    body.issue(row)
    keeper.turn(NOW)
    went, came = entries(site)[-2:]
    assert (went.details["removed"], went.details["added"]) == (A, "")
    assert (came.details["removed"], came.details["added"]) == ("", A)


def test_a_list_that_did_not_change_is_not_sent_again(body, site, keeper):
    body.asked.clear()
    keeper.turn(NOW)
    keeper.turn(NOW)
    assert body.asked == ["304", "304"]


@pytest.mark.clause("RK-8.4", "RK-8.9")
def test_a_restart_goes_on_with_the_kept_list_and_enters_nothing_again(
    body, settings, site, keeper
):
    """With the source down, and never with an older list."""
    before = len(entries(site))
    away = replace(settings, directory="http://127.0.0.1:9/members.json", database=site.dsn)
    with open_site(away) as again:
        assert again.desk.members.digest == site.desk.members.digest
        other = MembersKeeper(again)
        other.turn(NOW)
        assert isinstance(again.membership.trouble, MembersMissing)
    assert len(entries(site)) == before
    older = body.file.with_name("older.json")
    older.write_bytes(body.sign(1))
    assert read_desk(replace(settings, directory=older)).members.version == body.version


@pytest.mark.clause("RK-8.9")
def test_a_crash_between_entry_and_list_enters_once(body, site, keeper, monkeypatch):
    """The list is not kept, so it comes again; its entry stands already."""
    version = body.issue()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(list_in_force, "keep", full)
    keeper.turn(NOW)
    assert site.desk.members.version == version - 1
    assert line_state(site).trouble == "list-not-taken"
    monkeypatch.undo()
    keeper.turn(NOW)
    assert site.desk.members.version == version
    assert [one.details["version"] for one in entries(site)].count(str(version)) == 1


# What does not


def hostile(body: Body) -> dict[str, bytes]:
    """Return what a source may serve and no site may take."""
    newer = body.version + 1
    good = body.sign(newer)
    gone = {number: row for number, row in body.rows.items() if row.kind != "registrar"}
    other = renamed(body.rows[A], "Not us")
    return {
        "forged": body.sign(newer, by=STRANGER),
        "changed": good.replace(b"City A", b"City X").replace(b"New name", b"Old name"),
        "truncated": good[:-20],
        "oversized": good + b" " * (LARGEST_LIST - len(good) + 1),
        "older": body.sign(body.version - 1),
        "forked": body.sign(body.version, rows=body.rows | {A: other}),
        "expired": body.sign(newer, at=NOW - 40 * DAY, valid_for=30 * DAY),
        "without us": body.sign(newer, rows=gone),
        "no list": b"<html>",
        "empty": b"",
        "deep": b'{"list":' + b"[" * 100_000 + b"]" * 100_000 + b',"signature":""}',
        "binary": b"\xff" * 1000,
        "half a pair": b'{"list":{"a":"\\ud800"},"signature":"AAAA"}',
        "a fraction": b'{"list":{"a":1.5},"signature":"AAAA"}',
    }


CODES = {
    "forged": "members-unsigned",
    "changed": "members-unsigned",
    "truncated": "members-malformed",
    "oversized": "members-malformed",
    "older": "members-older",
    "forked": "members-forked",
    "expired": "members-expired",
    "without us": "peer-unknown",
    "no list": "members-malformed",
    "empty": "members-malformed",
    "deep": "members-malformed",
    "binary": "members-malformed",
    "half a pair": "members-malformed",
    "a fraction": "members-malformed",
}


@pytest.mark.clause("RK-8.1", "RK-8.4", "RK-8.5")
@pytest.mark.parametrize("case", CODES)
def test_what_may_not_follow_is_said_and_the_list_in_force_stays(body, site, keeper, caplog, case):
    """Nothing of it is used, and a good one heals it."""
    good, before = body.file.read_bytes(), site.membership.members
    body.file.write_bytes(hostile(body)[case])
    with caplog.at_level(logging.ERROR):
        keeper.turn(NOW)
        keeper.turn(NOW)
    trouble = site.membership.trouble
    assert trouble is not None
    assert trouble.code() == CODES[case]
    assert caplog.text.count(f"{CODES[case]}: ") == 1
    assert line_state(site).trouble == CODES[case]
    assert site.membership.members is before
    body.file.write_bytes(good)
    keeper.turn(NOW)
    assert site.membership.trouble is None


@contextmanager
def source(answer: ASGIApp) -> Iterator[str]:
    config = uvicorn.Config(answer, "127.0.0.1", free_port(), log_config=None, lifespan="off")
    with serving(config) as port:
        yield f"http://127.0.0.1:{port}/members.json"


@pytest.mark.clause("RK-8.10")
@pytest.mark.parametrize(
    "answer",
    [
        Response(status_code=500),
        Response(status_code=302, headers={"location": "/elsewhere"}),
        Response(status_code=304),
        Response(status_code=206, content=b"{"),
    ],
    ids=lambda answer: str(answer.status_code),
)
def test_a_source_that_answers_otherwise_gives_no_list(answer):
    """Only 200 gives a list, and no redirect is followed."""
    with source(answer) as url, pytest.raises(MembersMissing, match=str(answer.status_code)):
        fetch(url)


def test_a_source_that_drips_is_left_in_time():
    async def drip(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(100):
            await send({"type": "http.response.body", "body": b" ", "more_body": True})
            await asyncio.sleep(0.05)

    started = time.monotonic()
    with source(drip) as url:
        with pytest.raises(MembersMissing, match="Timeout"):
            fetch(url, seconds=0.5)
        assert time.monotonic() - started < 3


@pytest.mark.clause("RK-10.1")
def test_no_more_than_the_longest_list_is_read():
    """A source that sends without end is cut off."""

    async def flood(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(80):
            await send({"type": "http.response.body", "body": bytes(1 << 20), "more_body": True})

    with source(flood) as url:
        found = fetch(url)
    assert found is not None
    assert LARGEST_LIST < len(found.text) < LARGEST_LIST + (4 << 20)


# While the source is down


@pytest.mark.clause("RK-8.5")
def test_a_source_that_is_down_is_no_trouble_until_the_list_ends(body, site, keeper, caplog):
    """Then nothing is exchanged, until a newer list comes."""
    body.issue(valid_for=30 * DAY)
    keeper.turn(NOW)
    good, members = body.file.read_bytes(), site.membership.members
    body.file.unlink()
    assert not keeper.turn(NOW + 29 * DAY)  # so that the next turn comes soon
    members.check(NOW + 29 * DAY)
    assert isinstance(site.membership.trouble, MembersMissing)
    with pytest.raises(federation.MembersExpired):
        members.check(NOW + 30 * DAY)
    body.file.write_bytes(good)
    keeper.turn(NOW + 31 * DAY)
    assert site.membership.trouble is not None
    assert site.membership.trouble.code() == "members-expired"
    body.issue(at=NOW + 31 * DAY)
    assert keeper.turn(NOW + 31 * DAY)
    assert site.membership.trouble is None


@pytest.mark.clause("RK-8.5")
def test_a_site_starts_with_a_list_that_ended_while_it_was_down(body, settings, site, tmp_path):
    """It has one to tell of, and takes the next; without any it does not start."""
    away = replace(settings, state=tmp_path, directory=tmp_path / "nowhere.json")
    ended = body.sign(1, at=NOW - 40 * DAY, valid_for=30 * DAY)
    list_in_force.keep(away, ended)
    members = read_desk(away).members
    with pytest.raises(federation.MembersExpired):
        members.check(NOW)
    (tmp_path / "members.json").write_bytes(ended[:-1])
    with pytest.raises(MembersMissing):
        read_desk(away)


@pytest.mark.clause("RK-8.11")
def test_what_nears_its_end_is_said_daily(body, site, keeper, caplog):
    """Certificates at 30 and 7 days, the list by its term."""
    body.issue(valid_for=40 * DAY)
    keeper.turn(NOW)
    keeper = MembersKeeper(site)
    said: dict[int, list[str]] = {}
    for day in (1, 28, 28, 37):
        caplog.clear()
        keeper.turn(NOW + day * DAY)
        found = [one for one in caplog.records if "is valid until" in one.getMessage()]
        said.setdefault(day, []).extend(one.levelname for one in found)
    assert said == {1: [], 28: ["WARNING"], 37: ["ERROR"]}


# Rotation


@pytest.mark.clause("RK-8.8")
def test_new_keys_are_used_when_the_list_has_named_them_for_a_while(body, settings, site, keeper):
    """Not before every member had to know them; and the old ones go with the list."""
    rotation, keys = Rotation.of(settings), site.keys
    old = site.credentials
    keys.sign_in(make=True)
    with pytest.raises(KeysNotNext):
        rotation.finish(site.desk.members, site.desk.me)
    both = rotation.begin(site.desk.me, at=NOW)
    assert rotation.begin(site.desk.me, at=NOW) == both
    assert len(vouching := [key.name for key in keys.sign_in()]) == 2
    with pytest.raises(KeysNotListed):
        rotation.finish(site.desk.members, site.desk.me)
    body.issue(both)
    keeper.turn(NOW)
    keeper.turn(NOW + timedelta(seconds=599))
    assert site.credentials.certificate == old.certificate
    keeper = MembersKeeper(site)  # over a restart the time runs on
    keeper.turn(NOW + timedelta(seconds=600))
    assert site.credentials.certificate == both.certificates[1]
    assert site.credentials.signing.name != old.signing.name
    assert keys.credentials().certificate == old.certificate
    body.issue(rotation.finish(site.desk.members, site.desk.me))
    assert [key.name for key in keys.sign_in()] == vouching[1:]  # no list names these
    for _ in range(2):
        keeper.turn(NOW + timedelta(seconds=660))
    assert keys.credentials().certificate == both.certificates[1]
    assert site.credentials.tls_file == keys.credentials().tls_file
    assert not list(keys.folder.glob("*.next.pem"))
    (keys.folder / "sign-in.pem").unlink()  # a node's alone


@pytest.mark.clause("RK-8.8")
def test_new_keys_named_alone_are_used_at_once(body, settings, site, keeper):
    """A key that was stolen is not used a minute longer."""
    rotation = Rotation.of(settings)
    both = rotation.begin(site.desk.me, at=NOW)
    alone = msgspec.structs.replace(
        both, certificates=both.certificates[1:], signing_keys=both.signing_keys[1:]
    )
    body.issue(alone)
    keeper.turn(NOW)
    assert site.credentials.certificate == alone.certificates[0]
    assert site.credentials.tls_file.name == "tls.pem"
    again = rotation.begin(site.desk.me, at=NOW)  # at once, and with keys of its own
    assert len(set(again.certificates)) == len(set(again.signing_keys)) == 2
    keeper.turn(NOW)
    assert rotation.begin(site.desk.me, at=NOW) == again
    for waiting in site.keys.folder.glob("*.next.pem"):
        waiting.unlink()


@pytest.mark.clause("RK-18.5")
def test_what_is_sealed_to_the_old_key_opens_until_all_seal_to_the_new_one(
    body, settings, site, keeper
):
    """The list names one key; whoever has not read it yet is understood all the same."""
    rotation, keys = Rotation.of(settings), site.keys
    keys.make_opening()
    (old,) = keys.opening()
    row = rotation.begin(site.desk.me, at=NOW)
    assert [key.listed for key in keys.opening()] == [old.listed, row.sealing_key]
    assert row.sealing_key != old.listed
    keeper.turn(NOW)  # not listed yet: the time does not run
    body.issue(row)
    keeper.turn(NOW + timedelta(seconds=700))
    keeper.turn(NOW + timedelta(seconds=1299))
    assert [key.listed for key in keys.opening()] == [old.listed, row.sealing_key]
    for _ in range(2):
        keeper.turn(NOW + timedelta(seconds=1300))
    assert [key.listed for key in keys.opening()] == [row.sealing_key]
    assert rotation.begin(site.desk.me, at=NOW).sealing_key == row.sealing_key
    for made in (*keys.folder.glob("*.next.pem"), keys.folder / "relay.pem"):
        made.unlink()


def test_a_site_older_than_its_key_makes_it_once(site):
    keys = site.keys
    keys.make_opening()
    (before,) = keys.opening()
    (keys.folder / "relay.pem").unlink()
    keys.make_opening()
    (made,) = keys.opening()
    keys.make_opening()
    assert [key.listed for key in keys.opening()] == [made.listed] != [before.listed]
    (keys.folder / "relay.pem").unlink()


def test_the_source_serves_the_list_as_it_is(body, settings):
    with urllib.request.urlopen(str(settings.directory), timeout=5) as answer:
        assert answer.read() == body.file.read_bytes()
        assert json.loads(body.file.read_bytes())["list"]["type"] == "renkei-members-2"
    body.file.rename(body.file.with_suffix(".away"))
    with pytest.raises(MembersMissing, match="503"):
        fetch(str(settings.directory))
    body.file.with_suffix(".away").rename(body.file)
    app = Starlette(routes=[Route("/", lambda _: Response())])
    with source(app) as url, pytest.raises(MembersMissing, match="404"):
        fetch(url)
