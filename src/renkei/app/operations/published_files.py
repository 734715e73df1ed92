"""Files of a published log by their paths (C2SP tlog-tiles): which there are, and who may see them.

A path is of a known form or there is nothing at it, whatever lies in the folder.
"""

import re
from pathlib import Path

from renkei import audit
from renkei.app.errors import PathUnknown

SHARD = r"(?:[1-9][0-9]{3}/)?"
NOTES = r"checkpoint|checkpoint\.cosigned|minimum-index"
LEVEL = r"[0-9]|[1-5][0-9]|6[0-3]"
PLACE = r"(?:x[0-9]{3}/){0,6}[0-9]{3}(?:\.p/(?:[1-9]|[1-9][0-9]|1[0-9]{2}|2[0-4][0-9]|25[0-5]))?"
OPEN = re.compile(
    rf"{SHARD}(?:{NOTES}|tile/(?:{LEVEL})/{PLACE}"
    rf"|{audit.OUTPUT_FOLDER}/(?:{NOTES}|tile/(?:{LEVEL}|entries)/{PLACE}))",
    re.ASCII,
)
"""What may be shown to anyone: notes, hashes, and the epochs of the map."""

ENTRIES = re.compile(rf"{SHARD}tile/entries/{PLACE}", re.ASCII)
"""The entries themselves: what the law withholds too."""


def published_file(folder: Path, path: str, *, entries: bool = False) -> bytes:
    """Return a file anyone may see, or one of entries where these are asked for; PathUnknown."""
    if not OPEN.fullmatch(path) and not (entries and is_of_entries(path)):
        raise PathUnknown(path=f"/{path}"[:80])
    try:
        with (folder / path).open("rb") as file:
            return file.read(audit.LARGEST_ENTRIES)
    except OSError:  # none such, or not yet: also a partial tile whose full one has come
        raise PathUnknown(path=f"/{path}"[:80]) from None


def is_of_entries(path: str) -> bool:
    """Tell whether a path is that of entries: what oversight alone may see."""
    return ENTRIES.fullmatch(path) is not None
