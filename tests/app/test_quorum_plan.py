"""Settings of witnesses name each once, and ask for no more than there are."""

import pytest
from tests.audit.samples import SEED

from renkei import audit
from renkei.app.keeping.quorum_plan import QuorumPlan, WitnessEntry, quorum_plan

LOG = audit.Signer.from_seed("log.example/1", SEED).verifier
KEYS = [audit.Cosigner("w.example", one, SEED).key for one in audit.Algorithm]


def entry(number=0, **changes):
    said = {"name": f"w{number}", "url": "https://w.example/", "key": str(KEYS[number])}
    return WitnessEntry(**said | changes)


@pytest.mark.parametrize(("quorum", "enough"), [("all", 2), ("any", 1), (2, 2), (1, 1), (0, 0)])
def test_a_quorum_is_all_any_or_so_many(tmp_path, quorum, enough):
    plan = quorum_plan([entry(0), entry(1)], quorum, "", tmp_path)
    policy = plan.policy(LOG)
    assert [policy.is_met(["w0", "w1"][:count]) for count in range(3)] == [
        count >= enough for count in range(3)
    ]
    assert audit.Policy.parse(policy.render()) == policy


def test_without_witnesses_nothing_is_wanted(tmp_path):
    plan = quorum_plan([], "all", "", tmp_path)
    assert not plan.is_set
    assert plan == QuorumPlan((), 0)
    assert plan.policy(LOG).is_met([])


@pytest.mark.parametrize(
    ("entries", "quorum", "file", "defect"),
    [
        ([entry(), entry(1, name="w0")], "all", "", "name: each once"),
        ([entry(), entry(1, key=str(KEYS[0]))], "all", "", "key: each once"),
        ([entry(name="two words")], "all", "", "name: one word"),
        ([entry(name="none")], "all", "", "name: one word"),
        ([entry(url="w.example")], "all", "", "url:"),
        ([entry(key=str(LOG))], "all", "", "key:"),
        ([entry()], 2, "", "2 of 1"),
        ([entry()], "all", "policy.txt", "not both"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, entries, quorum, file, defect):
    with pytest.raises(ValueError, match=defect):
        quorum_plan(entries, quorum, file, tmp_path)


def test_a_file_may_have_groups_and_must_be_of_this_log(tmp_path):
    text = audit.Policy.of(LOG, [audit.PolicyWitness("a", KEYS[0], "https://w.example")]).render()
    (tmp_path / "policy.txt").write_text(text, encoding="utf-8")
    plan = quorum_plan([], "all", "policy.txt", tmp_path)
    assert plan.is_set
    assert plan.policy(LOG).witnesses[0].url == "https://w.example"
    other = audit.Signer.from_seed("log.example/2", bytes(32)).verifier
    with pytest.raises(audit.PolicyMalformed):
        plan.policy(other)
