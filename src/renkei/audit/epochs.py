"""The epochs of the map: its root after so many entries, each a leaf of the output log.

The map is derived from the entries alone, so whoever holds those makes every root again. The output
log is signed by the log's key under a name of its own; it is a log like the other, and what is
witnessed of it fixes which roots there have been.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal, Self

import msgspec
from msgspec import Meta

from renkei import kit
from renkei.audit.encoding import base64url, from_base64url, from_instant, instant
from renkei.audit.errors import EpochMalformed, MapAltered
from renkei.audit.notes import Checkpoint, Signer, Verifier
from renkei.audit.prefix_tree import (
    EMPTY,
    HASH,
    Head,
    MapProof,
    Memory,
    PrefixTree,
    ReadTiles,
    TileAltered,
)
from renkei.audit.shards import FIRST, OUTPUT_NAME, shard_name, shard_signer
from renkei.audit.signed_tree import OUTPUT, sql
from renkei.audit.tree import leaf_hash
from renkei.kit import metered

MOST_ENTRIES = 100_000
"""How many entries an epoch takes in at once: the first one of a long log is made in steps."""


@dataclass(frozen=True, slots=True)
class Epoch:
    """The map after the first `input_size` entries, whose tree had that root, by our clock `at`."""

    at: datetime
    input_size: int
    input_root: bytes
    map_root: bytes

    def render(self) -> bytes:
        """Return the canonical bytes: the leaf of the output log."""
        return kit.canonical(
            {
                "at": instant(self.at),
                "input_root": base64url(self.input_root),
                "input_size": self.input_size,
                "map_root": base64url(self.map_root),
                "v": 1,
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read an epoch; EpochMalformed for anything `render` would not write."""
        try:
            wire = kit.read_json(data, _Epoch)
            epoch = cls(
                from_instant(wire.at),
                wire.input_size,
                from_base64url(wire.input_root),
                from_base64url(wire.map_root),
            )
        except (msgspec.DecodeError, ValueError) as error:
            raise EpochMalformed from error
        if epoch.render() != data or {len(epoch.input_root), len(epoch.map_root)} != {HASH}:
            raise EpochMalformed
        return epoch


