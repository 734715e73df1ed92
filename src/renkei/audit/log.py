"""The log of one organisation: entries are promised, then sequenced into a signed tree.

`append` writes to the outbox in the caller's own transaction, so that a deed and its entry stand
or fall together. `sequence` gives the entries their places, one sequencer at a time.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, NamedTuple, NewType

from renkei import kit
from renkei.audit.columns import columns_of, packed
from renkei.audit.entries import Entry, Leaf
from renkei.audit.notes import Checkpoint, Signer
from renkei.audit.shard_entries import opening
from renkei.audit.shards import FIRST, Shard, shard_name, shard_signer, shards, taking
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


@metered("log")
def sequence(
    conn: kit.Connection, tenant: kit.Tenant, signer: Signer, *, at: datetime, limit: int = BATCH
) -> Checkpoint | None:
    """Take up to `limit` pending entries into the tree and sign it; None when nothing is pending.

    At the turn of a year into two trees, that of the old year first: the checkpoint of the newer
    is returned. All in the caller's transaction: if it is rolled back, everything is pending as
    before.
    """
    # 1. One sequencer at a time. The next statement sees what the one before has committed.
    alone(conn, tenant)
    facts = {"tenant": tenant, "limit": limit}
    rows = conn.execute(sql.take_pending, facts, binary=True).fetchall()
    if not rows:
        return None
    rows.sort()
    # 2. Each goes to the shard of its year, or to the next where that is closed.
    known = shards(conn, tenant)
    placed: dict[int, int] = {}
    for year in sorted({row[4] for row in rows}):
        shard = taking(known, year, at=at)
        if shard not in known:
            known.append(shard)
        placed[year] = shard.year
    by_shard: dict[int, list[Waiting]] = {}
    for _, core, label, request, year in rows:
        by_shard.setdefault(placed[year], []).append(Waiting(core, label, request))
    checkpoint = None
    for before, shard in zip([None, *known], known, strict=False):
        if shard.year in by_shard:
            waiting = by_shard[shard.year]
            checkpoint = _extend(conn, tenant, signer, shard, before, waiting, at=at)
    return checkpoint


class Waiting(NamedTuple):
    """What waits for its place."""

    core: bytes
    label: bytes | None
    request: str


def _extend(
    conn: kit.Connection,
    tenant: kit.Tenant,
    signer: Signer,
    shard: Shard,
    before: Shard | None,
    waiting: list[Waiting],
    *,
    at: datetime,
) -> Checkpoint:
    """Take entries into the tree of a shard and sign it."""
    tree, key = LOG.of(shard.year), shard_signer(signer, shard.year)
    # 1. Go on from the tree signed last, and only if it is still that tree.
    edge = tree.edge(conn, tenant, key)
    if edge.size == 0:
        conn.execute(
            sql.open_shard,
            {"tenant": tenant, "year": shard.year, "through": shard.through, "at": at},
        )
        if before is not None:  # a shard begins with which one it follows
            last = LOG.of(before.year).newest(conn, tenant)
            mode = Leaf(waiting[0].core).entry().mode
            name = shard_name(signer.name, shard.year)
            first = opening(tenant, name, follows=last, mode=mode, at=at)
            waiting = [Waiting(first.core(), None, first.request), *waiting]
    # 2. Give every entry its place: in the log, and in the chain of its person.
    places = _Places(conn, tenant, shard.year, edge.size, [one.label for one in waiting])
    with conn.pipeline():  # the server writes while the next entries are hashed here
        for start in range(0, len(waiting), AT_ONCE):
            places.keep(waiting[start : start + AT_ONCE])
        places.keep_heads()
    # 3. Extend the tree and sign it.
    return tree.extend(conn, tenant, key, edge=edge, hashes=places.hashes, at=at)


def _year(entry: Entry) -> int:
    """Return the year of a deed, in Japan: that of its label."""
    return kit.day_of(entry.at).year


class _Places:
    """The places of one batch: columns of the rows to keep, and the chains' heads so far."""

    def __init__(
        self,
        conn: kit.Connection,
        tenant: kit.Tenant,
        year: int,
        size: int,
        labels: Sequence[bytes | None],
    ) -> None:
        self._conn, self._tenant, self._year, self._size = conn, tenant, year, size
        wanted = kit.BytesColumn(list({label for label in labels if label is not None}))
        facts = {"tenant": tenant, "year": year, "labels": wanted}
        found = conn.execute(sql.heads_of, facts, binary=True)
        self._heads: dict[bytes, tuple[int, bytes | None, int]] = {
            label: (count, head, last) for label, count, head, last in found
        }
        self.hashes: list[bytes] = []

    def keep(self, rows: Sequence[Waiting]) -> None:
        """Place entries behind the last one, and write them."""
        first = self._size + len(self.hashes)
        leaves, labels, seqs, prevs = [], [], [], []
        for index, (core, label, _) in enumerate(rows, first):
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
                "year": self._year,
                "size": first,
                "leaves": kit.BytesColumn(leaves),
                "labels": kit.BytesColumn(labels),
                "seqs": kit.NumbersColumn(seqs),
                "prevs": kit.NumbersColumn(prevs),
                "requests": kit.TextsColumn([row.request for row in rows]),
                **packed([columns_of(row.core, self._tenant) for row in rows]),
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
                    "year": self._year,
                    "labels": kit.BytesColumn(list(moved)),
                    "counts": kit.NumbersColumn(counts),
                    "heads": kit.BytesColumn(heads),
                    "lasts": kit.NumbersColumn(lasts),
                },
            )


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
