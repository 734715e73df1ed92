"""A file of questions, read line by line: what is wrong anywhere keeps out the whole of it."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from renkei import exchange, federation, kit, standard
from renkei.app.errors import (
    FileEncodingWrong,
    FileHeaderWrong,
    FileLineBroken,
    FileMessageTwice,
    FileTooLarge,
)
from renkei.app.files.question_manifest import MOST_LINES, FileClaim
from renkei.app.units.kept_question import KeptQuestion
from renkei.app.units.soap_questions import call_of
from renkei.exchange import tasks
from renkei.standard import characters, generate
from renkei.standard.characters import Charset

MOST_DEFECTS = 100
BOM = "\ufeff"


@dataclass(slots=True)
class Defect:
    """One thing that is wrong: on which line first, and on how many."""

    error: kit.NodeError
    line: int | None
    times: int = 1


@dataclass(slots=True)
class Defects:
    """What is wrong with a file: the first hundred different ones, and how many in all."""

    count: int = 0
    kept: dict[str, Defect] = field(default_factory=dict)

    def add(self, error: kit.NodeError, line: int | None = None) -> None:
        """Add one; the line is that of the file, its header being the first."""
        self.count += 1
        text = error.text()
        if text in self.kept:
            self.kept[text].times += 1
        elif len(self.kept) < MOST_DEFECTS:
            self.kept[text] = Defect(error, line)


@dataclass(frozen=True, slots=True)
class QuestionFile:
    """The text of a file and the charset it came in, which its answer will have."""

    text: str
    charset: Charset

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield the rows, the header first, each with the line it ends on."""
        reader = csv.reader(io.StringIO(self.text, newline=""), strict=True)
        for row in reader:
            yield reader.line_num, row


@dataclass(frozen=True, slots=True)
class Asking:
    """What a file asks: by its manifest, of which service, by which interface of the standard."""

    claim: FileClaim
    service: exchange.Service
    interface: standard.Interface
    known: standard.Catalogue

    @property
    def layout(self) -> generate.FileLayout:
        """Return the columns of the file and of its answer."""
        return generate.file_layout(self.interface, self.known)

    def kept(self, row: list[str], number: int) -> tuple[str, KeptQuestion]:
        """Return the message id of the n-th question, and the question; or raise what is wrong."""
        message, consent, *values = row
        items = self.layout.keys
        named = {item.name: value for item, value in zip(items, values, strict=True)}
        subject = self.known.entity(self.interface.entity).subject or ""
        message = message or f"{self.claim.id}:{number}"
        call = call_of(
            self.service.provider, self.interface, named, ",".join(self.claim.said.items)
        )
        fields = self.claim.fields(message, named.get(subject, ""), consent)
        path = f"/r1/{self.service.render()}{call.path}"
        return message, KeptQuestion(fields, path, call.query, "", "", "file")


@dataclass(frozen=True, slots=True)
class Check:
    """What a question must pass before it is taken: all that REST would refuse undecided."""

    desk: federation.Desk
    number: str
    at: datetime

    def __call__(self, kept: KeptQuestion) -> None:
        """Raise what is wrong with a question."""
        envelope = exchange.envelope(kept.fields, instance=self.desk.members.instance)
        call = exchange.service_call(kept.path, kept.query)
        asked = federation.Asked(envelope, call, self.number)
        federation.check_question(self.desk, asked, at=self.at)


def decoded(data: bytes) -> QuestionFile:
    """Return the text of a file in UTF-8 or, as its header tells, in Windows-31J."""
    try:
        data.split(b"\n", maxsplit=1)[0].decode()
        charset = Charset.utf_8
    except UnicodeDecodeError:
        charset = Charset.windows_31j
    found = characters.decode(data, charset)
    if found.damages:
        line = data.count(b"\n", 0, found.damages[0].offset) + 1
        raise FileEncodingWrong(line=line, charset=charset.value)
    return QuestionFile(found.text.removeprefix(BOM), charset)


def questions_of(
    file: QuestionFile, asking: Asking, check: Check, defects: Defects
) -> list[tasks.Handed]:
    """Return the questions of a file; whatever is wrong with one of them is a defect."""
    wanted = asking.layout.question
    handed: dict[str, tasks.Handed] = {}
    line = 0
    try:
        for number, (line, row) in enumerate(file.rows()):
            if number == 0 and tuple(row) != wanted:
                defects.add(FileHeaderWrong(wanted=",".join(wanted)), line)
                break
            if number > MOST_LINES:
                defects.add(FileTooLarge(limit=MOST_LINES), line)
                break
            if number:
                try:
                    one = _question(row, number, asking, check)
                    if one.request_id in handed:
                        raise FileMessageTwice
                except kit.NodeError as error:
                    defects.add(error, line)
                else:
                    handed[one.request_id] = one
    except csv.Error:
        defects.add(FileLineBroken(wanted=len(wanted)), line + 1)
    return list(handed.values())


def _question(row: list[str], number: int, asking: Asking, check: Check) -> tasks.Handed:
    wanted = len(asking.layout.question)
    if len(row) != wanted or not all(map(_is_plain, row)):
        raise FileLineBroken(wanted=wanted)
    message, kept = asking.kept(row, number)
    check(kept)
    return tasks.Handed(message, kept.encoded(), kept.same())


def _is_plain(cell: str) -> bool:
    """Tell whether a cell stands on one line and holds nothing that cannot be seen."""
    return not cell or cell.replace("\u3000", " ").isprintable()
