"""Public processes (公開プロセス): how bodies work together, as files of the standard.

A public process is a collaboration of BPMN 2.0: who takes part, which letters go from whom to whom.
Here it is a file with its days and its provenance; what it says, the room `process` reads. Like the
catalogue it is a reference model of our own. What is in force is never edited: a change is the next
version, and a procedure that began by one ends by it.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from renkei.standard.model import Provenance, in_force


@dataclass(frozen=True, slots=True)
class PublicProcess:
    """One version of one public process."""

    name: str
    version: int
    since: date
    until: date | None
    provenance: Provenance
    source: str
    file: str
    data: bytes

    def in_force(self, on: date) -> bool:
        """Tell whether a procedure may begin by it on that day; `until` is its last day."""
        return in_force(self.since, self.until, on)


def public_processes() -> Iterator[PublicProcess]:
    """Yield what this program ships, by name and version."""
    folder = files("renkei.standard") / "collaborations"
    lines = (folder / "index.tsv").read_text(encoding="utf-8").splitlines()
    for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
        file = f"{row['name']}.{row['version']}.bpmn"
        yield PublicProcess(
            row["name"],
            int(row["version"]),
            date.fromisoformat(row["since"]),
            date.fromisoformat(row["until"]) if row["until"] else None,
            Provenance(row["provenance"]),
            row["source"],
            file,
            (folder / file).read_bytes(),
        )
