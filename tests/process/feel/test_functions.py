"""Each function gives what the standard says, and null for what it does not take."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.process.feel.evaluating import agree, value

from renkei.process import feel

CASES = """
number("1 000,5", " ", ",") | 1000.5
number("1.000", ".", ".") | null
string(1e2) | "100"
string([1, "a", {b: null}]) | "[1, \\"a\\", {b: null}]"
string(null) | null
date(2026, 13, 1) | null
date("2023-02-29") | null
date(date and time("2026-04-01T10:00:00")) | @"2026-04-01"
time(10, 0, 0, @"PT9H") | @"10:00:00+09:00"
time("24:00:00") | @"00:00:00"
date and time("2026-03-31T24:00:00") | @"2026-04-01T00:00:00"
date and time(@"2026-04-01", @"10:00:00") | @"2026-04-01T10:00:00"
duration("P1Y") | @"P12M"
duration("P1YT1H") | null
years and months duration(@"2024-02-29", @"2026-02-28") | @"P1Y11M"
years and months duration(@"2026-02-28", @"2024-02-29") | @"-P1Y11M"
substring("🐎abc", 2, 2) | "ab"
substring("abc", -2) | "bc"
substring("abc", 0) | null
substring("abc", 2, 3) | null
substring("abc", -2, 2) | "bc"
substring("abc", 4) | null
substring before("abc", "c") | "ab"
substring before("abc", "x") | ""
substring after("abc", "a") | "bc"
upper case("äé") | "ÄÉ"
lower case("ÄＡ") | "äａ"
starts with("abc", "ab") | true
ends with("abc", "ab") | false
string length("") | 0
replace("abcd", "(ab)|(a)", "[1=$1][2=$2]") | "[1=ab][2=]cd"
replace("a.b", ".", "$0$0", "q") | "a$0$0b"
replace("abc", "b", "$") | null
split("a;b;;c", ";") | ["a", "b", "", "c"]
string join(["a", null, "c"], "-") | "a-c"
string join([1]) | null
list contains([1, null], null) | true
count([1, [2]]) | 2
min([3, 1, 2]) | 1
min("b", "a") | "a"
max(@"P1D", @"PT25H") | @"PT25H"
max([]) | null
max([1, "a"]) | null
sum([1, 2, 3.5]) | 6.5
sum([]) | null
mean(1, 2) | 1.5
median([8, 2, 5, 7]) | 6
stddev([2, 4, 7, 5]) > 2.0816 | true
stddev([1]) | null
mode([]) | []
product([2, 3]) | 6
all([true, null]) | null
all([false, null]) | false
any([true, 1]) | true
any([false, 1]) | null
sublist([1, 2, 3], -2, 1) | [2]
sublist([1, 2, 3], 2, 3) | null
append([1], [2], 3) | [1, [2], 3]
concatenate([1], 2, [3]) | [1, 2, 3]
concatenate([1], null) | null
insert before([1, 3], 2, 2) | [1, 2, 3]
remove([1, 2], -1) | [1]
remove([1], 2) | null
reverse([1, 2]) | [2, 1]
index of([1, 2, 1], 1) | [1, 3]
union([1, 2], [2, 3]) | [1, 2, 3]
distinct values([1, "1", 1.0, [1], [1.0], null, null]) | [1, "1", [1], null]
flatten([1, [2, [3, []]]]) | [1, 2, 3]
list replace([1, 2], -1, 9) | [1, 9]
list replace([1, 2], function(a, b) a < b, 2) | [2, 2]
sort([3, 1, 2], function(a, b) a < b) | [1, 2, 3]
sort(precedes: function(a, b) a > b, list: [1, 2]) | [2, 1]
sort([1, 2], function(a) true) | null
not(null) | null
not(1) | null
not([true]) | false
date(["2026-04-01"]) | @"2026-04-01"
abs([-1]) | 1
duration(@"P1D") | null
years and months duration(@"2026-04-01", @"2027-04-01T10:00:00") | @"P1Y"
decimal(2.5, 0) | 2
decimal(1250, -2) | 1200
string(decimal(1, 2)) | "1.00"
round up(5.5, 6176) | 5.5
round up(5.5, -6111) | 1e6111
round down(5.5, -6111) | 0
round up(-5.1, 0) | -6
round down(5.5, 7000) | null
round half up(-2.5, 0) | -3
round half down(2.5, 0) | 2
floor(-1.5) | -2
ceiling(1.234, 2) | 1.24
abs(@"-P1D") | @"P1D"
abs("a") | null
modulo(-12, 5) | 3
modulo(12, -5) | -3
modulo(10.1, 4.5) | 1.1
modulo(1, 0) | null
sqrt(16) | 4
log(1) | 0
log(0) | null
exp(0) | 1
contains("abc", "bc") | true
even(-2) | true
odd(1.5) | false
day of year(@"2024-12-31") | 366
day of week(@"2026-04-01") | "Wednesday"
month of year(@"2026-04-01") | "April"
week of year(@"2005-01-01") | 53
week of year(@"2003-12-29") | 1
is(@"23:00:50Z", @"23:00:50+00:00") | true
is(@"23:00:50@Etc/GMT", @"23:00:50Z") | false
is(1, "1") | false
get value({a: 1}, "b") | null
get entries({a: 1}) | [{key: "a", value: 1}]
context([{key: "a", value: null}]) | {a: null}
context([{key: "a", value: 1}, {key: "a", value: 1}]) | null
context put({a: {b: 1}}, ["a", "b"], 2) | {a: {b: 2}}
context put({}, ["a", "b"], 2) | null
context put({a: 1}, "b", null) | {a: 1, b: null}
context merge([{a: 1}, {a: 2}]) | {a: 2}
range("[1..3)") | [1..3)
range("[1..\\"a\\"]") | null
range("[..2]") | null
before(1, 2) | true
before([1..5], 5) | false
before([1..5), 5) | true
after([5..8], [1..5)) | true
after([5..8], [1..5]) | false
meets([1..5], [5..8]) | true
met by([5..8], [1..5]) | true
overlaps([1..5], (5..8]) | false
overlaps before([1..5], [3..8]) | true
overlaps after([3..8], [1..5]) | true
finishes(10, [1..10]) | true
finished by([1..10], [5..10]) | true
includes([1..10], 10) | true
includes([1..10), 10) | false
during([4..6], [1..10]) | true
starts([1..5], [1..10]) | true
started by([1..10], 1) | true
coincides([1..5), [1..5)) | true
before("a", 1) | null
during(5, (> 3)) | true
"""


@pytest.mark.parametrize("case", [line for line in CASES.splitlines() if line])
def test_a_function_of_the_standard(case):
    text, _, expected = case.rpartition(" | ")
    assert agree(text, expected)


def test_every_function_of_the_standard_is_tried_above():
    tried = set(re.findall(r"^([a-z ]+)\(", CASES, re.MULTILINE))
    assert feel.CONFORMANCE.functions.keys() - tried == {"now", "today", "matches"}, "elsewhere"


LISTS = st.lists(st.integers(-5, 5), max_size=12)


@given(LISTS)
def test_sorting_gives_what_python_sorts(numbers):
    found = value(f"sort({numbers}, function(a, b) a < b)")
    assert found == sorted(numbers)


@given(LISTS, LISTS)
def test_union_is_concatenation_without_repetition(left, right):
    assert value(f"union({left}, {right})") == list(dict.fromkeys(left + right))
    assert value(f"distinct values(concatenate({left}, {right})) = union({left}, {right})") is True


BOUNDS = st.tuples(st.integers(0, 6), st.integers(0, 6), st.booleans(), st.booleans())


@given(BOUNDS, BOUNDS)
def test_relations_of_ranges_mirror_each_other(left, right):
    ranges = []
    for start, end, opened, closed in (left, right):
        if start > end:
            start, end = end, start
        ranges.append(f"{'[' if opened else '('}{start}..{end}{']' if closed else ')'}")
    a, b = ranges
    for relation, mirror in (
        ("before", "after"),
        ("meets", "met by"),
        ("overlaps before", "overlaps after"),
        ("finishes", "finished by"),
        ("includes", "during"),
        ("starts", "started by"),
        ("overlaps", "overlaps"),
        ("coincides", "coincides"),
    ):
        assert value(f"{relation}({a}, {b}) = {mirror}({b}, {a})") is True


@given(BOUNDS, st.integers(0, 6))
def test_a_range_includes_exactly_what_is_in_it(bounds, point):
    start, end, opened, closed = bounds
    low, high = min(start, end), max(start, end)
    text = f"{'[' if opened else '('}{low}..{high}{']' if closed else ')'}"
    inside = (low < point or (opened and low == point)) and (
        point < high or (closed and point == high)
    )
    assert value(f"includes({text}, {point})") is inside
    assert value(f"{point} in {text}") is inside
