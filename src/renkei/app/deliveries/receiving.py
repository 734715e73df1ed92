"""Taking a delivered file in, whichever way it came: one load, and its entry in the book.

Both are one transaction, so that the book misses no load and names none that did not happen. What
stopped with an error is entered in a transaction of its own, since its first one is gone.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import BinaryIO, Self
from uuid import UUID, uuid4

from renkei import kit, store
from renkei.app.errors import FileChanged
from renkei.app.settings import Settings
from renkei.app.site import now, site_standard
from renkei.standard import Catalogue

Progress = Callable[[int], object]
"""Is told how many bytes of the file were read."""

TRANSIENT = (kit.DatabaseUnreachable, store.LoadInterrupted, store.LoadNotLater)
"""What says nothing about the file: the same file may go in at the next try."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A file that came, and what is said about it."""

    entity: str
    source: str
    on: date
    difference: int | None = None
    allow_ending: bool = False
    policy: store.Policy | None = None  # None: the one of the settings
    file_format: store.Format | None = None
    organisation: str | None = None
    number: UUID = field(default_factory=uuid4)
    alerts: tuple[str, ...] = ()  # rules, found before the file was read


@dataclass(frozen=True, slots=True)
class Received:
    """What became of an arrival: as the book has it, and the error if one stopped it."""

    delivery: store.Delivery
    error: kit.NodeError | None = None

    @property
    def is_transient(self) -> bool:
        """Tell whether the same file may go in at the next try."""
        return isinstance(self.error, TRANSIENT)


@dataclass(frozen=True, slots=True)
class Receiver:
    """What every arrival of a town goes through."""

    database: kit.Database
    tenant: kit.Tenant
    standard: Catalogue
    clock: Callable[[], datetime]
    policies: Mapping[str, store.Policy] = field(default_factory=dict)  # by entity or unit
    limits: store.Limits = field(default_factory=store.Limits)
    gives_way: bool = False  # to look-ups; where the connections serve nothing else

    @classmethod
    def of(
        cls,
        settings: Settings,
        database: kit.Database,
        known: Catalogue | None = None,
        *,
        gives_way: bool = False,
    ) -> Self:
        """Return the receiver of a site; its standard is compiled unless it is given."""
        known = known or site_standard(settings)
        return cls(database, settings.tenant, known, now, settings.policy, gives_way=gives_way)

    def policy_of(self, arrival: Arrival) -> store.Policy:
        """Return what an エラー keeps out: as the arrival says, else its entity, else its unit."""
        unit = self.standard.entity(arrival.entity).unit
        settled = self.policies.get(arrival.entity, self.policies.get(unit, store.Policy.file))
        return arrival.policy or settled

    def receive(
        self,
        arrival: Arrival,
        source: BinaryIO | Path,
        *,
        progress: Progress = lambda _: None,
        wanted: bytes | None = None,
    ) -> Received:
        """Load a file and enter it in the book; an error is entered and returned.

        `wanted` is the digest of the file as it was looked at before: a file that was changed
        since then does not go in.
        """
        if not self.gives_way:
            return self._receive(arrival, source, progress, wanted)
        # In a thread of its own: a lower priority cannot be raised again.
        with ThreadPoolExecutor(1, thread_name_prefix="giving way") as aside:
            return aside.submit(self._receive, arrival, source, progress, wanted).result()

    def _receive(
        self, arrival: Arrival, source: BinaryIO | Path, progress: Progress, wanted: bytes | None
    ) -> Received:
        at = self.clock()
        try:
            with self.database.transaction(self.tenant) as conn:
                if self.gives_way:
                    kit.give_way(conn)
                report = store.load(
                    conn,
                    self.tenant,
                    self.standard.entity(arrival.entity),
                    source,
                    on=arrival.on,
                    at=at,
                    difference=arrival.difference,
                    policy=self.policy_of(arrival),
                    file_format=arrival.file_format,
                    organisation=arrival.organisation,
                    progress=lambda done: progress(done.bytes_read),
                    allow_ending=arrival.allow_ending,
                    standard=self.standard,
                    limits=self.limits,
                )
                if wanted is not None and report.sha256 not in (None, wanted):
                    raise FileChanged(file=arrival.source)
                for rule in arrival.alerts:
                    report.findings.alert(rule)
                made = store.delivered(report, arrival.number, source=arrival.source, at=at)
                store.keep_delivery(conn, self.tenant, made)
            return Received(made)
        except kit.NodeError as error:
            return self.failed(arrival, error, at=at)

    def failed(self, arrival: Arrival, error: kit.NodeError, *, at: datetime) -> Received:
        """Enter an arrival that an error stopped; where the database is away that stays out."""
        made = store.not_delivered(
            arrival.number, arrival.entity, on=arrival.on, source=arrival.source, at=at, error=error
        )
        if not isinstance(error, TRANSIENT):
            self.keep(made)
        return Received(made, error)

    def keep(self, delivery: store.Delivery) -> None:
        """Enter a delivery in a transaction of its own, if the database is there."""
        with suppress(kit.DatabaseUnreachable), self.database.transaction(self.tenant) as conn:
            store.keep_delivery(conn, self.tenant, delivery)
