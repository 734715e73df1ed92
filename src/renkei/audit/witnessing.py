"""What a log asks of a witness, and whether the witness may cosign it (C2SP tlog-witness).

Pure: what the witness has cosigned last is given, what it is to remember comes back. Whoever keeps
that must look and write in one step.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from renkei.audit.encoding import base64std, from_base64std, whole_number
from renkei.audit.errors import (
    CheckpointInconsistent,
    NoteMalformed,
    SubmissionMalformed,
    WitnessedOther,
)
from renkei.audit.notes import LARGEST_NOTE, Checkpoint, NoteKey, open_note, split_note
from renkei.audit.tree import EMPTY_ROOT, HASH, is_consistent

MOST_HASHES = 63
LARGEST_SUBMISSION = LARGEST_NOTE + 64 * 48


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint, and the proof that it continues the tree of the old size."""

    old: int
    proof: tuple[bytes, ...]
    note: str

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the body of `add-checkpoint`; SubmissionMalformed for what is not one."""
        if len(data) > LARGEST_SUBMISSION:
            raise SubmissionMalformed(part="length")
        try:
            head, _, note = data.decode().partition("\n\n")
        except UnicodeDecodeError as error:
            raise SubmissionMalformed(part="characters") from error
        first, *lines = head.split("\n")
        if not first.startswith("old ") or len(lines) > MOST_HASHES:
            raise SubmissionMalformed(part="old" if len(lines) <= MOST_HASHES else "proof")
        try:
            old = whole_number(first.removeprefix("old "))
            proof = tuple(map(from_base64std, lines))
            Checkpoint.of_text(split_note(note)[0])
        except ValueError as error:
            raise SubmissionMalformed(part="proof") from error
        except NoteMalformed as error:
            raise SubmissionMalformed(part="checkpoint") from error
        if any(len(hashed) != HASH for hashed in proof):
            raise SubmissionMalformed(part="proof")
        return cls(old, proof, note)

    def render(self) -> bytes:
        """Return the body of `add-checkpoint`."""
        lines = [f"old {self.old}", *map(base64std, self.proof), "", ""]
        return ("\n".join(lines) + self.note).encode()

    @property
    def origin(self) -> str:
        """Return which log says that the checkpoint is its own."""
        return self.note.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Known:
    """What a witness cosigned last of a log; of one it never did, the empty tree."""

    size: int = 0
    root: bytes = EMPTY_ROOT


def judge(submission: Submission, keys: Collection[NoteKey], known: Known) -> Checkpoint:
    """Return the checkpoint if a witness that knows this may cosign it, or raise why not.

    The order of the checks is that of the specification: each has a status of its own.
    """
    # 1. Signed by the log: KeyUnknown, NoteForged. A key may be named otherwise than the origin.
    open_note(submission.note, keys)
    checkpoint = Checkpoint.parse(submission.note)
    # 2. A size that the checkpoint has reached.
    if submission.old > checkpoint.size:
        raise SubmissionMalformed(part="old")
    # 3. From where this witness stands.
    if submission.old != known.size:
        raise WitnessedOther(size=known.size)
    # 4. And nothing else than its continuation.
    is_empty = checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT
    if is_empty or not is_consistent(
        known.size, known.root, checkpoint.size, checkpoint.root, submission.proof
    ):
        raise CheckpointInconsistent(origin=checkpoint.origin[:200], old=known.size)
    return checkpoint
