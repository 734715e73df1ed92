"""What is tracked stands alone: it names no place on one machine and no package registry."""

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
from tests.house.source import ROOT

# Written in halves, so that this file keeps its own rule.
HOME = re.compile(r"(?<![\w./:}-])/(?:" + "|".join(["work", "home", "root"]) + r")/\w")
SYSTEM = "/usr/lib/" + "postgresql"
REGISTRIES = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("golang", "org"),
        ("crates", "io"),
        ("rubygems", "org"),
    )
] + ["--index" + "-url", "--extra-index" + "-url", "--find" + "-links"]


@cache
def tracked() -> list[tuple[str, str]]:
    """Return the name and text of every tracked file that is text and still there."""
    answer = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if answer.returncode != 0:
        pytest.skip("this is no git work tree")
    found = []
    for name in filter(None, answer.stdout.split("\0")):
        path = Path(ROOT / name)
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data:
                found.append((name, data.decode("utf-8")))
    return found


def places(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name}:{text.count(chr(10), 0, found.start()) + 1} {found[0]}"
        for name, text in tracked()
        for found in pattern.finditer(text)
    ]


def test_the_rule_finds_a_place_on_one_machine() -> None:
    assert HOME.search('open("/ho' + 'me/someone/file")')
    assert HOME.search("https://example.org/home/page") is None


def test_no_file_names_a_place_on_one_machine() -> None:
    assert places(HOME) == []


def test_only_the_runner_knows_where_a_system_keeps_postgresql() -> None:
    found = places(re.compile(re.escape(SYSTEM)))
    assert [place for place in found if not place.startswith("src/renkei/kit/programs.py:")] == []


def test_no_file_names_a_package_registry() -> None:
    assert places(re.compile("|".join(map(re.escape, REGISTRIES)))) == []


def test_no_lock_file_with_addresses_is_tracked() -> None:
    names = {Path(name).name for name, _ in tracked()}
    assert names & {"uv.lock", "pylock.toml", "poetry.lock", "package-lock.json"} == set()
