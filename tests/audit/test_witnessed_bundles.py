"""A bundle shows what witnesses have seen, and a reader's policy believes nothing else."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from tests.audit.changes import changes, refused
from tests.audit.samples import AT, ENTRY, HANAKO, entries, write

from renkei import audit, kit
from renkei.audit import Defect, Finding
from renkei.kit import Database, Tenant

WITNESSES = [
    audit.Cosigner(f"w{n}.example", audit.Algorithm.ED25519, bytes([n]) * 32) for n in (1, 2)
]


def cosigned(checkpoint: audit.Checkpoint, count: int = 2) -> audit.Checkpoint:
    lines = (one.cosign(checkpoint.note, at=AT) for one in WITNESSES[:count])
    return audit.Checkpoint.parse(checkpoint.note + "".join(lines))


class Log(NamedTuple):
    """A log that grows, and what its witnesses have cosigned of it."""

    database: Database
    tenant: Tenant
    signer: audit.Signer

    @property
    def policy(self) -> audit.Policy:
        keys = [audit.PolicyWitness(one.key.name, one.key) for one in WITNESSES]
        return audit.Policy.of(self.signer.verifier, keys)

    def grow(self, count: int, *, start: int = 0, epoch: bool = True) -> None:
        write(self.database, self.tenant, self.signer, [entries(count, start=start)])
        if epoch:
            with self.database.transaction(self.tenant) as conn:
                audit.make_epoch(conn, self.tenant, self.signer, at=AT)

    def seen(self, log: int = 2, output: int = 2) -> audit.Witnessed:
        """Return both newest checkpoints with the lines of so many witnesses."""
        with self.database.transaction(self.tenant) as conn:
            newest = audit.LOG.newest(conn, self.tenant)
            mapped = audit.OUTPUT.newest(conn, self.tenant)
        assert newest is not None
        assert mapped is not None
        return audit.Witnessed(cosigned(newest, log), cosigned(mapped, output))

    def bundle(
        self, seen: audit.Witnessed | None, *labels: bytes, request: str | None = None
    ) -> bytes:
        with self.database.transaction(self.tenant) as conn:
            return audit.bundle(
                conn,
                self.tenant,
                self.signer.verifier,
                labels=labels if request else labels or (HANAKO,),
                request=request,
                witnessed=seen,
            )

    def judged(self, data: bytes, policy: audit.Policy | None = None) -> audit.Verdict:
        return audit.verify_bundle(data, [self.signer.verifier], policy or self.policy)


@pytest.fixture
def log(database: Database, tenant: Tenant, signer: audit.Signer) -> Log:
    """Give a log of four entries about Hanako in one epoch."""
    log = Log(database, tenant, signer)
    log.grow(4)
    return log


@pytest.mark.clause("RK-43.5")
def test_under_a_policy_a_list_is_complete_and_says_who_witnessed_it(log: Log) -> None:
    data = log.bundle(log.seen())
    said = log.judged(data)
    assert said.whole
    assert "Complete as of 2026-11-23T01:02:03.456Z" in said.text()
    assert "these 1 chains have 4 entries" in said.text()
    assert "witnessed by w1.example, w2.example (the log up to 4)" in said.text()
    assert "この1本の鎖の記録は4件あり" in said.text("ja")
    plain = audit.verify_bundle(data, [log.signer.verifier])
    assert "this epoch of its map; not yet witnessed: 0 entries" in plain.text()


@pytest.mark.clause("RK-43.3")
def test_entries_newer_than_what_was_witnessed_are_shown_and_told(log: Log) -> None:
    seen = log.seen()
    log.grow(2, start=4, epoch=False)
    data = log.bundle(seen)
    for verdict in (log.judged(data), audit.verify_bundle(data, [log.signer.verifier])):
        assert verdict.whole
        assert len(verdict.entries) == 6
        assert "not yet witnessed: 2" in verdict.text()
    assert "うち2件にはまだ証人の署名がありません" in log.judged(data).text("ja")


@pytest.mark.clause("RK-43.2")
def test_a_witnessed_bundle_has_exactly_these_members(log: Log) -> None:
    seen = log.seen()
    said = json.loads(log.bundle(seen))
    assert set(said) == {
        *("chains", "checkpoint", "entries", "format", "map", "request", "statement", "vkey"),
        "witnessed",
    }
    assert said["format"] == "renkei-bundle/v3"
    assert said["witnessed"] == {"checkpoint": seen.log.note, "consistency": []}
    assert seen.output is not None
    assert said["map"]["checkpoint"] == seen.output.note
    assert json.loads(log.bundle(None))["format"] == "renkei-bundle/v2"


@pytest.mark.clause("RK-43.5")
def test_a_witnessed_bundle_with_any_one_thing_changed_is_refused(log: Log) -> None:
    seen = log.seen()
    log.grow(1, start=4, epoch=False)
    data = log.bundle(seen)
    assert not refused(data, log.signer, log.policy)
    for changed in changes(json.loads(data)):
        assert refused(kit.canonical(changed), log.signer, log.policy), changed


def without_witnesses(wire: Any, log: Log) -> None:
    wire.update(json.loads(log.bundle(None)))
    del wire["witnessed"]


def other_tree(wire: Any, log: Log) -> None:
    """The log's own key and both witnesses on another history: they were set back, say."""
    fork = audit.Checkpoint.sign(log.signer, 4, bytes(32))
    wire["witnessed"]["checkpoint"] = cosigned(fork).note


