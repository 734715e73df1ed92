"""One town's codes become others while questions flow, by the commands an operator has."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from tests.stories.listing import STATUTE, asking, issue
from tests.stories.test_usage import KINDS, Portal, abroad, portal

from renkei import audit, federation, kit
from renkei.app.demo.demonstration import Stage
from renkei.app.demo.ecosystem import H1, H2, A, B, Part
from renkei.app.errors import SiteNotStarted

__all__ = ["abroad", "portal"]  # the fixtures
pytestmark = pytest.mark.xdist_group("ecosystem-bodies")


def row(stage: Stage, part: Part, *words: str) -> federation.Member:
    """Run a command and return the row it writes."""
    public = Path(str(stage.ecosystem.run(part, *words)["public"]))
    return msgspec.json.decode(public.read_bytes(), type=federation.Member)


def without_an_operator(stage: Stage) -> None:
    """Find that a rotation needs both operators, and that one who is away leaves all as it was."""
    stage.ecosystem.stop(H2)
    try:
        with pytest.raises(SiteNotStarted, match=H2.tenant):
            stage.ecosystem.run(A, "linkage", "rotate")
    finally:
        stage.ecosystem.start(H2)


def listed(door: Portal, person: str) -> set[str]:
    """Return the questions a person is told of, but for those about this very list."""
    door.settle()
    found = door.find(person, "&limit=1000")["usages"]
    return {
        one["request"]
        for one in found
        if one["action"] != "usage" and one["provision"] != "OWN-ACCESS"
    }


@pytest.fixture
def locked(stage: Stage) -> Iterator[None]:
    """Lock the keys of one operator, beside its running process."""
    eco = stage.ecosystem
    eco.run(H1, "keys", "lock", "--by", str(eco.folder / "medium" / "h1"))
    yield
    eco.run(H1, "keys", "unlock")


@pytest.mark.clause("RK-24.8", "RK-24.9", "RK-24.10", "RK-45.2")
@pytest.mark.usefixtures("locked")
@pytest.mark.parametrize("part", [A, B], ids=["asker", "holder"])
def test_codes_rotate_while_questions_flow_without_a_failure(stage, unit, portal, abroad, part):
    """Both versions hold in the window; then the old factor is destroyed, and codes are the new.

    A person whom no clerk asks about sees every question, before it, in the window and after it.
    One operator's keys are locked meanwhile: it goes on, and its new factors are sealed too.
    """
    eco, person, kind = stage.ecosystem, stage.cast.not_held[0], KINDS["not-held"]
    before = [(door, listed(door, person)) for door in (portal, abroad)]
    questions = [unit.told(kind)]
    issue(stage, *(row(stage, hub, "factors", "rotate", part.tenant) for hub in (H1, H2)))
    if part == A:
        without_an_operator(stage)
    with asking(unit) as outcomes:
        facts = eco.run(part, "linkage", "rotate")
        assert (facts["before"], facts["after"]) == (1, 2)
        assert int(str(facts["rotated"])) > 0
        assert eco.run(part, "linkage", "rotate")["rotated"] == 0
        questions.append(unit.told(kind))  # by the version that the list still names
        public = Path(str(facts["public"])).read_bytes()
        issue(stage, msgspec.json.decode(public, type=federation.Member))
        questions.append(unit.told(kind))
        destroyed = [
            row(stage, hub, "factors", "end", part.tenant, "--kv", "1") for hub in (H1, H2)
        ]
        issue(stage, *destroyed)
        assert eco.run(part, "linkage", "forget")["deleted"] == facts["rotated"]
    assert len(outcomes) > 5
    assert set(outcomes) == {"answered"}
    questions.append(unit.told(kind))
    assert {one.outcome for one in questions} == {"not-held"}
    asked = {one.inquiry for one in questions}
    for door, earlier in before:
        assert listed(door, person) == earlier | asked
        data = kit.canonical(door.ask(f"/bundle?userCode={person}", X_Road_UserId=person)[1])
        key = audit.Verifier.parse(stage.members.by_id(door.holder).log_key)
        verdict = audit.verify_bundle(data, [key])
        assert verdict.whole
        assert {one.entry.request for one in verdict.entries} >= earlier | asked


@pytest.mark.clause("RK-24.11")
def test_a_decryption_key_is_replaced_and_both_open_meanwhile(stage, unit):
    eco = stage.ecosystem
    public = row(stage, B, "linkage", "key")
    eco.stop(B)
    eco.start(B)
    assert unit.told(STATUTE, 1).outcome == "answered"  # by the key that the list still names
    issue(stage, public)
    assert unit.told(STATUTE, 2).outcome == "answered"
    alone = row(stage, B, "linkage", "key", "--finish")
    issue(stage, alone)
    eco.stop(B)
    eco.start(B)
    assert unit.told(STATUTE, 3).outcome == "answered"
