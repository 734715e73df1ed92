"""No text hangs or exhausts a node, and none reaches Python."""

import time

import pytest
from tests.process.feel.evaluating import outcome, value

from renkei.process import feel

SMALL = feel.Limits(steps=20_000, size=5_000, text=5_000)
DOUBLED = ", ".join(f"b{n}: [b{n - 1}, b{n - 1}]" for n in range(1, 60))
JOINED = ", ".join(f"b{n}: concatenate(b{n - 1}, b{n - 1})" for n in range(1, 60))
ENDED = {"feel-steps-exhausted", "feel-size-exceeded", "feel-depth-exceeded"}


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000000 return i",
        "for i in 1..100000, j in 1..100000 return i * j",
        "some i in 1..1000000000 satisfies false",
        "every i in 1..1000000000 satisfies true",
        "{f: function(n) f(n + 1), r: f(0)}.r",
        "{f: function(n) if n < 2 then n else f(n - 1) + f(n - 2), r: f(60)}.r",
        "(function(x) x(x))(function(x) x(x))",
        "{p: function(n) [n, p(n)], r: p(1)}.r",
        "{a0: \"xxxxxxxx\", " + ", ".join(f"a{n}: a{n-1} + a{n-1}" for n in range(1, 60)) + "}.a59",
        "{b0: [1], " + JOINED + "}.b59",
        "{b0: [1], " + DOUBLED + "}.b59",
        "{b0: [1], " + DOUBLED + ", r: b59 = b59}.r",
        "{b0: [1], " + DOUBLED + ", r: flatten(b59)}.r",
        "{b0: [1], " + DOUBLED + ", r: string(b59)}.r",
        "{b0: [1], " + DOUBLED + ", r: b59 instance of list<list<list<number>>>}.r",
        "for i in 1..100000 return [" + "i, " * 1000 + "i]",
        "for i in 1..100000 return string(1e6000)",
        "string join(for i in 1..5000 return \"abc\")",
        "distinct values(for i in 1..10000 return [i])",
        "sort(for i in 1..10000 return i, function(a, b) a < b)",
        "split(\"" + "a," * 20000 + "\", \",\")",
        "for i in 1..100000 return matches(\"x\", \"((a{50}){50}){50}\")",
    ],
)  # fmt: skip
def test_what_would_not_end_is_ended_with_a_reason(text):
    began = time.process_time()
    found = feel.expression(text).evaluate({}, limits=SMALL)
    assert found.value is None
    assert found.problems[-1].code in ENDED
    assert found.problems[-1].text("ja")
    assert time.process_time() - began < 5


def test_the_end_of_an_evaluation_names_the_innermost_place_that_ran_on():
    text = "{a: 1,\n b: [a, for i in 1..9 return for j in 1..1000000 return j]}"
    ended = feel.expression(text).evaluate({}, limits=SMALL).problems[-1]
    assert (ended.place.line, ended.place.column) == (2, 30)


@pytest.mark.parametrize(
    "text",
    ["1.0000000001 ** 99999999999999999999", "10 ** 1e9", "exp(1e6)", "exp(-1e6)", "sqrt(1e6000)",
     "for i in 1e6000..1e6001 return i", "round up(1, 1e6000)", "date(1e6000, 1, 1)",
     '@"P99999999999Y" * 1e300', 'substring("a", 1e6000)', "[1][1e6000]", "modulo(1e6000, 7)",
     '@"999999999-12-31" + @"P1D"'],
)  # fmt: skip
def test_huge_numbers_take_no_time(text):
    began = time.process_time()
    outcome(text)
    assert time.process_time() - began < 1


def test_recursion_goes_some_hundred_calls_deep_and_ends_by_our_own_count():
    text = "{{f: function(n) if n = 0 then 0 else 1 + f(n - 1), r: f({depth})}}.r"
    assert value(text.format(depth=80)) == 80
    assert outcome(text.format(depth=1000)).problems[-1].code == "feel-depth-exceeded"


def test_the_count_of_the_depth_does_not_depend_on_where_the_caller_stands():
    text = feel.expression(
        "{f: function(n) if n = 0 then 0 else 1 + f(n - 1), r: f(m)}.r", feel.Names(["m"])
    )

    def deepest() -> int:
        return next(
            m for m in range(60, 200) if text.value({"m": feel.NUMBERS.create_decimal(m)}) is None
        )

    def deeper(levels: int) -> int:
        return deepest() if levels == 0 else deeper(levels - 1)

    assert deepest() == deeper(100)


@pytest.mark.parametrize(
    "text",
    ['__import__("os")', '"".__class__', "{a: 1}.__class__", "abs.call", "abs.__globals__",
     "date.__init__", 'get value({a: 1}, "__class__")', "string.format", "self", "run", "scope",
     '@"10:00:00@../../etc/passwd"', 'time("10:00:00@/etc/localtime")'],
)  # fmt: skip
def test_no_text_reaches_python(text):
    assert value(text) is None


def test_a_part_of_a_value_is_never_an_attribute_of_python():
    for text in ("1", '"a"', "true", "[1]", "{a: 1}", '@"2026-04-01"', "[1..2]", "abs"):
        for name in ("days", "real", "keys", "append", "nanos", "parameters", "value", "civil"):
            found = value(f"({text}).{name}")
            assert found is None or found == [None]


def test_a_shared_budget_is_spent_by_all_who_run_on_it():
    run = feel.Run(limits=feel.Limits(steps=500))
    text = feel.expression("count(for i in 1..300 return i)")
    assert text.within(run, {}) == 300
    assert text.within(run, {}) is None
