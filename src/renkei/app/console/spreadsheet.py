"""Tables of the console as files for a spreadsheet: CSV in UTF-8 with a byte order mark."""

import csv
import io
from collections.abc import Iterable, Sequence

FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
"""How a text begins that some spreadsheet takes for a formula, the wide signs too."""


def sheet_of(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return a table; a text that a spreadsheet would run begins with an apostrophe.

    >>> sheet_of(["a"], [["=1+1"], [-2]]).decode("utf-8-sig").split()
    ['a', "'=1+1", '-2']
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(head)
    for row in rows:
        writer.writerow([_safe(one) if isinstance(one, str) else one for one in row])
    return out.getvalue().encode("utf-8-sig")


def _safe(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA) else text
