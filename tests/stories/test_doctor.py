"""The doctor finds what is wrong between sites that run, and says so in both languages."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import msgspec
import pytest
import rfc8785

from renkei import federation
from renkei.app.demo.ecosystem import H1, PARTS, A, B
from renkei.app.membership.expiry import of_certificates
from renkei.app.operations import doctor
from renkei.app.operations.checks import Check, worst
from renkei.app.operations.doctor import examine
from renkei.app.site import read_desk
from renkei.standard import Catalogue, catalogue

pytestmark = pytest.mark.xdist_group("ecosystem-looks")

AT = datetime(2026, 4, 1, tzinfo=UTC)
EDITION = msgspec.structs.replace(catalogue().edition, edition="2099.1")
LATER = msgspec.structs.replace(catalogue().content, edition=EDITION)


def codes(checks: list[Check]) -> dict[str, str]:
    return {check.code: check.verdict for check in checks if "peer" not in check.code}


def peers(checks: list[Check]) -> dict[object, str]:
    return {check.facts["peer"]: check.code for check in checks if "peer" in check.code}


def test_sites_that_run_are_well(stage):
    checks = examine(stage.ecosystem.settings["a"])
    assert [check.text("en") for check in checks if check.verdict == "bad"] == []
    assert set(peers(checks).values()) == {"peer-good"}
    assert set(peers(checks)) == {part.tenant for part in PARTS} - {A.tenant}
    assert codes(checks)["own-row-agrees"] == "good"
    assert codes(checks)["node-answers"] == "good"


@pytest.mark.clause("RK-2.11")
@pytest.mark.parametrize("caller", [A, H1])
def test_any_member_is_told_what_another_goes_by(stage, caller):
    settings = stage.ecosystem.settings[caller.name]
    desk = read_desk(settings)
    line = federation.Credentials.read(settings.keys, caller.tenant)

    async def ask() -> federation.Reply:
        async with federation.Channel(federation.Membership(desk, line)) as channel:
            return await channel.call(B.tenant, "GET", "/state", at=datetime.now(UTC))

    reply = asyncio.run(ask())
    assert reply.answer.status == 200
    said = json.loads(reply.answer.body)
    assert datetime.fromisoformat(said.pop("at"))
    signed = json.loads(settings.members.read_bytes())["list"]
    assert said == {
        "tenant": B.tenant,
        "mode": "test",
        "members": signed["version"],
        "members_digest": sha256(rfc8785.dumps(signed)).hexdigest(),
        "table": desk.provisions.version,
    }


def test_a_peer_that_is_down_is_named_with_what_to_do(stage):
    eco = stage.ecosystem
    eco.stop(B)
    try:
        checks = examine(eco.settings["a"])
    finally:
        eco.start(B)
    (bad,) = (check for check in checks if check.verdict == "bad")
    assert (bad.code, bad.facts["peer"]) == ("peer-bad", B.tenant)
    assert B.tenant in bad.text("ja")
    assert bad.text("ja") != bad.text("en")
    assert worst(checks) == "bad"


def test_keys_that_are_not_those_of_the_list_are_found(stage, tmp_path):
    settings = stage.ecosystem.settings["a"]
    federation.Credentials.create(tmp_path / "keys", A.tenant, at=datetime.now(UTC))
    checks = examine(replace(settings, keys=tmp_path / "keys"))
    assert codes(checks)["own-row-differs"] == "bad"
    assert set(peers(checks).values()) == {"peer-bad"}


def test_a_source_without_a_list_is_found_and_is_bad_where_none_is_kept(stage, tmp_path):
    settings = replace(stage.ecosystem.settings["a"], members=tmp_path / "nowhere.json")
    found = codes(examine(settings))
    assert (found["members-good"], found["directory-silent"]) == ("good", "warning")
    found = codes(examine(replace(settings, state=tmp_path / "state")))
    assert found["members-bad"] == "bad"


@pytest.mark.parametrize(
    ("change", "code", "verdict"),
    [
        ({"mode": "drill"}, "peer-mode", "bad"),
        ({"members": 99, "members_digest": "0" * 64}, "peer-list", "warning"),
        ({"members_digest": "0" * 64}, "peer-list-forked", "bad"),
        ({"table": "0" * 64}, "peer-table", "bad"),
        ({"at": AT + timedelta(seconds=60)}, "peer-clock", "warning"),
        ({"at": AT - timedelta(minutes=10)}, "peer-clock", "bad"),
        ({"at": AT + timedelta(seconds=2)}, None, None),
    ],
)
def test_what_two_nodes_disagree_on_is_said(stage, change, code, verdict):
    desk = read_desk(stage.ecosystem.settings["a"])
    own = federation.state(desk, at=AT)
    said = federation.State(**{name: getattr(own, name) for name in own.__struct_fields__} | change)
    facts: dict[str, object] = {"peer": B.tenant, "name": "B市", "url": "https://127.0.0.1:1"}
    found = list(doctor._disagreements(desk, said, facts, AT))
    assert [(one.code, one.verdict) for one in found] == ([(code, verdict)] if code else [])
    for check in found:
        assert check.text("ja") != check.text("en")
        assert "{" not in check.text("ja") + check.text("en")


def test_a_release_our_row_names_and_we_do_not_have_is_told(stage):
    """Others would ask in it, and be refused."""
    settings = stage.ecosystem.settings["a"]
    desk, line = read_desk(settings), federation.Credentials.read(settings.keys, A.tenant)
    assert [one.code for one in doctor._own_row(desk, line)] == ["own-row-agrees"]
    bare = replace(desk, releases=replace(desk.releases, own=Catalogue("other", LATER)))
    first, _ = doctor._own_row(bare, line)
    assert (first.code, first.verdict) == ("own-releases-lack", "warning")
    assert catalogue().edition.edition in first.text("ja")
    assert "{" not in first.text("ja") + first.text("en")


@pytest.mark.parametrize(
    ("days", "verdict"), [(365, "good"), (29, "warning"), (6, "bad"), (-5, "bad")]
)
def test_a_certificate_is_told_of_before_it_expires(tmp_path, days, verdict):
    made = datetime.now(UTC) - timedelta(days=3650 - days)
    credentials = federation.Credentials.create(tmp_path, A.tenant, at=made)
    found = of_certificates("own-certificate", (credentials.certificate,), {}, at=datetime.now(UTC))
    assert found.verdict == verdict
    assert "{" not in Check(found.code, found.verdict, found.facts).text("ja")


def test_the_command_ends_with_two_where_something_is_bad(stage):
    eco = stage.ecosystem
    assert json.dumps(eco.run(A, "doctor"))
    verdict = eco.run(A, "doctor")["verdict"]
    assert verdict in ("good", "warning")
