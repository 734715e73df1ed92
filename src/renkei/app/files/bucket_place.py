"""A bucket of an S3-compatible store for files of questions: the layout of the drop folder as keys.

A store shows an object whole or not at all. Each unit's keys are listed apart, so that a key nobody
can read stops its own unit alone.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from renkei.app.deliveries.manifest import MANIFEST
from renkei.app.errors import PlaceUnreachable
from renkei.app.files.place import ANSWERS, PAIR, QUESTIONS, SERVICE, Drop
from renkei.backup import Target

log = logging.getLogger("renkei.app")

DEPTH = 5  # unit, pair, service, part, name


@dataclass(frozen=True, slots=True)
class BucketPlace:
    """One bucket, or a prefix in it, under the name the settings give it."""

    name: str
    store: ObjectStore = field(repr=False)

    @classmethod
    def of(cls, target: Target) -> Self:
        """Open a bucket; its credentials come from the environment, as those of backups do."""
        return cls(target.place, target.open())

    def drops(self, units: tuple[str, ...]) -> Iterator[Drop]:
        """Yield the manifests that lie ready, the oldest of a unit first."""
        for unit in units:
            found = [
                Drop(unit, pair, service, name, at.timestamp())
                for pair, service, part, name, at in self._objects(unit)
                if part == QUESTIONS and name.endswith(MANIFEST)
            ]
            yield from sorted(found, key=lambda drop: (drop.written_at, drop.name))

    def read(self, folder: str, part: str, name: str, *, most: int) -> bytes | None:
        """Return an object; one that is larger than wanted is not fetched to its end."""
        with self._reached():
            found = obstore.get(self.store, f"{folder}/{part}/{name}")
            data = bytearray()
            for piece in found.stream():
                data += piece
                if len(data) > most:
                    break
            return bytes(data[: most + 1])

    def write(self, folder: str, part: str, name: str, data: bytes) -> None:
        """Write an object; what is not found then is the bucket."""
        try:
            with self._reached():
                obstore.put(self.store, f"{folder}/{part}/{name}", data, use_multipart=False)
        except FileNotFoundError as error:
            raise self._away(error) from error

    def has(self, folder: str, part: str, name: str) -> bool:
        """Tell whether an object is there."""
        try:
            with self._reached():
                obstore.head(self.store, f"{folder}/{part}/{name}")
        except FileNotFoundError:
            return False
        return True

    def delete(self, folder: str, part: str, *names: str) -> None:
        """Delete objects in their order; what is away is away."""
        for name in names:
            with suppress(FileNotFoundError), self._reached():
                obstore.delete(self.store, f"{folder}/{part}/{name}")

    def tidy(self, units: tuple[str, ...], *, before: float) -> int:
        """Delete what the node wrote before a time."""
        deleted = 0
        for unit in units:
            for pair, service, part, name, at in self._objects(unit):
                if part == ANSWERS and at.timestamp() < before:
                    self.delete(f"{unit}/{pair}/{service}", part, name)
                    deleted += 1
        return deleted

    def _objects(self, unit: str) -> list[tuple[str, str, str, str, datetime]]:
        """Return what lies below a unit's number, as far as it is of the layout."""
        try:
            with self._reached():
                found = [one for many in obstore.list(self.store, unit) for one in many]
        except PlaceUnreachable as error:
            log.warning("the files of unit %s wait: %s", unit, error.text())
            return []
        objects = []
        for one in found:
            steps = one["path"].split("/")
            if len(steps) == DEPTH and PAIR.fullmatch(steps[1]) and SERVICE.fullmatch(steps[2]):
                objects.append((steps[1], steps[2], steps[3], steps[4], one["last_modified"]))
        return objects

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except FileNotFoundError:
            raise
        except (BaseError, OSError, ValueError) as error:
            raise self._away(error) from error

    def _away(self, error: Exception) -> PlaceUnreachable:
        reason = str(error).split("\n", maxsplit=1)[0][:300]
        return PlaceUnreachable(place=self.name, reason=reason)
