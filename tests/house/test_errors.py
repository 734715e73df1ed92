"""Whatever a person reads exists once, in both languages, with the same facts."""

import ast
import csv
from collections import Counter

import pytest
from tests.house.source import PACKAGE, ErrorClass, calls, error_classes, placeholders

from renkei.kit import NodeError

LINES = (PACKAGE / "kit" / "texts.tsv").read_text(encoding="utf-8").splitlines()
ROWS = list(csv.reader(LINES, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
TEXTS = {row[0]: row[1:] for row in ROWS}
ERRORS = error_classes()

each_error = pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)


def test_the_errors_are_found_with_the_codes_the_program_gives_them() -> None:
    found = {error.code: error.text for error in ERRORS}
    assert found["node-error"] == NodeError.template()
    assert len(found) > 10
    for known in NodeError.__subclasses__():
        if known.__module__ == "renkei.kit.errors":
            assert found[known.code()] == known.template()


def test_no_two_errors_have_the_same_code() -> None:
    places = Counter(error.code for error in ERRORS)
    assert [e.place for e in ERRORS if places[e.code] > 1] == []


@each_error
def test_an_error_says_in_english_what_is_wrong(error: ErrorClass) -> None:
    assert error.text.endswith((".", "}"))


@each_error
def test_an_error_says_the_same_facts_in_japanese(error: ErrorClass) -> None:
    japanese, english = TEXTS[error.code]
    assert english == "", "an error's English text is its docstring"
    assert placeholders(japanese) == placeholders(error.text)


@each_error
def test_an_error_is_raised_with_all_its_facts(error: ErrorClass) -> None:
    if error.fills_itself:
        return
    for module, call in calls(error.name):
        given = {keyword.arg for keyword in call.keywords}
        if None not in given:  # `**facts` is for the type checker and the tests of the room
            assert placeholders(error.text) <= given, module.at(call)


def test_every_row_has_a_code_and_two_texts() -> None:
    assert [row for row in ROWS if len(row) != 3 or not row[0] or not row[1]] == []


def test_no_code_stands_twice() -> None:
    assert [code for code, times in Counter(row[0] for row in ROWS).items() if times > 1] == []


def test_what_is_no_error_has_both_languages_and_the_same_facts() -> None:
    codes = {error.code for error in ERRORS}
    for code, (japanese, english) in TEXTS.items():
        if code not in codes:
            assert english, f"{code} has no English text and is no error"
            assert placeholders(japanese) == placeholders(english), code


def test_every_text_asked_for_by_name_exists() -> None:
    for module, call in calls("say"):
        match call.args:
            case [ast.Constant(value=str(code)), *_]:
                assert code in TEXTS, module.at(call)
