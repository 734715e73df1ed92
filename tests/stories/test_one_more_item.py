"""An official adds one line to one file; table, schemas, page, form and sample data have the item.

items/17-child-medical.tsv:  child_medical  17-1-900  clinic_card  診察券番号 …
"""

import shutil
from datetime import date
from pathlib import Path

import psycopg
import pytest

from renkei import store
from renkei.standard import (
    Catalogue,
    compile_catalogue,
    generate,
    read_compiled,
    shipped_folder,
    site,
)
from renkei.standard.synthetic import Records, example_row
from renkei.standard.synthetic.dice import Dice

LINE = (
    "child_medical|17-1-900|clinic_card|診察券番号|Number of the clinic card|latin|12|no||personal"
    "|no|C-0001|||proposed|A市\n"
).replace("|", "\t")
DAY = date(2026, 4, 1)


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """Give the shipped standard with one line more."""
    folder = tmp_path_factory.mktemp("standard") / "catalogue"
    shutil.copytree(Path(str(shipped_folder())), folder)
    with (folder / "items/17-child-medical.tsv").open("a", encoding="utf-8") as items:
        items.write(LINE)
    return read_compiled(compile_catalogue(folder))


def test_the_store_has_a_column_of_it(dsn: str, extended: Catalogue) -> None:
    made = store.align(dsn, extended)
    assert made == ["store_child_medical.clinic_card", "store_child_medical_history.clinic_card"]
    with psycopg.connect(dsn) as conn:
        comment = conn.execute(
            "SELECT col_description('store_child_medical'::regclass, attnum) FROM pg_attribute"
            " WHERE attrelid = 'store_child_medical'::regclass AND attname = 'clinic_card'"
        ).fetchone()
    assert comment == ("17-1-900 診察券番号",)


def test_every_schema_and_layout_has_it(extended: Catalogue) -> None:
    entity, unit = extended.entity("child_medical"), extended.unit("17")
    told = {
        "JSON Schema": generate.json_text(generate.json_schema(entity, extended)),
        "XML Schema": generate.xsd(unit, extended),
        "Table Schema": generate.json_text(generate.table_schema(entity, extended)),
        "CSV": generate.csv_markdown(entity),
        "LinkML": generate.json_text(generate.linkml(extended)),
        "migration": "".join(generate.migration(extended).texts().values()),
        "tables": generate.store_sql(extended),
    }
    assert [name for name, text in told.items() if "診察券番号" not in text] == []


def test_the_form_asks_for_it_in_both_languages(extended: Catalogue) -> None:
    entity = extended.entity("child_medical")
    assert "診察券番号" in generate.form(entity, extended, "ja", on=DAY)
    assert "Number of the clinic card" in generate.form(entity, extended, "en", on=DAY)


def test_the_page_shows_it_and_the_search_finds_it(extended: Catalogue) -> None:
    pages = dict(site.pages(extended))
    assert "診察券番号" in pages["ja/entities/child_medical.html"]
    assert "Number of the clinic card" in pages["en/entities/child_medical.html"]
    assert "診察券番号" in pages["assets/search.js"]


def test_sample_data_holds_it(extended: Catalogue) -> None:
    entity = extended.entity("child_medical")
    assert example_row(entity, extended)["clinic_card"] == "C-0001"
    made = Records(extended, Dice("story"), DAY, ()).make(entity, 20)
    assert {row["clinic_card"] for row in made} == {"C-0001", ""}
