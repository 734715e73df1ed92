"""Each change between two releases says what it asks of whom."""

from pathlib import Path

import pytest
from tests.standard.folder import write

from renkei.kit.texts import table
from renkei.standard import Catalogue, compile_catalogue, read_compiled
from renkei.standard.differences import Effect, differences
from renkei.standard.skeleton import skeleton

UNIT, TAX, ITEMS, TAX_ITEMS = "units/01.yaml", "units/02.yaml", "items/01.tsv", "items/02.tsv"
VALUES, STATES, PROVISIONS = "code_lists/common.tsv", "code_lists/01.tsv", "provisions.tsv"


def small(folder: Path, *changes: tuple[str, str, str]) -> Catalogue:
    write(folder)
    for file, old, new in changes:
        text = (folder / file).read_text(encoding="utf-8")
        assert old in text, old
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return read_compiled(compile_catalogue(folder))


def changed(folder: Path, *changes: tuple[str, str, str]):
    old, new = small(folder / "old"), small(folder / "new", *changes)
    return {(c.code, c.name): c for c in differences(old, new)}


def test_a_release_differs_in_nothing_from_itself(tmp_path):
    assert changed(tmp_path) == {}


MAPPING, BREAKING, COMPATIBLE = "needs-mapping", "breaking", "compatible"
BOTH = ("01", "02")
DEAD = "state\t3\t死亡\tdead\t2026-04-01\t\t\tproposed\t本\n"
LEFT = "state\t2\t転出\tmoved out\t2012-04-01\t\t\tproposed\t本\n"
ASKED = 'timings: [event, batch, immediate]\n    path: "{year}"\n'
ASKED += "    parameters: [{name: year, item: year}]"
FEWER = (PROVISIONS, "01-1-001 01-1-002 01-1-003", "01-1-001 01-1-002")
RATE = "tax\t02-1-003\trate\t税率\tRate\tdecimal\t2.3\tno\t\tordinary\tno\t\t\t\tproposed\t本\n"


@pytest.mark.parametrize(
    ("changes", "code", "name", "effect", "concerns"),
    [
        ([(TAX_ITEMS, "rate", "ratio")], "made", "tax.ratio", COMPATIBLE, ()),
        ([(TAX_ITEMS, RATE, "")], "gone", "tax.rate", BREAKING, ("02",)),
        ([(ITEMS, "text\t100", "text\t200")], "longer", "person.name", MAPPING, ("02",)),
        ([(ITEMS, "text\t100", "text\t90")], "shorter", "person.name", MAPPING, ("01",)),
        ([(ITEMS, "text\t100\tno", "text\t100\tyes")], "required", "person.name", MAPPING, ("01",)),
        (
            [(ITEMS, "personal\tyes", "personal\tno")],
            "external-characters",
            "person.name",
            MAPPING,
            BOTH,
        ),
        ([(ITEMS, "氏名", "名前")], "renamed", "person.name", MAPPING, BOTH),
        (
            [(ITEMS, "text\t100", "kana\t100"), (ITEMS, "見本 一郎", "")],
            "type",
            "person.name",
            BREAKING,
            BOTH,
        ),
        (
            [(TAX_ITEMS, "\t\t\t\tproposed\t本\n", "\t\t\t2027-03-31\tproposed\t本\n")],
            "ended",
            "tax.rate",
            BREAKING,
            ("02",),
        ),
        (
            [(TAX_ITEMS, "number\t\tyes\t\ttax", "number\t\tyes\t\thidden")],
            "handling",
            "tax.amount",
            BREAKING,
            BOTH,
        ),
        ([(VALUES, "woman", "lady")], None, "", "", ()),
        ([(VALUES, "女性", "女子")], "meaning", "sex/3", BREAKING, BOTH),
        (
            [(STATES, "moved out\t2012-04-01\t", "moved out\t2012-04-01\t2030-03-31")],
            "ended",
            "state/2",
            MAPPING,
            ("01",),
        ),
        ([(STATES, LEFT, DEAD + LEFT)], "value-made", "state/3", MAPPING, ("01",)),
        ([(STATES, LEFT, "")], "gone", "state/2", BREAKING, ("01",)),
        ([(UNIT, "timings: [event, batch]", ASKED)], "part-won", "01/moved", COMPATIBLE, ("02",)),
        (
            [(UNIT, "items: [number, year, name]", "items: [number, year]"), FEWER],
            "part-lost",
            "01/moved",
            BREAKING,
            ("02",),
        ),
        (
            [(UNIT, "between_organisations: true", "between_organisations: false")],
            "closed",
            "01/person",
            BREAKING,
            ("02",),
        ),
        (
            [(UNIT, 'consumers: ["02"]', 'consumers: ["02", X01]')],
            "consumer-made",
            "01/person",
            COMPATIBLE,
            ("X01",),
        ),
        ([(UNIT, "fee: 300", "fee: 400")], "altered", "JT99000000000101", MAPPING, ("01",)),
        ([(PROVISIONS, "2029-03-31", "2028-03-31")], "altered", "P-3", BREAKING, ("01",)),
        ([(UNIT, "level: error", "level: alert")], "altered", "01-R001", COMPATIBLE, ("01",)),
        ([(UNIT, "ja: 台帳\n", "ja: 住民台帳\n")], "renamed", "01", COMPATIBLE, ()),
    ],
)
def test_a_change_is_classified_for_those_it_concerns(
    tmp_path, changes, code, name, effect, concerns
):
    found = changed(tmp_path, *changes)
    if code is None:
        assert found == {}
        return
    change = found[code, name]
    assert (change.effect.value, change.concerns) == (effect, concerns)
    assert name in change.text("en")
    assert name in change.text("ja")


def test_the_gravest_changes_come_first(tmp_path):
    old = small(tmp_path / "old")
    new = small(tmp_path / "new", (TAX_ITEMS, "rate", "ratio"), (ITEMS, "text\t100", "text\t200"))
    effects = [change.effect for change in differences(old, new)]
    assert effects == sorted(effects, key=list(Effect).index, reverse=True)


def test_the_skeleton_asks_for_decisions_and_writes_what_is_known(tmp_path):
    old = small(tmp_path / "old")
    new = small(
        tmp_path / "new",
        (ITEMS, "text\t100", "text\t90"),
        (TAX_ITEMS, "2.3", "3.3"),
        (VALUES, "woman\t2020-04-01\t\t", "woman\t2020-04-01\t2026-03-31\t1"),
    )
    files = skeleton(differences(old, new), old, new)
    assert set(files) == {"changes.md", "mappings.tsv", "columns.sql"}
    assert "code_value\tsex/3\tended\t\t\t1" in files["mappings.tsv"]
    assert "item\tperson.name\tshorter\t100.0\t90.0\t" in files["mappings.tsv"]
    assert "ALTER TABLE store_tax ALTER COLUMN rate TYPE numeric(6,3)" in files["columns.sql"]
    assert "person.name" not in files["columns.sql"]
    assert "関係: 01" in files["changes.md"]
    assert skeleton(differences(old, new), old, new) == files


def test_every_text_of_a_change_is_used():
    told = {code.removeprefix("change-") for code in table() if code.startswith("change-")}
    source = (Path(__file__).parents[2] / "src/renkei/standard/differences.py").read_text("utf-8")
    assert {code for code in told if f'"{code}"' not in source} == set()
