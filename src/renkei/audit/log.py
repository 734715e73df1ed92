"""The log of one organisation: entries are promised, then sequenced into a signed tree.

`append` writes to the outbox in the caller's own transaction, so that a deed and its entry stand
or fall together. `sequence` gives the entries their places, one sequencer at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NewType

from renkei import kit
from renkei.audit.columns import columns_of, packed
from renkei.audit.entries import Entry, Leaf
from renkei.audit.notes import Checkpoint, Signer
from renkei.audit.signed_tree import LOG
from renkei.audit.tree import leaf_hash
from renkei.kit import metered

sql = kit.queries("renkei.audit")

BATCH = 10_000
"""How many entries are sequenced at once: the more, the less each pays for tiles and signature."""

AT_ONCE = 1_000  # rows a statement
NO_HEAD = (0, None, -1)  # of a chain without entries: how many, the last one's hash, its index

Promise = NewType("Promise", bytes)
"""The hash of an entry's core: the entry that has it will be in the log."""


@dataclass(frozen=True, slots=True)
class Logged:
    """An entry at its place in the log."""

    index: int
    seq: int | None
    prev: bytes | None
    leaf: bytes
    entry: Entry

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
        {"tenant": tenant, "core": core, "label": entry.label, "request": entry.request},
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


@metered("log")
def sequence(
    conn: kit.Connection, tenant: kit.Tenant, signer: Signer, *, at: datetime, limit: int = BATCH
) -> Checkpoint | None:
    """Take up to `limit` pending entries into the tree and sign it; None when nothing is pending.

    All in the caller's transaction: if it is rolled back, everything is pending as before.
    """
    # 1. One sequencer at a time. The next statement sees what the one before has committed.
    alone(conn, tenant)
    facts = {"tenant": tenant, "limit": limit}
    rows = conn.execute(sql.take_pending, facts, binary=True).fetchall()
    if not rows:
        return None
    # 2. Go on from the tree signed last, and only if it is still that tree.
    edge = LOG.edge(conn, tenant, signer)
    # 3. Give every entry its place: in the log, and in the chain of its person.
    size = edge.size
    places = _Places(conn, tenant, size, [row[2] for row in rows])
    rows.sort()
    with conn.pipeline():  # the server writes while the next entries are hashed here
        for start in range(0, len(rows), AT_ONCE):
            places.keep(rows[start : start + AT_ONCE])
        places.keep_heads()
    # 4. Extend the tree and sign it.
    return LOG.extend(conn, tenant, signer, edge=edge, hashes=places.hashes, at=at)


class _Places:
    """The places of one batch: columns of the rows to keep, and the chains' heads so far."""

    def __init__(
        self, conn: kit.Connection, tenant: kit.Tenant, size: int, labels: Sequence[bytes | None]
    ) -> None:
        self._conn, self._tenant, self._size = conn, tenant, size
        wanted = kit.BytesColumn(list({label for label in labels if label is not None}))
        found = conn.execute(sql.heads_of, {"tenant": tenant, "labels": wanted}, binary=True)
        self._heads: dict[bytes, tuple[int, bytes | None, int]] = {
            label: (count, head, last) for label, count, head, last in found
        }
        self.hashes: list[bytes] = []

    def keep(self, rows: Sequence[tuple[int, bytes, bytes | None, str]]) -> None:
        """Place entries behind the last one, and write them."""
        first = self._size + len(self.hashes)
        leaves, labels, seqs, prevs = [], [], [], []
        for index, (_, core, label, _) in enumerate(rows, first):
            if label is None:
                leaf = Leaf(core).render()
                seq, last, hashed = 0, -1, leaf_hash(leaf)
            else:
                seq, prev, last = self._heads.get(label, NO_HEAD)
                seq += 1
                leaf = Leaf(core, label, seq, prev).render()
                hashed = leaf_hash(leaf)
                self._heads[label] = (seq, hashed, index)
            self.hashes.append(hashed)
            leaves.append(leaf)
            labels.append(label or b"")
            seqs.append(seq)
            prevs.append(last)
        self._conn.execute(
            sql.keep_entries,
            {
                "tenant": self._tenant,
                "size": first,
                "leaves": kit.BytesColumn(leaves),
                "labels": kit.BytesColumn(labels),
                "seqs": kit.NumbersColumn(seqs),
                "prevs": kit.NumbersColumn(prevs),
                "requests": kit.TextsColumn([row[3] for row in rows]),
                **packed([columns_of(row[1], self._tenant) for row in rows]),
            },
        )

    def keep_heads(self) -> None:
        """Write the heads that moved, in the order of the index, which so takes less time."""
        if self._heads:
            moved = dict(sorted(self._heads.items()))
            counts, heads, lasts = zip(*moved.values(), strict=True)
            self._conn.execute(
                sql.keep_heads,
                {
                    "tenant": self._tenant,
                    "labels": kit.BytesColumn(list(moved)),
                    "counts": kit.NumbersColumn(counts),
                    "heads": kit.BytesColumn(heads),
                    "lasts": kit.NumbersColumn(lasts),
                },
            )


def newest(conn: kit.Connection, tenant: kit.Tenant) -> Checkpoint | None:
    """Return the checkpoint signed last, as it is stored; None for a log not yet signed."""
    return LOG.newest(conn, tenant)


def consistency(
    conn: kit.Connection, tenant: kit.Tenant, old: int
) -> tuple[Checkpoint, tuple[bytes, ...]]:
    """Return the newest checkpoint and the proof that it continues the tree of size `old`."""
    return LOG.consistency(conn, tenant, old)


def entries_of(conn: kit.Connection, tenant: kit.Tenant, label: bytes) -> list[Logged]:
    """Return the sequenced entries of a person's chain, in the chain's order."""
    return list(logged_entries(conn.execute(sql.entries_of, {"tenant": tenant, "label": label})))


def entry_at(conn: kit.Connection, tenant: kit.Tenant, index: int) -> Logged | None:
    """Return the entry at a place in the log."""
    facts = {"tenant": tenant, "start": index, "end": index + 1}
    rows = conn.execute(sql.leaf_bytes, facts).fetchall()
    return next(logged_entries((index, leaf) for (leaf,) in rows), None)


def entries_for_request(conn: kit.Connection, tenant: kit.Tenant, request: str) -> list[Logged]:
    """Return the sequenced entries of one request, in the log's order."""
    facts = {"tenant": tenant, "request": request}
    return list(logged_entries(conn.execute(sql.entries_for_request, facts)))


def logged_entries(rows: Iterable[tuple[Any, ...]]) -> Iterator[Logged]:
    """Yield the entries of rows that have the index and the leaf."""
    for index, data in rows:
        leaf = Leaf.parse(bytes(data))
        yield Logged(index, leaf.seq, leaf.prev, bytes(data), leaf.entry())
