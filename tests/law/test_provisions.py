"""The table is data under review: its version is its content, its defects are named by line."""

from pathlib import Path

import pytest

from renkei import standard
from renkei.law import ProvisionTableDefective, provision_table, read_table

SHIPPED = Path(__file__).parents[2] / "src" / "renkei" / "law"


def copy(folder: Path, old: str = "", new: str = "") -> Path:
    for name in ("provisions.tsv", "own_use.tsv"):
        text = (SHIPPED / name).read_text(encoding="utf-8")
        (folder / name).write_text(text.replace(old, new, 1) if old else text, encoding="utf-8")
    return folder


def test_the_version_is_the_content(tmp_path):
    assert read_table(copy(tmp_path)).version == provision_table().version
    assert (
        read_table(copy(tmp_path, "2024-05-27", "2024-05-28")).version != provision_table().version
    )


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("own-use consent", "own-use konsent", 4),
        ("2024-05-27", "2024-13-27", 3),
        ("2024-05-26", "2016-01-01", 2),
        ("\tproposed\t", "\tlikely\t", 2),
        ("NA-074", "NA2-074", 3),
        ("\tmunicipality\t15\t", "\tmunicipality\t", 2),
    ],
)
def test_a_defect_is_named_by_file_and_line(tmp_path, old, new, line):
    with pytest.raises(ProvisionTableDefective, match=rf"provisions\.tsv .* line {line}:"):
        read_table(copy(tmp_path, old, new))


def test_every_item_named_by_a_provision_is_in_the_standard():
    known = {item.id for item in standard.catalogue().entity("income").items}
    for line in provision_table().provisions:
        assert line.items <= known, line.row
