"""Notes are believed only with a signature of a trusted key, and only in one spelling."""

import base64
import shutil
from itertools import combinations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.audit.samples import OUTSIDE, SEED

from renkei import audit, kit
from renkei.audit.notes import LARGEST_NOTE
from renkei.audit.tree import is_consistent

VKEY = "example.com/log/testdata+33d7b496+AeHTu4Q3hEIMHNqc6fASMsq3rKNx280NI+oO5xCFkkSx"
SIGNER = audit.Signer.from_seed("log.example/1", SEED)
CHECKPOINT = audit.Checkpoint.sign(SIGNER, 7, bytes(32))

outside = pytest.mark.skipif(not OUTSIDE.exists(), reason="no outside log in ../shared/data/tlog")


def opened(note: str) -> audit.Checkpoint:
    return audit.Checkpoint.open(note, [SIGNER.verifier])


@pytest.mark.clause("RK-9.3")
def test_a_checkpoint_signed_here_is_read_back() -> None:
    assert opened(CHECKPOINT.note) == CHECKPOINT
    assert CHECKPOINT.note.startswith("log.example/1\n7\nAAAAAAAA")


@pytest.mark.clause("RK-9.3")
@outside
def test_another_implementations_checkpoints_are_read() -> None:
    key = audit.Verifier.parse(VKEY)
    sizes = [
        audit.Checkpoint.open((OUTSIDE / f"checkpoint.{size}").read_text(), [key]).size
        for size in range(16)
    ]
    assert sizes == list(range(16))


@outside
def test_another_implementations_log_is_consistent_between_all_its_sizes() -> None:
    key = audit.Verifier.parse(VKEY)
    notes = [(OUTSIDE / f"checkpoint.{size}").read_text() for size in range(16)]
    checkpoints = [audit.Checkpoint.open(note, [key]) for note in notes]
    for old, new in combinations(checkpoints, 2):
        proof = audit.published_tree(OUTSIDE, new.size).consistency(old.size)
        audit.check_fork(old, new, proof)
        assert not is_consistent(old.size, new.root, new.size, old.root, proof)


def test_a_line_of_an_unknown_key_is_left_alone() -> None:
    witness = audit.Signer.from_seed("witness.example", bytes(32))
    line = witness.sign_note("x\n").splitlines()[-1]
    assert opened(CHECKPOINT.note + line + "\n").root == CHECKPOINT.root
    stranger = audit.Signer.from_seed(SIGNER.name, bytes(32))
    assert opened(CHECKPOINT.note + stranger.sign_note("x\n").splitlines()[-1] + "\n").size == 7


def test_extension_lines_mean_nothing_here() -> None:
    text = CHECKPOINT.note.partition("\n\n")[0]
    assert opened(SIGNER.sign_note(f"{text}\nanything\n")).size == 7


def test_a_false_signature_of_a_known_key_refuses_the_note() -> None:
    with pytest.raises(audit.NoteForged):
        opened(CHECKPOINT.note.replace("\n7\n", "\n8\n"))


def test_a_note_without_a_trusted_signature_is_refused() -> None:
    stranger = audit.Signer.from_seed("log.example/1", bytes(32))
    with pytest.raises(audit.KeyUnknown):
        opened(audit.Checkpoint.sign(stranger, 7, bytes(32)).note)


def test_one_log_cannot_sign_for_another() -> None:
    other = audit.Signer.from_seed("log.example/2", SEED)
    note = other.sign_note(CHECKPOINT.note.partition("\n\n")[0] + "\n")
    with pytest.raises(audit.KeyUnknown):
        audit.Checkpoint.open(note, [SIGNER.verifier, other.verifier])


