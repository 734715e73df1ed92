"""Erasure by order: values go, proofs stay.

The log holds digests and promises, never values, so nothing in it changes. What stays of an erased
record is its key (a number that means nothing outside the organisation), so that a reader is told
"erased", consumers of the feed are told to do the same, and its return is found.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from renkei import audit
from renkei.kit import Connection, Tenant, queries
from renkei.standard import Catalogue, Entity, ItemType
from renkei.store import archive as archives
from renkei.store.errors import OrderIncomplete
from renkei.store.listings import unlist
from renkei.store.lookup import Record, read
from renkei.store.removal_statements import SEPARATOR, mentions, removing
from renkei.store.removals import enter_removal, lock, removing_rights, returned_to

sql = queries("renkei.store")


class Reason(StrEnum):
    """Why something is erased; words of one's own would end up in the log."""

    wrong_delivery = "wrong-delivery"  # 誤った提供・取込
    order = "order"  # 裁判所・監督機関の命令
    request = "request"  # 本人の請求(利用停止・消去)
    expiry = "expiry"  # 保存期間の経過(規則にないもの)


@dataclass(frozen=True, slots=True)
class Order:
    """An order to erase: its document number, why, on what basis, and who carries it out."""

    request: str
    reason: Reason
    basis: str
    by: str

    def __post_init__(self) -> None:
        if not (self.request.strip() and self.basis.strip() and self.by.strip()):
            raise OrderIncomplete


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was erased, and where the person is still named in records about others."""

    records: int
    versions: int
    archived: int
    entities: tuple[str, ...]
    mentions: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Erased:
    """There was such a record; it was erased by order at this time."""

    at: datetime


@dataclass(frozen=True, slots=True)
class _Part:
    """What was erased of one entity."""

    entity: Entity
    records: list[str]
    versions: list[str]
    archived: list[str]

    @property
    def is_empty(self) -> bool:
        return not (self.records or self.versions or self.archived)


def erase_person(
    conn: Connection,
    archive: Connection,
    tenant: Tenant,
    subject: str,
    order: Order,
    *,
    standard: Catalogue,
    mode: audit.Mode,
    at: datetime,
    on: date,
    label: bytes | None = None,
) -> Erasure:
    """Erase every record about a person, in force, replaced and archived.

    Commit the archive, then the records: an order may be repeated until nothing is left.
    """
    parts = []
    for entity in standard.entities:
        if entity.subject is None:
            continue
        lock(conn, tenant, entity.name)
        steps, about = removing(entity), {"tenant": tenant, "subject": subject}
        with removing_rights(conn):
            records = [key for (key,) in conn.execute(steps.subject, about)]
            versions = [key for (key,) in conn.execute(steps.subject_versions, about)]
        gone = archives.erase_subject(
            archive, tenant, entity.name, item=entity.subject, subject=subject
        )
        parts.append(_Part(entity, records, versions, gone))
    named = tuple(_named(conn, tenant, standard, subject))
    return _enter(
        conn, tenant, order, parts, named, mode=mode, at=at, on=on, label=label, scope="person"
    )


def erase_load(
    conn: Connection,
    archive: Connection,
    tenant: Tenant,
    entity: Entity,
    loaded_at: datetime,
    order: Order,
    *,
    mode: audit.Mode,
    at: datetime,
    on: date,
) -> Erasure:
    """Erase every version that one load brought; what it ended stays ended until the next load."""
    lock(conn, tenant, entity.name)
    steps, about = removing(entity), {"tenant": tenant, "known_from": loaded_at}
    with removing_rights(conn):
        records = [key for (key,) in conn.execute(steps.load, about)]
        versions = [key for (key,) in conn.execute(steps.load_versions, about)]
    gone = archives.erase_load(archive, tenant, entity.name, known_from=loaded_at)
    parts = [_Part(entity, records, versions, gone)]
    return _enter(conn, tenant, order, parts, (), mode=mode, at=at, on=on, label=None, scope="load")


def as_of(
    conn: Connection,
    tenant: Tenant,
    entity: Entity,
    key: dict[str, str],
    items: tuple[str, ...],
    *,
    on: date,
    known: datetime | None = None,
) -> Record | Erased | None:
    """Return the record in force, or say that it was erased, or that there never was one."""
    record = read(conn, tenant, entity, key, items, on=on, known=known)
    if record is not None:
        return record
    about = {"tenant": tenant, "entity": entity.name, "key": [key[name] for name in entity.key]}
    row = conn.execute(sql.erased_at, about).fetchone()
    return None if row is None or row[0] is None else Erased(row[0])


def returned(conn: Connection, tenant: Tenant, standard: Catalogue) -> dict[str, int]:
    """Return how many records of persons who were erased came back with a later load, by entity.

    Their units still carry them: they must erase them too, and the order be repeated.
    """
    erased = [name for (name,) in conn.execute(sql.erased_entities, {"tenant": tenant}).fetchall()]
    counts = {name: returned_to(conn, tenant, standard.entity(name)) for name in erased}
    return {name: count for name, count in counts.items() if count}


def _named(
    conn: Connection, tenant: Tenant, standard: Catalogue, subject: str
) -> Iterator[tuple[str, int]]:
    """Yield where records about others name the person: people decide on those."""
    for entity in standard.entities:
        for item in entity.items:
            if item.type is ItemType.register_number and item.name != entity.subject:
                about = {"tenant": tenant, "subject": subject}
                row = conn.execute(mentions(entity, item.name), about).fetchone()
                if row and row[0]:
                    yield f"{entity.name}.{item.name}", row[0]


def _enter(
    conn: Connection,
    tenant: Tenant,
    order: Order,
    parts: list[_Part],
    named: tuple[tuple[str, int], ...],
    *,
    mode: audit.Mode,
    at: datetime,
    on: date,
    label: bytes | None,
    scope: str,
) -> Erasure:
    """Leave tombstones, events and the entry; an order that finds nothing leaves an entry too."""
    erased = [part for part in parts if not part.is_empty]
    for part in erased:
        keys = [*part.records, *part.versions, *part.archived]
        about = {"tenant": tenant, "entity": part.entity.name, "request": order.request}
        with removing_rights(conn):
            conn.execute(sql.tombstones, {**about, "scope": scope, "at": at, "keys": keys})
        unlist(conn, tenant, part.entity, [key.split(SEPARATOR) for key in keys])
        enter_removal(
            conn,
            tenant,
            part.entity.name,
            keys=keys,
            gone=len(part.records),
            kind="erasure",
            event="erased",
            request=f"{order.request} {at.isoformat()}",
            on=on,
            at=at,
        )
    done = Erasure(
        sum(len(part.records) for part in erased),
        sum(len(part.versions) for part in erased),
        sum(len(part.archived) for part in erased),
        tuple(part.entity.name for part in erased),
        named,
    )
    details = {"by": order.by, "records": str(done.records), "versions": str(done.versions)}
    audit.append(
        conn,
        tenant,
        audit.Entry(
            kind=audit.Kind.ERASURE,
            request=order.request,
            at=at,
            asker=tenant,
            holder=tenant,
            procedure="",
            outcome="erased",
            mode=mode,
            provision=order.basis,
            purpose=order.reason.value,
            label=label,
            details={
                **details,
                "archived": str(done.archived),
                "entities": " ".join(done.entities),
            },
        ),
    )
    return done
