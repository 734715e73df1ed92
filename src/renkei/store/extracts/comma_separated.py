"""CSV: UTF-8 with a byte order mark, as spreadsheets want it, or Windows-31J."""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from renkei.standard.characters import Charset, encode
from renkei.store.extracts.forms import ColumnOut, Heading, MissingLetter, Rows, Written, plain

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""How a text begins that some spreadsheet takes for a formula, the wide signs too."""

MARK = "'"


class CommaSeparated:
    """Writes CSV; a text that a spreadsheet would run as a formula is led by an apostrophe."""

    most_rows = 10_000_000

    def __init__(
        self, path: Path, columns: Sequence[ColumnOut], _: Heading, *, charset: Charset
    ) -> None:
        """Begin the file with its header."""
        self._file = path.open("wb")
        self._charset = charset
        self._missing: dict[str, MissingLetter] = {}
        self._marked = 0
        self._row = 1
        if charset is Charset.utf_8:
            self._file.write(b"\xef\xbb\xbf")
        self.write([[column.title for column in columns]])

    def write(self, rows: Rows) -> None:
        """Take the next rows."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        for row in rows:
            writer.writerow([self._safe(v) if isinstance(v, str) else plain(v) for v in row])
        text = out.getvalue()
        encoded = encode(text, self._charset)
        for one in encoded.missing:
            place = self._row + text.count("\r\n", 0, one.position)
            known = self._missing.get(one.character, MissingLetter(one.character, 0, place))
            self._missing[one.character] = replace(known, count=known.count + 1)
        self._row += len(rows)
        self._file.write(encoded.data)

    def close(self) -> Written:
        """Finish the file."""
        self._file.close()
        return Written(tuple(self._missing.values()), self._marked)

    def abort(self) -> None:
        """Let go of the file."""
        self._file.close()

    def _safe(self, text: str) -> str:
        if not text.startswith(FORMULA):
            return text
        self._marked += 1
        return MARK + text


def utf_8(path: Path, columns: Sequence[ColumnOut], heading: Heading) -> CommaSeparated:
    """Begin a file in UTF-8."""
    return CommaSeparated(path, columns, heading, charset=Charset.utf_8)


def windows_31j(path: Path, columns: Sequence[ColumnOut], heading: Heading) -> CommaSeparated:
    """Begin a file in Windows-31J; what it cannot hold becomes 〓 and is counted."""
    return CommaSeparated(path, columns, heading, charset=Charset.windows_31j)
