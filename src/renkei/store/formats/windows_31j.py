"""CSV in Windows-31J: the same lines, and what became of their characters on the way to Unicode.

Bytes without meaning keep their row out. What Windows-31J can say but others read otherwise is an
アラート: a 外字, whose form only its sender knows, and a cell of JIS X 0208 that has two names in
Unicode (〜 and ～), for another system may send the other one.
"""

from dataclasses import replace

import polars as pl

from renkei.standard import ItemType
from renkei.standard.characters import Charset, decode
from renkei.standard.characters.charsets import CELL_NAMES, UNASSIGNED
from renkei.standard.characters.encodings import UNKNOWN
from renkei.store.findings import KEPT_ALIKE, Place, Severity
from renkei.store.formats.csv_lines import CsvLines
from renkei.store.formats.pieces import Piece, Rows
from renkei.store.snapshot import Block

CHARSET = Charset.windows_31j
PRIVATE = "[\ue000-\uf8ff]"
WRITTEN = frozenset({ItemType.text, ItemType.kana, ItemType.latin})
TWINS = "".join(
    theirs
    for theirs, ours in CELL_NAMES.items()
    if theirs.encode(CHARSET.codec, "ignore") == ours.encode("shift_jis", "ignore") != b""
)


class Windows31JLines(CsvLines):
    """The records of a CSV file in Windows-31J."""

    _told: frozenset[int] = frozenset()

    def piece(self, block: Block) -> Piece | None:
        """Return the rows of a block, in UTF-8, with what is to say about their characters."""
        piece = super().piece(replace(block, text=_unicode(block.text).encode()))
        return piece and self._judge_characters(piece)

    def decoded(self, line: Block) -> str | None:
        """Return a line of the head as text; what has no meaning will fit no item's name."""
        return _unicode(line.text)

    def _judge_characters(self, piece: Piece) -> Piece:
        flawed: set[int] = set()
        for number, item in enumerate(self.items, 1):
            value = pl.col(item.name)
            damaged = value.str.contains(UNKNOWN, literal=True)
            flawed |= self._report(
                Severity.error, "not-windows-31j", piece.rows, number, damaged, shown=KEPT_ALIKE
            )
            if item.type in WRITTEN and item.external_characters:
                private = value.str.contains(PRIVATE)
                self._report(
                    Severity.alert, "own-character", piece.rows, number, private, shown=KEPT_ALIKE
                )
            if item.type in WRITTEN and number not in self._told:
                twin = value.str.contains(f"[{TWINS}]")
                if self._report(
                    Severity.alert, "twin-character", piece.rows, number, twin, shown=1, most=1
                ):
                    self._told |= {number}
        return replace(piece, rows=replace(piece.rows, flawed=tuple(sorted(flawed))))

    def _report(
        self,
        severity: Severity,
        rule: str,
        rows: Rows,
        number: int,
        found: pl.Expr,
        *,
        shown: int,
        most: int | None = None,
    ) -> set[int]:
        """Report the rows where something is found in a column, and return their positions."""
        where = rows.frame.select(found.fill_null(value=False).arg_true()).to_series().to_list()
        item = self.items[number - 1]
        places = [
            (Place(rows.lines[row], number, item.ja), rows.frame[item.name][row])
            for row in where[:shown]
        ]
        if where:
            total = len(where) if most is None else min(most, len(where))
            self.findings.many(severity, rule, places, total)
        return set(where)


def _unicode(data: bytes) -> str:
    """Return Windows-31J as text, U+FFFD for bytes that mean nothing in it."""
    try:
        text = data.decode(CHARSET.codec)
    except UnicodeDecodeError:
        return decode(data, CHARSET).text
    if any(character in text for character in UNASSIGNED):
        return decode(data, CHARSET).text
    return text
