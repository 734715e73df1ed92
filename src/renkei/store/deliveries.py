"""The book of deliveries: what came in or was kept out, when, from which file, with which findings.

`load` says what became of a file; here that is kept, so that the console, the acknowledgement and
the owner read the same. Nothing in it is a personal value: a finding holds shapes.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.types.json import Jsonb

from renkei.kit import Connection, NodeError, Tenant, queries, read_value
from renkei.standard import Entity, Rule
from renkei.store.findings import Finding, Findings, Place, Severity
from renkei.store.listing import Listing
from renkei.store.merging import Changes
from renkei.store.plan import LoadReport, Outcome

sql = queries("renkei.store")

REFUSED, FAILED = "refused", "failed"
"""Outcomes beside those of a load: not even read, for what came with it; stopped by an error."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One file that was delivered, and what became of it.

    `outcome` is that of the load, or `refused` or `failed`; then `error` is the code of what was
    raised, and `said` its text by language. `rules` counts all findings, `findings` holds the
    first ones of each rule.
    """

    id: UUID
    entity: str
    received_at: datetime
    states_on: date
    source: str
    sha256: bytes | None
    size: int
    outcome: str
    error: str
    said: Mapping[str, str]
    records: int
    changes: Changes | None
    errors: int
    rules: Mapping[str, int]
    findings: tuple[Finding, ...]

    @property
    def is_in(self) -> bool:
        """Tell whether the records in force are those of the file."""
        return self.outcome in ("loaded", "already-loaded")

    def listing(self, entity: Entity) -> Listing:
        """Return what was found in the file, to be written down for its owner."""
        found = Findings(list(self.findings), Counter(self.rules), self.errors)
        return Listing(self.source, entity, found)


@dataclass(frozen=True, slots=True)
class LastLoad:
    """The load an entity's records in force come from."""

    kind: str
    number: int | None
    states_on: date
    loaded_at: datetime
    sha256: bytes
    records: int
    new: int
    changed: int
    gone: int
    blocked: int


def delivered(report: LoadReport, number: UUID, *, source: str, at: datetime) -> Delivery:
    """Return what a load's report says, as the book keeps it."""
    found = report.findings
    return Delivery(
        number,
        report.entity,
        at,
        report.on,
        source,
        report.sha256,
        report.bytes_read,
        report.outcome.value,
        "",
        {},
        report.records,
        report.changes,
        found.errors,
        dict(found.counts),
        tuple(found.kept),
    )


def delivered_before(
    number: UUID, entity: str, *, on: date, source: str, at: datetime, sha256: bytes, size: int
) -> Delivery:
    """Return what is said of a file whose bytes were found to be in, before it was read again."""
    outcome = Outcome.already_loaded.value
    return Delivery(
        number, entity, at, on, source, sha256, size, outcome, "", {}, 0, None, 0, {}, ()
    )


def not_delivered(
    number: UUID,
    entity: str,
    *,
    on: date,
    source: str,
    at: datetime,
    error: NodeError | None = None,
    findings: Findings | None = None,
    size: int = 0,
    sha256: bytes | None = None,
) -> Delivery:
    """Return what the book keeps of a file that was refused for its findings, or failed."""
    found = findings or Findings()
    return Delivery(
        number,
        entity,
        at,
        on,
        source,
        sha256,
        size,
        REFUSED if error is None else FAILED,
        "" if error is None else error.code(),
        {} if error is None else {"ja": error.text("ja"), "en": error.text("en")},
        0,
        None,
        found.errors,
        dict(found.counts),
        tuple(found.kept),
    )


def keep_delivery(conn: Connection, tenant: Tenant, delivery: Delivery) -> None:
    """Enter a delivery in the book; one that is there stays as it is."""
    changes = delivery.changes
    numbers = {
        name: None if changes is None else getattr(changes, name)
        for name in ("new", "changed", "gone", "same")
    }
    plain = {
        name: getattr(delivery, name)
        for name in (
            *("id", "entity", "received_at", "states_on", "source", "sha256", "size"),
            *("outcome", "error", "records", "errors"),
        )
    }
    conn.execute(
        sql.keep_delivery,
        {
            "tenant": tenant,
            **plain,
            **numbers,
            "said": Jsonb(dict(delivery.said)),
            "rules": Jsonb(dict(delivery.rules)),
            "findings": Jsonb([_plain(finding) for finding in delivery.findings]),
        },
    )


def read_delivery(conn: Connection, tenant: Tenant, number: UUID) -> Delivery | None:
    """Return one delivery with its findings."""
    row = conn.execute(sql.delivery, {"tenant": tenant, "id": number}).fetchone()
    return None if row is None else _delivery(row)


def deliveries(
    conn: Connection, tenant: Tenant, entity: str | None = None, *, most: int = 100
) -> list[Delivery]:
    """Return the newest deliveries, of one entity or of all, without their findings."""
    said = {"tenant": tenant, "entity": entity, "most": most}
    return [_delivery(row) for row in conn.execute(sql.deliveries, said)]


def last_deliveries(conn: Connection, tenant: Tenant) -> dict[str, Delivery]:
    """Return entity → its newest delivery, without its findings."""
    rows = conn.execute(sql.last_deliveries, {"tenant": tenant})
    return {one.entity: one for one in map(_delivery, rows)}


def last_loads(conn: Connection, tenant: Tenant) -> dict[str, LastLoad]:
    """Return entity → the load its records in force come from."""
    return {row[0]: LastLoad(*row[1:]) for row in conn.execute(sql.last_loads, {"tenant": tenant})}


def is_loaded(conn: Connection, tenant: Tenant, entity: str, *, on: date, sha256: bytes) -> bool:
    """Tell whether these bytes were loaded for this day; a load of them would change nothing."""
    said = {"tenant": tenant, "entity": entity, "on": on, "sha256": sha256}
    return conn.execute(sql.load_of_file, said).fetchone() is not None


def is_sole_receiver(conn: Connection, tenant: Tenant) -> bool:
    """Take the lock of whoever empties this town's folder, until the end of the transaction."""
    row = conn.execute(sql.sole_receiver, {"tenant": tenant}).fetchone()
    return bool(row and row[0])


def _delivery(row: tuple[Any, ...]) -> Delivery:
    new, changed, gone, same, errors, rules, findings = row[11:]
    changes = None if new is None else Changes(new, changed, gone, same)
    values = [*row[:11], changes, errors, rules, tuple(map(_finding, findings))]
    return Delivery(*values)


def _plain(finding: Finding) -> dict[str, object]:
    place = finding.place
    return {
        "severity": finding.severity.value,
        "rule": finding.rule,
        "line": place.line,
        "column": place.column,
        "item": place.item,
        "shape": finding.shape,
        "facts": dict(finding.facts),
        "items": finding.items,
        "standard": None if finding.standard is None else msgspec.to_builtins(finding.standard),
    }


def _finding(plain: Mapping[str, Any]) -> Finding:
    return Finding(
        Severity(plain["severity"]),
        plain["rule"],
        Place(plain["line"], plain["column"], plain["item"]),
        plain["shape"],
        tuple(plain["facts"].items()),
        tuple(plain["items"]),
        plain["standard"] and read_value(plain["standard"], Rule),
    )
