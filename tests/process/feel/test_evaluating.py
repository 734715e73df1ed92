"""Values follow the standard: null where a value is missing, a problem where it is wrong."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.process.feel.evaluating import agree, outcome, problems, value

from renkei.process import feel

TRUTHS = {"true": True, "false": False, "null": None, "1": None}


@pytest.mark.parametrize("left", TRUTHS)
@pytest.mark.parametrize("right", TRUTHS)
def test_logic_has_three_values_and_takes_what_is_none_as_unknown(left, right):
    a, b = TRUTHS[left], TRUTHS[right]
    both = False if a is False or b is False else True if a and b else None
    either = True if a or b else False if a is False and b is False else None
    assert value(f"{left} and {right}") is both
    assert value(f"{left} or {right}") is either


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 = 1.0", "true"),
        ('1 = "1"', "null"),
        ("1 = null", "false"),
        ("null = null", "true"),
        ("1 != null", "true"),
        ('1 < "1"', "null"),
        ("null < 1", "null"),
        ("[1, [2]] = [1.0, [2]]", "true"),
        ("{a: 1, b: 2} = {b: 2, a: 1}", "true"),
        ('@"10:00:00Z" = @"19:00:00+09:00"', "true"),
        ('@"10:00:00Z" = @"10:00:00"', "false"),
        ('@"10:00:00Z" < @"10:00:00"', "false"),
        ('@"10:00:00+09:00" < @"10:00:01"', "true"),
        ("3 in [< 2, > 2]", "true"),
        ("{r: >= 5}.r.start", "5"),
        ('@"2026-04-01T00:00:00@Asia/Tokyo" = @"2026-03-31T15:00:00Z"', "true"),
        ("(function(x) x) = (function(x) x)", "true"),
        ("(function(x) x) = (function(y) y)", "false"),
        ("[1..3] = [1..3]", "true"),
        ("[1..3] = [1..3)", "false"),
        ("2 between 1 and null", "null"),
        ("5 in (> 6, [1..5])", "true"),
        ("5 in [1, 2, [4..6]]", "true"),
        ("[1] in [[1], [2]]", "true"),
        ("null in [1, null]", "true"),
        ("5 in [1..null]", "null"),
        ('1 in ["a", 1]', "true"),
        ('1 in ["a", 2]', "null"),
        ('1 in reverse(["a", 2])', "false"),
    ],
)
def test_equality_and_order_are_of_one_kind(text, expected):
    assert agree(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('@"2024-01-31" + @"P1M"', '@"2024-02-29"'),
        ('@"2024-02-29" - @"P1Y"', '@"2023-02-28"'),
        ('@"2026-04-01" + @"PT23H"', '@"2026-04-01"'),
        ('@"2026-04-01" - @"PT1H"', '@"2026-03-31"'),
        ('@"2026-04-01" - @"2026-03-01"', '@"P31D"'),
        ('@"2026-04-01T00:00:00" - @"2026-03-31T23:00:00"', '@"PT1H"'),
        ('@"2026-04-01T00:00:00Z" - @"2026-04-01"', '@"PT0S"'),
        ('@"2026-04-01T00:00:00Z" - @"2026-04-01T00:00:00"', "null"),
        ('@"23:30:00" + @"PT1H"', '@"00:30:00"'),
        ('@"10:00:00" - @"09:30:00"', '@"PT30M"'),
        ('@"P1Y" + @"P2M"', '@"P14M"'),
        ('@"P1Y" * 1.5', '@"P18M"'),
        ('2 * @"PT90M"', '@"PT3H"'),
        ('@"P1Y" / @"P4M"', "3"),
        ('@"P1D" / 2', '@"PT12H"'),
        ('@"P1Y" + @"P1D"', "null"),
        ('@"2026-04-01" + @"2026-04-01"', "null"),
        ('@"2026-04-01" + 1', "null"),
        ('"a" + "b"', '"ab"'),
        ('"a" + 1', "null"),
        ("1 / 0", "null"),
        ("1 + null", "null"),
        ('-@"P1D"', '@"-P1D"'),
        ('-"a"', "null"),
        ("9.999e6144 * 10", "null"),
        ("0.1 + 0.2", "0.3"),
        ("1 / 3 * 3", "0.9999999999999999999999999999999999"),
    ],
)
def test_arithmetic_is_decimal_and_knows_days_and_durations(text, expected):
    assert agree(text, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("for i in 3..1 return i", "[3, 2, 1]"),
        ("for i in (1..4) return i", "[2, 3]"),
        ("for i in [1, 2], j in [i..2] return [i, j]", "[[1, 1], [1, 2], [2, 2]]"),
        ("for i in 1..3 return partial", "[[], [[]], [[], [[]]]]"),
        ("for i in 1..4 return if i = 1 then 1 else i * partial[-1]", "[1, 2, 6, 24]"),
        ('for d in @"2026-03-31"..@"2026-04-01" return d.day', "[31, 1]"),
        ("for i in null return i", "null"),
        ("for i in 5 return i", "[5]"),
        ('for i in "a".."c" return i', "null"),
        ("some x in [1, null] satisfies x = 1", "true"),
        ("some x in [1, null] satisfies x > 1", "null"),
        ("every x in [] satisfies false", "true"),
        ("every x in [1, 2] satisfies x", "null"),
        ("[1, 2, 3][item > 1]", "[2, 3]"),
        ("[1, 2, 3][-1]", "3"),
        ("[1, 2, 3][1.5]", "null"),
        ("(function(a, b) b)(a: 1)", "null"),
        ("[1, 2, 3][count([1, 2])]", "2"),
        ("[{x: 1}, {y: 2}][x = 1].y", "[null]"),
        ("[{item: 1}][item = 1]", "[{item: 1}]"),
        ("null[1]", "null"),
        ("100[true]", "[100]"),
        ('[1, 2]["a"]', "null"),
        ('if "a" then 1 else 2', "null"),
        ("if null then 1 else 2", "2"),
        ("{f: function(n) if n = 0 then 1 else n * f(n - 1), r: f(20)}.r", "2432902008176640000"),
        ('@"2026-04-01".weekday', "3"),
        ('@"2026-04-01T10:20:30.5+09:00".time offset', '@"PT9H"'),
        ('@"10:00:00@Asia/Tokyo".timezone', '"Asia/Tokyo"'),
        ('@"-P1DT2H".hours', "-2"),
        ("[1..3).end included", "false"),
        ('@"2026-04-01".hour', "null"),
    ],
)
def test_loops_filters_conditions_and_parts(text, expected):
    assert agree(text, expected)


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ("null instance of Any", False),
        ("null instance of Null", True),
        ("[1, null] instance of list<number>", True),
        ('[1, "a"] instance of list<number>', False),
        ('{a: 1, b: "x"} instance of context<a: number>', True),
        ("{b: 1} instance of context<a: number>", False),
        ("[1..3] instance of range<number>", True),
        ("(function(a: number) a) instance of function<number> -> number", True),
        ("(function() 1) instance of function<number> -> number", False),
        ('@"P1D" instance of days and time duration', True),
        ('@"P1D" instance of years and months duration', False),
    ],
)
def test_a_value_is_of_its_types(text, is_so):
    assert value(text) is is_so


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("1 / 0", "feel-division-by-zero"),
        ("a", "feel-name-unknown"),
        ('1 + "a"', "feel-operands-unfit"),
        ('@"foo"', "feel-moment-malformed"),
        ("1()", "feel-no-function"),
        ("abs()", "feel-argument-count"),
        ("abs(m: 1)", "feel-argument-names"),
        ('sqrt("a")', "feel-argument-unfit"),
        ("sqrt(null)", "feel-argument-null"),
        ("sqrt(-1)", "feel-number-undefined"),
        ("[3..1]", "feel-range-unfit"),
        ('(function(a) external {java: {class: "X"}})(1)', "feel-function-outside"),
        ("now()", "feel-no-clock"),
        ("1 instance of list", "feel-type-unknown"),
        ("1 instance of no such type", "feel-type-unknown"),
        ('matches("a", "[")', "feel-pattern-malformed"),
        ('replace("a", "b*", "c")', "feel-pattern-empty"),
        ('@"2026-04-01".hour', "feel-part-unknown"),
    ],
)
def test_a_problem_has_a_code_a_place_and_a_reason_in_both_languages(text, code):
    found = outcome(f"[1,\n {text}][2]")
    assert found.value is None
    (problem,) = found.problems
    assert (problem.code, problem.place.line) == (code, 2)
    assert problem.text("en").startswith("Line 2, column ")
    assert problem.text("ja").startswith("式の2行")


def test_what_is_merely_missing_is_no_problem():
    assert problems("null + 1") == problems("{a: 1}.b") == problems("null < 1") == []


def test_a_missing_name_within_a_filter_is_told_but_harms_nothing_else():
    assert agree("[{x: 1}, {y: 2}][y > 1]", "[{y: 2}]")


@given(
    st.decimals(
        allow_nan=False, allow_infinity=False, places=4, min_value=-(10**20), max_value=10**20
    )
)
def test_numbers_are_exact_to_34_digits(number):
    context: dict[str, feel.Value] = {"n": number}
    assert value("n + n - n = n", context) is True
    assert value("n * 2 / 2 = n", context) is True
    assert value("-(-n) = n and abs(n) >= n", context) is True


def test_a_clock_is_used_only_if_it_is_given():
    from datetime import UTC, datetime

    text = feel.expression("today()")
    found = text.evaluate({}, clock=lambda: datetime(2026, 4, 1, 12, tzinfo=UTC))
    assert str(found.value) == "2026-04-01"


def test_a_singleton_list_and_its_item_are_handed_over_for_each_other():
    assert agree('upper case(["a"])', '"A"')
    assert agree("count(1)", "1")
    assert agree('(function(d: date and time) d)(@"2026-04-01")', '@"2026-04-01T00:00:00Z"')


def test_evaluating_leaves_the_context_as_it_was():
    context: dict[str, feel.Value] = {"list": [Decimal(2), Decimal(1)], "c": {"a": Decimal(1)}}
    value('[append(list, 3), reverse(list), context put(c, "a", 2), remove(list, 1)]', context)
    assert context == {"list": [Decimal(2), Decimal(1)], "c": {"a": Decimal(1)}}


@pytest.mark.parametrize(
    "text",
    ["date(s)", "time(s)", "duration(s)", "number(s, null, null)", "range(s)", "s + 1", "s < 1",
     "s.part", "matches(\"a\", s)", "replace(\"a\", \"a\", s)", "s()", "sqrt(s)",
     "for i in s..s return i",
     "if s then 1 else 2", "[1][s]", "context put({}, [s, s], 1)", "sum([s])"],
)  # fmt: skip
def test_no_problem_tells_a_value_it_met(text):
    found = outcome(text, {"s": "$(9000000000001"})
    assert found.problems
    for problem in found.problems:
        assert "9000000000001" not in problem.text("en") + problem.text("ja") + repr(problem.facts)


def _joined(parts):
    (left, a), operator, (right, b) = parts
    compute = {"+": feel.NUMBERS.add, "-": feel.NUMBERS.subtract, "*": feel.NUMBERS.multiply}
    return f"({left} {operator} {right})", compute[operator](a, b)


def _chosen(parts):
    (left, a), (right, b) = parts
    return f"(if {left} < {right} then {left} else {right})", min(a, b)


SUMS = st.recursive(
    st.integers(-99, 99).map(lambda n: (str(n), Decimal(n))),
    lambda inner: (
        st.tuples(inner, st.sampled_from("+-*"), inner).map(_joined)
        | st.tuples(inner, inner).map(_chosen)
    ),
    max_leaves=12,
)


@given(SUMS)
def test_nested_arithmetic_is_what_python_computes_apart(sum_):
    text, expected = sum_
    assert value(text) == expected
    assert value(f"{{x: {text}, y: x + 0}}.y") == expected
