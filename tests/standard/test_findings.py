"""A catalogue in which anything is in doubt is not used, and says where and what to do."""

import re
from pathlib import Path

import pytest
from tests.standard.folder import FILES, write

from renkei.kit.texts import table
from renkei.standard import CatalogueFaulty, check_catalogue, compile_catalogue

UNIT = "units/01.yaml"
ITEMS = "items/person.tsv"
VALUES = "code_lists.tsv"

# What is spoilt, and the finding's code and line.
SPOILT = [
    ("standard.yaml", 'edition: "1"\n', "", "field-missing", 1),
    ("code_lists.yaml", "provenance: verified", "provenance: said", "provenance-missing", 4),
    ("code_lists.yaml", "  provenance: verified\n", "", "provenance-missing", 1),
    (VALUES, "list\tvalue", "value\tlist", "columns-wrong", 1),
    (VALUES, "male\t", "male\t\t", "cells-wrong", 2),
    (VALUES, "sex\t2", "sex\t1", "name-repeated", 3),
    (VALUES, "女", "男", "meaning-repeated", 3),
    (VALUES, "2020-03-31", "2011-03-31", "dates-reversed", 3),
    (VALUES, "2012-04-01", "2012-04-31", "value-malformed", 2),
    (VALUES, "sex\t2", "sax\t2", "reference-unknown", 3),
    (VALUES, "verified\t本\n", "\t本\n", "provenance-missing", 2),
    (ITEMS, "register_number", "registernumber", "type-unknown", 2),
    (ITEMS, "\tsex\tpersonal", "\tsax\tpersonal", "reference-unknown", 5),
    (ITEMS, "01-1-002", "01-1-001", "name-repeated", 3),
    (ITEMS, "01-1-002", "02-1-002", "item-id-wrong", 3),
    (ITEMS, "氏名", "番号", "name-repeated", 4),
    (ITEMS, "name\t氏名", "sex\t氏名", "name-repeated", 5),
    (ITEMS, "name\t氏名", "order\t氏名", "name-reserved", 4),
    (ITEMS, "name\t氏名", "valid_from\t氏名", "name-reserved", 4),
    (ITEMS, "text\t100", "text\t", "digits-wrong", 4),
    (ITEMS, "text\t100", "text\t0", "value-malformed", 4),
    (ITEMS, "year\t\t", "year\t4\t", "digits-wrong", 3),
    (ITEMS, "code\t\tno\tsex", "code\t\tno\t", "code-list-wrong", 5),
    (ITEMS, "year\t\tyes\t", "year\t\tyes\tsex", "code-list-wrong", 3),
    (ITEMS, "year\t\tyes", "year\t\tno", "key-optional", 3),
    (ITEMS, "own_number", "secret", "value-malformed", 2),
    (ITEMS, "100\tyes", "100\tperhaps", "value-malformed", 4),
    (UNIT, "unit:\n", "unit:\n ", "yaml-broken", 3),
    (UNIT, "[number, year]\n", "&a [*a]\n", "yaml-broken", 1),
    (UNIT, 'id: "01"', "id: 1", "value-malformed", 2),
    (UNIT, "name: registry", "name: registry\n  name: twice", "key-repeated", 4),
    (UNIT, "name: registry", "name: registry\n  colour: red", "field-unknown", 4),
    (UNIT, "functions:", "function:", "field-unknown", 9),
    (UNIT, "since: 2012-04-01", "since: 2012-04-01\n  until: 2011-01-01", "dates-reversed", 1),
    (UNIT, '  - {id: "1", ja: 照会, en: Inquiry}\n', "", "reference-unknown", 10),
    (UNIT, "services: [person]", "services: [people]", "reference-unknown", 11),
    (UNIT, ", services: [person]", "", "function-idle", 11),
    (UNIT, "services: [person]", "services: [person], internal: true", "function-idle", 11),
    (UNIT, "[number, year]", "[number, years]", "reference-unknown", 13),
    (UNIT, "subject: number", "subject: year", "subject-not-first", 13),
    (UNIT, "{year}", "{years}", "path-wrong", 21),
    (UNIT, "item: year}", "item: sex}", "parameters-wrong", 21),
    (UNIT, "entity: person", "entity: people", "reference-unknown", 21),
    (UNIT, "items: [year, sex]", "items: [year, sax]", "reference-unknown", 21),
    (UNIT, "items: [year, sex]", "items: [year, number]", "item-may-not-travel", 21),
    (UNIT, 'consumers: ["01"]', 'consumers: ["02"]', "reference-unknown", 21),
    (UNIT, "timing: immediate", "timing: soon", "value-malformed", 30),
    (UNIT, "asks: [01/person]", "asks: [01/people]", "reference-unknown", 36),
    (UNIT, "until: 2030-03-31", "until: 2010-03-31", "dates-reversed", 36),
    (UNIT, "JT99000000000101", "JT1", "value-malformed", 36),
    (UNIT, "interfaces:\n", "interfaces:\n  - person\n", "field-missing", 21),
]


