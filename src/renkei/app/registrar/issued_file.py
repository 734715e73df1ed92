"""A list of numbers that were issued elsewhere, taken in line by line, however long it is.

A line that is wrong is left out and named, by its place and never by its number; the rest goes in.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from renkei import identity, kit
from renkei.app.errors import FileUnreadable, SyntheticRefused
from renkei.app.membership.keys import Keys
from renkei.app.registrar.orders import Ordered, registrar_database
from renkei.app.settings import read_settings

COLUMN = "個人番号"
SYNTHETIC = "# 合成データ"
AT_ONCE = 2000
SHOWN = 1000
LONGEST_LINE = 10_000

Taken = identity.issued.Taken
Progress = Callable[[int, int], None]


@dataclass(slots=True)
class Loaded:
    """What became of the lines of a list: how many of each, and the first that are wrong."""

    counts: Counter[Taken] = field(default_factory=Counter)
    findings: list[tuple[int, Taken]] = field(default_factory=list)

    @property
    def wrong(self) -> int:
        """Return how many lines were left out that should not stand there."""
        return sum(count for taken, count in self.counts.items() if taken.is_wrong)

    def add(self, line: int, taken: Taken) -> None:
        """Count a line, and keep its place if it is wrong."""
        self.counts[taken] += 1
        if taken.is_wrong and len(self.findings) < SHOWN:
            self.findings.append((line, taken))

    def facts(self, reader: kit.Language) -> dict[str, object]:
        """Return what to print."""
        return {
            "new": self.counts[Taken.new],
            "known": self.counts[Taken.known],
            "wrong": self.wrong,
            "findings": [
                kit.say(f"issued-{taken}", reader, line=line) for line, taken in self.findings
            ],
        }


def take_in_file(
    settings_file: Path, file: Path, ordered: Ordered, *, progress: Progress = lambda *_: None
) -> Loaded:
    """Take a list in, some thousand lines a transaction; one that was killed is begun again."""
    settings = read_settings(settings_file)
    order, loaded = ordered.order(settings), Loaded()
    secrets = Keys(settings.keys, settings.tenant).registrar()
    with registrar_database(settings) as database:
        lines = _Lines(file, is_production=settings.mode == "production")
        cells = lines.cells()
        while some := list(islice(cells, AT_ONCE)):
            with database.transaction(settings.tenant) as conn:
                taken = identity.issued.take_in(
                    conn, settings.tenant, [text for _, text in some], order, secrets=secrets
                )
            for (line, _), one in zip(some, taken, strict=True):
                loaded.add(line, one)
            progress(lines.read, lines.size)
    return loaded


class _Lines:
    """A file read line by line, and how much of it was read."""

    def __init__(self, file: Path, *, is_production: bool) -> None:
        self._file, self._is_production = file, is_production
        self.read = self.size = self._line = 0

    def cells(self) -> Iterator[tuple[int, str]]:
        """Yield the number of each line of the list, with the place of the line."""
        rows = csv.reader(self._texts())
        try:
            names = next(rows, [])
            if COLUMN not in names:
                raise FileUnreadable(file=str(self._file), reason=f"column: {COLUMN}")
            place = names.index(COLUMN)
            for row in rows:
                yield self._line, row[place].strip() if len(row) > place else ""
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            reason = f"{type(error).__name__} {self._line + 1}"
            raise FileUnreadable(file=str(self._file), reason=reason) from error

    def _texts(self) -> Iterator[str]:
        with self._file.open("rb") as opened:
            self.size = self._file.stat().st_size
            while data := opened.readline(LONGEST_LINE):
                text = data.decode("utf-8-sig" if self.read == 0 else "utf-8")
                self.read += len(data)
                if len(data) == LONGEST_LINE:
                    raise csv.Error(f"> {LONGEST_LINE}")
                self._line += 1
                if text.startswith(SYNTHETIC) and self._is_production:
                    raise SyntheticRefused(file=str(self._file))
                if text.strip() and not text.startswith("#"):
                    yield text
