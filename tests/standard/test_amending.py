"""A draft over the table is what its file would be, and its findings stand at its own lines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.standard.folder import OWN_USE, PROVISIONS, write

from renkei.standard import catalogue, compile_catalogue, read_compiled, shipped_folder
from renkei.standard.amending import amended, folded, lines_of, lines_of_table

FIRST, SECOND, LAST = PROVISIONS.splitlines()[1:]
DRAFTED = [
    "-P-2",
    FIRST.replace("2012-04-01", "2013-04-01"),
    LAST.replace("P-3", "P-4"),
    "# a comment",
    "",
]


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


def test_a_draft_is_in_no_other_one_of_the_same_folder(tmp_path):
    folder = write(tmp_path)
    before = amended(folder, (), "")
    assert amended(folder, (), "-P-1") != before
    assert amended(folder, (), "") == before


def test_a_file_that_was_changed_since_is_read_again(tmp_path):
    folder = write(tmp_path)
    before = amended(folder, (), "").provisions
    file = folder / "provisions.tsv"
    file.write_text(PROVISIONS.replace(LAST, ""), encoding="utf-8")
    assert len(amended(folder, (), "").provisions) == len(before) - 1
    file.unlink()
    assert amended(folder, (), "").provisions == ()


def test_a_row_taken_out_leaves_a_unit_without_a_basis(tmp_path):
    findings = amended(write(tmp_path), (), "-P-1").findings
    assert {one.code for one in findings} == {"catalogue-basis-missing"}


@given(st.permutations([FIRST, SECOND, LAST]), st.lists(st.sampled_from(DRAFTED), max_size=4))
def test_a_file_with_a_draft_folded_in_is_the_table_that_was_drafted(order, drafted):
    head, rows = PROVISIONS.splitlines()[0], "\n".join(drafted)
    text = "\n".join([head, "# kept", *order]) + "\n"
    once = folded(text, "provision", rows)
    assert folded(once, "provision", rows) == once
    wanted = {line.name: line.cells for line in lines_of(text)}
    wanted |= {line.name: line.cells for line in lines_of(rows)}
    found = {line.name: line.cells for line in lines_of(once)}
    assert found == {name: cells for name, cells in wanted.items() if cells}
    assert "# kept" in once.splitlines()


def test_a_file_that_is_not_there_is_begun_with_its_heading():
    use = OWN_USE.splitlines()
    assert folded("", "own_use", f"{FIRST}\n{use[1]}") == f"{use[0]}\n{use[1]}\n"
    assert folded("", "own_use", FIRST) == ""


def test_a_row_of_the_table_is_written_as_its_file_has_it():
    table = catalogue()
    text = (shipped_folder() / "provisions.tsv").read_text(encoding="utf-8")
    lines = lines_of_table(table.provisions, table.content.own_uses)
    wanted = [line.cells for line in lines_of(text)]
    assert [line.cells for line in lines if line.kind == "provision"] == wanted
