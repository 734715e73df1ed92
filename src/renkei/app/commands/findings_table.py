"""What was found in delivered files: a table for the terminal, a file for whoever mends it."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from renkei import kit, store
from renkei.app.errors import FileUnreadable

SHOWN = ("line", "column", "item_ja", "severity", "rule", "shape", "message", "remedy")
COLOURS = {"error": "red", "alert": "yellow"}
ENDINGS = (".csv", ".json")


def findings_table(listing: store.Listing, language: kit.Language) -> Table:
    """Return the findings of one file as a table."""
    table = Table(title=Text(f"{listing.file} ({listing.entity.ja})"), expand=True)
    for name in SHOWN:
        is_number = name in {"line", "column"}
        table.add_column(
            kit.say(f"listing-{name.replace('_', '-')}", language),
            justify="right" if is_number else "left",
            overflow="fold",
            no_wrap=is_number,
        )
    severities = {kit.say(f"severity-{one}", language): one for one in COLOURS}
    for line in listing.lines(language):
        cells = [getattr(line, name) for name in SHOWN]
        texts = [Text("" if cell is None else str(cell)) for cell in cells]
        table.add_row(*texts, style=COLOURS[severities[line.severity]])
    return table


def print_findings(listings: Sequence[store.Listing], language: kit.Language) -> None:
    """Print a table for each file in which something was found."""
    console = Console()
    for listing in listings:
        if listing.findings.kept:
            console.print(findings_table(listing, language))


def check_findings_file(file: Path) -> None:
    """Refuse a file of another kind before anything is loaded."""
    if file.suffix.lower() not in ENDINGS:
        raise FileUnreadable(file=str(file), reason=f"not one of {', '.join(ENDINGS)}")


def write_findings(file: Path, listings: Sequence[store.Listing], language: kit.Language) -> None:
    """Write the findings of all files to one file, as CSV or JSON by its ending."""
    is_csv = file.suffix.lower() == ".csv"
    data = store.findings_csv(listings, language) if is_csv else store.findings_json(listings)
    try:
        file.write_bytes(data)
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
