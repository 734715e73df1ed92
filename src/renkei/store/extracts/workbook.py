"""XLSX: one sheet of rows and one that says what they are. Texts stay texts, never formulas."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import xlsxwriter

from renkei import kit
from renkei.store.extracts.forms import ColumnOut, Heading, Rows, Written

MOST_ROWS = 1_048_575  # of a sheet, below its header
FIRST_DAY = date(1900, 3, 1)  # earlier days no two spreadsheets count alike
NARROW, WIDE = 8, 40  # characters


class Workbook:
    """Writes XLSX row by row; nothing but the row at hand is kept in memory."""

    most_rows = MOST_ROWS

    def __init__(self, path: Path, columns: Sequence[ColumnOut], heading: Heading) -> None:
        """Begin the workbook with its header row."""
        options = {
            "constant_memory": True,
            "tmpdir": str(path.parent),
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        }
        self._book = xlsxwriter.Workbook(str(path), options)
        self._book.use_zip64()
        self._book.set_properties(
            {"title": heading.name, "author": heading.by, "subject": heading.purpose}
        )
        self._heading = heading
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._time = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        bold = self._book.add_format({"bold": True, "bg_color": "#e8eef4", "bottom": 1})
        self._sheet = self._book.add_worksheet(kit.say("extract-sheet-rows", heading.language))
        self._sheet.freeze_panes(1, 0)
        for number, column in enumerate(columns):
            width = max(2 * len(column.title), min(column.item.digits or NARROW, WIDE)) + 2
            self._sheet.set_column(number, number, width)
        for number, column in enumerate(columns):
            self._sheet.write_string(0, number, column.title, bold)
        self._next = 1

    def write(self, rows: Rows) -> None:
        """Take the next rows."""
        sheet = self._sheet
        for row in rows:
            for number, value in enumerate(row):
                match value:
                    case None:
                        pass
                    case str():
                        sheet.write_string(self._next, number, value)
                    case datetime():
                        if value.date() >= FIRST_DAY:
                            sheet.write_datetime(self._next, number, value, self._time)
                        else:
                            sheet.write_string(self._next, number, value.isoformat(" "))
                    case date():
                        if value >= FIRST_DAY:
                            sheet.write_datetime(self._next, number, value, self._day)
                        else:
                            sheet.write_string(self._next, number, value.isoformat())
                    case int() | Decimal():
                        sheet.write_number(self._next, number, value)
            self._next += 1

    def close(self) -> Written:
        """Finish the workbook with the sheet that says what it is."""
        about = self._book.add_worksheet(kit.say("extract-sheet-about", self._heading.language))
        about.set_column(0, 0, 20)
        about.set_column(1, 1, 60)
        for number, (label, text) in enumerate(self._heading.lines()):
            about.write_string(number, 0, label)
            about.write_string(number, 1, text)
        self._book.close()
        return Written()

    def abort(self) -> None:
        """Let go of the workbook; its temporary files stand in the folder that goes."""
        for sheet in self._book.worksheets():
            sheet.row_data_fh.close()
        self._book.fileclosed = 1  # or it would tell that nobody closed it
