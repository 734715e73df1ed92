"""The published log, read: a directory of immutable tiles and one checkpoint (C2SP tlog-tiles).

Whoever reads it needs no database and no trust in the one that serves it. Tiles tell nothing
about a person; `tile/entries` does, and is served to those who may read it only. `output/` is the
log of the map's epochs, of the same form; all of it may be shown to anyone. Each later shard is a
folder below, named as its year.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from renkei.audit.encoding import whole_number
from renkei.audit.entries import Leaf
from renkei.audit.epochs import Epoch, output_verifier
from renkei.audit.errors import EntryMalformed, LogAltered, LogUnsigned, NoteMalformed
from renkei.audit.findings import Defect, Finding, ReadStored, Replay
from renkei.audit.map_replay import MapReplay, inputs, label_of, replay_output
from renkei.audit.notes import LARGEST_NOTE, Checkpoint, Verifier
from renkei.audit.shard_entries import NamedTree, ended, followed, pruned_name
from renkei.audit.shards import published_years, shard_folder, shard_verifier
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
MINIMUM_INDEX = "minimum-index"
"""The file that says below which index a pruned log publishes no entries."""


def verify_directory(directory: Path, key: Verifier, *, entries: bool = True) -> list[Finding]:
    """Return every defect of a published log, whose entries may be any bytes.

    Checkpoints kept beside the newest one as `checkpoint.*` must be roots of the same leaves,
    which is what it means that no two of them fork; those in `output` roots of the same epochs.
    So must be what a newer shard says of an older one: the newest is read first.
    """
    findings: list[Finding] = []
    said = _Said()
    years = published_years(directory)
    for year in reversed(years):
        folder, own = shard_folder(directory, year), shard_verifier(key, year)
        found = _verify_shard(folder, own, said, entries=entries)
        findings += [replace(one, year=year) for one in found]
    if entries:
        findings += said.broken([(year, shard_verifier(key, year).name) for year in years])
    return sorted(findings, key=lambda one: (one.year, one))


def _verify_shard(directory: Path, key: Verifier, said: "_Said", *, entries: bool) -> set[Finding]:
    newest_one = _checkpoint(directory / "checkpoint", key)
    kept = [_checkpoint(path, key) for path in sorted(directory.glob("checkpoint.*"))]
    epochs, findings = _epochs(directory / OUTPUT_FOLDER, key)
    findings += said.compare(newest_one, _newest_output(directory / OUTPUT_FOLDER, key))
    named = said.trees(newest_one.origin)
    mapped = MapReplay(epochs)
    replay = Replay([newest_one, *kept, *named, *inputs(epochs)], _stored_in(directory))
    with_entries = entries and not said.is_pruned(newest_one, minimum_index(directory))
    for n in range(-(-newest_one.size // WIDTH)):
        stored = _read_tile(directory, 0, n, tile_width(newest_one.size, 0, n))
        if stored is None:
            return {*findings, *replay.findings, Finding(n * WIDTH, Defect.TILE)}
        hashes = split(stored)
        if with_entries:
            found = _read_entries(directory, n, len(hashes))
            findings += _compare_entries(n, found, hashes)
            for index, (data, hashed) in enumerate(zip(found, hashes, strict=False), n * WIDTH):
                mapped.follow(index, label_of(data), hashed)
                said.hear(newest_one.origin, index, data)
        replay.feed(hashes)
    replay.close()
    if with_entries:
        mapped.close(newest_one.size)
    return {*findings, *replay.findings, *mapped.findings}


class _Said:
    """What the entries about the log itself say, as far as the shards were read."""

    def __init__(self) -> None:
        self._follows: dict[str, NamedTree] = {}
        self._ended: dict[str, tuple[NamedTree, NamedTree]] = {}
        self._pruned: set[str] = set()

    def hear(self, origin: str, index: int, data: bytes) -> None:
        """Take an entry of the shard of that name, if it is about the log itself."""
        if b'"kind":"shard"' not in data:
            return
        try:
            entry = Leaf.parse(data).entry()
        except EntryMalformed:
            return
        if index == 0 and (tree := followed(entry)):
            self._follows[origin] = tree
        if trees := ended(entry):
            self._ended[trees[0].origin] = trees
        if name := pruned_name(entry):
            self._pruned.add(name)

    def trees(self, origin: str) -> list[Checkpoint]:
        """Return the trees that newer shards name of this one."""
        named = [one for one in self._follows.values() if one.origin == origin]
        named += [trees[0] for name, trees in self._ended.items() if name == origin]
        return [Checkpoint(one.origin, one.size, one.root, "") for one in named]

    def compare(self, checkpoint: Checkpoint, output: Checkpoint | None) -> list[Finding]:
        """Compare with what a newer shard says this one ended with."""
        trees = self._ended.get(checkpoint.origin)
        if trees is None:
            return []
        found = (checkpoint.size, output and output.size, output and output.root)
        is_same = found == (trees[0].size, trees[1].size, trees[1].root)
        return [] if is_same else [Finding(trees[0].size, Defect.SHARD)]

    def is_pruned(self, checkpoint: Checkpoint, minimum: int) -> bool:
        """Tell whether a shard has lawfully no entries: it says so, and so does a newer one."""
        return minimum == checkpoint.size and checkpoint.origin in self._pruned

    def broken(self, named: list[tuple[int, str]]) -> list[Finding]:
        """Return which of these shards does not begin with the one before it.

        A pruned one has its beginning no longer.
        """
        findings = []
        for (_, before), (year, name) in pairwise(named):
            follows = self._follows.get(name)
            if name not in self._pruned and (follows is None or follows.origin != before):
                findings.append(Finding(0, Defect.SHARD, year))
        return findings


def minimum_index(directory: Path) -> int:
    """Return below which index a published shard has no entries any more; 0 for most."""
    data = read_file(directory / MINIMUM_INDEX, 20)
    try:
        return 0 if data is None else whole_number(data.decode("ascii").removesuffix("\n"))
    except ValueError:
        return 0


def _newest_output(directory: Path, key: Verifier) -> Checkpoint | None:
    if not directory.exists():
        return None
    return _checkpoint(directory / "checkpoint", output_verifier(key))


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
    """Yield the entries under the newest checkpoints in their order, whatever bytes they are.

    Verify the directory first: here only entries that do not fit their leaf tile are refused, and
    a shard that says it is pruned is passed over.
    """
    for year in published_years(directory):
        folder = shard_folder(directory, year)
        checkpoint = _checkpoint(folder / "checkpoint", shard_verifier(key, year))
        if minimum_index(folder) >= checkpoint.size:
            continue
        for n in range(-(-checkpoint.size // WIDTH)):
            width = tile_width(checkpoint.size, 0, n)
            hashes = split(_read_tile(folder, 0, n, width) or b"")
            found = _read_entries(folder, n, width)
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
