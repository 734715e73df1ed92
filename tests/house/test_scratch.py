"""A run leaves nothing in memory, and its workers share the tests as they were meant to."""

import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from _pytest.doctest import DoctestModule
from tests.grouping import Exemplified, dear_first
from tests.scratch import PREFIX, make_scratch, remove_scratch


@pytest.fixture
def unset(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no place be chosen yet; the run's own is put back."""
    monkeypatch.delenv("TMPDIR", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", None)


@pytest.mark.usefixtures("unset")
def test_a_run_writes_to_its_own_place_and_removes_it(tmp_path):
    made = make_scratch(tmp_path, room=1)
    assert made is not None
    with tempfile.NamedTemporaryFile(delete=False) as kept:
        assert Path(kept.name).parent == made
    remove_scratch(made)
    assert list(tmp_path.iterdir()) == []
    assert "TMPDIR" not in os.environ


@pytest.mark.usefixtures("unset")
def test_what_a_killed_run_left_is_removed_and_what_a_living_one_uses_stays(tmp_path):
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, used = (tmp_path / f"{PREFIX}{pid}" for pid in (ended.pid, os.getppid()))
    left.mkdir()
    used.mkdir()
    made = make_scratch(tmp_path, room=1)
    assert made is not None
    assert sorted(tmp_path.iterdir()) == sorted([made, used])
    remove_scratch(made)


@pytest.mark.usefixtures("unset")
def test_without_room_or_with_a_place_given_nothing_is_made(tmp_path, monkeypatch):
    assert make_scratch(tmp_path, room=1 << 60) is None
    assert make_scratch(tmp_path / "missing", room=1) is None
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert make_scratch(tmp_path, room=1) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("text", "is_looked_through"), [("x = 1", False), (">>> x\n1", True)])
def test_a_module_is_looked_through_for_examples_if_it_has_any(tmp_path, text, is_looked_through):
    file = tmp_path / "module.py"
    file.write_text(text)
    found: list[pytest.Collector] = [object.__new__(DoctestModule)]
    hook = Exemplified().pytest_collect_file(file)
    next(hook)
    with pytest.raises(StopIteration) as end:
        hook.send(found)
    assert end.value.value == (found if is_looked_through else [])


@dataclass(frozen=True)
class Found:
    """A test as it was collected, as far as its place is concerned."""

    nodeid: str


def test_groups_are_dealt_out_first_and_then_modules_by_their_size():
    crash, kit, law = (
        "tests/store/test_crash.py",
        "tests/kit/test_numbers.py",
        "tests/law/test_x.py",
    )
    items = [Found(f"{module}::{n}") for module, n in [(law, 1), (kit, 1), (kit, 2), (crash, 1)]]
    dear_first(items)  # type: ignore[arg-type]  # only their ids are read
    assert [one.nodeid for one in items] == [f"{crash}::1", f"{kit}::1", f"{kit}::2", f"{law}::1"]
