"""Publishing a log: its files written once, and written again where they were lost or damaged."""

import os
import shutil
import struct
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from renkei import kit
from renkei.audit.directory import (
    LARGEST_ENTRIES,
    MINIMUM_INDEX,
    OUTPUT_FOLDER,
    read_file,
    text_of,
)
from renkei.audit.epochs import epoch_leaves, output_verifier
from renkei.audit.errors import LogAltered, LogForked, LogUnsigned
from renkei.audit.notes import LARGEST_NOTE, Checkpoint, Verifier, check_fork
from renkei.audit.pruning import pruning_entry
from renkei.audit.shards import FIRST, shard_folder, shard_verifier, shards
from renkei.audit.signed_tree import LOG, OUTPUT, SignedTree, sql
from renkei.audit.tree import WIDTH, Edge, Tile, leaf_hash, split, tile_path
from renkei.kit import metered

AT_ONCE = 256  # files that wait for the disk together
WAITING = 8  # threads that do nothing but wait for it
FEW = 2  # files for which no thread is begun

ReadLeaves = Callable[[int, int], list[bytes]]
"""Return the leaves from start to end."""


@metered("log")
def publish(
    conn: kit.Connection, tenant: kit.Tenant, directory: Path, *, entries: bool = True
) -> Checkpoint | None:
    """Write what the directory lacks of each shard's newest tree, then its checkpoint.

    Then the same of its output log, which so never names entries that are not published. The
    older shard first: the newer names it. The newest checkpoint is returned.
    Safe to repeat after a crash at any moment: a file is there whole or not at all, and the
    checkpoint is replaced last. `entries=False` leaves out the entries themselves; decide once a
    directory, since what was left out is not made up for later.
    """
    # One publisher at a time, so that a checkpoint never goes back.
    conn.execute(sql.lock_publisher, {"tenant": tenant})
    newest = None
    for shard in shards(conn, tenant):
        folder = shard_folder(directory, shard.year)
        with_entries = entries and shard.pruning is None
        newest = _publish(conn, tenant, folder, shard.year, entries=with_entries)
    _prune_files(conn, tenant, directory)
    return newest


def _prune_files(conn: kit.Connection, tenant: kit.Tenant, directory: Path) -> None:
    """Take out the entries of shards of which it is published that they are pruned."""
    for shard in shards(conn, tenant):
        entered = pruning_entry(conn, tenant, shard)
        if entered is None or shard.closing is None:
            continue
        said = text_of(
            read_file(shard_folder(directory, entered.year) / "checkpoint", LARGEST_NOTE) or b""
        )
        if Checkpoint.parse(said).size > entered.index:
            _keep_out(shard_folder(directory, shard.year), shard.closing.size)


def _publish(
    conn: kit.Connection, tenant: kit.Tenant, folder: Path, year: int, *, entries: bool
) -> Checkpoint | None:
    log, history = LOG.of(year), OUTPUT.of(year)
    # What is signed meanwhile comes with the next publication: the output is looked at first.
    output = history.newest(conn, tenant)
    checkpoint = log.newest(conn, tenant)
    if checkpoint is not None:
        _Publication(conn, tenant, folder, log, checkpoint).write(
            _leaves(conn, tenant, year) if entries else None
        )
    if output is not None:
        _Publication(conn, tenant, folder / OUTPUT_FOLDER, history, output).write(
            _epochs(conn, tenant, year)
        )
    return checkpoint


def _keep_out(folder: Path, size: int) -> None:
    """Take the entries of a pruned shard out of the published files; its hashes stay.

    First it is told that there are none below this index (C2SP tlog-tiles, pruning).
    """
    _replaced(folder / MINIMUM_INDEX, b"%d\n" % size)
    shutil.rmtree(folder / "tile" / "entries", ignore_errors=True)


def mend(
    conn: kit.Connection,
    tenant: kit.Tenant,
    directory: Path,
    key: Verifier,
    *,
    entries: bool = True,
) -> list[str]:
    """Write again every published file that is not what was signed; return their names.

    Nothing is written unless the stored hashes give the root signed last, and that continues the
    published checkpoint where this one can still be read.
    """
    conn.execute(sql.lock_publisher, {"tenant": tenant})
    known = shards(conn, tenant)
    if not known:
        raise LogUnsigned
    mended: list[str] = []
    for shard in known:
        folder = shard_folder(directory, shard.year)
        before = "" if shard.year == FIRST else f"{shard.year}/"
        with_entries = entries and shard.pruning is None
        own = shard_verifier(key, shard.year)
        again = _mend(conn, tenant, folder, own, shard.year, entries=with_entries)
        mended += [before + name for name in again]
    _prune_files(conn, tenant, directory)
    return mended


def _mend(
    conn: kit.Connection,
    tenant: kit.Tenant,
    folder: Path,
    key: Verifier,
    year: int,
    *,
    entries: bool,
) -> list[str]:
    output, checkpoint = OUTPUT.of(year).newest(conn, tenant), LOG.of(year).newest(conn, tenant)
    if checkpoint is None:
        raise LogUnsigned
    Checkpoint.open(checkpoint.note, [key])
    log = _Publication(conn, tenant, folder, LOG.of(year), checkpoint)
    mended = log.mend(_leaves(conn, tenant, year) if entries else None, key)
    if output is not None:
        Checkpoint.open(output.note, [output_verifier(key)])
        history = _Publication(conn, tenant, folder / OUTPUT_FOLDER, OUTPUT.of(year), output)
        again = history.mend(_epochs(conn, tenant, year), output_verifier(key))
        mended += [f"{OUTPUT_FOLDER}/{name}" for name in again]
    return mended


