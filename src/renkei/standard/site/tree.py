"""The whole site: two trees of pages, Japanese and English, and what they share."""

from collections.abc import Callable, Iterator, Mapping
from importlib.resources import files
from pathlib import Path

from renkei.standard.content import Catalogue
from renkei.standard.site import search
from renkei.standard.site.book import Book
from renkei.standard.site.contents import contents
from renkei.standard.site.printing import Press
from renkei.standard.site.wording import LANGUAGES

ASSETS = ("style.css", "script.js")

NO_DOWNLOADS: Mapping[str, str] = {}


def pages(
    standard: Catalogue, *, downloads: Mapping[str, str] = NO_DOWNLOADS
) -> Iterator[tuple[str, str]]:
    """Give path and text of every file of the site; the first is the front page, in Japanese.

    `downloads` are files to offer with it, such as `06.xsd`: a file whose name begins with the
    number of a unit stands on that unit's pages.
    """
    book = Book(standard)
    press = Press(book, tuple(downloads))
    for page in contents(book):
        if page.path == "index.html":
            yield page.path, press.front(page)
        for language in LANGUAGES:
            yield f"{language}/{page.path}", press.print(page, language)
    for name in ASSETS:
        text = (files("renkei.standard.site") / "templates" / name).read_text(encoding="utf-8")
        yield f"assets/{name}", text
    yield "assets/search.js", search.script(book)
    for name, text in downloads.items():
        yield f"downloads/{name}", text


def write(
    standard: Catalogue,
    folder: Path,
    *,
    downloads: Mapping[str, str] = NO_DOWNLOADS,
    progress: Callable[[int, int], None] | None = None,
) -> list[Path]:
    """Write the site into a folder and return its files; `progress` is told done and total."""
    total = 2 * sum(1 for _ in contents(Book(standard))) + len(downloads)
    written = []
    for name, text in pages(standard, downloads=downloads):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")
        written.append(file)
        if progress is not None:
            progress(min(len(written), total), total)
    return written
