"""What one load is about, and what became of it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import BinaryIO

from renkei.kit import Connection, Tenant
from renkei.standard import Catalogue, Entity, difference_of
from renkei.store.findings import Findings, Policy
from renkei.store.formats import Format
from renkei.store.group_judging import Between, between
from renkei.store.group_statements import Scope
from renkei.store.merging import Changes
from renkei.store.reading import Progress, Reading
from renkei.store.snapshot import Limits


class Outcome(StrEnum):
    """What became of a file."""

    loaded = "loaded"
    already_loaded = "already-loaded"
    blocked = "blocked"


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did: the outcome, what changed, what was found.

    `sha256` is None where the reading stopped before the end of the file.
    """

    outcome: Outcome
    entity: str
    on: date
    sha256: bytes | None
    bytes_read: int
    records: int
    changes: Changes | None
    findings: Findings


@dataclass(frozen=True, slots=True)
class Plan:
    """What one load is about: what the file is said to be, and how it is to be taken in."""

    tenant: Tenant
    entity: Entity
    standard: Catalogue
    on: date
    at: datetime
    difference: int | None
    policy: Policy
    limits: Limits
    share: float
    progress: Callable[[Progress], object]
    file_format: Format | None
    name: str | None
    organisation: str | None

    @property
    def layout(self) -> Entity:
        """Return the entity as the file has it."""
        return self.entity if self.difference is None else difference_of(self.entity)

    def reading(self, stream: BinaryIO) -> Reading:
        """Begin to read the file."""
        return Reading(
            self.tenant,
            self.layout,
            self.standard,
            self.on,
            stream,
            Findings(),
            self.limits,
            policy=self.policy,
            file_format=self.file_format,
            name=self.name,
            organisation=self.organisation,
        )

    def facts(self, reading: Reading) -> dict[str, object]:
        """Return what the book of loads says of the file."""
        return {
            "tenant": self.tenant,
            "entity": self.entity.name,
            "on": self.on,
            "at": self.at,
            "number": self.difference,
            "sha256": reading.sha256,
            "records": reading.records,
            "blocked": reading.records - self.taken(reading),
        }

    def between(self, conn: Connection, scope: Scope) -> list[Between]:
        """Return what is wrong between the records of a scope."""
        return between(
            conn, self.tenant, self.entity, standard=self.standard, on=self.on, scope=scope
        )

    def taken(self, reading: Reading) -> int:
        """Return how many records of the file go in, if it does."""
        return reading.records - (reading.blocked if self.policy is Policy.row else 0)

    def report(self, reading: Reading, outcome: Outcome, changes: Changes | None) -> LoadReport:
        """Return what a load did."""
        return LoadReport(
            outcome,
            self.entity.name,
            self.on,
            reading.sha256,
            reading.bytes_read,
            reading.records,
            changes,
            reading.findings,
        )