def lines_of_another(wire: Any, log: Log) -> None:
    lines = cosigned(audit.Checkpoint.sign(log.signer, 4, bytes(32))).note.split("\n")
    wire["witnessed"]["checkpoint"] = wire["checkpoint"] + "\n".join(lines[-3:])


def lines_on_other_epochs(wire: Any, log: Log) -> None:
    output = log.signer.named(f"{log.signer.name}/output")
    lines = cosigned(audit.Checkpoint.sign(output, 1, bytes(32))).note.split("\n")
    note = wire["map"]["checkpoint"].split("\n")
    wire["map"]["checkpoint"] = "\n".join([*note[:-3], *lines[-3:]])


def fewer_epochs(wire: Any, log: Log) -> None:
    """The epoch is beyond the output tree that was cosigned."""
    wire["map"]["number"] = 1


@pytest.mark.clause("RK-43.4")
@pytest.mark.parametrize(
    ("change", "finding"),
    [
        (without_witnesses, Finding(4, Defect.UNWITNESSED)),
        (other_tree, Finding(4, Defect.COSIGNED_OTHER)),
        (lines_of_another, Finding(4, Defect.COSIGNATURE)),
        (lines_on_other_epochs, Finding(1, Defect.EPOCH_COSIGNATURE)),
        (fewer_epochs, Finding(1, Defect.EPOCH)),
    ],
)
def test_the_first_link_that_no_witness_has_seen_is_named(
    log: Log, change: Callable[[Any, Log], None], finding: Finding
) -> None:
    wire = json.loads(log.bundle(log.seen()))
    change(wire, log)
    assert log.judged(kit.canonical(wire)).broken == finding


@pytest.mark.clause("RK-43.4")
@pytest.mark.parametrize(
    ("lines", "finding"),
    [
        ((1, 2), Finding(4, Defect.UNWITNESSED)),
        ((2, 1), Finding(0, Defect.EPOCH_UNWITNESSED)),
        ((2, 0), Finding(0, Defect.EPOCH_UNWITNESSED)),
    ],
)
def test_the_quorum_is_wanted_on_both_trees(
    log: Log, lines: tuple[int, int], finding: Finding
) -> None:
    assert log.judged(log.bundle(log.seen(*lines))).broken == finding
    assert log.judged(log.bundle(log.seen())).whole


@pytest.mark.clause("RK-43.3", "RK-43.4")
def test_an_epoch_the_witnesses_have_not_reached_is_named(log: Log) -> None:
    old = log.seen()
    log.grow(2, start=4)
    new = log.seen()
    not_in_output = log.bundle(old)
    assert log.judged(not_in_output).broken == Finding(1, Defect.EPOCH_UNWITNESSED)
    plain = audit.verify_bundle(not_in_output, [log.signer.verifier])
    assert plain.whole
    assert "but not yet this epoch of its map; not yet witnessed: 2 entries" in plain.text()
    not_in_log = log.bundle(audit.Witnessed(old.log, new.output))
    assert log.judged(not_in_log).broken == Finding(1, Defect.EPOCH_BEYOND)
    assert log.judged(log.bundle(new)).whole


@pytest.mark.clause("RK-43.5")
def test_a_request_is_witnessed_without_a_claim_that_there_are_no_others(log: Log) -> None:
    data = log.bundle(log.seen(), request=ENTRY.request)
    said = log.judged(data)
    assert said.whole
    assert "1 entries are in the log" in said.text()
    assert "witnessed by w1.example, w2.example up to its entry 4" in said.text()
    assert "does not state that there are no others" in said.text()


@pytest.mark.clause("RK-43.3")
def test_a_log_shorter_than_what_was_witnessed_says_nothing_of_witnesses(log: Log) -> None:
    beyond = audit.Checkpoint.sign(log.signer, 5, bytes(32))
    data = log.bundle(audit.Witnessed(cosigned(beyond), None))
    assert json.loads(data)["format"] == "renkei-bundle/v2"
    assert log.judged(data).broken == Finding(4, Defect.UNWITNESSED)


@pytest.mark.clause("RK-43.1")
def test_a_policy_that_names_a_log_covers_its_output_log_and_no_other(log: Log) -> None:
    output = log.seen().output
    assert output is not None
    policy = log.policy.for_output()
    assert policy.accept(output.note).checkpoint == output
    with pytest.raises(audit.KeyUnknown):
        log.policy.accept(output.note)
    other = audit.Cosigner("other.example", audit.Algorithm.ML_DSA_44, bytes(32)).key
    foreign = audit.Policy.of(other, policy.witnesses).for_output()
    with pytest.raises(audit.KeyUnknown):
        foreign.accept(output.note, [audit.output_verifier(log.signer.verifier)])


@pytest.mark.clause("RK-43.3")
def test_what_lies_there_cosigned_is_taken_only_where_the_policy_is_met(
    log: Log, tmp_path: Path
) -> None:
    assert audit.published_witnessed(tmp_path, log.policy) is None
    seen = log.seen()
    assert seen.output is not None
    audit.publish_cosigned(tmp_path, seen.log.note, log.policy)
    assert audit.published_witnessed(tmp_path, log.policy) == audit.Witnessed(seen.log, None)
    audit.publish_cosigned(tmp_path / "output", seen.output.note, log.policy.for_output())
    assert audit.published_witnessed(tmp_path, log.policy) == seen
    for damage in (b"", b"\xff", seen.output.note.encode()):
        (tmp_path / "checkpoint.cosigned").write_bytes(damage)
        assert audit.published_witnessed(tmp_path, log.policy) is None
