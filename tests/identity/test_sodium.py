"""libsodium is found, or carried along, and never loaded from where others can write."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from renkei.identity import SodiumMissing
from renkei.identity.sodium import sodium

GROUP_TESTS = Path(__file__).with_name("test_group.py")


@pytest.fixture
def fresh(monkeypatch, tmp_path):
    """Give the search without its memory, and a cache folder of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("RENKEI_SODIUM", "wheel")
    return sodium.__wrapped__


def test_the_copy_in_the_wheel_passes_the_tests_of_the_group(tmp_path):
    env = os.environ | {"RENKEI_SODIUM": "wheel", "XDG_CACHE_HOME": str(tmp_path)}
    command = [sys.executable, "-m", "pytest", str(GROUP_TESTS), "-p", "no:cacheprovider"]
    ran = subprocess.run(
        command, env=env, cwd=GROUP_TESTS.parents[2], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stdout
    (carried,) = (tmp_path / "renkei" / "sodium").iterdir()
    assert carried.parent.stat().st_mode & 0o777 == 0o700


def test_the_copy_is_written_once_and_written_again_when_it_was_altered(fresh):
    path = Path(fresh().path)
    written = path.stat().st_mtime_ns
    assert Path(fresh().path).stat().st_mtime_ns == written
    whole = path.read_bytes()
    path.unlink()  # a library in use must not be written over
    path.write_bytes(b"not a library")
    assert Path(fresh().path).read_bytes() == whole


def test_a_folder_others_can_write_to_is_refused(fresh, tmp_path):
    (tmp_path / "renkei" / "sodium").mkdir(parents=True)
    (tmp_path / "renkei" / "sodium").chmod(0o777)
    with pytest.raises(SodiumMissing):
        fresh()


def test_without_any_libsodium_the_error_says_what_to_install(fresh, monkeypatch):
    monkeypatch.setitem(sys.modules, "rbcl", None)
    with pytest.raises(SodiumMissing, match="rbcl"):
        fresh()
