"""CSV in the standard's layout, in UTF-8: comments, one header line, a record a line.

A block without quotes is read at once; only one with quotes or a defect is read line by line, to
say where.
"""

import csv
from collections.abc import Iterator

import polars as pl

from renkei.standard import Entity
from renkei.store.findings import KEPT_ALIKE, Findings, Place, Severity, shape
from renkei.store.formats.misspelling import misspelt
from renkei.store.formats.organisation import stated
from renkei.store.formats.pieces import Piece, Rows
from renkei.store.snapshot import Block, Limits, Lines, Source, report_wrong_encoding

QUOTED = r'"(?:[^"]|"")*"'  # RFC 4180; a value never holds a line break
HOLE = "\x00"  # stands for a quoted value while lines are measured; lines with NUL are out by then
LOOSE_HOLE = f"[^,]{HOLE}|{HOLE}[^,]"  # a quoted value must fill its field
BAD_BYTES = ((b"\0", "nul"), (b"\r", "carriage-return"))  # CR LF has become LF before


class CsvLines:
    """The records of a CSV file in UTF-8."""

    def __init__(self, entity: Entity, source: Source, findings: Findings, limits: Limits) -> None:
        """Take the bytes of a file of an entity; findings are added to the given ones."""
        self.organisation: str | None = None
        self.records = 0
        self.findings = findings
        self.items = entity.items
        self._names = [item.name for item in entity.items]
        self._lines = Lines(source, findings, limits)

    def pieces(self) -> Iterator[Piece | None]:
        """Yield the lines after the header, block by block."""
        if not self._read_head():
            yield None
            return
        for block in self._lines.blocks():
            if block is None:
                yield None
                return
            self.records += block.lines
            piece = self.piece(block)
            yield piece
            if piece is None:
                return

    def piece(self, block: Block) -> Piece | None:
        """Return the rows of a block; None where it is not UTF-8."""
        rows = self.fast_rows(block)
        if rows is not None:
            return Piece(rows, block.text)
        if report_wrong_encoding(block, self.findings):
            return None
        return self._careful_rows(block)

    def decoded(self, line: Block) -> str | None:
        """Return a line of the head as text; None where it is not UTF-8."""
        return None if report_wrong_encoding(line, self.findings) else line.text.decode()

    def fast_rows(self, block: Block) -> Rows | None:
        """Read a block without quotes whose lines all have the right length; None otherwise.

        Polars refuses a line with more than its columns and fills up one with fewer; so the last
        column tells, or the commas, which then are as many as the lines need.
        """
        if b'"' in block.text or any(byte in block.text for byte, _ in BAD_BYTES):
            return None
        try:
            frame = self._read(block.text, quote=None)
        except pl.exceptions.PolarsError:
            return None
        if frame[self._names[-1]].null_count():
            commas = block.text.count(b",")
            if commas != block.lines * (len(self._names) - 1):
                return None
        return Rows(frame, range(block.first_line, block.first_line + block.lines))

    def _read_head(self) -> bool:
        """Read comments and the header; tell whether the header names the entity's items."""
        self._lines.skip_mark()
        while (line := self._lines.line()) is not None:
            text = self.decoded(line)
            if text is None:
                return False
            if not text.startswith("#"):
                return self._judge_header(text.removesuffix("\n").removesuffix("\r"))
            self.organisation = self.organisation or stated(text[1:])
        if not self.findings.errors:
            self.findings.error("empty-file")
        return False

    def _judge_header(self, header: str) -> bool:
        """Find what keeps the header from naming the entity's items in their order."""
        line, wanted = self._lines.read, [item.ja for item in self.items]
        found = _names(header)
        errors = self.findings.errors
        for number, name in enumerate(found, 1):
            if name not in wanted:
                place = Place(line, number, misspelt(name, tuple(wanted)))
                self.findings.error("column-unknown", place, shape(name))
            elif found.index(name) != number - 1:
                self.findings.error("column-twice", Place(line, number, name))
        for number, name in enumerate(wanted, 1):
            if name not in found:
                self.findings.error("column-missing", Place(line, number, name))
        if errors == self.findings.errors and found != wanted:
            number = next(n for n, name in enumerate(wanted) if name != found[n])
            place = Place(line, number + 1, wanted[number])
            self.findings.error("columns-out-of-order", place, found=found[number])
        return errors == self.findings.errors

    def _careful_rows(self, block: Block) -> Piece:
        """Read a block line by line: report the broken lines and count them, return the others."""
        lines = pl.DataFrame({"text": block.text.decode().split("\n")[:-1]}).with_row_index(
            "line", block.first_line
        )
        lines = self._without_bad_bytes(lines, block)
        bare = pl.col("text").str.replace_all(QUOTED, HOLE)
        quotes = bare.str.contains('"', literal=True) | bare.str.contains(LOOSE_HOLE)
        columns = bare.str.count_matches(",", literal=True) + 1
        lines = lines.with_columns(quotes=quotes, columns=columns).with_columns(
            count=~pl.col("quotes") & (pl.col("columns") != len(self._names))
        )
        self._report_lines("quote-broken", lines.filter("quotes"))
        self._report_counts(lines.filter("count"))
        good = lines.filter(~pl.col("quotes") & ~pl.col("count"))
        text = "".join(f"{line}\n" for line in good["text"]).encode()
        frame = self._read(text, quote='"').with_columns(pl.all().replace("", None))
        return Piece(Rows(frame, good["line"].to_list()), text, block.lines - good.height)

    def _without_bad_bytes(self, lines: pl.DataFrame, block: Block) -> pl.DataFrame:
        """Report the lines that hold bytes no line may hold, and leave them out."""
        for byte, rule in BAD_BYTES:
            if byte in block.text:
                holds = pl.col("text").str.contains(byte.decode(), literal=True)
                self._report_lines(rule, lines.filter(holds))
                lines = lines.filter(~holds)
        return lines

    def _report_lines(self, rule: str, lines: pl.DataFrame) -> None:
        places = [(Place(line), None) for line in lines["line"].head(KEPT_ALIKE)]
        self.findings.many(Severity.error, rule, places, lines.height)

    def _report_counts(self, lines: pl.DataFrame) -> None:
        for line, columns in lines.select("line", "columns").iter_rows():
            facts = {"found": columns, "wanted": len(self._names)}
            self.findings.row_error("column-count", Place(line), **facts)

    def _read(self, text: bytes, quote: str | None) -> pl.DataFrame:
        """Read lines as columns of text; an empty field is null."""
        schema = dict.fromkeys(self._names, pl.String)
        if not text:
            return pl.DataFrame(schema=schema)
        return pl.read_csv(text, has_header=False, schema=schema, quote_char=quote)


def _names(header: str) -> list[str]:
    try:
        return next(csv.reader([header], strict=True), [])
    except csv.Error:
        return header.split(",")