@pytest.mark.parametrize(
    "text",
    [
        "log.example/1\n7\n",
        "log.example/1\n07\nAAAA\n",
        "log.example/1\n-7\nAAAA\n",
        "log.example/1\n7\nAAAA\n",
        "log.example/1\n7\n\nAAAA\n",
        "log.example/1\n7\n" + base64.b64encode(bytes(32)).decode()[:-2] + "B=\n",
    ],
)
def test_a_signed_text_that_is_no_checkpoint_is_malformed(text: str) -> None:
    with pytest.raises(audit.NoteMalformed):
        opened(SIGNER.sign_note(text))


@pytest.mark.clause("RK-10.1")
@pytest.mark.parametrize(
    "note",
    [
        "",
        "\n\n",
        "no signature\n",
        CHECKPOINT.note[:-1],
        CHECKPOINT.note.replace("—", "-"),
        CHECKPOINT.note.replace("\n7\n", "\n7\t\n"),
        CHECKPOINT.note + "\n",
        CHECKPOINT.note.replace("— log.example/1", "— log+example/1"),
        CHECKPOINT.note[:-4] + "=\n",
        CHECKPOINT.note + CHECKPOINT.note.splitlines(keepends=True)[-1] * 64,
        CHECKPOINT.note + "—" * LARGEST_NOTE,
        CHECKPOINT.note.replace("7", "\ud800"),
    ],
)
def test_a_note_in_any_other_spelling_is_malformed(note: str) -> None:
    with pytest.raises(audit.NoteMalformed):
        opened(note)


@given(st.text(alphabet="log.example/1\n7—+ A=\x00", max_size=80))
def test_no_note_makes_the_reader_fall(note: str) -> None:
    with pytest.raises(kit.NodeError):
        opened(note)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "a+b",
        VKEY[:-1],
        VKEY + "A",
        VKEY.replace("33d7b496", "33d7b497"),
        VKEY.replace("33d7b496", "33D7B496"),
        VKEY.replace("example", "exam ple"),
        VKEY.replace("+Ae", "+Be"),
    ],
)
def test_a_verifier_key_in_any_other_spelling_is_malformed(vkey: str) -> None:
    assert str(audit.Verifier.parse(VKEY)) == VKEY
    with pytest.raises(audit.VerifierMalformed):
        audit.Verifier.parse(vkey)


def test_a_fork_is_named() -> None:
    other = audit.Checkpoint.sign(SIGNER, 7, b"\x01" * 32)
    audit.check_fork(CHECKPOINT, CHECKPOINT, ())
    with pytest.raises(audit.LogForked) as caught:
        audit.check_fork(CHECKPOINT, other, ())
    assert caught.value.facts == {"origin": "log.example/1", "size": 7}


@outside
def test_a_published_log_of_another_implementation_verifies() -> None:
    assert audit.verify_directory(OUTSIDE, audit.Verifier.parse(VKEY)) == []


@outside
def test_another_implementations_entry_bundles_of_every_width_are_read(tmp_path: Path) -> None:
    """The log as it stood at each of its sizes: its bundle of that width alone is there."""
    key = audit.Verifier.parse(VKEY)
    whole = list(audit.published_entries(OUTSIDE, key))
    assert len(whole) == 15
    for size in range(1, 16):
        folder = as_it_stood(tmp_path / str(size), size)
        assert audit.verify_directory(folder, key) == []
        assert list(audit.published_entries(folder, key)) == whole[:size]
        bundle = folder / f"tile/entries/000.p/{size}"
        bundle.write_bytes(bundle.read_bytes()[:-1])
        (found,) = audit.verify_directory(folder, key)
        assert found == audit.Finding(size - 1, audit.Defect.REMOVED)


def as_it_stood(folder: Path, size: int) -> Path:
    """Return the outside log at one of its sizes, with the files of that size alone."""
    for wanted in ("tile/0/000.p", "tile/entries/000.p"):
        (folder / wanted).mkdir(parents=True)
        shutil.copyfile(OUTSIDE / wanted / str(size), folder / wanted / str(size))
    shutil.copyfile(OUTSIDE / f"checkpoint.{size}", folder / "checkpoint")
    return folder
