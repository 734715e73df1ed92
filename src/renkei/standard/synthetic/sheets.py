"""The CSV files: columns as the standard orders them, and a statement that nobody is real."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import TextIO

from renkei.standard import catalogue

FILES = ("resident", "unregistered_person", "income", "child_allowance", "child_medical")
BATCH = 500

STATEMENT = (
    "合成データです。実在の人物の情報は含みません。",
    "Synthetic data: no real person is in this file.",
    "個人番号・住民票コードなどは、検査数字が合っていても作り物です。本人確認や実際の手続には使えません。",
    "Personal numbers and all other numbers are made up, even where their check digit fits.",
    "町丁名と郵便番号は実在のもの(日本郵便のデータ)、丁目・番地・建物は作り物です。",
    "Neighbourhoods and postal codes are real; block numbers, house numbers and buildings are not.",
)


def code_values(code_list: str) -> dict[str, str]:
    """Return a code list of the standard from its Japanese label to its value.

    >>> code_values("sex")["女"]
    '2'
    """
    return {value.ja: value.value for value in catalogue().code_list(code_list).values}


class Sheet:
    """One CSV file being written, row by row, kept small in memory.

    Every value is free of commas, quotes and line breaks by construction.
    """

    def __init__(self, entity: str, file: TextIO, heading: tuple[str, ...]) -> None:
        """Begin with the statement, the heading and the Japanese names of the columns."""
        items = catalogue().entity(entity).items
        self.names = tuple(item.name for item in items)
        self.rows = 0
        self._in_order = itemgetter(*self.names)
        self._blank = dict.fromkeys(self.names, "")
        self._file = file
        self._lines = [f"# {line}\n" for line in (*STATEMENT, *heading)]
        self._lines.append(",".join(item.ja for item in items) + "\n")

    def write(self, row: Mapping[str, str]) -> None:
        """Write one row: item name → value; what is left out or empty has no value."""
        self._lines.append(",".join(self._in_order({**self._blank, **row})) + "\n")
        self.rows += 1
        if len(self._lines) >= BATCH:
            self.flush()

    def flush(self) -> None:
        """Hand what was written to the file."""
        self._file.write("".join(self._lines))
        self._lines.clear()


@contextmanager
def open_sheet(entity: str, folder: Path, heading: tuple[str, ...]) -> Iterator[Sheet]:
    """Open the file of an entity in a folder, and write the rest when done."""
    with (folder / f"{entity}.csv").open("w", encoding="utf-8", newline="\n") as file:
        sheet = Sheet(entity, file, heading)
        yield sheet
        sheet.flush()
