"""A town adds and narrows in a folder of its own; whatever reaches further is a finding."""

from datetime import date
from pathlib import Path

import pytest
from tests.standard.folder import HEADER, write, write_files

from renkei.standard import Catalogue, check_catalogue, compile_catalogue, read_compiled

OVERLAY = "overlay.yaml"
ITEMS = "items/01.tsv"
VALUES = "code_lists/01.tsv"
FILES = {
    OVERLAY: """\
id: town
edition: "1"
ja: A市の追加
en: Additions of A
since: 2026-04-01
extends: small
organisation: "131016"
""",
    ITEMS: (
        f"{HEADER}"
        "person|01-1-901|nickname|愛称|Nickname|text|20|no||personal|no|はな|||proposed|A市\n"
        "person|01-1-003|name|氏名|Name|text|50|yes||personal|yes|見本|||verified|本\n"
    ).replace("|", "\t"),
    VALUES: (
        "list|value|ja|en|since|until|successor|provenance|source\n"
        "state|9|滞在|staying|2026-04-01|||proposed|A市\n"
        "state|2|転出|moved out|2012-04-01|2027-03-31||proposed|本\n"
    ).replace("|", "\t"),
    "units/01-more.yaml": """\
extends: "01"
functions:
  - {id: "3", ja: 愛称, en: Nicknames, entities: [pet], internal: true}
entities:
  - name: pet
    ja: 犬の登録
    en: Dog
    key: [dog_number]
    provenance: proposed
    source: A市
""",
    "items/01-more.tsv": (
        f"{HEADER}pet|01-9-901|dog_number|犬の登録番号|Dog number|digits|6|yes||ordinary|no||||"
        "proposed|A市\n"
    ).replace("|", "\t"),
}


def layers(folder: Path, file: str = "", old: str = "", new: str = "") -> tuple[Path, Path]:
    base, overlay = folder / "base", folder / "town"
    return write(base), write_files(overlay, FILES, file, old, new)


def found(folder: Path, file: str, old: str, new: str) -> set[tuple[str, str]]:
    base, overlay = layers(folder, file, old, new)
    return {(f.code, str(f.place)) for f in check_catalogue(base, [overlay])}


def compiled(folder: Path) -> Catalogue:
    base, overlay = layers(folder)
    return read_compiled(compile_catalogue(base, [overlay]))


def test_an_overlay_adds_items_values_entities_and_functions(tmp_path):
    town = compiled(tmp_path)
    assert town.item("01-1-901").name == "nickname"
    assert town.code_list("state").label("9") == "滞在"
    assert town.entity("pet").unit == "01"
    assert [function.id for function in town.unit("01").functions][-1] == "3"
    assert [one.organisation for one in town.content.overlays] == ["131016"]


def test_an_overlay_narrows_items_and_values(tmp_path):
    town = compiled(tmp_path)
    name = town.item("01-1-003")
    assert (name.required, name.digits) == (True, 50)
    ended = {value.value: value.until for value in town.code_list("state").values}
    assert ended["2"] == date(2027, 3, 31)


def test_an_overlay_in_the_folder_one_stands_in_is_one_too(tmp_path, monkeypatch):
    base, overlay = layers(tmp_path)
    monkeypatch.chdir(overlay)
    assert check_catalogue(base, [Path()]) == ()


def test_a_folder_that_is_no_overlay_is_a_finding(tmp_path):
    base, _ = layers(tmp_path)
    findings = check_catalogue(base, [tmp_path / "nowhere"])
    assert [str(finding.place) for finding in findings] == ["nowhere/overlay.yaml:1"]


def test_the_base_stays_as_it_is(tmp_path):
    base, _ = layers(tmp_path)
    plain = read_compiled(compile_catalogue(base))
    assert plain.entity("person").item("nickname") is None
    assert plain.version != compiled(tmp_path).version


@pytest.mark.parametrize(
    ("file", "old", "new", "code", "place"),
    [
        (OVERLAY, "small", "other", "overlay-stranger", "town/overlay.yaml:6"),
        (ITEMS, "text\t50", "text\t200", "overlay-widens", "town/items/01.tsv:3"),
        (ITEMS, "text\t50", "kana\t50", "overlay-widens", "town/items/01.tsv:3"),
        (ITEMS, "01-1-003", "01-1-903", "overlay-widens", "town/items/01.tsv:3"),
        (ITEMS, "personal\tyes", "tax\tyes", "overlay-widens", "town/items/01.tsv:3"),
        (ITEMS, "01-1-901", "01-1-007", "serial-reserved", "town/items/01.tsv:2"),
        (ITEMS, "nickname\t愛称", "nickname\t氏名", "name-repeated", "town/items/01.tsv:2"),
        (VALUES, "転出\tmoved", "転居\tmoved", "overlay-widens", "town/code_lists/01.tsv:3"),
        (VALUES, "state\t9\t滞在", "state\t1\t滞在", "value-overlaps", ""),
        ("units/01-more.yaml", '"01"', '"09"', "reference-unknown", "town/units/01-more.yaml:1"),
        ("units/01-more.yaml", "name: pet", "name: person", "name-repeated", ""),
    ],
)
def test_what_conflicts_with_the_base_is_found(tmp_path, file, old, new, code, place):
    codes = found(tmp_path, file, old, new)
    assert any(c == f"catalogue-{code}" and p.startswith(place) for c, p in codes), codes


def test_required_is_never_relaxed(tmp_path):
    base, overlay = layers(tmp_path)
    row = "person|01-1-002|year|年|Year|year||no||personal|no||||verified|本\n"
    text = (overlay / ITEMS).read_text(encoding="utf-8") + row.replace("|", "\t")
    (overlay / ITEMS).write_text(text, encoding="utf-8")
    facts = [finding.facts for finding in check_catalogue(base, [overlay])]
    assert facts == [{"name": "person.year", "field": "required"}]
