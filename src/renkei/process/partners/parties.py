"""Who takes part in a public process, and what they write to each other."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from renkei import standard
from renkei.process import bpmn

About = Literal["person", "nobody"]
"""Whom a procedure is about: a person, whom a question named before, or nobody."""


@dataclass(frozen=True, slots=True)
class Party:
    """A participant: which kind of organisation it is, and which unit of it."""

    id: str
    ja: str
    en: str
    kind: str
    unit: str


@dataclass(frozen=True, slots=True)
class LetterItem:
    """A data item of the standard that a letter carries."""

    item: standard.Item
    required: bool


@dataclass(frozen=True, slots=True)
class LetterType:
    """What one party may write to another: its items, and by when it wants an answer.

    `opens`: a procedure may begin by it. `counters` names the letter it takes back, `answers` the
    one it answers. It is kept for its case for as long as `keep`.
    """

    name: str
    en: str
    sender: str
    receiver: str
    items: tuple[LetterItem, ...]
    service: str
    opens: bool
    counters: str
    answers: str
    reply_by: timedelta | None
    keep: timedelta


@dataclass(frozen=True, slots=True)
class Collaboration:
    """A public process, read: parties and letters, and on which question it rests.

    `asker` is the party that may ask by the law; what goes to it carries items, nothing else does.
    """

    name: str
    version: int
    definition: bpmn.Definition
    ja: str
    en: str
    about: About
    procedure: str
    asker: str
    question: str
    parties: Mapping[str, Party]
    letters: Mapping[str, LetterType]
    published: standard.PublicProcess

    @property
    def hash(self) -> str:
        """Return by what letters name it: the hash of its file's content."""
        return self.definition.hash

    def between(self, sender: str, receiver: str) -> list[LetterType]:
        """Return what one party may write to another."""
        return [
            one for one in self.letters.values() if (one.sender, one.receiver) == (sender, receiver)
        ]
