"""Every problem an evaluation can meet has its two texts, and its facts fill them."""

import ast
from string import Formatter

from tests.house.source import PACKAGE

from renkei.kit import texts_of

FOLDER = PACKAGE / "process" / "feel"


def noted() -> dict[str, set[str]]:
    """Return each code named in a call of this package, with the facts that stand there."""
    found: dict[str, set[str]] = {}
    for path in FOLDER.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and str(node.value).startswith("feel-"):
                found.setdefault(str(node.value), set())
            if isinstance(node, ast.Call) and node.args:
                match node.args[0]:
                    case ast.Constant(value=str(code)) if code.startswith("feel-"):
                        found.setdefault(code, set()).update(k.arg or "" for k in node.keywords)
    return found


def test_every_code_has_its_texts():
    assert noted().keys() - texts_of().keys() == set()


def test_no_text_waits_for_a_problem_that_never_comes():
    errors = {"feel-syntax-error", "feel-text-too-long", "feel-text-too-deep",
              "feel-value-unreadable", "feel-function-not-kept",
              "feel-text-not-kept"}  # fmt: skip
    told = {code for code in texts_of() if code.startswith("feel-")}
    assert told - noted().keys() == errors


def test_facts_given_by_name_are_those_the_texts_ask_for():
    for code, facts in noted().items():
        asked = {name for _, name, _, _ in Formatter().parse(texts_of()[code]["en"]) if name}
        assert "" in facts or facts <= asked | {"language"}, code
