"""The draft of folders that were read before: read again only where a file of them has changed."""

from collections.abc import Hashable, Sequence
from functools import lru_cache
from importlib.resources.abc import Traversable
from pathlib import Path

from renkei.standard.draft import Draft
from renkei.standard.reading import read_draft


def read_unchanged(folder: Traversable, overlays: Sequence[Traversable]) -> Draft:
    """Return what `read_draft` returns, to be changed by whoever asked.

    A change of the law is laid upon the standard at each look at it, and to read the standard takes
    most of that.
    """
    found = tuple(one for one in (folder, *overlays) if isinstance(one, Path))
    if len(found) <= len(overlays):  # not all of them are on disk
        return read_draft(folder, overlays)
    return _read(found, tuple(map(_state, found))).copy()


@lru_cache(maxsize=2)
def _read(folders: tuple[Path, ...], _: Hashable) -> Draft:
    folder, *overlays = folders
    return read_draft(folder, overlays)


def _state(folder: Path) -> Hashable:
    """Return what is another where a file of a folder was changed, put there or taken away."""
    found = ((file, file.stat()) for file in sorted(folder.rglob("*")))
    return tuple((file, stat.st_ino, stat.st_mtime_ns, stat.st_size) for file, stat in found)
