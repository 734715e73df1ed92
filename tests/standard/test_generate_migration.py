"""The migration layout names every file, every column and every code of the catalogue."""

from typing import Any

import pytest
from tests.standard.every_type import small, standards

from renkei.standard import Catalogue, generate

SMALL = small()
STANDARDS = [pytest.param(standard, id=standard.edition.id) for standard in standards()]


def rows(standard: Catalogue, table: str) -> list[Any]:
    """Return the rows of a table of the layout."""
    found = generate.migration(standard).document()[table]
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize("standard", STANDARDS)
def test_every_numbered_entity_is_a_file_with_its_items_and_its_days(standard: Catalogue):
    columns: dict[str, list[str]] = {}
    for row in rows(standard, "データ項目一覧表"):
        columns.setdefault(row["ファイル番号"], []).append(row["項目名"])
    filed = [entity for entity in standard.entities if entity.migration_file]
    assert columns == {
        entity.migration_file: [*(item.ja for item in entity.items), "適用開始日", "適用終了日"]
        for entity in filed
    }
    files = rows(standard, "移行ファイル構成表")
    assert [row["ファイル番号"] for row in files] == sorted(e.migration_file or "" for e in filed)
    assert all(row["項目数"] == len(columns[row["ファイル番号"]]) for row in files)


@pytest.mark.parametrize("standard", STANDARDS)
def test_every_code_of_a_column_stands_in_both_code_tables(standard: Catalogue):
    used = {row["コード"] for row in rows(standard, "データ項目一覧表")} - {""}
    assert used == {row["コード"] for row in rows(standard, "コード構成表")}
    assert used == {row["コード"] for row in rows(standard, "コード一覧")}


@pytest.mark.parametrize("standard", STANDARDS)
def test_a_table_and_its_rows_in_the_object_are_the_same(standard: Catalogue):
    for file, text in generate.migration(standard).texts().items():
        known = rows(standard, file.removesuffix(".tsv"))
        head, *lines = text.split("\n")[:-1] if text else [""]
        assert [line.split("\t") for line in lines] == [[str(c) for c in r.values()] for r in known]
        assert all(list(row) == head.split("\t") for row in known)


def test_a_code_with_a_migration_encoding_is_written_in_it():
    row = next(r for r in rows(SMALL, "データ項目一覧表") if r["項目番号"] == "01-1-004")
    assert (row["コード"], row["コード変換"]) == ("sex_letter", "sex_to_letter")
    codes = {
        row["値"]: row["変換元の値"]
        for row in rows(SMALL, "コード一覧")
        if row["コード"] == "sex_letter"
    }
    assert codes == {"M": "1", "F": "2 3"}


def test_a_relation_to_a_part_of_a_key_may_name_many_records():
    relations = {r["関連先データ名"]: r["多重度"] for r in rows(SMALL, "移行ファイル関連図")}
    assert relations == {"税額": "N:1", "住民": "N:N"}
