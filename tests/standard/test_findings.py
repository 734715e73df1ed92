"""A catalogue in which anything is in doubt is not used, and says where and what to do."""

import re
from cProfile import Profile
from pathlib import Path

import pytest
from tests.standard.folder import FILES, write

from renkei.kit.texts import table
from renkei.standard import CatalogueFaulty, check_catalogue, compile_catalogue
from renkei.standard.sources import LARGEST_FILE

UNIT = "units/01.yaml"
TAX = "units/02.yaml"
ITEMS = "items/01.tsv"
TAX_ITEMS = "items/02.tsv"
VALUES = "code_lists/common.tsv"
COMMON = "common.yaml"
HEAD = "standard.yaml"
PROVISIONS = "provisions.tsv"
FLOWS = "flows.tsv"
PAIRS = "code_mappings.tsv"
FAULTS = "faults.tsv"
OWN_USE = "own_use.tsv"
TERMS = "vocabulary.tsv"


def row(name: str = "P-1", days: str = "2012-04-01|", years: str = "", terms: str = "") -> str:
    """Return a line of the table: the first one, or another of the same request."""
    parties = "municipality|02|JT99000000000201|own|TM99000000000001|01-1-002 01-1-004"
    line = f"{name}|台帳法|台帳法1条|{parties}|{days}||{years}||{terms}|proposed|本"
    return line.replace("|", "\t")


NUMBERS = "01-1-001 01-1-002 01-1-003\t2012-04-01"
TWICE = "01-1-002@2020-01-01/2020-12-31 01-1-002@2022-01-01/"
IN_TURN = "\n".join([row(days="2012-04-01|2015-03-31"), row("P-4", days="2015-04-02|")])
OLDER = "131016|JT99000000000101|旧条例|届出0|2010-03-01|2010-04-01|2018-04-01|proposed|本"

