"""Verifying a stored log: everything is computed again from the entries themselves."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import Any, NamedTuple

from renkei import kit
from renkei.audit.columns import Columns, columns_of
from renkei.audit.entries import Leaf
from renkei.audit.epochs import epoch_leaves, map_tiles, output_verifier
from renkei.audit.errors import EntryMalformed, KeyUnknown, NoteForged, NoteMalformed
from renkei.audit.findings import Defect, Finding, Replay
from renkei.audit.map_replay import MapReplay, inputs, replay_output
from renkei.audit.notes import Checkpoint, Verifier
from renkei.audit.shard_chain import verify_chain
from renkei.audit.shards import FIRST, shard_verifier, shard_year, shards
from renkei.audit.signed_tree import LOG, OUTPUT, sql
from renkei.audit.tree import HASH, WIDTH, leaf_hash, split

BATCH = 16 * WIDTH  # whole tiles; what is held in memory grows with the labels alone


def verify(
    conn: kit.Connection, tenant: kit.Tenant, key: Verifier, *, kept: Collection[Checkpoint] = ()
) -> list[Finding]:
    """Return every defect of a stored log, in order of place; none, when the record is whole.

    `kept` are checkpoints somebody else has kept: only against those does a log show that was put
    back to an older state and continued differently.
    """
    known = shards(conn, tenant)
    findings = verify_chain(conn, tenant, key, known)
    for year in {FIRST: None} | {one.year: None for one in known}:
        pruned = any(one.year == year and one.pruning is not None for one in known)
        theirs = [one for one in kept if (shard_year(key.name, one.origin) or FIRST) == year]
        found = _Shard(conn, tenant, shard_verifier(key, year), year).verify(theirs, pruned=pruned)
        findings += [replace(one, year=year) for one in found]
    return sorted(findings, key=lambda one: (one.year, one))


class _Shard:
    """One tree with its map, as they are stored."""

    def __init__(self, conn: kit.Connection, tenant: kit.Tenant, key: Verifier, year: int) -> None:
        self._conn, self._tenant, self._key, self._year = conn, tenant, key, year

    def verify(self, kept: Collection[Checkpoint], *, pruned: bool) -> set[Finding]:
        """Return its defects; of one that was pruned the entries are no longer asked for."""
        conn, tenant, year = self._conn, self._tenant, self._year
        # 1. What was signed: the tree of the entries, and that of the map's epochs.
        findings, signed = self._checkpoints(sql.checkpoints, self._key)
        size = max((checkpoint.size for checkpoint in signed), default=0)
        output = OUTPUT.of(year)
        defects, outputs = self._checkpoints(sql.output_checkpoints, output_verifier(self._key))
        epochs, more = replay_output(
            epoch_leaves(conn, tenant, year),
            outputs,
            lambda tile: output.tile(conn, tenant, tile),
        )
        findings += [Finding(found.at, Defect.OUTPUT) for found in defects] + more
        # 2. The entries against the tree, and each in its place, its chain and the map.
        log = LOG.of(year)
        replay = Replay(
            [*signed, *kept, *inputs(epochs)], lambda tile: log.tile(conn, tenant, tile)
        )
        if pruned:
            for start in range(0, size, BATCH):
                tiled = self._leaf_hashes(start, min(start + BATCH, size))
                lacking = {(start + n) // WIDTH for n, one in enumerate(tiled) if one is None}
                findings += [Finding(n * WIDTH, Defect.TILE) for n in lacking]
                replay.feed([one or bytes(HASH) for one in tiled])
            replay.close()
            return {*findings, *replay.findings}
        places = _Places()
        chains = _Chains(tenant)
        mapped = MapReplay(epochs)
        for start in range(0, size, BATCH):
            end = min(start + BATCH, size)
            tiled = self._leaf_hashes(start, end)
            rows = conn.execute(sql.leaves, self._facts | {"start": start, "end": end})
            found = {row[0]: _Row._make((*row[:6], Columns(*row[6:]))) for row in rows}
            hashes = []
            for index, wanted in enumerate(tiled, start):
                row = found.get(index)
                hashes.append(places.compare(index, row, wanted))
                if row:
                    findings += chains.follow(row, hashes[-1])
                mapped.follow(index, row.label if row else None, hashes[-1])
            replay.feed(hashes)
        replay.close()
        mapped.close(size)
        mapped.compare(map_tiles(conn, tenant, year))
        # 3. What nobody signed, and the heads of the chains.
        for (index,) in conn.execute(sql.beyond, self._facts | {"size": size}):
            findings.append(Finding(index, Defect.UNSIGNED))
        findings += chains.compare(conn.execute(sql.heads, self._facts))
        return {*findings, *places.findings(), *replay.findings, *mapped.findings}

    @property
    def _facts(self) -> dict[str, object]:
        return {"tenant": self._tenant, "year": self._year}

    def _checkpoints(
        self, statement: bytes, key: Verifier
    ) -> tuple[list[Finding], list[Checkpoint]]:
        findings, signed = [], []
        for size, root, note in self._conn.execute(statement, self._facts).fetchall():
            try:
                checkpoint = Checkpoint.open(note, [key])
            except (NoteMalformed, KeyUnknown, NoteForged):
                findings.append(Finding(size, Defect.CHECKPOINT))
                continue
            if (size, root) != (checkpoint.size, checkpoint.root):
                findings.append(Finding(size, Defect.CHECKPOINT))
            signed.append(checkpoint)
        return findings, signed

    def _leaf_hashes(self, start: int, end: int) -> list[bytes | None]:
        """Return the leaf hashes the stored tiles have from start to end; None where they lack."""
        found: list[bytes | None] = [None] * (end - start)
        facts = self._facts | {"start": start // WIDTH, "end": -(-end // WIDTH)}
        for n, hashes in self._conn.execute(sql.leaf_tiles, facts):
            place = n * WIDTH - start
            row = split(bytes(hashes))[: end - start - place]
            found[place : place + len(row)] = row
        return found


class _Row(NamedTuple):
    """A stored entry with its columns, which must repeat what the leaf says."""

    place: int
    data: bytes
    label: bytes | None
    seq: int | None
    before: int | None
    request: str
    columns: Columns


class _Places:
    """Which row stands where, by the hashes the stored leaf tiles have."""

    def __init__(self) -> None:
        self._findings: list[Finding] = []
        self._odd: dict[int, bytes] = {}
        self._homeless: set[bytes] = set()

    def compare(self, index: int, row: _Row | None, wanted: bytes | None) -> bytes:
        """Return the hash the tree goes on with: the tile's, so that one odd row shows as one."""
        if wanted is None:
            self._findings.append(Finding(index // WIDTH * WIDTH, Defect.TILE))
        if row is None:
            self._findings.append(Finding(index, Defect.REMOVED))
            return wanted or bytes(HASH)
        hashed = leaf_hash(row.data)
        if wanted is not None and hashed != wanted:
            self._odd[index] = hashed
            self._homeless.add(wanted)
        return wanted or hashed

    def findings(self) -> list[Finding]:
        """Return what is wrong: an odd row whose hash belongs elsewhere was moved, else altered."""
        return self._findings + [
            Finding(index, Defect.MOVED if hashed in self._homeless else Defect.ALTERED)
            for index, hashed in self._odd.items()
        ]


class _Chains:
    """The chains as far as they were followed: label → number of entries, last hash, its index."""

    def __init__(self, tenant: kit.Tenant) -> None:
        self._tenant = tenant
        self._heads: dict[bytes, tuple[int, bytes, int]] = {}

    def follow(self, row: _Row, hashed: bytes) -> list[Finding]:
        """Take the next entry: its columns must repeat the leaf, the leaf must continue a chain."""
        try:
            leaf = Leaf.parse(row.data)
            request = leaf.entry().request
        except EntryMalformed:
            return [Finding(row.place, Defect.ALTERED)]
        findings = []
        before: int | None = None
        expected: tuple[int | None, bytes | None] = (None, None)
        if leaf.label is not None:
            count, head, before = self._heads.get(leaf.label, (0, None, None))
            expected = (count + 1, head)
            self._heads[leaf.label] = (leaf.seq or 0, hashed, row.place)
        if expected != (leaf.seq, leaf.prev):
            findings.append(Finding(row.place, Defect.CHAIN))
            before = row.before  # where the one before should stand is not known then
        columns = columns_of(leaf.core, self._tenant)
        if row[2:] != (leaf.label, leaf.seq, before, request, columns):
            findings.append(Finding(row.place, Defect.ALTERED))
        return findings

    def compare(self, stored: Iterable[tuple[Any, ...]]) -> list[Finding]:
        """Compare with the stored heads; what is stored too little or too much is a finding."""
        findings = []
        for label, count, head, last in stored:
            if self._heads.pop(bytes(label), None) != (count, head, last):
                findings.append(Finding(last, Defect.HEAD))
        return findings + [Finding(last, Defect.HEAD) for _, _, last in self._heads.values()]
