"""A text is read by the names known where it stands, or refused at the very place."""

import time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.process.feel.evaluating import agree, value

from renkei.process import feel
from renkei.process.feel.lexer import LONGEST_TEXT


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("Monthly Income", "Monthly Income - 3", 7),
        ("Monthly Income", "Monthly   Income*2", 20),
        ("profit-and-loss", "profit-and-loss + 1", 11),
        ("Approved/Declined", "Approved/Declined / 2", 5),
        ("values in a list", "values in a list = 10 and true", True),
        ("Extra days case 1", "Extra days case 1 + 1", 11),
        ("Applicant's age", "Applicant's age", 10),
        ("date and time of birth", "date and time of birth", 10),
        ("not approved", "not approved", 10),
        ("世帯員（本人）の所得", "世帯員（本人）の所得 - 1", 9),
        ("所得 (合計)", "所得 (合計) - 1", 9),
        ("🐎", "🐎 + 1", 11),
        ("a.b", "a.b", 10),
    ],
)
def test_a_name_may_hold_spaces_signs_keywords_and_any_letters(name, text, expected):
    found = value(text, {name: Decimal(10)})
    assert found == expected
    assert type(found) is (bool if expected is True else Decimal)


def test_the_longest_known_name_is_meant():
    context = {"a": Decimal(1), "b": Decimal(2), "a-b": Decimal(10)}
    assert value("a-b", context) == 10
    assert value("b-a", context) == 1


def test_names_within_contexts_are_known_by_their_types():
    of = feel.ListOf(feel.ContextOf({"net-pay 月額": feel.NUMBER, "name": feel.STRING}))
    text = "members[net-pay 月額 > 5].net-pay 月額[1] - 1"
    members: list[feel.Value] = [{"net-pay 月額": Decimal(n), "name": ""} for n in (3, 8)]
    found = feel.expression(text, feel.Names({"members": of})).value({"members": members})
    assert found == 7


def test_entries_written_in_the_text_are_known_after_it():
    assert agree("{foo+bar: 1, x: foo+bar + 1}.x", "2")
    assert agree("[{a b: 1}, {a b: 2}][a b > 1].a b", "[2]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-3 ** 2", "9"),
        ("3 ** 2 ** 3", "729"),
        ("10 - 2 - 3", "5"),
        ("1 + 2 * 3 - -4", "11"),
        ("true or false and false", "true"),
        ("1 = 1 and 2 > 1", "true"),
        ("--1", "1"),
        ("2 * 3 instance of number", "null"),  # a type binds closer: 2 * (3 instance of number)
        ("1 + /* one */ 1 // and no more", "2"),
        ("1e3 + .5E+1", "1005"),
        ("if false then 1 else if true then 2 else 3", "2"),
        ("[1..3[ = [1..3)", "true"),
        ("]1..3] = (1..3]", "true"),
        ("[1, 2][2] in [1..3[", "true"),
        ("(< 5) = (< 5)", "true"),
        ("3 in (< 5)", "true"),
        ("(= 3).start", "3"),
        ("5 in ((1), (5))", "true"),
        ("5 in ((4..10])", "true"),
        ("is({a: 1} instance of context<a: number>, true)", "true"),
        ('"\\u00e9\\U01F40E\\uD83D\\uDC0E\\t\\"\\\\d"', '"é🐎🐎\\u0009\\u0022\\d"'),
        ("(function(a, b c) a * b c)(2, 3)", "6"),
        ("(function(a: number, b: list<string>) a)(b: [], a: 1)", "1"),
    ],
)
def test_operators_and_forms_are_read_by_their_rank(text, expected):
    assert agree(text, expected)


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("1 +", 1, 4),
        ("1 + \n  )", 2, 3),
        ("{a: 1, a: 2}", 1, 11),
        ('"open', 1, 1),
        ("1 2", 1, 3),
        ("[1, 2", 1, 6),
        ("if true then 1", 1, 15),
        ("for x return 1", 1, 7),
        ("f(a: 1, 2)", 1, 10),
        ("x instance of", 1, 14),
        ('"\\uD83D"', 1, 1),
        ("1 % 2", 1, 3),
        ("", 1, 1),
    ],
)
def test_what_is_no_feel_is_refused_at_its_place(text, line, column):
    with pytest.raises(feel.FeelSyntaxError) as refused:
        feel.expression(text)
    assert (refused.value.line, refused.value.column) == (line, column)
    assert refused.value.expected
    assert str(line) in refused.value.text("ja")


@pytest.mark.parametrize(
    "text",
    ["/* " * 30_000, "{" + "a 1: b.c, " * 9_000, "(" * 90_000, "a+" * 40_000, "[a[b" * 20_000,
     "for " + "a in b, " * 10_000, '@"' * 40_000, "if a then b else " * 5_000, "f(a: " * 15_000],
)  # fmt: skip
def test_a_hostile_text_is_refused_before_it_costs_anything(text):
    began = time.process_time()
    with pytest.raises((feel.FeelSyntaxError, feel.FeelTextTooDeep)):
        feel.expression(text)
    assert time.process_time() - began < 5


def test_a_text_too_long_or_too_deep_is_refused_before_it_is_read():
    with pytest.raises(feel.FeelTextTooLong):
        feel.expression("1" * (LONGEST_TEXT + 1))
    with pytest.raises(feel.FeelTextTooDeep):
        feel.expression("(" * 1000 + "1" + ")" * 1000)


@given(st.text(max_size=60))
def test_any_text_at_all_is_read_or_refused(text):
    try:
        found = feel.expression(text).evaluate({})
    except (feel.FeelSyntaxError, feel.FeelTextTooDeep):
        return
    assert isinstance(found, feel.Result)


_PIECES = st.sampled_from(
    [
        "1",
        "2.5",
        '"a"',
        "x",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ":",
        ",",
        "..",
        ".",
        "+",
        "-",
        "*",
        "/",
        "**",
        "=",
        "!=",
        "<",
        ">=",
        "and",
        "or",
        "not(",
        "in",
        "between",
        "if",
        "then",
        "else",
        "for",
        "some",
        "every",
        "satisfies",
        "return",
        "function(",
        "instance",
        "of",
        "null",
        "true",
        '@"2020-01-01"',
        "[1..3]",
        "?",
        "date(",
        "list<",
        ">",
        "external",
    ]
)


@given(st.lists(_PIECES, max_size=25))
def test_any_heap_of_words_is_read_or_refused(pieces):
    text = " ".join(pieces)
    for read in (feel.expression, feel.unary_tests):
        try:
            made = read(text)
        except (feel.FeelSyntaxError, feel.FeelTextTooDeep):
            continue
        if isinstance(made, feel.Expression):
            made.evaluate({"x": Decimal(1)})
        else:
            made.matches(Decimal(1), {})


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_any_string_comes_back_as_it_was_written(text):
    plain = text.translate({ord("\\"): "\\\\", ord('"'): '\\"', 10: "\\n", 13: "\\r"})
    assert value(f'"{plain}"') == text
