"""One delivered file on its way in: read, judged, and cut down to what may go on.

Under the policy `file` every row is handed on, so that duplicates are found beside wrong values,
and `is_blocked` tells in the end. Under `row` only rows without an エラー are handed on; the keys
of the others are set aside, so that a record does not end because its row was bad.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, BinaryIO

from renkei.kit import Tenant
from renkei.standard import Catalogue, Entity
from renkei.store.blocked import BlockedKeys
from renkei.store.findings import Findings, Policy
from renkei.store.formats import Format
from renkei.store.formats.organisation import named
from renkei.store.row_lines import RowLines
from renkei.store.snapshot import Limits, Source, Verdict

if TYPE_CHECKING:
    from renkei.store.formats.pieces import Piece


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a load is: bytes of the file read, records judged."""

    bytes_read: int
    records: int


class Reading:
    """One file: `blocks` reads it, the rest tells what became of it.

    `sha256` is None until the end of the file was read. `blocked` counts the records in which an
    エラー was found; `unnamed` of them show no right key, so nobody knows whose record is kept out:
    with any of these, no record may end for want of a row.
    """

    def __init__(
        self,
        tenant: Tenant,
        entity: Entity,
        standard: Catalogue,
        on: date,
        stream: BinaryIO,
        findings: Findings,
        limits: Limits,
        *,
        policy: Policy = Policy.file,
        file_format: Format | None = None,
        name: str | None = None,
        organisation: str | None = None,
    ) -> None:
        """Take the source and the place for what is found.

        `name` is that of the file; `organisation` the code that a manifest says it comes from.
        """
        # Here, not above: polars costs a second of start-up, and only a load needs it.
        from renkei.store.formats.records import records_of
        from renkei.store.validation import Validator
        from renkei.store.whereabouts import Whereabouts

        self.findings = findings
        self._entity = entity
        self.policy = policy
        self.sha256: bytes | None = None
        self.blocked = 0
        self.unnamed = 0
        self._keys = BlockedKeys()
        self._row_lines = RowLines()
        self._source = Source(stream, findings, limits)
        self._stated = (organisation, name and named(name))
        self._whereabouts = Whereabouts(tenant, entity, findings)
        self._validator = Validator(entity, standard, on, findings)
        self._records = records_of(
            entity, self._source, findings, limits, given=file_format, name=name
        )

    @property
    def bytes_read(self) -> int:
        """Return how many bytes of the file were read."""
        return self._source.bytes_read

    @property
    def records(self) -> int:
        """Return how many records were read, whether they may go in or not."""
        return self._records.records if self._records else 0

    @property
    def is_blocked(self) -> bool:
        """Tell, once the file is read, whether nothing of it may go in under the policy."""
        return self.sha256 is None or self.must_block

    @property
    def must_block(self) -> bool:
        """Tell whether what was found so far keeps the file out under the policy."""
        of_the_file = self.findings.errors - self.findings.in_rows
        return of_the_file > 0 or (self.policy is Policy.file and self.findings.errors > 0)

    def blocks(self) -> Iterator[tuple[bytes, Verdict, Progress]]:
        """Yield the rows that may go on as UTF-8 CSV, with a verdict; end at what is unreadable."""
        if self._records is None or not all(map(self._whereabouts.judge_statement, self._stated)):
            return
        is_first = True
        for piece in self._records.pieces():
            if is_first and not self._whereabouts.judge_statement(self._records.organisation):
                return
            is_first = False
            so_far = Progress(self._source.bytes_read, self.records)
            if piece is None:
                yield b"", Verdict.unreadable, so_far
                return
            yield *self._judged(piece), so_far
        self._whereabouts.judge_records()
        self.sha256 = self._source.sha256
        if not self.records and not self.findings.errors:
            self.findings.alert("no-records")

    def blocked_keys(self) -> Iterator[bytes]:
        """Yield the keys of the rows that were kept out, as CSV of the key items in their order.

        Only under the policy `row`, after `blocks`. A key may come more than once, and may also
        stand in a row that went on.
        """
        return self._keys.blocks()

    def find(self, keys: Collection[tuple[str, ...]]) -> dict[tuple[str, ...], int]:
        """Read the file for nothing but the lines on which these keys stand, in place of `blocks`.

        Only for a file that was read before and found whole.
        """
        import polars as pl

        names, found = list(self._entity.key), dict[tuple[str, ...], int]()
        wanted = pl.DataFrame(list(keys), schema=dict.fromkeys(names, pl.String), orient="row")
        for piece in self._records.pieces() if self._records else ():
            if piece is not None:
                rows = piece.rows.frame.select(names).with_row_index("row")
                for row, *key in rows.join(wanted, on=names, how="semi").iter_rows():
                    found.setdefault(tuple(key), piece.rows.lines[row])
        return found

    def line_of(self, row: int) -> int:
        """Return the line of the file on which a row stands, counted from 1 as it was handed on."""
        return self._row_lines.line_of(row)

    def _judged(self, piece: "Piece") -> tuple[bytes, Verdict]:
        """Judge a piece, and return of it what may go on."""
        rows = piece.rows
        bad = self._validator.judge(rows)
        self._whereabouts.count(rows.frame)
        self.blocked += len(bad) + piece.unnamed
        self.unnamed += piece.unnamed
        if self.policy is Policy.row and bad:
            keys = self._validator.keys(rows, bad)
            self.unnamed += len(bad) - keys.height
            self._keys.add(keys.write_csv(include_header=False).encode())
            rows = rows.without(bad)
        self._row_lines.add(rows.lines)
        text = piece.text if piece.text is not None and rows is piece.rows else rows.csv()
        if self.policy is Policy.row:
            return text, Verdict.whole
        # What no CSV can hold is an error already; the database would stumble over it.
        is_broken = piece.unnamed or rows.flawed or (bad and (b"\0" in text or b"\r" in text))
        return text, Verdict.broken if is_broken else Verdict.whole
