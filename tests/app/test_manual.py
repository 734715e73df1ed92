"""The manual in the repository is the one the program would write now."""

import pytest
from tests.house.source import ROOT, error_classes

from renkei.app.cli import app
from renkei.app.commands.manual import COMMANDS, ERRORS, errors, write_manual


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    out = tmp_path_factory.mktemp("manual")
    write_manual(out, app)
    return out


@pytest.mark.parametrize("name", [ERRORS, COMMANDS])
def test_the_committed_manual_is_fresh(written, name):
    committed = (ROOT / "docs" / name).read_text(encoding="utf-8")
    assert committed == (written / name).read_text(encoding="utf-8"), "run: renkei manual"


def test_writing_the_manual_again_changes_nothing(written):
    before = {path.name: path.read_bytes() for path in written.iterdir()}
    write_manual(written, app)
    assert {path.name: path.read_bytes() for path in written.iterdir()} == before


def test_no_error_is_forgotten(written):
    assert {kind.__name__ for kind in errors()} == {found.name for found in error_classes()}
    text = (written / ERRORS).read_text(encoding="utf-8")
    assert all(f"| `{found.code}` |" in text for found in error_classes())


def test_every_row_of_the_manual_has_all_its_cells(written):
    for name in (ERRORS, COMMANDS):
        width = 0
        for line in (written / name).read_text(encoding="utf-8").splitlines():
            cells = line.replace("\\|", "").count("|") if line.startswith("|") else 0
            assert width in (0, cells) or not cells, line
            assert "|  |" not in line
            width = cells