class _Epoch(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The members of an epoch, as the wire has them."""

    at: str
    input_root: str
    input_size: Annotated[int, Meta(ge=0)]
    map_root: str
    v: Literal[1]


def output_signer(signer: Signer) -> Signer:
    """Return who signs the output log: the log's key under the name of the output log."""
    return signer.named(signer.name + OUTPUT_NAME)


def output_verifier(key: Verifier) -> Verifier:
    """Return the key of a log's output log, which follows from that of the log."""
    return Verifier(key.name + OUTPUT_NAME, key.public)


@metered("log")
def make_epoch(
    conn: kit.Connection,
    tenant: kit.Tenant,
    signer: Signer,
    *,
    at: datetime,
    year: int = FIRST,
    most: int = MOST_ENTRIES,
) -> Epoch | None:
    """Take the entries signed since the last epoch into the map of a shard; None without any.

    All in the caller's transaction. Takes the time of the labels these entries are about.
    """
    signer, output = shard_signer(signer, year), OUTPUT.of(year)
    # 1. One maker at a time; go on from the epoch and the output signed last.
    conn.execute(sql.lock_map, {"tenant": tenant})
    number, last = newest_epoch(conn, tenant, year)
    edge = output.edge(conn, tenant, output_signer(signer))
    if edge.size != number:
        raise MapAltered(origin=signer.name)
    start = last.input_size if last else 0
    facts = {"tenant": tenant, "year": year, "start": start, "most": start + most}
    row = conn.execute(sql.checkpoint_within, facts).fetchone()
    if row is None:
        return None
    checkpoint = Checkpoint.open(row[0], [signer.verifier])
    # 2. The labels that have entries since then, each with its last one.
    heads = _heads_moved(conn, tenant, year, start, checkpoint.size)
    tree = PrefixTree(last.map_root if last else EMPTY, _reader(conn, tenant, year))
    try:
        tiles = tree.update(heads)
    except TileAltered as error:
        raise MapAltered(origin=signer.name) from error
    _keep_map(conn, tenant, year, tiles)
    # 3. The epoch, and the output log that holds it.
    epoch = Epoch(
        at.replace(microsecond=at.microsecond // 1000 * 1000),
        checkpoint.size,
        checkpoint.root,
        tree.root,
    )
    leaf = epoch.render()
    conn.execute(sql.keep_epoch, {"tenant": tenant, "year": year, "e": number, "leaf": leaf})
    output.extend(conn, tenant, output_signer(signer), edge=edge, hashes=[leaf_hash(leaf)], at=at)
    return epoch


def newest_epoch(
    conn: kit.Connection, tenant: kit.Tenant, year: int = FIRST
) -> tuple[int, Epoch | None]:
    """Return how many epochs there have been of a shard, and the last of them."""
    row = conn.execute(sql.newest_epoch, {"tenant": tenant, "year": year}).fetchone()
    return (row[0] + 1, Epoch.parse(bytes(row[1]))) if row else (0, None)


def epoch_leaves(
    conn: kit.Connection,
    tenant: kit.Tenant,
    year: int = FIRST,
    start: int = 0,
    end: int | None = None,
) -> Iterator[bytes]:
    """Yield the leaves of a shard's output log from start to end, as they are stored."""
    facts = {"tenant": tenant, "year": year, "start": start, "end": end}
    with conn.cursor(name="audit_epochs") as cursor:
        cursor.execute(sql.epochs, facts)
        yield from (bytes(leaf) for (leaf,) in cursor)


def map_tiles(
    conn: kit.Connection, tenant: kit.Tenant, year: int = FIRST
) -> Iterator[tuple[str, bytes]]:
    """Yield the stored tiles of a shard's map with their places."""
    with conn.cursor(name="audit_map_tiles") as cursor:
        cursor.execute(sql.all_map_tiles, {"tenant": tenant, "year": year})
        yield from ((place, bytes(slots)) for place, slots in cursor)


def map_proof(
    conn: kit.Connection,
    tenant: kit.Tenant,
    origin: str,
    epoch: Epoch,
    label: bytes,
    *,
    year: int = FIRST,
) -> MapProof:
    """Return the proof of what the map of a shard's newest epoch says of a label."""
    try:
        return PrefixTree(epoch.map_root, _reader(conn, tenant, year)).proof(label)
    except TileAltered as error:
        raise MapAltered(origin=origin) from error


def remake_map(conn: kit.Connection, tenant: kit.Tenant, origin: str, *, year: int = FIRST) -> int:
    """Derive a shard's map anew from the entries, in place of what is stored; return its labels.

    What it gives must be the root signed last: a map can be lost, and not be made to say more.
    """
    conn.execute(sql.lock_map, {"tenant": tenant})
    _, epoch = newest_epoch(conn, tenant, year)
    made = Memory()
    labels = 0
    for start in range(0, epoch.input_size if epoch else 0, MOST_ENTRIES):
        end = min(start + MOST_ENTRIES, epoch.input_size if epoch else 0)
        heads = _heads_moved(conn, tenant, year, start, end)
        labels += sum(made.proof(label).head is None for label in heads)
        made.update(heads)
    if epoch is not None and made.root != epoch.map_root:
        raise MapAltered(origin=shard_name(origin, year))
    _keep_map(conn, tenant, year, made.tiles)
    return labels


def _heads_moved(
    conn: kit.Connection, tenant: kit.Tenant, year: int, start: int, end: int
) -> dict[bytes, Head]:
    facts = {"tenant": tenant, "year": year, "start": start, "end": end}
    rows = conn.execute(sql.heads_moved, facts, binary=True)
    return {
        bytes(label): Head(count, index, leaf_hash(bytes(leaf)))
        for label, count, index, leaf in rows
    }


def _reader(conn: kit.Connection, tenant: kit.Tenant, year: int) -> ReadTiles:
    def read(places: Collection[str]) -> Mapping[str, bytes]:
        facts = {"tenant": tenant, "year": year, "places": list(places)}
        rows = conn.execute(sql.map_tiles, facts, binary=True)
        return {place: bytes(slots) for place, slots in rows}

    return read


def _keep_map(
    conn: kit.Connection, tenant: kit.Tenant, year: int, tiles: Mapping[str, bytes]
) -> None:
    if tiles:
        facts = {"places": list(tiles), "slots": list(tiles.values())}
        conn.execute(sql.keep_map_tiles, {"tenant": tenant, "year": year, **facts})
