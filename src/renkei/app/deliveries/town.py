"""Loading a whole town: a folder with one file an entity, in one command that may be repeated.

Each file is a load of its own: what is in stays in, whatever becomes of the others. So the command
that was killed is given again, and does the rest; a file whose bytes are in for the day is passed
over after it was hashed.
"""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from renkei import standard, store
from renkei.app.deliveries.receiving import Arrival, Received, Receiver
from renkei.app.errors import FileUnreadable, FolderEmpty

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".xml", ".parquet")
PIECE = 1 << 20

Progress = Callable[[str, int, int], object]
"""Is told the file at work, the bytes read so far of all files, and the bytes of all files."""


@dataclass(frozen=True, slots=True)
class Part:
    """One file of a town's folder, and what became of it in how many seconds."""

    file: Path
    entity: standard.Entity
    received: Received
    seconds: float

    @property
    def unit(self) -> str:
        """Return the number of the unit that delivered it."""
        return self.entity.unit

    @property
    def listing(self) -> store.Listing:
        """Return what was found in the file."""
        return self.delivery.listing(self.entity)

    @property
    def delivery(self) -> store.Delivery:
        """Return what the book says."""
        return self.received.delivery


@dataclass(frozen=True, slots=True)
class Town:
    """What a folder was: its parts in the order they went in, files that are none, the time."""

    parts: tuple[Part, ...]
    strange: tuple[str, ...]
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Tell whether every file is in."""
        return all(part.delivery.is_in for part in self.parts)

    def of_unit(self, unit: str) -> tuple[Part, ...]:
        """Return the parts of one unit."""
        return tuple(part for part in self.parts if part.unit == unit)

    @property
    def units(self) -> tuple[str, ...]:
        """Return the numbers of the units that are among the parts, in order."""
        return tuple(sorted({part.unit for part in self.parts}))


def load_town(
    receiver: Receiver,
    folder: Path,
    *,
    on: date,
    policy: store.Policy | None = None,
    allow_ending: bool = False,
    progress: Progress = lambda *_: None,
) -> Town:
    """Load every file of a folder that is named after an entity; what fails stops nothing else."""
    began = time.monotonic()
    files, strange = _files(folder, receiver.standard)
    if not files:
        raise FolderEmpty(folder=str(folder))
    total, before = sum(file.stat().st_size for _, file in files), 0
    parts = []
    for entity, file in files:
        arrival = Arrival(entity.name, file.name, on, policy=policy, allow_ending=allow_ending)

        def tell(done: int, name: str = file.name, before: int = before) -> None:
            progress(name, before + done, total)

        tell(0)
        started = time.monotonic()
        received = _receive(receiver, arrival, file, tell)
        parts.append(Part(file, entity, received, time.monotonic() - started))
        before += file.stat().st_size
        progress(file.name, before, total)
    return Town(tuple(parts), strange, time.monotonic() - began)


def _receive(
    receiver: Receiver, arrival: Arrival, file: Path, tell: Callable[[int], None]
) -> Received:
    """Load a file, unless its bytes are in for this day already."""
    try:
        sha256, size = _digest(file)
    except OSError as error:
        unreadable = FileUnreadable(file=str(file), reason=error.strerror or "")
        return receiver.failed(arrival, unreadable, at=receiver.clock())
    with receiver.database.transaction(receiver.tenant) as conn:
        is_in = store.is_loaded(conn, receiver.tenant, arrival.entity, on=arrival.on, sha256=sha256)
    if not is_in:
        return receiver.receive(arrival, file, progress=tell)
    at = receiver.clock()
    tell(size)
    return Received(
        store.delivered_before(
            arrival.number,
            arrival.entity,
            on=arrival.on,
            source=arrival.source,
            at=at,
            sha256=sha256,
            size=size,
        )
    )


def _digest(file: Path) -> tuple[bytes, int]:
    hashed, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            hashed.update(piece)
            size += len(piece)
    return hashed.digest(), size


def _files(
    folder: Path, known: standard.Catalogue
) -> tuple[list[tuple[standard.Entity, Path]], tuple[str, ...]]:
    """Return the files by entity, those that others refer to first, and the names of the rest."""
    found: dict[str, Path] = {}
    strange = []
    names = {entity.name for entity in known.entities}
    for file in sorted(folder.iterdir()):
        is_one = file.is_file() and file.suffix in SUFFIXES and file.stem in names
        if is_one and file.stem not in found:
            found[file.stem] = file
        else:
            strange.append(file.name)
    return [(one, found[one.name]) for one in in_order(known) if one.name in found], tuple(strange)


def in_order(known: standard.Catalogue) -> Sequence[standard.Entity]:
    """Return the entities so that one comes after those whose records it names.

    Where entities name each other in a circle, the order of the catalogue decides.
    """
    done: dict[str, standard.Entity] = {}

    def visit(entity: standard.Entity, above: frozenset[str]) -> Iterator[standard.Entity]:
        for relation in entity.relations:
            if relation.to not in done and relation.to not in above:
                yield from visit(known.entity(relation.to), above | {entity.name})
        if entity.name not in done:
            done[entity.name] = entity
            yield entity

    return [one for entity in known.entities for one in visit(entity, frozenset())]
