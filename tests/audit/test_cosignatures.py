"""A cosignature is believed of a known witness only, over this text, at its own time."""

from datetime import UTC, datetime

import pytest
from tests.audit.samples import AT, SEED

from renkei import audit
from renkei.audit import Algorithm
from renkei.audit.encoding import from_base64std

SIGNER = audit.Signer.from_seed("log.example/1", SEED)
CHECKPOINT = audit.Checkpoint.sign(SIGNER, 7, bytes(32))
EACH = pytest.mark.parametrize("algorithm", Algorithm, ids=lambda one: one.name)


def witness(algorithm, name="witness.example/w1", seed=SEED):
    return audit.Cosigner(name, algorithm, seed)


def found(note, *cosigners):
    return list(audit.cosignatures(note, [one.key for one in cosigners]))


@pytest.mark.clause("RK-39.1")
@EACH
def test_a_cosignature_is_read_back_with_its_time(algorithm):
    one = witness(algorithm)
    line = one.cosign(CHECKPOINT.note, at=AT)
    (read,) = found(CHECKPOINT.note + line, one)
    assert (read.key, read.at, read.line) == (one.key, AT.replace(microsecond=0), line)
    assert audit.Checkpoint.open(CHECKPOINT.note + line, [SIGNER.verifier]).size == 7


@EACH
def test_a_key_is_read_back_from_its_line(algorithm):
    key = witness(algorithm).key
    assert audit.WitnessKey.parse(str(key)) == key
    assert audit.log_key(str(key)) == key
    for other in (str(key)[:-4], str(key).replace("+", "+0", 1), str(SIGNER.verifier)):
        with pytest.raises(audit.VerifierMalformed):
            audit.WitnessKey.parse(other)


def test_an_ed25519_cosignature_is_over_the_text_of_the_specification():
    """C2SP tlog-cosignature, "Ed25519 signed message": two lines, then the text of the note."""
    one = witness(Algorithm.ED25519)
    (read,) = found(CHECKPOINT.note + one.cosign(CHECKPOINT.note, at=AT), one)
    raw = audit.Verifier("x", one.key.public)
    text = CHECKPOINT.note.partition("\n\n")[0] + "\n"
    signed = f"cosignature/v1\ntime {int(read.at.timestamp())}\n{text}"
    signature = from_base64std(read.line.split(" ")[2].strip())[12:]
    assert raw.fits(signed.encode(), signature)


@EACH
def test_a_cosignature_of_another_text_refuses_the_note(algorithm):
    one = witness(algorithm)
    other = audit.Checkpoint.sign(SIGNER, 8, bytes(32))
    with pytest.raises(audit.NoteForged):
        found(other.note + one.cosign(CHECKPOINT.note, at=AT), one)


@EACH
def test_a_line_of_an_unknown_witness_is_left_alone(algorithm):
    line = witness(algorithm, seed=bytes(32)).cosign(CHECKPOINT.note, at=AT)
    assert found(CHECKPOINT.note + line, witness(algorithm)) == []


@EACH
def test_a_cosignature_without_a_time_says_nothing(algorithm):
    one = witness(algorithm)
    line = one.cosign(CHECKPOINT.note, at=datetime.fromtimestamp(0, UTC))
    with pytest.raises(audit.NoteForged):
        found(CHECKPOINT.note + line, one)


def test_extension_lines_are_cosigned_where_the_algorithm_covers_them():
    """An ML-DSA-44 line is over origin, size and root: it says nothing of further lines."""
    text = CHECKPOINT.note.partition("\n\n")[0] + "\n"
    extended = SIGNER.sign_note(text + "more\n")
    old = witness(Algorithm.ED25519)
    new = witness(Algorithm.ML_DSA_44)
    with pytest.raises(audit.NoteForged):
        found(extended + old.cosign(CHECKPOINT.note, at=AT), old)
    assert len(found(extended + new.cosign(CHECKPOINT.note, at=AT), new)) == 1


def test_one_seed_under_two_algorithms_is_two_keys_that_both_count():
    both = [witness(one) for one in Algorithm]
    lines = [one.cosign(CHECKPOINT.note, at=AT) for one in both]
    assert [one.key for one in found(CHECKPOINT.note + "".join(lines), *both)] == [
        one.key for one in both
    ]
