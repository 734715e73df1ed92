"""The published log: a directory of immutable tiles and one checkpoint (C2SP tlog-tiles).

Whoever reads it needs no database and no trust in the one that serves it. Tiles tell nothing
about a person; `tile/entries` does, and is served to those who may read it only. `output/` is the
log of the map's epochs, of the same form; all of it may be shown to anyone.
"""

import os
import shutil
import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from renkei import kit
from renkei.audit.epochs import Epoch, epoch_leaves, output_verifier
from renkei.audit.errors import LogAltered, LogForked, LogUnsigned, NoteMalformed
from renkei.audit.findings import Defect, Finding, ReadStored, Replay
from renkei.audit.map_replay import MapReplay, inputs, label_of, replay_output
from renkei.audit.notes import LARGEST_NOTE, Checkpoint, Verifier, check_fork
from renkei.audit.signed_tree import LOG, OUTPUT, SignedTree, sql
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
OUTPUT_FOLDER = "output"

ReadLeaves = Callable[[int, int], list[bytes]]
"""Return the leaves from start to end."""


@metered("log")
def publish(
    conn: kit.Connection, tenant: kit.Tenant, directory: Path, *, entries: bool = True
) -> Checkpoint | None:
    """Write what the directory lacks of the newest checkpoint's tree, then the checkpoint.

    Then the same of the output log, which so never names entries that are not published.
    Safe to repeat after a crash at any moment: a file is there whole or not at all, and the
    checkpoint is replaced last. `entries=False` leaves out the entries themselves; decide once a
    directory, since what was left out is not made up for later.
    """
    # One publisher at a time, so that a checkpoint never goes back.
    conn.execute(sql.lock_publisher, {"tenant": tenant})

    def leaves(start: int, end: int) -> list[bytes]:
        facts = {"tenant": tenant, "start": start, "end": end}
        return [bytes(leaf) for (leaf,) in conn.execute(sql.leaf_bytes, facts, binary=True)]

    def epochs(start: int, end: int) -> list[bytes]:
        return list(epoch_leaves(conn, tenant, start, end))

    # What is signed meanwhile comes with the next publication: the output is looked at first.
    output = OUTPUT.newest(conn, tenant)
    checkpoint = LOG.newest(conn, tenant)
    if checkpoint is not None:
        _Publication(conn, tenant, directory, LOG, checkpoint).write(leaves if entries else None)
    if output is not None:
        _Publication(conn, tenant, directory / OUTPUT_FOLDER, OUTPUT, output).write(epochs)
    return checkpoint


class _Publication:
    """What is still to be written of one tree."""

    def __init__(
        self,
        conn: kit.Connection,
        tenant: kit.Tenant,
        directory: Path,
        stored: SignedTree,
        checkpoint: Checkpoint,
    ) -> None:
        self._conn, self._tenant, self._stored = conn, tenant, stored
        self._directory, self._checkpoint = directory, checkpoint

    def write(self, leaves: ReadLeaves | None) -> None:
        """Write the tiles, the leaves themselves unless there is no way to read them, the note."""
        # 1. What is published already must be the beginning of this log.
        since = self._published()
        if since == self._checkpoint.size:
            return
        # 2. The tiles from there on, each with its leaves.
        for tile in self._stored.since(self._conn, self._tenant, since, self._checkpoint):
            _keep(self._directory, str(tile.level), tile, tile.hashes, self._checkpoint)
            if leaves is not None and tile.level == 0:
                data = self._bundle(tile, leaves)
                _keep(self._directory, "entries", tile, data, self._checkpoint)
        # 3. Only now the checkpoint that needs them.
        _write(self._directory / "checkpoint", self._checkpoint.note.encode())

    def _published(self) -> int:
        """Return the size published already; LogForked where the stored log does not continue."""
        data = _read(self._directory / "checkpoint", LARGEST_NOTE)
        if data is None:
            return 0
        old = Checkpoint.parse(_text(data))
        proof: tuple[bytes, ...] = ()
        if old.size < self._checkpoint.size:
            tree = self._stored.tree(self._conn, self._tenant, self._checkpoint.size)
            proof = tree.consistency(old.size)
        check_fork(old, self._checkpoint, proof)
        return old.size

    def _bundle(self, tile: Tile, read: ReadLeaves) -> bytes:
        """Return the leaves of a tile, each behind its length."""
        start = tile.n * WIDTH
        leaves = read(start, start + tile.width)
        if split(tile.hashes) != [leaf_hash(leaf) for leaf in leaves]:
            raise LogAltered(origin=self._checkpoint.origin, size=self._checkpoint.size)
        return b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in leaves)


def verify_directory(directory: Path, key: Verifier, *, entries: bool = True) -> list[Finding]:
    """Return every defect of a published log, whose entries may be any bytes.

    Checkpoints kept beside the newest one as `checkpoint.*` must be roots of the same leaves,
    which is what it means that no two of them fork.
    """
    newest_one = _checkpoint(directory / "checkpoint", key)
    kept = [_checkpoint(path, key) for path in sorted(directory.glob("checkpoint.*"))]
    epochs, findings = _epochs(directory / OUTPUT_FOLDER, key)
    mapped = MapReplay(epochs)
    replay = Replay([newest_one, *kept, *inputs(epochs)], _stored_in(directory))
    for n in range(-(-newest_one.size // WIDTH)):
        stored = _read_tile(directory, 0, n, tile_width(newest_one.size, 0, n))
        if stored is None:
            return sorted({*findings, *replay.findings, Finding(n * WIDTH, Defect.TILE)})
        hashes = split(stored)
        if entries:
            found = _read_entries(directory, n, len(hashes))
            findings += _compare_entries(n, found, hashes)
            for index, (data, hashed) in enumerate(zip(found, hashes, strict=False), n * WIDTH):
                mapped.follow(index, label_of(data), hashed)
        replay.feed(hashes)
    replay.close()
    if entries:
        mapped.close(newest_one.size)
    return sorted({*findings, *replay.findings, *mapped.findings})


def _epochs(directory: Path, key: Verifier) -> tuple[list[tuple[int, Epoch]], list[Finding]]:
    """Return the epochs of a published output log with their numbers, and its defects."""
    if not directory.exists():  # a log from before there was a map
        return [], []
    checkpoint = _checkpoint(directory / "checkpoint", output_verifier(key))
    leaves = [
        leaf
        for n in range(-(-checkpoint.size // WIDTH))
        for leaf in _read_entries(directory, n, tile_width(checkpoint.size, 0, n))
    ]
    return replay_output(leaves, [checkpoint], _stored_in(directory))


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


def _compare_entries(n: int, found: list[bytes], hashes: list[bytes]) -> list[Finding]:
    """Compare an entry bundle with the leaf hashes of its tile."""
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


def _stored_in(directory: Path) -> ReadStored:
    return lambda tile: _read_tile(directory, tile.level, tile.n, tile.width)


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
