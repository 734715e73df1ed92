"""Where units put files of questions and find the answers: a folder or a bucket, laid out alike.

    15/MUN-131024-06/income/questions/   unit 15 writes ID.csv, then ID.manifest.json
    15/MUN-131024-06/income/answers/     the node writes ID.ack.json or ID.error.json, then
                                         ID.answer.csv, then ID.answer.manifest.json

The first parts name the two units and the service: ours, the holder's, what is asked. Whoever may
write below a unit's number is that unit; nothing else proves it here.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from renkei.app.deliveries.manifest import MANIFEST

QUESTIONS, ANSWERS = "questions", "answers"
ACK, ERROR = ".ack.json", ".error.json"
ANSWER, ANSWER_MANIFEST = ".answer.csv", ".answer.manifest.json"
PAIR = re.compile(r"(MUN|PREF|GOV|COM)-([0-9]{6}|[0-9]{13})-([0-9]{2})", re.ASCII)
SERVICE = re.compile(r"[a-z][a-z0-9_]{0,63}", re.ASCII)
LONGEST_STEM = 100


@dataclass(frozen=True, slots=True)
class Drop:
    """A manifest that lies ready: in whose folder, for which unit and service, since when."""

    unit: str
    pair: str
    service: str
    name: str
    written_at: float

    @property
    def folder(self) -> str:
        """Return the folder of the pair and the service."""
        return f"{self.unit}/{self.pair}/{self.service}"

    @property
    def stem(self) -> str:
        """Return what the manifest's name begins with: the file's id, if it is one."""
        return self.name.removesuffix(MANIFEST)

    @property
    def error(self) -> str:
        """Return the name an error is told under, whatever the manifest is called."""
        return f"{self.stem[:LONGEST_STEM]}{ERROR}"

    @property
    def address(self) -> str:
        """Return the service asked, without the instance: `MUN/131024/06/income`."""
        return f"{self.pair.replace('-', '/')}/{self.service}"


class FilePlace(Protocol):
    """One folder or bucket. What is not reached raises `PlaceUnreachable` or an `OSError`."""

    @property
    def name(self) -> str:
        """Return what the settings call it."""

    def drops(self, units: tuple[str, ...]) -> Iterator[Drop]:
        """Yield the manifests that lie ready, the oldest of a folder first."""

    def read(self, folder: str, part: str, name: str, *, most: int) -> bytes | None:
        """Return a file, one byte more than `most` if it is larger; None if it is no plain file.

        One that is not there is a `FileNotFoundError`.
        """

    def write(self, folder: str, part: str, name: str, data: bytes) -> None:
        """Write a file that is there whole or not at all."""

    def has(self, folder: str, part: str, name: str) -> bool:
        """Tell whether a file is there."""

    def delete(self, folder: str, part: str, *names: str) -> None:
        """Delete files in their order; what is away is away."""

    def tidy(self, units: tuple[str, ...], *, before: float) -> int:
        """Delete what the node wrote before a time; return how many files."""
