"""The separate archive (別保存): a database of its own, reached by no ordinary look-up.

Every verb takes the archive's own connection, under the role `renkei_retention` or, to read,
`renkei_archive`; the application's role may not even connect. A batch counts once it is confirmed:
`settle` gives back what a crash left between the archive's commit and that of the records.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from psycopg.types.json import Jsonb

from renkei.kit import Connection, Tenant, queries

ROOM = "renkei.store.archive"
sql = queries(ROOM)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a record as it leaves the store, whole."""

    key: tuple[str, ...]
    valid_from: date
    known_from: datetime
    valid_to: date | None
    known_to: datetime | None
    dated: date
    record: dict[str, object]


def keep(
    archive: Connection,
    tenant: Tenant,
    entity: str,
    versions: Iterable[Version],
    *,
    rule: str,
    batch: UUID,
    at: datetime,
) -> None:
    """Keep the versions of one batch, unconfirmed."""
    about = {"tenant": tenant, "batch": batch, "rule": rule, "at": at, "entity": entity}
    archive.execute(sql.begin_batch, about)
    with archive.cursor() as cursor:
        cursor.executemany(
            sql.keep,
            [
                about
                | {
                    "key": list(one.key),
                    "valid_from": one.valid_from,
                    "known_from": one.known_from,
                    "valid_to": one.valid_to,
                    "known_to": one.known_to,
                    "dated": one.dated,
                    "record": Jsonb(one.record),
                }
                for one in versions
            ],
        )


def unconfirmed(archive: Connection, tenant: Tenant) -> list[UUID]:
    """Return the batches of which it is not yet known whether the records let them go."""
    return [batch for (batch,) in archive.execute(sql.unconfirmed, {"tenant": tenant})]


def settle(
    archive: Connection, tenant: Tenant, *, gone: Sequence[UUID], kept: Sequence[UUID]
) -> None:
    """Confirm the batches that left the records, and give back those that did not."""
    archive.execute(sql.confirm, {"tenant": tenant, "batches": list(gone)})
    archive.execute(sql.give_back, {"tenant": tenant, "batches": list(kept)})
    archive.execute(sql.forget_batches, {"tenant": tenant, "batches": list(kept)})


def expire(archive: Connection, tenant: Tenant, *, rule: str, before: date) -> int:
    """Remove what a rule's whole time has passed for; return how many versions."""
    about = {"tenant": tenant, "rule": rule, "before": before}
    return archive.execute(sql.expire, about).rowcount


def erase_subject(
    archive: Connection, tenant: Tenant, entity: str, *, item: str, subject: str
) -> list[str]:
    """Remove the versions about a person; return the key of each."""
    about = {"tenant": tenant, "entity": entity, "item": item, "subject": subject}
    return [key for (key,) in archive.execute(sql.erase_subject, about)]


def erase_load(
    archive: Connection, tenant: Tenant, entity: str, *, known_from: datetime
) -> list[str]:
    """Remove the versions that one load brought; return the key of each."""
    about = {"tenant": tenant, "entity": entity, "known_from": known_from}
    return [key for (key,) in archive.execute(sql.erase_load, about)]


def read(
    archive: Connection, tenant: Tenant, entity: str, key: Sequence[str]
) -> list[tuple[dict[str, object], date, date | None]]:
    """Return the versions of one record whole, each with the days it held; not to be shown."""
    about = {"tenant": tenant, "entity": entity, "key": list(key)}
    return [row[:3] for row in archive.execute(sql.read, about)]
