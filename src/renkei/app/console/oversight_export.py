"""Entries as a file for whoever works on with them: CSV for a spreadsheet, JSON for a program."""

import json
from collections.abc import Sequence

from renkei import audit
from renkei.app.console.spreadsheet import sheet_of
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
    """Return it for a spreadsheet."""
    return sheet_of(COLUMNS, (list(row(one).values()) for one in found))


def as_json(found: Sequence[audit.Logged]) -> bytes:
    """Return a list of objects."""
    return json.dumps([row(one) for one in found], ensure_ascii=False, indent=1).encode()
