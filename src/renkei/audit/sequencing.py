"""Giving what was promised its place: in a shard, in its tree, and in the chain of its person.

One sequencer at a time; all that one call does stands or falls with the caller's transaction.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from renkei import kit
from renkei.audit.columns import columns_of, packed
from renkei.audit.entries import Leaf
from renkei.audit.log import alone, sql
from renkei.audit.notes import Checkpoint, Signer
from renkei.audit.shard_entries import opening
from renkei.audit.shards import Shard, shard_name, shard_signer, shards, taking
from renkei.audit.signed_tree import LOG
from renkei.audit.tree import leaf_hash
from renkei.kit import metered

BATCH = 10_000
"""How many entries are sequenced at once: the more, the less each pays for tiles and signature."""

AT_ONCE = 1_000  # rows a statement
NO_HEAD = (0, None, -1)  # of a chain without entries: how many, the last one's hash, its index


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
