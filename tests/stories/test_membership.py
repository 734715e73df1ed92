"""The members list changes while questions flow: keys rotate, a member goes and comes back."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from tests.stories.listing import STATUTE, asking, health, issue, wait_for

from renkei import audit, federation
from renkei.app.demo.demonstration import Stage, prove
from renkei.app.demo.ecosystem import A, B, Part
from renkei.app.membership.initiation import authority_signer
from renkei.app.membership.list_in_force import read_kept
from renkei.app.operations.doctor import examine

pytestmark = pytest.mark.xdist_group("ecosystem-bodies")


def row(part: Part, stage: Stage, *words: str) -> federation.Member:
    """Return the row that `renkei keys rotate` writes."""
    eco = stage.ecosystem
    public = Path(str(eco.run(part, "keys", "rotate", *words)["public"]))
    return msgspec.json.decode(public.read_bytes(), type=federation.Member)


@pytest.mark.clause("RK-8.7", "RK-8.8")
@pytest.mark.parametrize("part", [A, B], ids=["asker", "holder"])
def test_keys_rotate_while_questions_flow_without_a_failure(stage, unit, part):
    """Either certificate and key is believed, and the old ones go at the end."""
    keys = stage.ecosystem.settings[part.name].keys
    before = {name: (keys / name).read_bytes() for name in ("tls.pem", "signing.pem")}
    with asking(unit) as outcomes:
        both = row(part, stage)
        assert (len(both.certificates), len(both.signing_keys)) == (2, 2)
        assert row(part, stage) == both
        issue(stage, both)
        # The new ones are used after a while; only then may the old ones be left out.
        time.sleep(stage.ecosystem.settings[part.name].directory_settle.total_seconds() + 3)
        alone = row(part, stage, "--finish")
        assert alone.certificates == both.certificates[1:]
        issue(stage, alone)
        wait_for(lambda: not (keys / "tls.next.pem").exists())
        for name, contents in before.items():
            assert (keys / name).read_bytes() != contents
        asked = len(outcomes)
        wait_for(lambda: len(outcomes) > asked + 5)
    assert len(outcomes) > 20
    assert set(outcomes) == {"answered"}


@pytest.mark.clause("RK-8.6")
def test_a_member_that_was_removed_is_refused_and_one_that_returns_is_answered(stage, unit):
    """A new list is in force at once, for connections that stand too."""
    assert unit.told(STATUTE, 0).outcome == "answered"
    kept = read_kept(stage.ecosystem.settings["b"])
    assert kept is not None
    version = issue(stage, but=B)
    try:
        told = unit.told(STATUTE, 1)
        assert (told.outcome, told.reason) == ("failed", "peer-unknown")
        wait_for(lambda: health(stage, B)["trouble"] == "peer-unknown")
    finally:  # whoever comes next needs B
        again = issue(stage, kept.by_id(B.tenant))
    assert again == version + 1
    wait_for(lambda: health(stage, B)["trouble"] == "")
    assert unit.told(STATUTE, 2).outcome == "answered"


@pytest.mark.clause("RK-8.9")
def test_every_list_in_force_is_entered_once_even_over_a_restart(stage):
    """A version, its digest, and who was added, removed or changed."""
    eco, tenant = stage.ecosystem, A.tenant
    eco.stop(A)
    eco.start(A)
    kept = read_kept(eco.settings["a"])
    assert kept is not None
    log = eco.settings["a"].state / "log"
    key = audit.Verifier.parse(stage.members.by_id(tenant).log_key)
    wait_for(lambda: json.loads(eco.oversight(A, "checkpoint"))["pending"] == 0)
    entries = [audit.Leaf.parse(one).entry() for one in audit.published_entries(log, key)]
    versions = [one.details["version"] for one in entries if one.kind is audit.Kind.MEMBERSHIP]
    assert versions == sorted(set(versions), key=int)
    last = [one for one in entries if one.kind is audit.Kind.MEMBERSHIP][-1]
    assert last.details["version"] == str(kept.version)
    assert last.details["digest"] == kept.digest.hex()


@pytest.mark.clause("RK-8.5")
def test_a_list_that_ends_stops_questions_until_the_next_one(stage, unit):
    """After its end nothing is sent, that is entered, and it heals by itself."""
    eco = stage.ecosystem
    authority = authority_signer(eco.folder / "authority.key")
    file = eco.folder / "members.json"
    now = federation.read_members(file.read_bytes(), authority.verifier)
    text = federation.sign_members(
        now.all,
        authority,
        instance="JP",
        version=now.version + 1,
        at=datetime.now(UTC),
        valid_for=timedelta(seconds=6),
    )
    file.write_bytes(text)
    try:
        wait_for(lambda: bool(health(stage, A)["is_expired"]))
        told = unit.told(STATUTE, 3)
        assert (told.outcome, told.reason) == ("failed", "members-expired")
        wait_for(lambda: health(stage, A)["trouble"] == "members-expired")
        found = {check.code: check.verdict for check in examine(eco.settings["a"])}
        assert found["list-expired"] == "bad"
        assert not any(code.startswith("peer") for code in found)
        books = prove(stage, [told])
        assert books.balance, books.defects
        logged = json.loads(eco.oversight(A, f"requests/{told.inquiry}"))
        assert "members-expired" in json.dumps(logged)
    finally:
        issue(stage)
    assert unit.told(STATUTE, 4).outcome == "answered"
    wait_for(lambda: health(stage, A)["trouble"] == "")
