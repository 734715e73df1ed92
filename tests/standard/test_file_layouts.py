"""An interface's files have columns nobody can mistake, and the export names them all."""

from datetime import date

import pytest

from renkei.app.standards.exports import write_export
from renkei.standard import Timing, catalogue, generate
from renkei.standard.generate.file_layouts import ASKED, ENDING

INTERFACES = [one for one in catalogue().interfaces if Timing.immediate in one.timings]


@pytest.mark.parametrize("interface", INTERFACES, ids=lambda one: one.name)
def test_no_column_stands_twice_and_every_item_has_one(interface) -> None:
    layout = generate.file_layout(interface, catalogue())
    for header in (layout.question, layout.answer):
        assert len(set(header)) == len(header)
    assert len(layout.answer) == len(ENDING) + len(layout.keys) + len(interface.items)
    for item in layout.keys:
        assert item.ja in layout.question
        assert f"{ASKED}{item.ja}" in layout.answer


def test_the_export_describes_both_files_of_each_interface(tmp_path) -> None:
    written = write_export(catalogue(), "csv", tmp_path, on=date(2026, 4, 1))
    described = {path.name for path in written if path.name.endswith(".files.md")}
    assert described == {f"{one.unit}-{one.service}.files.md" for one in INTERFACES}
    text = (tmp_path / "csv" / "06-income.files.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    income = catalogue().interface("06", "income")
    layout = generate.file_layout(income, catalogue())
    assert len(lines) == 2 + len(layout.question) + len(layout.answer)
