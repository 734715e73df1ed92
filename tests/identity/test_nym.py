"""What is derived from a nym shows nothing of it, and a mistyped code is noticed."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.identity.world import LOG, SECOND, A, B, World

from renkei.identity import (
    ConverterKeys,
    LinkageCodeMalformed,
    LinkageCodeMistyped,
    Nym,
    Pid,
    checked_code,
)
from renkei.identity.group import SUITE, Scalar, hash_to_group

NYM = Nym(LOG, 1, hash_to_group(b"somebody"))


def test_a_display_code_is_32_characters_and_a_check_character():
    assert checked_code(NYM.code) == NYM.code
    assert len(NYM.code) == 33


@settings(max_examples=50)
@given(st.integers(0, 32), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_one_wrong_character_or_two_exchanged_are_noticed(place, character):
    code = NYM.code
    wrong = code[:place] + character + code[place + 1 :]
    exchanged = code[:place] + code[place : place + 2][::-1] + code[place + 2 :]
    for other in (wrong, exchanged):
        if other != code:
            with pytest.raises(LinkageCodeMistyped):
                checked_code(other)


@pytest.mark.parametrize("text", ["", "A" * 32, "A" * 34, NYM.code.lower(), "0" * 33])
def test_what_is_no_code_is_refused(text):
    with pytest.raises(LinkageCodeMalformed):
        checked_code(text)


def test_a_code_depends_on_the_organisation_and_the_key_version():
    others = [Nym(A, 1, NYM.element), Nym(B, 1, NYM.element), Nym(LOG, 2, NYM.element)]
    assert len({each.code for each in [NYM, *others]}) == 4
    assert len({each.handle for each in [NYM, *others]}) == 4


@settings(max_examples=5)
@given(st.lists(st.binary(min_size=16, max_size=16), min_size=1, max_size=3, unique=True))
def test_codes_of_one_person_in_two_organisations_have_nothing_in_common(world, pids):
    persons = [Pid(each) for each in pids]
    mine, theirs = world.nyms(persons, A), world.nyms(persons, B)
    codes = [nym.code for nym in (*mine, *theirs)]
    assert len(set(codes)) == len(codes)


def test_no_function_of_one_organisations_codes_gives_anothers(world, pid):
    """Two worlds agree on all that A holds and differ in B: so A's nym does not determine B's."""
    factors = {**world.second.factors, B: {1: Scalar.random()}}
    other = World.of(world.first, ConverterKeys(SUITE, SECOND, factors))
    assert other.nyms([pid], A) == world.nyms([pid], A)
    assert other.nyms([pid], B) != world.nyms([pid], B)