# What is spoilt, and the finding's code, file and line.
SPOILT = [
    (HEAD, 'edition: "1"\n', "", "field-missing", HEAD, 1),
    (HEAD, "since: 2026-04-01", "since: soon", "value-malformed", HEAD, 5),
    (COMMON, "provenance: verified", "provenance: said", "provenance-missing", COMMON, 6),
    (COMMON, "    provenance: verified\n", "", "provenance-missing", COMMON, 2),
    (COMMON, "code_lists:", "code_list:", "field-unknown", COMMON, 1),
    (COMMON, "id: X01", "id: X1", "value-malformed", COMMON, 28),
    (COMMON, "target: sex_letter", "target: sex_word", "reference-unknown", COMMON, 19),
    (VALUES, "list\tvalue", "value\tlist", "columns-wrong", VALUES, 1),
    (VALUES, "male\t", "male\t\t", "cells-wrong", VALUES, 2),
    (VALUES, "sex\t2", "sex\t1", "value-overlaps", VALUES, 3),
    (
        VALUES,
        "sex\t3\t女性\twoman\t2020-04-01",
        "sex\t2\t女性\twoman\t2020-04-01",
        "value-reused",
        VALUES,
        3,
    ),
    (
        VALUES,
        "sex\t3\t女性\twoman\t2020-04-01",
        "sex\t2\t女性\twoman\t2019-04-01",
        "value-overlaps",
        VALUES,
        3,
    ),
    (VALUES, "\t女\t", "\t男\t", "meaning-repeated", VALUES, 3),
    (VALUES, "2020-03-31", "2011-03-31", "dates-reversed", VALUES, 3),
    (VALUES, "2012-04-01", "2012-04-31", "value-malformed", VALUES, 2),
    (VALUES, "sex\t2", "sax\t2", "reference-unknown", VALUES, 3),
    (VALUES, "2020-03-31\t3", "2020-03-31\t9", "reference-unknown", VALUES, 3),
    (VALUES, "2020-04-01\t\t\t", "2020-04-01\t\t2\t", "successors-circular", VALUES, 3),
    (VALUES, "verified\t本\n", "\t本\n", "provenance-missing", VALUES, 2),
    (PAIRS, "\nsex_to_letter\t3\tF", "\nsex_to_letter\t4\tF", "reference-unknown", PAIRS, 4),
    (PAIRS, "sex_to_letter\t3\tF\tproposed\t本\n", "", "mapping-incomplete", COMMON, 19),
    (PAIRS, "letter\t3\tF", "letter\t3\tX", "reference-unknown", PAIRS, 4),
    (PAIRS, "sex_to_letter\t3", "sex_to_word\t3", "reference-unknown", PAIRS, 4),
    (ITEMS, "register_number", "registernumber", "type-unknown", ITEMS, 2),
    (ITEMS, "\tsex\tpersonal", "\tsax\tpersonal", "reference-unknown", ITEMS, 5),
    (ITEMS, "01-1-002", "01-1-001", "name-repeated", ITEMS, 3),
    (ITEMS, "01-1-002", "02-1-002", "item-id-wrong", ITEMS, 3),
    (ITEMS, "01-1-002", "01-1-902", "serial-reserved", ITEMS, 3),
    (ITEMS, "氏名", "番号", "name-repeated", ITEMS, 4),
    (ITEMS, "name\t氏名", "sex\t氏名", "name-repeated", ITEMS, 5),
    (ITEMS, "見本 一郎", "見本\u2028", "example-wrong", ITEMS, 4),
    (ITEMS, "name\t氏名", "order\t氏名", "name-reserved", ITEMS, 4),
    (ITEMS, "name\t氏名", "valid_from\t氏名", "name-reserved", ITEMS, 4),
    (ITEMS, "text\t100", "text\t", "digits-wrong", ITEMS, 4),
    (ITEMS, "text\t100", "text\t0", "value-malformed", ITEMS, 4),
    (ITEMS, "text\t100", "text\tmany", "value-malformed", ITEMS, 4),
    (ITEMS, "year\t\tyes", "year\t4\tyes", "digits-wrong", ITEMS, 3),
    (TAX_ITEMS, "2.3", "2", "digits-wrong", TAX_ITEMS, 4),
    (ITEMS, "code\t\tno\tsex", "code\t\tno\t", "code-list-wrong", ITEMS, 5),
    (ITEMS, "year\t\tyes\t", "year\t\tyes\tsex", "code-list-wrong", ITEMS, 3),
    (ITEMS, "year\t\tyes", "year\t\tno", "key-optional", ITEMS, 3),
    (ITEMS, "own_number", "secret", "value-malformed", ITEMS, 2),
    (ITEMS, "100\tno", "100\tperhaps", "value-malformed", ITEMS, 4),
    (ITEMS, "person\t01-1-005", "people\t01-1-005", "reference-unknown", ITEMS, 6),
    (TAX_ITEMS, "2013-04-01\t", "2013-04-01\t2012-04-01", "dates-reversed", TAX_ITEMS, 3),
    (TAX_ITEMS, "number\t番号", "number\t整理番号", "item-differs", TAX_ITEMS, 2),
    (TAX_ITEMS, "amount\t税額", "amount\t番号", "item-differs", TAX_ITEMS, 3),
    (UNIT, "unit:\n", "unit:\n ", "yaml-broken", UNIT, 3),
    (UNIT, "[number, year]\n", "&a [*a]\n", "alias-used", UNIT, 25),
    (
        UNIT,
        "laws: [台帳法]",
        "laws: [[[[[[[[[[[[[[[[[[[[[[[[[[台帳法]]]]]]]]]]]]]]]]]]]]]]]]]]",
        "yaml-broken",
        UNIT,
        1,
    ),
    (UNIT, 'id: "01"', "id: 1", "value-malformed", UNIT, 2),
    (UNIT, "en: Registry", "en: yes", "value-malformed", UNIT, 5),
    (UNIT, "name: registry", "name: registry\n  name: twice", "key-repeated", UNIT, 4),
    (UNIT, "name: registry", "name: registry\n  colour: red", "field-unknown", UNIT, 4),
    (UNIT, "functions:", "function:", "field-unknown", UNIT, 14),
    (
        UNIT,
        "  since: 2012-04-01\n",
        "  since: 2012-04-01\n  until: 2011-01-01\n",
        "dates-reversed",
        UNIT,
        1,
    ),
    (
        UNIT,
        "  since: 2012-04-01\n",
        '  since: 2012-04-01\n  successors: ["01"]\n',
        "successors-circular",
        UNIT,
        1,
    ),
    (
        UNIT,
        "  since: 2012-04-01\n",
        '  since: 2012-04-01\n  successors: ["77"]\n',
        "reference-unknown",
        UNIT,
        1,
    ),
    (
        UNIT,
        "entities: [person]}\n  since",
        "entities: [people]}\n  since",
        "reference-unknown",
        UNIT,
        1,
    ),
    (UNIT, '  - {id: "1", ja: 照会, en: Inquiry}\n', "", "reference-unknown", UNIT, 15),
    (UNIT, "services: [person]", "services: [people]", "reference-unknown", UNIT, 16),
    (UNIT, "services: [person], ", "", "interface-idle", UNIT, 45),
    (
        UNIT,
        "services: [person], ",
        "internal: true, services: [person], ",
        "function-idle",
        UNIT,
        16,
    ),
    (TAX, 'consumers: ["01"]', 'consumers: ["02"]', "asker-not-served", UNIT, 18),
    (UNIT, ", services: [moved]", "", "function-idle", UNIT, 17),
    (UNIT, ', entities: [person]}\n  - {id: "1.2"', '}\n  - {id: "1.2"', "entity-idle", UNIT, 22),
    (UNIT, "asks: [02/tax], internal", "asks: [02/tex], internal", "reference-unknown", UNIT, 18),
    (UNIT, "  - name: person", "  - name: person_history", "name-reserved", UNIT, 22),
    (UNIT, "[number, year]", "[number, years]", "reference-unknown", UNIT, 22),
    (UNIT, "subject: number", "subject: year", "subject-not-first", UNIT, 22),
    (
        TAX,
        "to: person, items: [number]",
        "to: people, items: [number]",
        "reference-unknown",
        TAX,
        15,
    ),
    (
        TAX,
        "to: person, items: [number]",
        "to: person, items: [amount]",
        "relation-differs",
        TAX,
        15,
    ),
    (
        TAX,
        "to: person, items: [number]",
        "to: person, items: [numbers]",
        "reference-unknown",
        TAX,
        15,
    ),
    (
        UNIT,
        "then: {must: be_filled, items: [name]}",
        "then: {must: be_filled, items: [names]}",
        "reference-unknown",
        UNIT,
        31,
    ),
    (
        UNIT,
        "then: {must: be_filled, items: [name]}",
        "then: {must: be_written_as, items: [name], form: kana}",
        "rule-form",
        UNIT,
        31,
    ),
    (
        UNIT,
        "then: {must: be_filled, items: [name]}",
        "then: {must: be_nice, items: [name]}",
        "value-malformed",
        UNIT,
        40,
    ),
    (UNIT, 'one_of: ["1"]', 'one_of: ["7"]', "reference-unknown", UNIT, 31),
    (
        UNIT,
        "    entity: person\n    clause",
        "    entity: people\n    clause",
        "reference-unknown",
        UNIT,
        31,
    ),
    (UNIT, "{year}", "{years}", "path-wrong", UNIT, 45),
    (UNIT, "item: year}", "item: sex}", "parameters-wrong", UNIT, 45),
    (
        UNIT,
        "    entity: person\n    items: [year, sex]",
        "    entity: people\n    items: [year, sex]",
        "reference-unknown",
        UNIT,
        45,
    ),
    (
        UNIT,
        "    entity: person\n    items: [number, year, name]",
        "    entity: tax\n    items: [number]",
        "entity-elsewhere",
        UNIT,
        62,
    ),
    (UNIT, "items: [year, sex]", "items: [year, sax]", "reference-unknown", UNIT, 45),
    (UNIT, "items: [year, sex]", "items: [year, number]", "item-may-not-travel", UNIT, 45),
    (UNIT, "    subject: number\n", "", "subject-missing", UNIT, 44),
    (ITEMS, "100\tno\t\tpersonal", "100\tno\t\tpersonal_number", "number-to-others", UNIT, 62),
    (UNIT, 'consumers: ["02"]', 'consumers: ["03"]', "reference-unknown", UNIT, 45),
    (UNIT, 'consumers: ["02"]', "consumers: [X01]", "flow-not-served", FLOWS, 2),
    (UNIT, "flows: [2]", "flows: [3]", "reference-unknown", UNIT, 62),
    (UNIT, "timings: [event, batch]", "timings: [event]", "flow-not-timely", FLOWS, 3),
    (UNIT, "timings: [immediate]", "timings: [soon]", "value-malformed", UNIT, 49),
    (UNIT, "faults: [value-not-valid]", "faults: [value-bad]", "reference-unknown", UNIT, 62),
    (UNIT, "asks: [02/tax]\n", "asks: [02/tex]\n", "reference-unknown", UNIT, 78),
    (UNIT, "items: [amount]}", "items: [rate]}", "item-not-carried", UNIT, 78),
    (UNIT, "life_events: [LE01]", "life_events: [LE99]", "reference-unknown", UNIT, 78),
    (UNIT, "channels: [counter, online]", "channels: [telepathy]", "value-malformed", UNIT, 84),
    (UNIT, "until: 2030-03-31", "until: 2010-03-31", "dates-reversed", UNIT, 78),
    (UNIT, "JT99000000000101", "JT1", "value-malformed", UNIT, 78),
    (UNIT, "fee: 300", "fee: free", "value-malformed", UNIT, 86),
    (UNIT, "interfaces:\n", "interfaces:\n  - person\n", "field-missing", UNIT, 45),
    (FLOWS, "01>02", "01>03", "reference-unknown", FLOWS, 2),
    (FLOWS, "1\t住民の照会", "one\t住民の照会", "value-malformed", FLOWS, 2),
    (FAULTS, "404", "100", "value-malformed", FAULTS, 2),
    (PROVISIONS, "\t01-1-002 01-1-004", "\t01-1-002 01-1-994", "reference-unknown", PROVISIONS, 2),
    (PROVISIONS, "01-1-002 01-1-004", "01-1-002 01-1-005", "provision-beyond", PROVISIONS, 2),
    (PROVISIONS, "01-1-002 01-1-004", "01-1-002", "basis-missing", UNIT, 45),
    (
        PROVISIONS,
        "\t02\tJT99000000000201\town\tTM99000000000001",
        "\t02\tJT99000000000101\town\tTM99000000000001",
        "procedure-elsewhere",
        PROVISIONS,
        2,
    ),
    (PROVISIONS, "TM99000000000002", "TM99000000000009", "reference-unknown", PROVISIONS, 4),
    (PROVISIONS, "2029-03-31", "2009-03-31", "dates-reversed", PROVISIONS, 4),
    (PROVISIONS, "consent", "konsent", "value-malformed", PROVISIONS, 4),
    (PROVISIONS, "P-2", "P-1", "name-repeated", PROVISIONS, 3),
    (PROVISIONS, "P-2", f"{row('P-4')}\nP-2", "provisions-overlap", PROVISIONS, 3),
    (PROVISIONS, row(), IN_TURN, "provision-gap", PROVISIONS, 3),
    (PROVISIONS, row(), row(terms="01-1-001@2020-01-01/"), "term-elsewhere", PROVISIONS, 2),
    (PROVISIONS, row(), row(terms="01-1-002@2010-01-01/"), "term-outside", PROVISIONS, 2),
    (PROVISIONS, row(), row(terms="01-1-002@"), "term-outside", PROVISIONS, 2),
    (PROVISIONS, row(), row(terms=TWICE), "term-outside", PROVISIONS, 2),
    (PROVISIONS, row(), row(terms="01-1-002@soon/"), "value-malformed", PROVISIONS, 2),
    (PROVISIONS, f"{NUMBERS}\t\t\t", f"{NUMBERS}\t\t\t0-1", "years-idle", PROVISIONS, 3),
    (PROVISIONS, "consent own-use\t", "consent own-use\t1-0", "years-idle", PROVISIONS, 4),
    (PROVISIONS, "consent own-use\t", "consent own-use\tnow", "value-malformed", PROVISIONS, 4),
    (PROVISIONS, "consent own-use", "guardian-consent own-use", "guardian-idle", PROVISIONS, 4),
    (PROVISIONS, "consent own-use", "consent", "own-use-idle", OWN_USE, 2),
    (OWN_USE, "131016", OLDER.replace("|", "\t") + "\n131016", "own-uses-overlap", OWN_USE, 3),
    (OWN_USE, "JT99000000000101", "JT99000000000109", "reference-unknown", OWN_USE, 2),
    (OWN_USE, "2018-04-01\t", "2018-04-01\t2017-04-01", "dates-reversed", OWN_USE, 2),
    (TERMS, "person.name", "person.nom", "reference-unknown", TERMS, 2),
]


