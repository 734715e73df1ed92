"""Every numbered clause of docs/protocol has a test that names it: `@pytest.mark.clause("RK-2.4")`.

The mark stands at a function, so that it says which test proves the clause, not which file is near
it. Sources are read, not collected: the rule holds however few tests a run has.
"""

import ast
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest
from tests.house.source import ROOT

STATED = re.compile(r"^- \*\*RK-(\d+)\.(\d+)\*\* ", re.MULTILINE)
NAMED = re.compile(r"RK-\d+\.\d+")
PAGES = sorted((ROOT / "docs/protocol").glob("*.md"))
SOURCES = sorted((ROOT / "tests").rglob("test_*.py"))

Number = tuple[int, int]


def stated(text: str) -> list[Number]:
    """Return the numbers of the clauses a page states, in its order."""
    return [(int(section), int(number)) for section, number in STATED.findall(text)]


def gaps(numbers: list[Number]) -> list[Number]:
    """Return the numbers at which a section does not go on by one from the one before, from 1."""
    found = []
    for section, group in groupby(numbers, lambda one: one[0]):
        found += [(section, k) for n, (_, k) in enumerate(group, 1) if n != k]
    return found


def unnumbered(text: str) -> list[int]:
    """Return the lines that say MUST outside a clause, which ends where lines are not indented."""
    found, inside = [], False
    for number, line in enumerate(text.splitlines(), 1):
        inside = bool(STATED.match(line)) or (inside and line.startswith("  "))
        if not inside and re.search(r"\bMUST\b", line):
            found.append(number)
    return found


def marks(tree: ast.AST) -> Iterator[ast.Call]:
    """Yield every mark of a clause, wherever it stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.clause":
            yield node


def proven(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Yield each clause a test names, with the test."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in (one for line in node.decorator_list for one in marks(line)):
                yield from ((ast.literal_eval(argument), node.name) for argument in mark.args)


CLAUSES = [number for page in PAGES for number in stated(page.read_text(encoding="utf-8"))]


@cache
def trees() -> dict[Path, ast.Module]:
    """Return what is marked, parsed when a test asks for it: every worker collects this module."""
    texts = {path: path.read_text(encoding="utf-8") for path in SOURCES}
    return {path: ast.parse(text) for path, text in texts.items() if "mark.clause" in text}


@cache
def named_by_tests() -> list[str]:
    """Return every clause a test names."""
    return [clause for tree in trees().values() for clause, _ in proven(tree)]


def test_the_rule_reads_pages_and_marks() -> None:
    page = "## 2\n\n- **RK-2.1** One.\n  RK-9.9 said by the way\n- **RK-2.3** Three.\n"
    assert stated(page) == [(2, 1), (2, 3)]
    assert gaps(stated(page)) == [(2, 3)]
    assert unnumbered("- **RK-2.1** It MUST.\n  It MUST.\n\nIt MUST.\n") == [4]
    source = '@pytest.mark.clause("RK-2.1", "RK-2.3")\ndef test_it(): ...\ndef test_other(): ...\n'
    assert list(proven(ast.parse(source))) == [("RK-2.1", "test_it"), ("RK-2.3", "test_it")]
    assert len(CLAUSES) > 80


def test_every_clause_stands_once() -> None:
    assert [number for number, times in Counter(CLAUSES).items() if times > 1] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_numbers_of_a_section_run_without_a_gap(page) -> None:
    assert gaps(stated(page.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_must_stands_in_a_clause_with_a_number(page) -> None:
    assert unnumbered(page.read_text(encoding="utf-8").replace("「MUST」", "")) == []


def test_every_clause_has_a_test_that_names_it() -> None:
    wanted = [f"RK-{section}.{number}" for section, number in CLAUSES]
    assert [clause for clause in wanted if clause not in named_by_tests()] == []


def test_no_test_names_a_clause_that_is_none() -> None:
    known = {f"RK-{section}.{number}" for section, number in CLAUSES}
    assert sorted(set(named_by_tests()) - known) == []


def test_a_page_refers_only_to_clauses_that_are_there() -> None:
    known = {f"RK-{section}.{number}" for section, number in CLAUSES}
    named = {one for page in PAGES for one in NAMED.findall(page.read_text(encoding="utf-8"))}
    assert sorted(named - known) == []


def test_a_mark_stands_at_a_test_and_nowhere_else() -> None:
    strays = {
        str(path.relative_to(ROOT)): every - at_tests
        for path, tree in trees().items()
        if (every := sum(len(mark.args) for mark in marks(tree)))
        != (at_tests := sum(1 for _ in proven(tree)))
    }
    assert strays == {}
