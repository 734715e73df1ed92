"""A tree that grows and is signed, kept in tables: the log's, and that of the map's epochs.

Both have tables of one form; a `SignedTree` is the statements of one of them, for one shard.
Nothing is signed over a stored tree that no longer gives the root signed last.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from renkei import kit
from renkei.audit.errors import LogAltered, LogForked, LogUnsigned, OriginChanged
from renkei.audit.notes import Checkpoint, Signer
from renkei.audit.shards import FIRST
from renkei.audit.tree import HASH, Edge, Tile, Tree, tile_width, tiles_of

sql = kit.queries("renkei.audit")


@dataclass(frozen=True, slots=True)
class SignedTree:
    """The statements that read and write one tree's tables, and the shard it is of."""

    newest_checkpoint: bytes
    keep_checkpoint: bytes
    partial_tiles: bytes
    drop_partial_tiles: bytes
    keep_tiles: bytes
    one_tile: bytes
    some_tiles: bytes
    tiles_since: bytes
    year: int = FIRST

    def of(self, year: int) -> Self:
        """Return the same tree of another shard."""
        return replace(self, year=year)

    def newest(self, conn: kit.Connection, tenant: kit.Tenant) -> Checkpoint | None:
        """Return the checkpoint signed last, as it is stored; None for a tree not yet signed."""
        row = conn.execute(self.newest_checkpoint, {"tenant": tenant, "year": self.year}).fetchone()
        return Checkpoint.parse(row[0]) if row else None

    def edge(self, conn: kit.Connection, tenant: kit.Tenant, signer: Signer) -> Edge:
        """Return the right edge of the tree signed last, checked against that signature."""
        last = self.newest(conn, tenant)
        if last is None:
            return Edge()
        if last.origin != signer.name:
            raise OriginChanged(origin=last.origin, name=signer.name)
        signed = Checkpoint.open(last.note, [signer.verifier])
        rows = conn.execute(self.partial_tiles, {"tenant": tenant, "year": self.year})
        try:
            edge = Edge(signed.size, [Tile(level, n, bytes(hashes)) for level, n, hashes in rows])
        except ValueError as error:
            raise LogAltered(origin=signed.origin, size=signed.size) from error
        if edge.root() != signed.root:
            raise LogAltered(origin=signed.origin, size=signed.size)
        return edge

    def extend(
        self,
        conn: kit.Connection,
        tenant: kit.Tenant,
        signer: Signer,
        *,
        edge: Edge,
        hashes: Sequence[bytes],
        at: datetime,
    ) -> Checkpoint:
        """Append leaf hashes, keep the tiles, and sign the tree."""
        tiles = edge.extend(hashes) + edge.partials()
        conn.execute(self.drop_partial_tiles, {"tenant": tenant, "year": self.year})
        conn.execute(
            self.keep_tiles,
            {
                "tenant": tenant,
                "year": self.year,
                "levels": [tile.level for tile in tiles],
                "ns": [tile.n for tile in tiles],
                "hashes": [tile.hashes for tile in tiles],
            },
        )
        checkpoint = Checkpoint.sign(signer, edge.size, edge.root())
        conn.execute(
            self.keep_checkpoint,
            {
                "tenant": tenant,
                "year": self.year,
                "size": checkpoint.size,
                "root": checkpoint.root,
                "note": checkpoint.note,
                "at": at,
            },
        )
        return checkpoint

    def tree(
        self, conn: kit.Connection, tenant: kit.Tenant, size: int, leaves: Iterable[int] = ()
    ) -> Tree:
        """Return the tree of that size, read from the stored tiles as it needs them.

        What the audit paths of these leaves need is read at once: a person has many, all over it.
        """
        ahead: dict[tuple[int, int], bytes] = {}
        if wanted := sorted(tiles_of(size, leaves)):
            levels, ns = zip(*wanted, strict=True)
            facts = {
                "tenant": tenant,
                "year": self.year,
                "levels": list(levels),
                "ns": list(ns),
            }
            found = conn.execute(self.some_tiles, facts, binary=True)
            ahead = {(level, n): hashes for level, n, hashes in found}

        def read(level: int, n: int, width: int) -> bytes:
            hashes = ahead.get((level, n))
            if hashes is None:
                facts = {"tenant": tenant, "year": self.year, "level": level, "n": n}
                row = conn.execute(self.one_tile, facts, binary=True).fetchone()
                hashes = row[0] if row else b""
            if len(hashes) < HASH * width:
                raise LogAltered(origin=tenant, size=size)
            return bytes(hashes[: HASH * width])

        return Tree(size, read)

    def consistency(
        self, conn: kit.Connection, tenant: kit.Tenant, old: int
    ) -> tuple[Checkpoint, tuple[bytes, ...]]:
        """Return the newest checkpoint and the proof that it continues the tree of size `old`."""
        checkpoint = self.newest(conn, tenant)
        if checkpoint is None:
            raise LogUnsigned
        if old > checkpoint.size:
            raise LogForked(origin=checkpoint.origin, size=checkpoint.size)
        return checkpoint, self.tree(conn, tenant, checkpoint.size).consistency(old)

    def tile(self, conn: kit.Connection, tenant: kit.Tenant, tile: Tile) -> bytes | None:
        """Return what is stored as this tile, cut to its width; None where there is none."""
        facts = {"tenant": tenant, "year": self.year, "level": tile.level, "n": tile.n}
        row = conn.execute(self.one_tile, facts, binary=True).fetchone()
        return bytes(row[0][: HASH * tile.width]) if row else None

    def since(
        self, conn: kit.Connection, tenant: kit.Tenant, size: int, checkpoint: Checkpoint
    ) -> Iterator[Tile]:
        """Yield the tiles of the checkpoint's tree that the tree of `size` had not, or not full.

        The stored partial tile may already be wider than this checkpoint: it is cut to its width.
        """
        with conn.cursor(name="audit_tiles") as cursor:
            cursor.execute(self.tiles_since, {"tenant": tenant, "year": self.year, "size": size})
            for level, n, hashes in cursor:
                width = tile_width(checkpoint.size, level, n)
                if width:
                    yield Tile(level, n, bytes(hashes[: HASH * width]))


LOG = SignedTree(
    sql.newest_checkpoint,
    sql.keep_checkpoint,
    sql.partial_tiles,
    sql.drop_partial_tiles,
    sql.keep_tiles,
    sql.tile,
    sql.tiles_among,
    sql.tiles_since,
)
"""The tree of the entries, of the first shard; `LOG.of(year)` is that of another."""

OUTPUT = SignedTree(
    sql.newest_output,
    sql.keep_output,
    sql.partial_output_tiles,
    sql.drop_partial_output_tiles,
    sql.keep_output_tiles,
    sql.output_tile,
    sql.output_tiles_among,
    sql.output_tiles_since,
)
"""The tree of the map's epochs: the output log, of the first shard."""
