"""Entries as a file for whoever works on with them: CSV for a spreadsheet, JSON for a program."""

import csv
import io
import json
from collections.abc import Sequence

from renkei import audit
from renkei.audit import Logged

COLUMNS = (
    *("index", "at", "kind", "outcome", "asker", "unit", "holder", "procedure", "items"),
    *("provision", "table", "purpose", "withheld", "request", "label", "client", "service"),
)


def row(logged: Logged) -> dict[str, str]:
    """Return an entry as text by column; the label is the chain of an unnamed person."""
    entry = logged.entry
    return {
        "index": logged.place,
        "at": entry.at.isoformat(),
        "kind": entry.kind.value,
        "outcome": entry.outcome,
        "asker": entry.asker,
        "unit": entry.unit,
        "holder": entry.holder,
        "procedure": entry.procedure,
        "items": " ".join(entry.items),
        "provision": entry.provision,
        "table": entry.table,
        "purpose": entry.purpose,
        "withheld": "1" if entry.withheld else "0",
        "request": entry.request,
        "label": "" if entry.label is None else entry.label.hex(),
        "client": entry.details.get("client", ""),
        "service": entry.details.get("service", ""),
    }


def as_csv(found: Sequence[audit.Logged]) -> bytes:
    """Return UTF-8 with a byte order mark, as spreadsheets want it.

    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for one in found:
        writer.writerow({name: _plain(text) for name, text in row(one).items()})
    return out.getvalue().encode("utf-8-sig")


def as_json(found: Sequence[audit.Logged]) -> bytes:
    """Return a list of objects."""
    return json.dumps([row(one) for one in found], ensure_ascii=False, indent=1).encode()


def _plain(text: str) -> str:
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