def found(folder: Path) -> set[tuple[str, str, int]]:
    """Return code, file and line of every finding."""
    return {(f.code, f.place.file, f.place.line) for f in check_catalogue(folder)}


def test_the_sound_catalogue_has_no_finding(tmp_path):
    assert check_catalogue(write(tmp_path)) == ()


@pytest.mark.parametrize(("file", "old", "new", "code", "line"), SPOILT)
def test_a_spoilt_definition_is_found_where_it_stands(tmp_path, file, old, new, code, line):
    assert (f"catalogue-{code}", file, line) in found(write(tmp_path, file, old, new))


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "line"),
    [row for row in SPOILT if row[3] in {"type-unknown", "provenance-missing", "field-missing"}],
)
def test_a_definition_without_shape_is_found_once(tmp_path, file, old, new, code, line):
    assert len(found(write(tmp_path, file, old, new))) == 1


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_missing_file_is_named(tmp_path, file):
    (write(tmp_path) / file).unlink()
    assert found(tmp_path) != set()


@pytest.mark.parametrize("file", sorted(FILES))
def test_a_file_in_another_encoding_is_named(tmp_path, file):
    (write(tmp_path) / file).write_bytes("標準".encode("cp932"))
    assert ("catalogue-file-not-utf-8", file, 1) in found(tmp_path)


def test_a_file_saved_by_a_spreadsheet_says_the_same(tmp_path):
    plain = compile_catalogue(write(tmp_path))
    text = FILES[ITEMS].replace("\n", "\r\n")
    (tmp_path / ITEMS).write_bytes(text.encode("utf-8-sig"))
    assert compile_catalogue(tmp_path) == plain


def test_one_error_lists_every_finding_in_the_language_of_the_reader(tmp_path):
    write(tmp_path, ITEMS, "own_number", "secret")
    (tmp_path / UNIT).write_text(FILES[UNIT].replace("GET", "PUT"), encoding="utf-8")
    with pytest.raises(CatalogueFaulty) as caught:
        compile_catalogue(tmp_path)
    assert [str(f.place) for f in caught.value.findings] == ["items/person.tsv:2", f"{UNIT}:24"]
    assert "2件の指摘" in caught.value.text("ja")
    assert "items/person.tsv:2: データ項目の" in caught.value.text("ja")
    assert "items/person.tsv:2: The value of `handling`" in caught.value.text("en")


@pytest.mark.parametrize(("file", "old", "new", "code", "line"), SPOILT)
def test_a_finding_reads_in_both_languages(tmp_path, file, old, new, code, line):
    for finding in check_catalogue(write(tmp_path, file, old, new)):
        assert re.search(r"[ぁ-ん]", finding.text("ja"))
        assert re.search(r"\. \S|: \S", finding.text("en"))


def test_every_finding_has_a_text_and_every_text_a_finding():
    told = {code for code in table() if code.startswith("catalogue-")} - {CatalogueFaulty.code()}
    tried = {f"catalogue-{row[3]}" for row in SPOILT}
    tried |= {"catalogue-file-missing", "catalogue-file-not-utf-8", "catalogue-code-list-empty"}
    tried |= {"catalogue-item-differs"}
    assert told == tried


def test_one_name_is_written_in_one_way_everywhere(tmp_path):
    second = FILES[UNIT][: FILES[UNIT].index("functions:")]
    second += FILES[UNIT][FILES[UNIT].index("entities:") : FILES[UNIT].index("interfaces:")]
    second = second.replace('"01"', '"02"').replace("person", "firm")
    items = FILES[ITEMS].replace("01-1", "02-1").replace("100", "200")
    (write(tmp_path) / "units/02.yaml").write_text(second, encoding="utf-8")
    (tmp_path / "items/firm.tsv").write_text(items, encoding="utf-8")
    assert found(tmp_path) == {("catalogue-item-differs", "items/firm.tsv", 4)}


def test_a_code_list_without_values_is_found(tmp_path):
    rows = FILES[VALUES].splitlines()
    (write(tmp_path) / VALUES).write_text(rows[0] + "\n", encoding="utf-8")
    assert found(tmp_path) == {("catalogue-code-list-empty", "code_lists.yaml", 1)}