def found(folder: Path) -> set[tuple[str, str, int]]:
    """Return code, file and line of every finding."""
    return {(f.code, f.place.file, f.place.line) for f in check_catalogue(folder)}


def test_the_sound_catalogue_has_no_finding(tmp_path):
    assert check_catalogue(write(tmp_path)) == ()


@pytest.mark.parametrize(("file", "old", "new", "code", "where", "line"), SPOILT)
def test_a_spoilt_definition_is_found_where_it_stands(tmp_path, file, old, new, code, where, line):
    assert (f"catalogue-{code}", where, line) in found(write(tmp_path, file, old, new))


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


def test_a_definition_without_shape_is_found_once(tmp_path):
    assert len(found(write(tmp_path, ITEMS, "text\t100", "text\t0"))) == 1
    assert len(found(write(tmp_path, UNIT, "says_ja: 住民を記録する。", "says_ja:"))) == 1


def test_every_file_is_read_before_anything_is_said(tmp_path):
    """One run finds what is wrong in many files: nobody corrects one defect to meet the next."""
    write(tmp_path)
    for n, (file, old, new, *_) in enumerate(SPOILT):
        if n % 9 == 0 and file in {VALUES, PAIRS, TAX_ITEMS, FLOWS, PROVISIONS, TERMS}:
            text = (tmp_path / file).read_text(encoding="utf-8")
            (tmp_path / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    (tmp_path / FAULTS).write_text(FILES[FAULTS].replace("404", "100"), encoding="utf-8")
    (tmp_path / TERMS).write_text(FILES[TERMS].replace(".name", ".nom"), encoding="utf-8")
    assert len({file for _, file, _ in found(tmp_path)}) >= 4


def test_a_catalogue_a_hundred_times_the_size_is_a_finding(tmp_path):
    row = FILES[ITEMS].splitlines()[3]
    lines = "\n".join(row for _ in range(LARGEST_FILE // len(row)))
    (write(tmp_path) / ITEMS).write_text(FILES[ITEMS] + lines, encoding="utf-8")
    assert ("catalogue-file-too-large", ITEMS, 1) in found(tmp_path)


def test_a_catalogue_of_many_units_is_read_in_time_that_grows_with_its_size(tmp_path):
    """Ten times the units, about ten times the steps: counted in calls, not in seconds."""

    def calls(units: int) -> int:
        folder = write(tmp_path / str(units))
        for n in range(10, 10 + units):
            unit = FILES[TAX].replace('"02"', f'"{n}"').replace("tax", f"tax_{n}")
            unit = unit.replace("JT99000000000201", f"JT990000000{n}201")
            unit = unit.replace("TM99000000000002", f"TM990000000{n}002")
            items = FILES[TAX_ITEMS].replace("02-1", f"{n}-1").replace("tax\t", f"tax_{n}\t")
            (folder / f"units/{n}.yaml").write_text(unit, encoding="utf-8")
            (folder / f"items/{n}.tsv").write_text(items, encoding="utf-8")
        profile = Profile()
        profile.runcall(check_catalogue, folder)
        return sum(entry.callcount for entry in profile.getstats())

    assert calls(80) < 12 * calls(8)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5_000,
        "- " * 5_000 + "x",
        "{a: " * 5_000,
        "&a [" + "*a, " * 100 + "]",
        "!!python/name:os",
    ],
    ids=["brackets", "dashes", "braces", "aliases", "a tag of Python"],
)
def test_a_trick_of_yaml_is_a_finding_and_nothing_else(tmp_path, text):
    (write(tmp_path) / UNIT).write_text(text, encoding="utf-8")
    assert any(file == UNIT for _, file, _ in found(tmp_path))


def test_one_error_lists_every_finding_in_the_language_of_the_reader(tmp_path):
    write(tmp_path, ITEMS, "text\t100", "text\t0")
    (tmp_path / UNIT).write_text(FILES[UNIT].replace("counter", "door"), encoding="utf-8")
    with pytest.raises(CatalogueFaulty) as caught:
        compile_catalogue(tmp_path)
    places = [str(finding.place) for finding in caught.value.findings]
    assert places == [f"{ITEMS}:4", f"{UNIT}:84"]
    assert "2件の指摘" in caught.value.text("ja")
    assert f"{ITEMS}:4: データ項目の" in caught.value.text("ja")
    assert f"{ITEMS}:4: The value of `digits`" in caught.value.text("en")


@pytest.mark.parametrize(("file", "old", "new"), [row[:3] for row in SPOILT])
def test_a_finding_reads_in_both_languages(tmp_path, file, old, new):
    for finding in check_catalogue(write(tmp_path, file, old, new)):
        assert re.search(r"[ぁ-ん]", finding.text("ja"))
        assert re.search(r"\. \S|: \S", finding.text("en"))


def test_every_finding_has_a_text_and_every_text_a_finding():
    told = {code for code in table() if code.startswith("catalogue-")} - {CatalogueFaulty.code()}
    tried = {f"catalogue-{row[3]}" for row in SPOILT}
    tried |= {"catalogue-file-missing", "catalogue-file-not-utf-8", "catalogue-code-list-empty"}
    tried |= {"catalogue-file-too-large"}
    tried |= {"catalogue-overlay-stranger", "catalogue-overlay-widens"}  # test_overlays
    tried |= {"catalogue-draft-repeated", "catalogue-draft-elsewhere"}  # test_amending
    assert told == tried


def test_a_code_list_without_values_is_found(tmp_path):
    rows = FILES["code_lists/01.tsv"].splitlines()
    (write(tmp_path, UNIT, 'one_of: ["1"]', "filled: true") / "code_lists/01.tsv").write_text(
        rows[0] + "\n", encoding="utf-8"
    )
    assert found(tmp_path) == {("catalogue-code-list-empty", UNIT, 20)}
