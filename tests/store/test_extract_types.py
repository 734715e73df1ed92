"""Every type of item has its place in every form."""

import openpyxl
import polars as pl
import pytest
from tests.store.asking import load
from tests.store.rows import TOWN
from tests.store.test_extract_files import write

from renkei.standard import ItemType, catalogue
from renkei.standard.synthetic import example_row
from renkei.store import extracts
from renkei.store.extracts import Form

ENTITIES = [
    entity
    for entity in catalogue().entities
    if {item.type for item in entity.items} & {ItemType.decimal, ItemType.datetime}
    and entity.name != "protection"  # whoever it is about is in no extract
]


@pytest.mark.parametrize("entity", ENTITIES, ids=lambda entity: entity.name)
def test_an_example_of_an_entity_is_read_back(conn, tmp_path, entity):
    row = {name: value for name, value in example_row(entity, catalogue()).items() if value}
    load(conn, entity, row)
    query = extracts.Query(
        leading=extracts.Source(entity=entity.name),
        columns=tuple(
            extracts.Column(item=f"{entity.name}.{item.name}", title=item.name)
            for item in entity.items
        ),
    )
    for form in (Form.parquet, Form.xlsx, Form.csv):
        (tmp_path / form).mkdir()
        output = write(conn, tmp_path / form / f"a{form.suffix}", query, form)
        assert output.rows == 1, TOWN
    (found,) = pl.read_parquet(tmp_path / "parquet" / "a.parquet").to_dicts()
    sheet = openpyxl.load_workbook(tmp_path / "xlsx" / "a.xlsx").worksheets[0]
    names, cells = ([cell.value for cell in line] for line in sheet.iter_rows())
    excel = dict(zip(names, cells, strict=True))
    text = pl.read_csv(tmp_path / "csv" / "a.csv", infer_schema=False).row(0, named=True)
    for item in entity.items:
        wanted = row.get(item.name)
        assert extracts.plain(found[item.name]) == (wanted or "")
        assert (text[item.name] or "").removeprefix("'") == (wanted or "")
        match item.type:
            case ItemType.number | ItemType.decimal if wanted:
                assert float(excel[item.name]) == float(wanted)
            case ItemType.date | ItemType.datetime if wanted:
                assert excel[item.name].isoformat().startswith(wanted)
            case _:
                assert (excel[item.name] or "") == (wanted or "")
