"""Patterns match as XPath says, and no text or pattern makes them run away."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.process.feel.evaluating import agree

from renkei.process import feel
from renkei.process.feel.patterns import PatternMalformed, find, pattern


def found(sought: str, text: str, flags: str = "") -> tuple[int | None, ...] | None:
    return find(feel.Run(), pattern(sought, flags), text)


@pytest.mark.parametrize(
    ("text", "sought", "flags", "matches"),
    [
        ("hello world", "hello\\ sworld", "x", True),
        ("hello world", "hello[ ]world", "x", True),
        ("\u212a", "k", "i", True),
        ("k", "\u212a", "i", True),
        ("k", "[^\u212a]", "i", False),
        ("O", "[A-Z-[OI]]", "i", False),
        ("x", "[A-Z-[OI]]", "i", True),
        ("m", "\\p{Lu}", "i", False),
        ("霞ヶ関", "^\\p{IsCJKUnifiedIdeographs}\\p{IsKatakana}\\p{Lo}$", "", True),
        ("a\nb", "a.b", "", False),
        ("a\nb", "a.b", "s", True),
        ("a\nb", "^b$", "m", True),
        ("a\nb", "^b$", "", False),
        ("abab", "(ab)\\1", "", True),
        ("aA", "(a)\\1", "", False),
        ("aA", "(a)\\1", "i", True),
        ("a.b", "a.b", "q", True),
        ("axb", "a.b", "q", False),
        ("aaa", "^a{2,3}$", "", True),
        ("aaaa", "^a{2,3}$", "", False),
        ("", "^(a*)*$", "", True),
        ("1２", "^\\d+$", "", True),
        ("a-b", "^[a\\-b]+$", "", True),
        ("a_b", "^\\c+$", "", True),
    ],
)
def test_a_pattern_means_what_xpath_says(text, sought, flags, matches):
    assert (found(sought, text, flags) is not None) is matches


@pytest.mark.parametrize(
    ("sought", "flags"),
    [
        ("(", ""), (")", ""), ("[", ""), ("[]", ""), ("[z-a]", ""), ("*", ""), ("a**", ""),
        ("a{2,1}", ""), ("a{,1}", ""), ("a{2", ""), ("\\p{Xx}", ""), ("\\p{ IsGreek}", ""),
        ("(a)\\2", ""), ("(a\\1)", ""), ("(a)[\\1]", ""), ("\\0", ""), ("\\b", ""), ("\\", ""),
        ("(?=a)", ""), ("(?i)a", ""), ("a", "p"), ("a", " "), ("a" * 1001, ""),
        ("((a{100}){100}){100}", ""), ("(" * 60 + "a" + ")" * 60, ""), ("a{99999}", ""),
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(sought, flags):
    with pytest.raises(PatternMalformed):
        pattern(sought, flags)


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "(?:ab|a)", "(a|b)", "^", "$", "\\d", "c"])
TAILS = st.sampled_from(["", "", "*", "+", "?", "*?", "+?", "??", "{1,2}", "|"])
PATTERNS = st.lists(st.tuples(ATOMS, TAILS), max_size=6).map(
    lambda parts: "".join(atom + tail for atom, tail in parts)
)


@given(PATTERNS, st.text("abc1", max_size=12))
def test_a_plain_pattern_finds_what_pythons_own_finds(sought, text):
    assume(not re.search(r"[$^][*+?{]", sought))  # Python refuses some that XPath allows
    mine, theirs = found(sought, text), re.search(sought, text)
    assert (None if mine is None else mine[:2]) == (None if theirs is None else theirs.span())


@pytest.mark.parametrize(
    "sought", ["(a+)+b", "(a|a)*b", "(a*)*(a*)*b", "(.*)(.*)(.*)(.*)b", "(a?){50}b"]
)
def test_a_pattern_that_would_explode_takes_no_more_steps_than_states_and_places(sought):
    run = feel.Run()
    assert find(run, pattern(sought, ""), "a" * 500) is None
    assert run.limits.steps - run.steps < 501 * len(pattern(sought, "").steps)


def test_a_pattern_that_refers_back_ends_with_the_budget():
    text = 'matches("' + "a" * 3000 + '", "(.*)(.*)(.*)\\1\\2\\3b")'
    ended = feel.expression(text).evaluate({}, limits=feel.Limits(steps=100_000))
    assert [problem.code for problem in ended.problems] == ["feel-steps-exhausted"]


@given(st.text("abx;", max_size=12))
def test_what_is_split_and_joined_is_as_it_was(text):
    assert agree(f'string join(split("{text}", ";"), ";")', f'"{text}"')
    assert agree(f'replace("{text}", "[ab]+", "$0")', f'"{text}"')
