"""The books that come with the program; each says of itself whether somebody has verified it."""

from pathlib import Path

from renkei.process import feel
from renkei.process.decisions.books import Book, open_book

_HERE = Path(__file__).parent


def shipped_books() -> tuple[str, ...]:
    """Return the names of the books that are shipped."""
    return tuple(sorted(one.parent.name for one in _HERE.glob("*/models.tsv")))


def shipped_book(name: str, *, library: feel.Library = feel.CONFORMANCE) -> Book | None:
    """Return a shipped book by its name, or nothing."""
    return open_book(_HERE / name, library=library) if name in shipped_books() else None
