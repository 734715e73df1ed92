"""Emptying the watched folder: each file once, by one process, whatever stops in between.

1. Whoever holds the town's lock in the database works; the others come again later.
2. A notice that is acknowledged already was taken before a crash: what is left of it is put away.
3. The manifest is judged, then the file against it; what is wrong is a finding and the file is
   refused unread.
4. The file goes through the same load as every other; the book knows its number, so that a crash
   between load and acknowledgement loads nothing twice.
5. The acknowledgement is written, then file and manifest leave the folder.

What says nothing about the file (no database, no disk) leaves it where it is for the next turn.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

import msgspec

from renkei import kit, standard, store
from renkei.app.deliveries.delivery_folder import DONE, REFUSED, DeliveryFolder, Notice, digest_of
from renkei.app.deliveries.findings_forms import delivery_facts, findings_table
from renkei.app.deliveries.manifest import Claim, judge_claim, read_manifest, read_marker
from renkei.app.deliveries.receiving import Arrival, Received, Receiver

log = logging.getLogger("renkei.app")

PATIENCE_SECONDS = 900
"""How long a manifest may wait for its file."""
MOST_DIGESTS = (64 << 20) + 1  # bytes; one more than is read as digests


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one notice: where it was put, and what the acknowledgement says."""

    notice: Notice
    part: str
    file: str | None
    ack: dict[str, object]
    findings: bytes | None = None


