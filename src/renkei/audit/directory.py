"""The published log, read: a directory of immutable tiles and one checkpoint (C2SP tlog-tiles).

Whoever reads it needs no database and no trust in the one that serves it. Tiles tell nothing
about a person; `tile/entries` does, and is served to those who may read it only. `output/` is the
log of the map's epochs, of the same form; all of it may be shown to anyone.
"""

from collections.abc import Iterator
from pathlib import Path

from renkei.audit.epochs import Epoch, output_verifier
from renkei.audit.errors import LogAltered, LogUnsigned, NoteMalformed
from renkei.audit.findings import Defect, Finding, ReadStored, Replay
from renkei.audit.map_replay import MapReplay, inputs, label_of, replay_output
from renkei.audit.notes import LARGEST_NOTE, Checkpoint, Verifier
from renkei.audit.tree import (
    HASH,
    WIDTH,
    Tree,
    leaf_hash,
    split,
    tile_path,
    tile_width,
)

LARGEST_ENTRIES = WIDTH * (2 + 0xFFFF)
OUTPUT_FOLDER = "output"


def verify_directory(directory: Path, key: Verifier, *, entries: bool = True) -> list[Finding]:
    """Return every defect of a published log, whose entries may be any bytes.

    Checkpoints kept beside the newest one as `checkpoint.*` must be roots of the same leaves,
    which is what it means that no two of them fork; those in `output` roots of the same epochs.
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
    key = output_verifier(key)
    checkpoint = _checkpoint(directory / "checkpoint", key)
    kept = [_checkpoint(path, key) for path in sorted(directory.glob("checkpoint.*"))]
    leaves = [
        leaf
        for n in range(-(-checkpoint.size // WIDTH))
        for leaf in _read_entries(directory, n, tile_width(checkpoint.size, 0, n))
    ]
    return replay_output(leaves, [checkpoint, *kept], _stored_in(directory))


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


def published_epoch(directory: Path, number: int) -> Epoch:
    """Return an epoch of a published output log; LogAltered where it lies there no more."""
    start = number - number % WIDTH
    found = _read_entries(directory, number // WIDTH, number - start + 1)
    if len(found) <= number - start:
        raise LogAltered(origin=directory.name, size=number + 1)
    return Epoch.parse(found[-1])


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
    data = read_file(path, LARGEST_NOTE)
    if data is None:
        raise LogUnsigned
    return Checkpoint.open(text_of(data), [key])


def _stored_in(directory: Path) -> ReadStored:
    return lambda tile: _read_tile(directory, tile.level, tile.n, tile.width)


def _read_tile(directory: Path, level: int, n: int, width: int) -> bytes | None:
    """Return the first `width` hashes of a tile; None where it is missing or too short."""
    data = _read_either(directory, str(level), n, width, HASH * WIDTH)
    return data[: HASH * width] if data and len(data) >= HASH * width else None


def _read_either(directory: Path, kind: str, n: int, width: int, limit: int) -> bytes | None:
    """Return the partial file of that width, or the full one that has replaced it."""
    for wanted in dict.fromkeys((width, WIDTH)):
        data = read_file(directory / tile_path(kind, n, wanted), limit)
        if data is not None:
            return data
    return None


def read_file(path: Path, limit: int) -> bytes | None:
    """Return a file's bytes, or None where there is none or it is larger than anything we write."""
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return data if len(data) <= limit else None


def text_of(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise NoteMalformed(part="characters") from error
