"""The answer of an inquiry about many, as a file: a line for each person in the order asked.

Of a shuffled inquiry the answers stand behind, by themselves: which is whose nobody here knows.
"""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from renkei import exchange, standard
from renkei.app.bulk.bulk_list import SUBJECT
from renkei.app.bulk.kept_bulk import KeptAnswers, KeptBulk, decode_people
from renkei.app.errors import TaskExpired
from renkei.exchange import bulks
from renkei.federation import Fact
from renkei.standard import generate
from renkei.standard.mediation import Loss

FAILED = "failed"
ENDING = (
    *(SUBJECT, "結果", "理由", "照会番号", "回答団体"),
    *("根拠", "根拠表", "受領証", "提供記録"),
)


class PersonAnswer(msgspec.Struct, frozen=True):
    """How the question about one person ended; `subject` is empty in a set."""

    subject: str
    outcome: str
    reason: str = ""
    inquiry: str = ""
    by: str = ""
    provision: str = ""
    table: str = ""
    receipt: str = ""
    entry: str = ""
    record: dict[str, str | int | None] | None = None
    losses: tuple[Loss, ...] = ()

    @classmethod
    def of(cls, subject: str, fact: Fact) -> "PersonAnswer":
        """Return a fact as the asking unit reads it."""
        return cls(
            subject,
            *(fact.outcome, fact.reason, fact.inquiry, fact.by, fact.provision),
            *(fact.table, fact.receipt, fact.entry, fact.record, fact.losses),
        )


class BulkAnswer(msgspec.Struct, frozen=True):
    """The whole answer: how many of each outcome, each person's, and those of a set."""

    number: str
    order: str
    persons: int
    ended_at: datetime
    outcomes: dict[str, int]
    answers: tuple[PersonAnswer, ...]
    set: tuple[PersonAnswer, ...]


@dataclass(frozen=True, slots=True)
class Answers:
    """What was kept of an inquiry that is over."""

    state: bulks.BulkState
    question: KeptBulk
    parts: Sequence[bulks.KeptPart]

    def told(self) -> BulkAnswer:
        """Return the answer; what was not answered in time has failed."""
        answers = tuple(self._persons())
        of_set = tuple(self._set())
        counted = Counter(one.outcome for one in answers)
        return BulkAnswer(
            number=str(self.state.number),
            order=self.question.order,
            persons=self.state.persons,
            ended_at=self.state.ended_at or self.state.expires_at,
            outcomes=dict(sorted(counted.items())),
            answers=answers,
            set=of_set,
        )

    def as_json(self) -> bytes:
        """Return it in JSON."""
        return msgspec.json.encode(self.told())

    def as_csv(self, known: standard.Catalogue) -> bytes:
        """Return it as CSV in UTF-8, with the items of the interface by their Japanese names."""
        call = exchange.service_call(self.question.path, self.question.query)
        interface = known.shared_interface(call.service.provider.code, call.service.code)
        carried = generate.file_layout(interface, known).carried
        told, text = self.told(), io.StringIO(newline="")
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow([*ENDING, *(item.ja for item in carried)])
        for one in (*told.answers, *told.set):
            record = one.record or {}
            values = ("" if (v := record.get(item.name)) is None else str(v) for item in carried)
            said = (one.subject, one.outcome, one.reason, one.inquiry, one.by, one.provision)
            rows.writerow([*said, one.table, one.receipt, one.entry, *values])
        return text.getvalue().encode()

    def _persons(self) -> Iterator[PersonAnswer]:
        for part in self.parts:
            people = decode_people(part.content)
            kept = KeptAnswers(failed=TaskExpired(number="").code())
            if part.answer is not None:
                kept = KeptAnswers.decoded(part.answer)
            for place, one in enumerate(people):
                fact = kept.ended.get(place)
                if fact is not None:
                    yield PersonAnswer.of(one.subject, fact)
                else:
                    yield PersonAnswer(one.subject, FAILED, kept.failed)

    def _set(self) -> Iterator[PersonAnswer]:
        for part in self.parts:
            if part.answer is not None:
                for fact in KeptAnswers.decoded(part.answer).of_set:
                    yield PersonAnswer.of("", fact)
