"""The provisions in force, as dated data: rows of the law's table and notified ordinances."""

import csv
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Literal, get_args

from renkei.kit import digest
from renkei.law.errors import ProvisionTableDefective

Condition = Literal["consent", "own-use", "assessed-year"]
"""The closed set of conditions; each is a named rule in `decisions.py`."""


@dataclass(frozen=True, slots=True)
class Provision:
    """One row: who, for which procedure, may ask whom for which items, since and until when."""

    row: str
    law: str
    citation: str
    asker_kind: str
    asker_unit: str
    procedure: str
    holder_kind: str
    information: str
    items: frozenset[str]
    since: date
    until: date | None
    conditions: tuple[Condition, ...]
    provenance: str
    source: str

    def in_force(self, on: date) -> bool:
        """Say whether the row is law on that day; `until` is its last day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class OwnUse:
    """One 独自利用事務: an ordinance of one organisation, notified to the oversight commission."""

    organisation: str
    procedure: str
    ordinance: str
    notice: str
    since: date
    until: date | None

    def in_force(self, on: date) -> bool:
        """Say whether ordinance and notice stand on that day; `until` is the last day."""
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True, slots=True)
class ProvisionTable:
    """An immutable snapshot of all provisions; `version` is the SHA-256 of its content, in hex."""

    provisions: tuple[Provision, ...]
    own_uses: dict[tuple[str, str], tuple[OwnUse, ...]]
    by_key: dict[tuple[str, str, str, str, str], tuple[Provision, ...]]
    version: str


def key_of(line: Provision) -> tuple[str, str, str, str, str]:
    """Return what a request must equal, apart from items, day and conditions."""
    return (line.procedure, line.asker_kind, line.asker_unit, line.holder_kind, line.information)


@cache
def provision_table() -> ProvisionTable:
    """Return the table shipped with this program."""
    return read_table(files("renkei.law"))


def read_table(folder: Traversable) -> ProvisionTable:
    """Read `provisions.tsv` and `own_use.tsv` of a folder; name file and line of any defect."""
    provisions = tuple(_provision(folder, line, row) for line, row in _rows(folder, PROVISIONS))
    own = tuple(_own_use(line, row) for line, row in _rows(folder, OWN_USE))
    seen: set[str] = set()
    for line, entry in enumerate(provisions, start=2):
        if entry.row in seen:
            raise ProvisionTableDefective(
                file=PROVISIONS, line=line, defect=f"row {entry.row} twice"
            )
        seen.add(entry.row)
    by_key: dict[tuple[str, str, str, str, str], tuple[Provision, ...]] = {}
    for entry in provisions:
        by_key[key_of(entry)] = (*by_key.get(key_of(entry), ()), entry)
    own_uses: dict[tuple[str, str], tuple[OwnUse, ...]] = {}
    for use in own:
        key = (use.organisation, use.procedure)
        own_uses[key] = (*own_uses.get(key, ()), use)
    return ProvisionTable(provisions, own_uses, by_key, _version(provisions, own))


PROVISIONS, OWN_USE = "provisions.tsv", "own_use.tsv"


def _rows(folder: Traversable, name: str) -> Iterator[tuple[int, dict[str, str]]]:
    lines = (folder / name).read_text(encoding="utf-8").splitlines()
    reader = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in reader:
        if None in row or None in row.values():
            raise ProvisionTableDefective(
                file=name, line=reader.line_num, defect="another number of columns than the header"
            )
        yield reader.line_num, row


def _provision(folder: Traversable, line: int, row: dict[str, str]) -> Provision:
    since, until = _interval(PROVISIONS, line, row)
    conditions = tuple(row["conditions"].split())
    for name in conditions:
        if name not in get_args(Condition):
            raise ProvisionTableDefective(
                file=PROVISIONS, line=line, defect=f"unknown condition {name}"
            )
    if row["provenance"] not in {"verified", "proposed"} or not row["source"]:
        raise ProvisionTableDefective(
            file=PROVISIONS, line=line, defect="provenance and source are required"
        )
    if not row["items"].split():
        raise ProvisionTableDefective(file=PROVISIONS, line=line, defect="no item is named")
    return Provision(
        row=row["row"],
        law=row["law"],
        citation=row["citation"],
        asker_kind=row["asker_kind"],
        asker_unit=row["asker_unit"],
        procedure=row["procedure"],
        holder_kind=row["holder_kind"],
        information=row["information"],
        items=frozenset(row["items"].split()),
        since=since,
        until=until,
        conditions=conditions,  # type: ignore[arg-type] # checked against the closed set above
        provenance=row["provenance"],
        source=row["source"],
    )


def _own_use(line: int, row: dict[str, str]) -> OwnUse:
    since, until = _interval(OWN_USE, line, row)
    return OwnUse(
        row["organisation"], row["procedure"], row["ordinance"], row["notice"], since, until
    )


def _interval(file: str, line: int, row: dict[str, str]) -> tuple[date, date | None]:
    try:
        since = date.fromisoformat(row["since"])
        until = date.fromisoformat(row["until"]) if row["until"] else None
    except ValueError as error:
        raise ProvisionTableDefective(file=file, line=line, defect=str(error)) from error
    if until is not None and until < since:
        raise ProvisionTableDefective(file=file, line=line, defect="until is before since")
    return since, until


def _version(provisions: tuple[Provision, ...], own: tuple[OwnUse, ...]) -> str:
    def plain(line: Provision | OwnUse) -> dict[str, object]:
        return {
            name: sorted(value)
            if isinstance(value, frozenset)
            else list(value)
            if isinstance(value, tuple)
            else value.isoformat()
            if isinstance(value, date)
            else value
            for name, value in asdict(line).items()
        }

    return digest([[plain(line) for line in part] for part in (provisions, own)]).hex()
