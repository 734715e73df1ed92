"""The answer of a file of questions: a line for each, as REST would have told it, and a manifest.

Nothing here reads the clock: written again, the answer is the same bytes.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

import msgspec

from renkei import kit
from renkei.app.errors import TaskExpired
from renkei.app.files.place import ANSWER
from renkei.app.files.question_file import Asking, QuestionFile
from renkei.app.units.kept_question import KeptAnswer
from renkei.exchange import files
from renkei.standard import characters
from renkei.standard.characters import Charset
from renkei.standard.mediation import Loss, Why

FAILED = "failed"


class _Told(msgspec.Struct, frozen=True):
    """The members of a fact, or of a fault, as REST tells them."""

    inquiry: str = ""
    detail: str = ""
    by: str = ""
    reason: str = ""
    code: str = ""
    provision: str = ""
    table: str = ""
    record: dict[str, str | int | None] | None = None
    receipt: str = ""
    entry: str = ""
    losses: tuple[Loss, ...] = ()


class _Missing(msgspec.Struct, frozen=True):
    """A character the answer's charset does not have: 〓 stands for it."""

    line: int
    column: str
    character: str


class _Lost(msgspec.Struct, frozen=True):
    """A value that did not come through whole, from another release or in fewer characters."""

    line: int
    column: str
    why: Why


class _AnswerManifest(msgspec.Struct, frozen=True):
    """What the node says of an answer."""

    id: str
    file: str
    size: int
    sha256: str
    count: int
    charset: str
    client: str
    service: str
    question_sha256: str
    ended_at: datetime
    outcomes: dict[str, int]
    missing: tuple[_Missing, ...]
    losses: tuple[_Lost, ...]


@dataclass(frozen=True, slots=True)
class Ending:
    """How a question ended: the outcome, and what REST told in its body."""

    outcome: str
    told: _Told

    @classmethod
    def of(cls, line: files.LineAnswer) -> "Ending":
        """Read the kept answer of a question; without one it expired."""
        if line.answer is None:
            return cls(FAILED, _Told(code=TaskExpired(number=str(line.number)).code()))
        answer = KeptAnswer.decoded(line.answer).answer()
        told = kit.read_json(answer.body, _Told)
        refused = {
            "by": answer.field("pf-refused-by") or told.by,
            "provision": answer.field("pf-provision") or told.provision,
        }
        outcome = answer.field("pf-outcome") or FAILED
        return cls(outcome, msgspec.structs.replace(told, **refused))

    def cells(self) -> tuple[str, ...]:
        """Return the cells that say how it ended, after the message id."""
        told = self.told
        return (
            self.outcome,
            told.reason or told.code,
            told.inquiry or told.detail,
            told.by,
            told.provision,
            told.table,
            told.receipt,
            told.entry,
        )


def answer_file(
    asking: Asking, question: QuestionFile, lines: Sequence[files.LineAnswer]
) -> tuple[bytes, bytes]:
    """Return the answer of a file and its manifest."""
    layout = asking.layout
    endings = [Ending.of(line) for line in lines]
    rows = [layout.answer]
    asked = islice(question.rows(), 1, None)
    for number, (ending, (_, row)) in enumerate(zip(endings, asked, strict=True), 1):
        message, _ = asking.kept(row, number)
        record = ending.told.record or {}
        values = ("" if (v := record.get(i.name)) is None else str(v) for i in layout.carried)
        rows.append((message, *ending.cells(), *row[2:], *values))
    data, missing = _encoded(rows, question.charset)
    claim = asking.claim
    manifest = _AnswerManifest(
        id=claim.id,
        file=f"{claim.id}{ANSWER}",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        count=len(endings),
        charset=question.charset.value,
        client=claim.said.client,
        service=claim.said.service,
        question_sha256=claim.said.sha256,
        ended_at=max(line.ended_at for line in lines),
        outcomes=dict(sorted(Counter(ending.outcome for ending in endings).items())),
        missing=missing,
        losses=tuple(_lost(endings, {item.name: item.ja for item in layout.carried})),
    )
    return data, in_lines(manifest)


def _lost(endings: Sequence[Ending], headers: Mapping[str, str]) -> Iterator[_Lost]:
    """Yield what was lost on the way, by line, the header being the first, and by column."""
    for line, ending in enumerate(endings, 2):
        for loss in ending.told.losses:
            yield _Lost(line, headers.get(loss.item, loss.item), loss.why)


def in_lines(facts: msgspec.Struct) -> bytes:
    """Return JSON as a person can read it, too."""
    return msgspec.json.format(msgspec.json.encode(facts)) + b"\n"


def _encoded(rows: Sequence[Sequence[str]], charset: Charset) -> tuple[bytes, tuple[_Missing, ...]]:
    """Return rows as CSV in a charset; what it does not have becomes 〓, and is named."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    encoded = characters.encode(text.getvalue(), charset)
    if encoded.is_whole:
        return encoded.data, ()
    missing = (
        _Missing(line, column, one.character)
        for line, row in enumerate(rows, 1)
        for column, cell in zip(rows[0], row, strict=True)
        for one in characters.encode(cell, charset).missing
    )
    return encoded.data, tuple(missing)
