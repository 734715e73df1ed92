"""A witness cosigns what continues what it cosigned, and says by which rule it does not."""

import pytest
from tests.audit.samples import SEED

from renkei import audit
from renkei.audit import Known, Submission
from renkei.audit.tree import EMPTY_ROOT, Edge, Tree, leaf_hash

SIGNER = audit.Signer.from_seed("log.example/1", SEED)
HASHES = [leaf_hash(bytes([n])) for n in range(20)]


def tree(hashes=HASHES):
    return Tree(len(hashes), lambda level, n, width: b"".join(hashes[:width]))


def root(size, hashes=HASHES):
    edge = Edge()
    edge.extend(hashes[:size])
    return edge.root()


def submission(old, new, hashes=HASHES, signer=SIGNER):
    note = audit.Checkpoint.sign(signer, new, root(new, hashes)).note
    proof = tree(hashes[:new]).consistency(old, new) if 0 < old < new else ()
    return Submission(old, proof, note)


def judged(one, size):
    known = Known(size, root(size))
    return audit.judge(one, [SIGNER.verifier], known)


@pytest.mark.parametrize("old", [0, 1, 7, 8, 19, 20])
def test_what_continues_is_cosigned(old):
    assert judged(submission(old, 20), old).size == 20


@pytest.mark.parametrize("old", [0, 1, 7, 16, 20])
def test_a_submission_is_read_back(old):
    one = submission(old, 20)
    assert Submission.parse(one.render()) == one
    assert one.origin == "log.example/1"


def test_another_history_is_not_cosigned():
    other = [*HASHES[:3], *reversed(HASHES[3:])]
    with pytest.raises(audit.CheckpointInconsistent):
        judged(submission(7, 20, other), 7)
    with pytest.raises(audit.CheckpointInconsistent):
        judged(submission(20, 20, other), 20)


def test_a_size_that_is_not_ours_is_told_ours_before_any_proof_is_looked_at():
    with pytest.raises(audit.WitnessedOther) as told:
        judged(Submission(3, (bytes(32),) * 63, submission(3, 20).note), 7)
    assert told.value.facts == {"size": 7}


def test_an_old_size_beyond_the_checkpoint_is_no_question():
    with pytest.raises(audit.SubmissionMalformed):
        judged(Submission(20, (), submission(0, 7).note), 20)


def test_a_proof_from_nothing_is_empty():
    note = submission(0, 7).note
    with pytest.raises(audit.CheckpointInconsistent):
        judged(Submission(0, (bytes(32),), note), 0)


def test_an_empty_log_has_the_empty_root():
    empty = audit.Checkpoint.sign(SIGNER, 0, EMPTY_ROOT)
    assert audit.judge(Submission(0, (), empty.note), [SIGNER.verifier], Known()) == empty
    false = audit.Checkpoint.sign(SIGNER, 0, bytes(32))
    with pytest.raises(audit.CheckpointInconsistent):
        audit.judge(Submission(0, (), false.note), [SIGNER.verifier], Known())


def test_a_checkpoint_nobody_known_signed_is_refused():
    stranger = audit.Signer.from_seed(SIGNER.name, bytes(32))
    with pytest.raises(audit.KeyUnknown):
        judged(submission(0, 7, signer=stranger), 0)


def test_a_false_signature_of_a_known_key_is_refused():
    one = submission(0, 7)
    with pytest.raises(audit.NoteForged):
        judged(Submission(0, (), one.note.replace("\n7\n", "\n8\n")), 0)


WHOLE = submission(7, 20).render()


@pytest.mark.parametrize(
    ("body", "part"),
    [
        (b"", "old"),
        (WHOLE.replace(b"old 7", b"old 07"), "proof"),
        (WHOLE.replace(b"old 7", b"old -7"), "proof"),
        (WHOLE.replace(b"old 7", b"new 7"), "old"),
        (WHOLE.replace(b"=\n", b"\n", 1), "proof"),
        (WHOLE.replace(b"old 7\n", b"old 7\nAAAA\n"), "proof"),
        (b"old 0\n" + b"A" * 43 + b"=\n" * 1, "checkpoint"),
        (WHOLE.replace(b"old 7\n", b"old 7\n" + (b"A" * 43 + b"=\n") * 63), "proof"),
        (WHOLE.partition(b"\n\n")[0], "checkpoint"),
        (WHOLE.replace(b"\n20\n", b"\n20\n\n"), "checkpoint"),
        (b"\xff" + WHOLE, "characters"),
        (b"x" * (audit.LARGEST_SUBMISSION + 1), "length"),
    ],
)
def test_a_body_that_is_no_submission_is_refused_with_its_part(body, part):
    with pytest.raises(audit.SubmissionMalformed) as refused:
        Submission.parse(body)
    assert refused.value.facts["part"] == part
