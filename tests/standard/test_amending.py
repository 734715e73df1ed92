"""A draft over the table is what its file would be, and its findings stand at its own lines."""

import pytest
from tests.standard.folder import PROVISIONS, write

from renkei.standard import compile_catalogue, read_compiled
from renkei.standard.amending import amended

FIRST, SECOND, LAST = PROVISIONS.splitlines()[1:]


def test_rows_take_the_place_of_others_or_are_new(tmp_path):
    line = FIRST.replace("2012-04-01", "2013-04-01")
    new = LAST.replace("P-3", "P-4").replace("2012-04-01\t2029-03-31", "2029-04-01\t")
    found = amended(write(tmp_path / "a"), (), f"{line}\n{new}")
    text = PROVISIONS.replace(FIRST, line) + new + "\n"
    whole = write(tmp_path / "b", "provisions.tsv", PROVISIONS, text)
    content = read_compiled(compile_catalogue(whole)).content
    assert found.findings == ()
    assert set(found.provisions) == set(content.provisions)
    assert found.own_uses == content.own_uses


def test_nothing_drafted_is_the_table_itself(tmp_path):
    folder = write(tmp_path)
    found = amended(folder, (), "\n# nothing\n")
    assert found.provisions == read_compiled(compile_catalogue(folder)).content.provisions


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("-P-9", "reference-unknown", 1),
        (f"\n{FIRST}\tmore", "cells-wrong", 2),
        (FIRST.replace("01-1-004", "01-1-994"), "reference-unknown", 1),
        (FIRST.replace("P-1", "P-5"), "provisions-overlap", 1),
        (f"\n{SECOND.replace('2012-04-01', 'soon')}", "value-malformed", 2),
        (f"{SECOND}\n{SECOND}", "draft-repeated", 2),
        ("-131016 JT99000000000101 2019-04-01", "reference-unknown", 1),
    ],
)
def test_what_is_wrong_is_found_at_the_line_of_the_draft(tmp_path, text, code, line):
    findings = amended(write(tmp_path), (), text).findings
    assert (f"catalogue-{code}", "draft", line) in {
        (one.code, one.place.file, one.place.line) for one in findings
    }


def test_a_row_taken_out_leaves_a_unit_without_a_basis(tmp_path):
    findings = amended(write(tmp_path), (), "-P-1").findings
    assert {one.code for one in findings} == {"catalogue-basis-missing"}
