"""The published log: a directory of immutable tiles and one checkpoint (C2SP tlog-tiles).

Whoever reads it needs no database and no trust in the one that serves it. Tiles tell nothing
about a person; `tile/entries` does, and is served to those who may read it only.
"""

import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

from renkei import kit
from renkei.audit.errors import LogAltered, LogForked, LogUnsigned, NoteMalformed
from renkei.audit.findings import Defect, Finding, Replay
from renkei.audit.log import newest, sql, stored_tree
from renkei.audit.notes import LARGEST_NOTE, Checkpoint, Verifier, check_fork
from renkei.audit.tree import (
    HASH,
    WIDTH,
    Tile,
    Tree,
    leaf_hash,
    split,
    tile_path,
    tile_width,
)
from renkei.kit import metered

LARGEST_ENTRIES = WIDTH * (2 + 0xFFFF)


@metered("log")
def publish(
    conn: kit.Connection, tenant: kit.Tenant, directory: Path, *, entries: bool = True
) -> Checkpoint | None:
    """Write what the directory lacks of the newest checkpoint's tree, then the checkpoint.

    Safe to repeat after a crash at any moment: a file is there whole or not at all, and the
    checkpoint is replaced last. `entries=False` leaves out the entries themselves; decide once a
    directory, since what was left out is not made up for later.
    """
    # 1. One publisher at a time, so that the checkpoint never goes back.
    conn.execute(sql.lock_publisher, {"tenant": tenant})
    checkpoint = newest(conn, tenant)
    if checkpoint is None:
        return None
    # 2. What is published already must be the beginning of this log.
    since = _published(conn, tenant, directory, checkpoint)
    if since == checkpoint.size:
        return checkpoint
    # 3. The tiles from there on, each with its entries.
    for tile in _tiles_since(conn, tenant, since, checkpoint):
        _keep(directory, str(tile.level), tile, tile.hashes, checkpoint)
        if entries and tile.level == 0:
            data = _entry_bundle(conn, tenant, tile, checkpoint)
            _keep(directory, "entries", tile, data, checkpoint)
    # 4. Only now the checkpoint that needs them.
    _write(directory / "checkpoint", checkpoint.note.encode())
    return checkpoint


