"""A file read and judged without a database."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from tests.store.rows import DAY, RESIDENT, TOWN, Row

from renkei.kit import Tenant
from renkei.standard import Entity, catalogue
from renkei.store import Findings, Format, Limits, Policy
from renkei.store.reading import Reading
from renkei.store.snapshot import Verdict


@dataclass(frozen=True, slots=True)
class Read:
    """What came of a file: the rows that were handed on, and all that was said of it."""

    reading: Reading
    rows: list[list[str]]
    verdicts: list[Verdict]

    @property
    def findings(self) -> Findings:
        return self.reading.findings

    @property
    def found(self) -> list[tuple[str, int | None, str | None]]:
        """Return rule, line and item of what was found."""
        return [(f.rule, f.place.line, f.place.item) for f in self.findings.kept]

    @property
    def blocked_keys(self) -> list[list[str]]:
        return _rows(b"".join(self.reading.blocked_keys()))


def read(
    data: bytes | io.RawIOBase,
    entity: Entity = RESIDENT,
    *,
    tenant: Tenant = TOWN,
    policy: Policy = Policy.file,
    limits: Limits | None = None,
    file_format: Format | None = None,
    name: str | None = None,
    organisation: str | None = None,
) -> Read:
    stream = io.BytesIO(data) if isinstance(data, bytes) else data
    reading = Reading(
        tenant,
        entity,
        catalogue(),
        DAY,
        stream,  # type: ignore[arg-type]
        Findings(),
        limits or Limits(),
        policy=policy,
        file_format=file_format,
        name=name,
        organisation=organisation,
    )
    blocks = list(reading.blocks())
    text = b"".join(text for text, verdict, _ in blocks if verdict is Verdict.whole)
    return Read(reading, _rows(text), [verdict for _, verdict, _ in blocks])


def in_order(entity: Entity, rows: Sequence[Row]) -> list[list[str]]:
    """Return rows as the columns of the standard's layout."""
    return [[row.get(item.name, "") for item in entity.items] for row in rows]


def _rows(text: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.decode(), newline="")))
