"""A policy says who must have cosigned, and a verifier needs nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.samples import AT, SEED

from renkei import audit
from renkei.audit import Algorithm, Policy

SIGNER = audit.Signer.from_seed("log.example/1", SEED)
CHECKPOINT = audit.Checkpoint.sign(SIGNER, 7, bytes(32))
WITNESSES = {
    name: audit.Cosigner(f"{name}.example", Algorithm.ED25519, bytes([n]) * 32)
    for n, name in enumerate(("X1", "X2", "X3", "Y1", "Y2", "Y3"))
}
# The example of the specification, with keys and what a reader must leave alone.
TEXT = "\n".join(
    [
        "# two organisations",
        f"log {SIGNER.verifier} https://log.example/",
        "",
        *(f" \twitness {name} \t{one.key}" for name, one in WITNESSES.items()),
        "group X-witnesses 2 X1 X2 X3",
        "group Y-witnesses any Y1 Y2 Y3",
        "group X-and-Y all X-witnesses Y-witnesses",
        "quorum X-and-Y",
        "",
    ]
)
POLICY = Policy.parse(TEXT)


def cosigned(*names):
    lines = [WITNESSES[name].cosign(CHECKPOINT.note, at=AT) for name in names]
    return CHECKPOINT.note + "".join(lines)


@pytest.mark.clause("RK-39.2")
def test_a_checkpoint_with_a_quorum_is_accepted():
    accepted = POLICY.accept(cosigned("X1", "X3", "Y2"))
    assert accepted.checkpoint.size == 7
    assert dict(accepted.witnesses) == dict.fromkeys(("X1", "X3", "Y2"), AT.replace(microsecond=0))


@pytest.mark.clause("RK-39.2")
@pytest.mark.parametrize("names", [(), ("X1", "X2", "X3"), ("X1", "Y1", "Y2", "Y3")])
def test_a_checkpoint_without_a_quorum_is_refused(names):
    with pytest.raises(audit.QuorumMissed, match=", ".join(names) or "-"):
        POLICY.accept(cosigned(*names))


def test_one_witness_twice_counts_once():
    with pytest.raises(audit.QuorumMissed):
        POLICY.accept(cosigned("X1", "X1", "Y1"))


def test_a_checkpoint_of_another_log_is_refused():
    other = audit.Signer.from_seed("log.example/2", bytes(32))
    with pytest.raises(audit.KeyUnknown):
        POLICY.accept(audit.Checkpoint.sign(other, 7, bytes(32)).note)


def test_a_policy_is_written_and_read_back():
    assert Policy.parse(POLICY.render()) == POLICY
    made = Policy.of(SIGNER.verifier, POLICY.witnesses, 2)
    assert Policy.parse(made.render()) == made
    assert made.is_met(["X1", "Y3"])
    assert not made.is_met(["Y3"])


def test_no_quorum_needs_no_witness_and_no_log_needs_a_key_from_elsewhere():
    assert Policy.parse("quorum none\n").accept(CHECKPOINT.note, [SIGNER.verifier])
    assert Policy.of(SIGNER.verifier, ()).accept(CHECKPOINT.note)
    with pytest.raises(audit.KeyUnknown):
        Policy.parse("quorum none\n").accept(CHECKPOINT.note)


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("quorum X-and-Y\n", "", 12),
        ("quorum X-and-Y\n", "quorum X-and-Y\nquorum none\n", 14),
        ("quorum X-and-Y", "quorum nobody", 13),
        ("group X-witnesses 2", "group X-witnesses 4", 10),
        ("group X-witnesses 2", "group X-witnesses 0", 10),
        ("group X-witnesses 2", "group X-witnesses two", 10),
        ("any Y1 Y2 Y3", "any Y1 Y2 X3", 11),  # a member of one group only
        ("any Y1 Y2 Y3", "any Y1 Y1", 11),
        ("any Y1 Y2 Y3", "any none", 11),
        ("any Y1 Y2 Y3", "any X-and-Y", 11),  # defined later
        ("any Y1 Y2 Y3", "any", 11),
        ("group X-witnesses", "group X1", 10),
        ("group X-witnesses", "group none", 10),
        ("# two", "two", 1),
        ("https://log.example/", "https://log.example/ more", 2),
        (str(WITNESSES["X2"].key), str(WITNESSES["X1"].key), 5),
        (str(WITNESSES["X2"].key), str(SIGNER.verifier), 5),
        ("# two organisations", "# two\x0borganisations", 0),
    ],
)
def test_a_policy_that_says_something_else_is_refused_with_its_line(old, new, line):
    assert old in TEXT
    with pytest.raises(audit.PolicyMalformed) as refused:
        Policy.parse(TEXT.replace(old, new, 1))
    assert refused.value.facts["line"] == line


@given(st.sets(st.sampled_from(sorted(WITNESSES))))
def test_a_quorum_is_met_by_two_of_the_one_and_one_of_the_other(names):
    of_x = len([name for name in names if name.startswith("X")])
    of_y = len(names) - of_x
    assert POLICY.is_met(names) is (of_x >= 2 and of_y >= 1)