class FolderSweep:
    """One turn over the folder of a town."""

    def __init__(self, receiver: Receiver, folder: DeliveryFolder) -> None:
        """Take who loads, and the folder."""
        self._receiver = receiver
        self._folder = folder
        self.units = tuple(unit.id for unit in receiver.standard.units)

    def turn(self) -> list[Taken]:
        """Take everything that lies ready; nothing if somebody else is at work."""
        receiver = self._receiver
        with receiver.database.transaction(receiver.tenant) as conn:
            if not store.is_sole_receiver(conn, receiver.tenant):
                return []
            return [one for unit in self.units for one in self._emptied(unit)]

    def _emptied(self, unit: str) -> Iterator[Taken]:
        """Take what lies ready in one unit's folder; what goes wrong there stops no other."""
        try:
            notices = self._folder.notices(self._receiver.tenant, unit)
        except OSError:
            log.exception("the folder of unit %s cannot be read", unit)
            return
        for notice in notices:
            try:
                taken = self._take(notice)
            except OSError:
                log.exception("%s of unit %s cannot be taken", notice.name, unit)
            else:
                if taken is not None:
                    yield taken

    def tidy(self, *, before: float) -> int:
        """Delete what was put away before a time."""
        return self._folder.tidy(self.units, before=before)

    def _take(self, notice: Notice) -> Taken | None:
        """Take one notice to its end; None if it is left for the next turn."""
        findings = store.Findings()
        at = self._receiver.clock()
        claim = _claim(notice, at, findings)
        part = self._folder.has_acknowledged(notice)
        if part is not None:
            self._folder.put_away(notice, part, claim.file if claim else None)
            return None
        try:
            taken = self._taken(notice, claim, findings, at)
        except FileNotFoundError:
            if at.timestamp() - notice.written_at < PATIENCE_SECONDS:
                return None
            findings.error("delivery-file-missing")
            taken = self._refused(notice, claim, None, findings, at)
        if taken is not None:
            self._folder.acknowledge(
                notice, taken.part, ack=_json(taken.ack), findings=taken.findings
            )
            self._folder.put_away(notice, taken.part, taken.file)
        return taken

    def _taken(
        self, notice: Notice, claim: Claim | None, findings: store.Findings, at: datetime
    ) -> Taken | None:
        receiver = self._receiver
        if claim is None:
            return self._refused(notice, None, None, findings, at)
        entity = judge_claim(
            claim, findings, tenant=receiver.tenant, unit=notice.unit, known=receiver.standard
        )
        if findings.errors or entity is None:
            return self._refused(notice, claim, entity, findings, at)
        with self._folder.file(notice.unit, claim.file) as stream:
            if stream is None:
                findings.error("delivery-no-plain-file")
                return self._refused(notice, claim, entity, findings, at)
            sha256, size = digest_of(stream)
            if not _fits(claim, findings, sha256=sha256, size=size):
                return self._refused(notice, claim, entity, findings, at)
            if claim.kind == "digests":
                return self._compared(notice, claim, entity, stream.read(MOST_DIGESTS), at)
            return self._loaded(notice, claim, stream, sha256)

    def _loaded(
        self, notice: Notice, claim: Claim, stream: BinaryIO, sha256: bytes
    ) -> Taken | None:
        receiver = self._receiver
        with receiver.database.transaction(receiver.tenant) as conn:
            before = store.read_delivery(conn, receiver.tenant, notice.number)
            last = store.last_loads(conn, receiver.tenant).get(claim.entity)
        if before is not None:
            received = Received(before)
        else:
            again = last is not None and last.sha256 == sha256 and last.states_on < claim.states_on
            arrival = Arrival(
                claim.entity,
                claim.file,
                claim.states_on,
                claim.number if claim.kind == "difference" else None,
                organisation=claim.organisation,
                number=notice.number,
                alerts=("delivery-same-as-before",) if again else (),
            )
            received = receiver.receive(arrival, stream, wanted=sha256)
        if received.is_transient:
            log.warning("%s waits in the folder: %s", claim.file, received.delivery.error)
            return None
        return self._put(notice, claim.file, received.delivery)

    def _compared(
        self, notice: Notice, claim: Claim, entity: standard.Entity, data: bytes, at: datetime
    ) -> Taken:
        """Hold the owner's digests against the store; drift is an answer, not a refusal."""
        receiver = self._receiver
        try:
            theirs = store.read_digests(data)
            with receiver.database.transaction(receiver.tenant) as conn:
                outcome = store.reconcile(
                    conn, receiver.tenant, entity, theirs, source=claim.file, at=at
                )
        except (store.DigestsMalformed, store.DigestsElsewhere) as error:
            arrival = Arrival(entity.name, claim.file, claim.states_on, number=notice.number)
            received = receiver.failed(arrival, error, at=at)
            return self._put(notice, claim.file, received.delivery)
        ack: dict[str, object] = {
            "file": claim.file,
            "entity": entity.name,
            "states_on": outcome.states_on.isoformat(),
            "received_at": at.isoformat(timespec="seconds"),
            "outcome": "agrees" if outcome.agrees else "drifted",
            "records_there": outcome.there,
            "records_here": outcome.here,
            "blocks": outcome.blocks,
            "drifted": list(outcome.drifted),
        }
        return Taken(notice, DONE, claim.file, ack)

    def _put(self, notice: Notice, file: str | None, made: store.Delivery) -> Taken:
        """Return where a delivery goes, and what its owner is told."""
        known = self._receiver.standard
        entity = next((one for one in known.entities if one.name == made.entity), None)
        findings = findings_table(made, entity, "ja") if made.findings and entity else None
        part = DONE if made.is_in else REFUSED
        return Taken(notice, part, file, msgspec.to_builtins(delivery_facts(made)), findings)

    def _refused(
        self,
        notice: Notice,
        claim: Claim | None,
        entity: standard.Entity | None,
        findings: store.Findings,
        at: datetime,
    ) -> Taken:
        """Enter a file that was not even read, and say why."""
        named = claim.file if claim is not None else notice.name
        made = store.not_delivered(
            notice.number,
            "" if entity is None else entity.name,
            on=claim.states_on if claim else kit.day_of(at),
            source=named[:200].replace("\x00", ""),
            at=at,
            findings=findings,
        )
        self._receiver.keep(made)
        is_safe = claim is not None and "delivery-name-refused" not in findings.counts
        return self._put(notice, claim.file if claim and is_safe else None, made)


def _claim(notice: Notice, at: datetime, findings: store.Findings) -> Claim | None:
    if notice.data is None:
        findings.error("manifest-unreadable")
        return None
    if notice.is_marker:
        return read_marker(notice.name, today=kit.day_of(at), findings=findings)
    return read_manifest(notice.data, findings)


def _fits(claim: Claim, findings: store.Findings, *, sha256: bytes, size: int) -> bool:
    """Tell whether these are the bytes that were claimed; else that is a finding."""
    if claim.size not in (None, size):
        findings.error("delivery-size-differs", stated=claim.size or 0, found=size)
        return False
    if claim.sha256 not in (None, sha256):
        findings.error("delivery-hash-differs")
        return False
    return True


def _json(facts: dict[str, object]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(facts)) + b"\n"
