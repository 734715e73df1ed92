"""The log of one organisation: entries are promised, and read back once they have their places.

`append` writes to the outbox in the caller's own transaction, so that a deed and its entry stand
or fall together.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NewType

from renkei import kit
from renkei.audit.entries import Entry, Leaf
from renkei.audit.notes import Checkpoint
from renkei.audit.shards import FIRST, shards
from renkei.audit.signed_tree import LOG
from renkei.audit.tree import leaf_hash
from renkei.kit import metered

sql = kit.queries("renkei.audit")

Promise = NewType("Promise", bytes)
"""The hash of an entry's core: the entry that has it will be in the log."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry at its place in the log: which shard, and where in it."""

    index: int
    seq: int | None
    prev: bytes | None
    leaf: bytes
    entry: Entry
    year: int = FIRST

    @property
    def place(self) -> str:
        """Return the place as one word: the index, behind the year where the shard has one."""
        return str(self.index) if self.year == FIRST else f"{self.year}/{self.index}"

    @property
    def hash(self) -> bytes:
        """Return the leaf's hash, which the next entry of the chain names."""
        return leaf_hash(self.leaf)


@metered("log")
def append(conn: kit.Connection, tenant: kit.Tenant, entry: Entry) -> Promise:
    """Put an entry into the outbox, in the caller's transaction."""
    core = entry.core()
    conn.execute(
        sql.append,
        {
            "tenant": tenant,
            "core": core,
            "label": entry.label,
            "request": entry.request,
            "year": _year(entry),
        },
    )
    return Promise(sha256(core).digest())


@metered("log")
def append_many(
    conn: kit.Connection, tenant: kit.Tenant, entries: Iterable[Entry]
) -> list[Promise]:
    """Put entries into the outbox in their order, in one statement."""
    many = list(entries)
    cores = [entry.core() for entry in many]
    if many:
        conn.execute(
            sql.append_many,
            {
                "tenant": tenant,
                "cores": kit.BytesColumn(cores),
                "labels": kit.BytesColumn([entry.label or b"" for entry in many]),
                "requests": kit.TextsColumn([entry.request for entry in many]),
                "years": kit.NumbersColumn([_year(entry) for entry in many]),
            },
        )
    return [Promise(sha256(core).digest()) for core in cores]


def pending(conn: kit.Connection, tenant: kit.Tenant) -> int:
    """Return how many promised entries wait for the sequencer."""
    row = conn.execute(sql.pending, {"tenant": tenant}).fetchone()
    return int(row[0]) if row else 0


def is_promised(conn: kit.Connection, tenant: kit.Tenant, request: str) -> bool:
    """Tell whether an entry under this request stands in the log, or waits for its place."""
    row = conn.execute(sql.is_promised, {"tenant": tenant, "request": request}).fetchone()
    return bool(row and row[0])


def alone(conn: kit.Connection, tenant: kit.Tenant) -> None:
    """Wait until nobody else sequences this log or enters alone, and keep others out to the end.

    Two processes with one log that both find that something is not promised must not both promise.
    """
    conn.execute(sql.lock_sequencer, {"tenant": tenant})


def _year(entry: Entry) -> int:
    """Return the year of a deed, in Japan: that of its label."""
    return kit.day_of(entry.at).year


def newest(conn: kit.Connection, tenant: kit.Tenant, year: int | None = None) -> Checkpoint | None:
    """Return the checkpoint signed last of a shard, by default the newest one, as it is stored.

    None for one not yet signed.
    """
    if year is None:
        known = shards(conn, tenant)
        year = known[-1].year if known else FIRST
    return LOG.of(year).newest(conn, tenant)


def signed_size(conn: kit.Connection, tenant: kit.Tenant) -> int:
    """Return how many entries are signed, in all shards."""
    row = conn.execute(sql.signed_size, {"tenant": tenant}).fetchone()
    return int(row[0]) if row else 0


def consistency(
    conn: kit.Connection, tenant: kit.Tenant, old: int, *, year: int = FIRST
) -> tuple[Checkpoint, tuple[bytes, ...]]:
    """Return a shard's newest checkpoint and the proof that it continues the tree of size `old`."""
    return LOG.of(year).consistency(conn, tenant, old)


def entries_of(
    conn: kit.Connection, tenant: kit.Tenant, label: bytes, *, year: int | None = None
) -> list[Logged]:
    """Return the sequenced entries under a label, of all shards or of one, in the chain's order."""
    facts = {"tenant": tenant, "label": label, "year": year}
    return list(logged_entries(conn.execute(sql.entries_of, facts)))


def entry_at(conn: kit.Connection, tenant: kit.Tenant, year: int, index: int) -> Logged | None:
    """Return the entry at a place in the log."""
    facts = {"tenant": tenant, "year": year, "start": index, "end": index + 1}
    rows = conn.execute(sql.leaf_bytes, facts).fetchall()
    return next(logged_entries((year, index, leaf) for (leaf,) in rows), None)


def entries_for_request(conn: kit.Connection, tenant: kit.Tenant, request: str) -> list[Logged]:
    """Return the sequenced entries of one request, in the log's order."""
    facts = {"tenant": tenant, "request": request}
    return list(logged_entries(conn.execute(sql.entries_for_request, facts)))


def logged_entries(rows: Iterable[tuple[Any, ...]]) -> Iterator[Logged]:
    """Yield the entries of rows that have the shard's year, the index and the leaf."""
    for year, index, data in rows:
        leaf = Leaf.parse(bytes(data))
        yield Logged(index, leaf.seq, leaf.prev, bytes(data), leaf.entry(), year)
