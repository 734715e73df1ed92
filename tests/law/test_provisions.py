"""The table is the standard's data under review: its version is its content."""

from pathlib import Path

from tests.standard.folder import write

from renkei.law import ProvisionTable, provision_table, table_of
from renkei.standard import catalogue, compile_catalogue, read_compiled


def table(folder: Path, old: str = "", new: str = "") -> ProvisionTable:
    file = "provisions.tsv" if old else ""
    return table_of(read_compiled(compile_catalogue(write(folder, file, old, new))))


def test_the_version_is_the_content(tmp_path):
    assert table(tmp_path).version == table(tmp_path).version
    assert table(tmp_path, "2029-03-31", "2029-03-30").version != table(tmp_path).version


def test_a_change_of_the_standard_elsewhere_leaves_the_version(tmp_path):
    other = write(tmp_path, "units/01.yaml", "住民を記録する", "人を記録する")
    changed = table_of(read_compiled(compile_catalogue(other)))
    assert changed.version == table(tmp_path).version


def test_every_row_is_found_by_its_key():
    shipped = provision_table()
    assert sum(map(len, shipped.by_key.values())) == len(shipped.provisions)


def test_every_item_named_by_a_provision_is_in_the_standard():
    known = {item.id for entity in catalogue().entities for item in entity.items}
    for line in provision_table().provisions:
        assert set(line.items) <= known, line.row