def verify_directory(directory: Path, key: Verifier, *, entries: bool = True) -> list[Finding]:
    """Return every defect of a published log, whose entries may be any bytes.

    Checkpoints kept beside the newest one as `checkpoint.*` must be roots of the same leaves,
    which is what it means that no two of them fork.
    """
    newest_one = _checkpoint(directory / "checkpoint", key)
    kept = [_checkpoint(path, key) for path in sorted(directory.glob("checkpoint.*"))]
    findings: list[Finding] = []
    replay = Replay(
        [newest_one, *kept], lambda tile: _read_tile(directory, tile.level, tile.n, tile.width)
    )
    for n in range(-(-newest_one.size // WIDTH)):
        stored = _read_tile(directory, 0, n, tile_width(newest_one.size, 0, n))
        if stored is None:
            return sorted({*findings, *replay.findings, Finding(n * WIDTH, Defect.TILE)})
        hashes = split(stored)
        if entries:
            findings += _compare_entries(directory, n, hashes)
        replay.feed(hashes)
    replay.close()
    return sorted({*findings, *replay.findings})


def published_entries(directory: Path, key: Verifier) -> Iterator[bytes]:
    """Yield the entries under the newest checkpoint in their order, whatever bytes they are.

    Verify the directory first: here only entries that do not fit their leaf tile are refused.
    """
    checkpoint = _checkpoint(directory / "checkpoint", key)
    for n in range(-(-checkpoint.size // WIDTH)):
        width = tile_width(checkpoint.size, 0, n)
        hashes = split(_read_tile(directory, 0, n, width) or b"")
        found = _read_entries(directory, n, width)
        if len(found) != width or [leaf_hash(data) for data in found] != hashes:
            raise LogAltered(origin=checkpoint.origin, size=checkpoint.size)
        yield from found


def published_tree(directory: Path, size: int) -> Tree:
    """Return the tree of that size, read from published tiles as it needs them."""

    def read(level: int, n: int, width: int) -> bytes:
        hashes = _read_tile(directory, level, n, width)
        if hashes is None:
            raise LogAltered(origin=directory.name, size=size)
        return hashes

    return Tree(size, read)


def _published(
    conn: kit.Connection, tenant: kit.Tenant, directory: Path, checkpoint: Checkpoint
) -> int:
    """Return the size published already; LogForked where the stored log does not continue it."""
    data = _read(directory / "checkpoint", LARGEST_NOTE)
    if data is None:
        return 0
    old = Checkpoint.parse(_text(data))
    proof: tuple[bytes, ...] = ()
    if old.size < checkpoint.size:
        proof = stored_tree(conn, tenant, checkpoint.size).consistency(old.size)
    check_fork(old, checkpoint, proof)
    return old.size


def _tiles_since(
    conn: kit.Connection, tenant: kit.Tenant, since: int, checkpoint: Checkpoint
) -> Iterator[Tile]:
    """Return the tiles of the checkpoint's tree that the tree of size `since` had not, or not full.

    The stored partial tile may already be wider than this checkpoint: it is cut to its width.
    """
    with conn.cursor(name="audit_tiles") as cursor:
        cursor.execute(sql.tiles_since, {"tenant": tenant, "size": since})
        for level, n, hashes in cursor:
            width = tile_width(checkpoint.size, level, n)
            if width:
                yield Tile(level, n, bytes(hashes[: HASH * width]))


def _entry_bundle(
    conn: kit.Connection, tenant: kit.Tenant, tile: Tile, checkpoint: Checkpoint
) -> bytes:
    """Return the entries of a leaf tile, each behind its length."""
    start = tile.n * WIDTH
    facts = {"tenant": tenant, "start": start, "end": start + tile.width}
    leaves = [bytes(leaf) for (leaf,) in conn.execute(sql.leaf_bytes, facts)]
    if split(tile.hashes) != [leaf_hash(leaf) for leaf in leaves]:
        raise LogAltered(origin=checkpoint.origin, size=checkpoint.size)
    return b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in leaves)


def _compare_entries(directory: Path, n: int, hashes: list[bytes]) -> list[Finding]:
    """Compare an entry bundle with the leaf hashes of its tile."""
    found = _read_entries(directory, n, len(hashes))
    findings = [
        Finding(index, Defect.ALTERED)
        for index, (data, hashed) in enumerate(zip(found, hashes, strict=False), n * WIDTH)
        if leaf_hash(data) != hashed
    ]
    if len(found) < len(hashes):
        findings.append(Finding(n * WIDTH + len(found), Defect.REMOVED))
    return findings


def _read_entries(directory: Path, n: int, width: int) -> list[bytes]:
    """Return the first entries of a bundle; fewer where it is missing or ends too early."""
    data = _read_either(directory, "entries", n, width, LARGEST_ENTRIES) or b""
    found: list[bytes] = []
    at = 0
    while len(found) < width:
        end = at + 2 + int.from_bytes(data[at : at + 2])
        if end > len(data) or at + 2 > len(data):
            break
        found.append(data[at + 2 : end])
        at = end
    return found


def _checkpoint(path: Path, key: Verifier) -> Checkpoint:
    data = _read(path, LARGEST_NOTE)
    if data is None:
        raise LogUnsigned
    return Checkpoint.open(_text(data), [key])


def _read_tile(directory: Path, level: int, n: int, width: int) -> bytes | None:
    """Return the first `width` hashes of a tile; None where it is missing or too short."""
    data = _read_either(directory, str(level), n, width, HASH * WIDTH)
    return data[: HASH * width] if data and len(data) >= HASH * width else None


def _read_either(directory: Path, kind: str, n: int, width: int, limit: int) -> bytes | None:
    """Return the partial file of that width, or the full one that has replaced it."""
    for wanted in dict.fromkeys((width, WIDTH)):
        data = _read(directory / tile_path(kind, n, wanted), limit)
        if data is not None:
            return data
    return None


def _read(path: Path, limit: int) -> bytes | None:
    """Return a file's bytes, or None where there is none or it is larger than anything we write."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return data if len(data) <= limit else None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NoteMalformed(part="characters") from error


def _keep(directory: Path, kind: str, tile: Tile, data: bytes, checkpoint: Checkpoint) -> None:
    """Write an immutable file once; a full one makes its partial ones needless."""
    path = directory / tile_path(kind, tile.n, tile.width)
    kept = _read(path, LARGEST_ENTRIES)
    if kept is None:
        _write(path, data)
    elif kept != data:
        raise LogForked(origin=checkpoint.origin, size=checkpoint.size)
    if tile.width == WIDTH:
        shutil.rmtree(path.with_name(path.name + ".p"), ignore_errors=True)


def _write(path: Path, data: bytes) -> None:
    """Put a file in place whole, and on the disk before anything that is written after it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
