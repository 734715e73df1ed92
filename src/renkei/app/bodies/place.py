"""The folder of kept bodies: one sealed file each, under the last day it is kept.

    2031-11-28/3f…9c.Yk1…    SHA-256 of the file in hex, then the front of the custodian's key id

No file carries this name before it is whole and on disk. The entries are the register: they name
day, digest and key, so there is no second book that could say otherwise.
"""

import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple, Self

from renkei import exchange
from renkei.app.bodies.sealed_body import BodyKind
from renkei.app.settings import Settings

COMING = "coming"
STALE_SECONDS = 3600.0
"""So long nobody writes on a body: what is older was left behind by a process that died."""
FRONT = 16  # characters of a key id in a name

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NAME = re.compile(rf"([0-9a-f]{{64}})\.([A-Za-z0-9_-]{{{FRONT}}})", re.ASCII)


@dataclass(frozen=True, slots=True)
class KeptBody:
    """A sealed body as an entry names it: its digest, its last day, whose key opens it."""

    digest: bytes
    until: date
    custodian: str

    @property
    def path(self) -> str:
        """Return where it lies in the place."""
        return f"{self.until.isoformat()}/{self.digest.hex()}.{self.custodian[:FRONT]}"

    def facts(self, kind: BodyKind, policy: str) -> dict[str, str]:
        """Return what the entry of a message keeps of it."""
        return {
            f"{kind}_sealed": exchange.encode(self.digest),
            f"{kind}_sealed_to": self.custodian,
            f"{kind}_policy": policy,
            f"{kind}_until": self.until.isoformat(),
        }

    @classmethod
    def named(cls, kind: BodyKind, details: Mapping[str, str]) -> Self | None:
        """Return what the details of an entry name, if they name one."""
        if f"{kind}_sealed" not in details:
            return None
        custodian = exchange.encode(exchange.decode(details[f"{kind}_sealed_to"]))
        digest = exchange.decode(details[f"{kind}_sealed"])
        return cls(digest, date.fromisoformat(details[f"{kind}_until"]), custodian)


class Held(NamedTuple):
    """How many bodies one key opens, how large they are, and until when there are any."""

    bodies: int
    bytes: int
    until: date


@dataclass(frozen=True, slots=True)
class BodyPlace:
    """One site's folder of kept bodies."""

    root: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Return where a site's bodies lie, also those of before it gave its policies up."""
        return cls(settings.bodies.place)

    def room(self) -> int:
        """Return how many bytes are free; the folder is made."""
        self._make(self.root)
        return shutil.disk_usage(self.root).free

    def put(self, pieces: Iterable[bytes], until: date, custodian: str) -> KeptBody:
        """Keep a sealed body; it is there whole and on disk, or not at all."""
        coming = self.root / COMING
        self._make(self.root)
        self._make(coming)
        part, digest = coming / secrets.token_hex(16), hashlib.sha256()
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                for piece in pieces:
                    digest.update(piece)
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            kept = KeptBody(digest.digest(), until, custodian)
            day = (self.root / kept.path).parent
            self._make(day)
            part.rename(self.root / kept.path)
            # Another thread may have made the day, and not come so far as to have it on disk.
            for folder in (day, self.root, self.root.parent):
                _on_disk(folder)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        return kept

    def find(self, kept: KeptBody) -> Path | None:
        """Return the file of a body an entry names, if it is still there."""
        path = self.root / kept.path
        return path if path.is_file() else None

    def all(self) -> Iterator[tuple[Path, date, str]]:
        """Yield every kept body, its last day, and the front of the key it is sealed to."""
        for day in self._days():
            for file in sorted(day.iterdir()):
                if found := _NAME.fullmatch(file.name):
                    yield file, date.fromisoformat(day.name), found[2]

    def by_key(self) -> dict[str, Held]:
        """Return what is kept under each key, by the front of its id."""
        found: dict[str, Held] = {}
        for file, until, key in self.all():  # in the order of days: the last one stays
            before = found.get(key)
            bodies, size = (0, 0) if before is None else before[:2]
            found[key] = Held(bodies + 1, size + file.stat().st_size, until)
        return found

    def due(self, on: date) -> list[tuple[date, list[Path]]]:
        """Return the bodies whose last day has passed, by that day."""
        past = [day for day in self._days() if date.fromisoformat(day.name) < on]
        found = [
            (
                date.fromisoformat(day.name),
                [file for file in sorted(day.iterdir()) if _NAME.fullmatch(file.name)],
            )
            for day in past
        ]
        return [one for one in found if one[1]]

    def delete(self, files: Iterable[Path]) -> None:
        """Delete bodies, then the folder of their day if nothing is left in it."""
        days = set()
        for file in files:
            file.unlink(missing_ok=True)
            days.add(file.parent)
        for day in days:
            _on_disk(day)
            with suppress(OSError):  # something else lies there
                day.rmdir()

    def sweep(self, *, before: float) -> int:
        """Delete what was never finished and not written on since a time."""
        swept = 0
        with suppress(FileNotFoundError):
            for file in (self.root / COMING).iterdir():
                with suppress(FileNotFoundError):
                    if file.stat().st_mtime < before:
                        file.unlink()
                        swept += 1
        return swept

    @staticmethod
    def _make(folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def _days(self) -> list[Path]:
        if not self.root.is_dir():
            return []
        return sorted(one for one in self.root.iterdir() if _DAY.fullmatch(one.name))


def _on_disk(folder: Path) -> None:
    """Have a folder's names stand after a fall of power."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