def _leaves(conn: kit.Connection, tenant: kit.Tenant, year: int) -> ReadLeaves:
    def read(start: int, end: int) -> list[bytes]:
        facts = {"tenant": tenant, "year": year, "start": start, "end": end}
        return [bytes(leaf) for (leaf,) in conn.execute(sql.leaf_bytes, facts, binary=True)]

    return read


def _epochs(conn: kit.Connection, tenant: kit.Tenant, year: int) -> ReadLeaves:
    return lambda start, end: list(epoch_leaves(conn, tenant, year, start, end))


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
        files, folder = _Files(), self._directory
        for tile in self._stored.since(self._conn, self._tenant, since, self._checkpoint):
            path = folder / tile_path(str(tile.level), tile.n, tile.width)
            files.keep(path, tile, tile.hashes, self._checkpoint)
            if leaves is not None and tile.level == 0:
                path = folder / tile_path("entries", tile.n, tile.width)
                files.keep(path, tile, self._bundle(tile, leaves), self._checkpoint)
        files.settle()
        # 3. Only now the checkpoint that needs them.
        write_whole(folder / "checkpoint", self._checkpoint.note.encode())

    def mend(self, leaves: ReadLeaves | None, key: Verifier) -> list[str]:
        """Write again what is missing or differs, the checkpoint last; return the names."""
        # 1. What is published, as far as it can be read, must be the beginning of this log.
        note = self._directory / "checkpoint"
        try:
            Checkpoint.open(text_of(read_file(note, LARGEST_NOTE) or b""), [key])
        except kit.NodeError:
            pass  # damaged itself: whoever kept a copy can compare
        else:
            self._published()
        # 2. The stored hashes must give what was signed, before anything is written.
        edge = Edge()
        for hashes in self._stored_hashes():
            edge.extend(hashes)
        if edge.root() != self._checkpoint.root:
            raise LogAltered(origin=self._checkpoint.origin, size=self._checkpoint.size)
        # 3. All files of the tree, made anew from these hashes.
        mended: list[str] = []
        edge = Edge()
        for hashes in self._stored_hashes():
            self._replace(edge.extend(hashes), leaves, mended)
        self._replace(edge.partials(), leaves, mended)
        if _replaced(note, self._checkpoint.note.encode()):
            mended.append("checkpoint")
        return mended

    def _stored_hashes(self) -> Iterator[list[bytes]]:
        for tile in self._stored.since(self._conn, self._tenant, 0, self._checkpoint):
            if tile.level == 0:
                yield split(tile.hashes)

    def _replace(self, tiles: list[Tile], leaves: ReadLeaves | None, mended: list[str]) -> None:
        for tile in tiles:
            files = {tile_path(str(tile.level), tile.n, tile.width): tile.hashes}
            if leaves is not None and tile.level == 0:
                files[tile_path("entries", tile.n, tile.width)] = self._bundle(tile, leaves)
            mended += [
                name for name, data in files.items() if _replaced(self._directory / name, data)
            ]

    def _published(self) -> int:
        """Return the size published already; LogForked where the stored log does not continue."""
        data = read_file(self._directory / "checkpoint", LARGEST_NOTE)
        if data is None:
            return 0
        old = Checkpoint.parse(text_of(data))
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


class _Files:
    """Files written together: each is there whole or not at all, all are on the disk once settled.

    To wait for the disk is most of what publishing takes: for many files it is waited at once.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Path, Path]] = []
        self._needless: list[Path] = []

    def keep(self, path: Path, tile: Tile, data: bytes, checkpoint: Checkpoint) -> None:
        """Write an immutable file once; a full one makes its partial ones needless."""
        kept = read_file(path, LARGEST_ENTRIES)
        if kept is None:
            self.write(path, data)
        elif kept != data:
            raise LogForked(origin=checkpoint.origin, size=checkpoint.size)
        if tile.width == WIDTH:
            self._needless.append(path.with_name(path.name + ".p"))
        if len(self._waiting) >= AT_ONCE:
            self.settle()

    def write(self, path: Path, data: bytes) -> None:
        """Write a file beside its place, where it stands once settled."""
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.tmp")
        temporary.write_bytes(data)
        self._waiting.append((temporary, path))

    def settle(self) -> None:
        """Put the files in their places: bytes on the disk before names, names before removals."""
        _flush([temporary for temporary, _ in self._waiting])
        for temporary, path in self._waiting:
            temporary.replace(path)
        _flush(list(dict.fromkeys(path.parent for _, path in self._waiting)))
        for folder in self._needless:
            shutil.rmtree(folder, ignore_errors=True)
        self._waiting.clear()
        self._needless.clear()


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place whole, and on the disk before anything that is written after it."""
    files = _Files()
    files.write(path, data)
    files.settle()


def _flush(paths: list[Path]) -> None:
    """Return when files or folders are on the disk, which writes what is asked for at once once."""
    if len(paths) <= FEW:
        for path in paths:
            _flush_one(path)
    else:
        with ThreadPoolExecutor(WAITING) as threads:
            list(threads.map(_flush_one, paths))


def _flush_one(path: Path) -> None:
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _replaced(path: Path, data: bytes) -> bool:
    """Write a file unless it has these bytes; tell whether it had not."""
    if read_file(path, LARGEST_ENTRIES) == data:
        return False
    write_whole(path, data)
    return True
