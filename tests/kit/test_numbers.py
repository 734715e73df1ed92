"""Check digits find every single wrong digit they can, and all the real numbers pass."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.kit import (
    TenantMalformed,
    corporate_number_ok,
    organisation_code_ok,
    personal_number_ok,
    register_number_ok,
    tenant,
)
from renkei.kit.numbers import personal_check_digit, register_check_digit

MUNICIPALITIES = Path(__file__).parents[2].parent / "shared" / "data" / "municipalities.csv"

DIGIT = st.integers(0, 9)


def test_the_personal_number_of_the_ordinance_passes() -> None:
    assert personal_number_ok("983205673214")


@given(st.lists(DIGIT, min_size=11, max_size=11))
def test_a_personal_number_has_exactly_one_last_digit(body: list[int]) -> None:
    text = "".join(map(str, body))
    passing = [last for last in range(10) if personal_number_ok(f"{text}{last}")]
    assert passing == [personal_check_digit(body)]


@pytest.mark.parametrize(
    "number", ["4000012090001", "1000012090004", "2000012100001", "1010001164098"]
)
def test_real_corporate_numbers_pass(number: str) -> None:
    assert corporate_number_ok(number)
    assert tenant(number) == number


@pytest.mark.parametrize(
    "number", ["5000012090001", "6000012090001", "9000012090004", "0123456789012"]
)
def test_corporate_numbers_with_a_wrong_check_digit_do_not(number: str) -> None:
    assert not corporate_number_ok(number)
    with pytest.raises(TenantMalformed, match=number):
        tenant(number)


@given(st.lists(DIGIT, min_size=12, max_size=12))
def test_a_corporate_number_has_exactly_one_first_digit(body: list[int]) -> None:
    text = "".join(map(str, body))
    assert sum(corporate_number_ok(f"{first}{text}") for first in range(10)) == 1


def test_the_codes_of_all_municipalities_pass() -> None:
    if not MUNICIPALITIES.exists():
        pytest.skip("the list of municipalities is not beside this repository")
    with MUNICIPALITIES.open(encoding="utf-8", newline="") as file:
        codes = [row["code"] for row in csv.DictReader(file)]
    assert len(codes) == 1965
    assert [code for code in codes if not organisation_code_ok(code)] == []


@given(st.lists(DIGIT, min_size=5, max_size=5))
def test_an_organisation_code_has_exactly_one_last_digit(body: list[int]) -> None:
    text = "".join(map(str, body))
    assert sum(organisation_code_ok(f"{text}{last}") for last in range(10)) == 1


@given(st.lists(DIGIT, min_size=14, max_size=14))
def test_a_register_number_has_exactly_one_last_digit(body: list[int]) -> None:
    text = "".join(map(str, body))
    passing = [last for last in range(10) if register_number_ok(f"{text}{last}")]
    assert passing == [register_check_digit(text)]


@pytest.mark.parametrize(
    "text", ["", "13101", "1310160", "１３１０１６", "13101a", "131016\n", "²31016"]
)
def test_only_ascii_digits_of_the_right_length_pass(text: str) -> None:
    assert not organisation_code_ok(text)
    assert not personal_number_ok(text * 2)
    assert not corporate_number_ok(f"4{text * 2}")
    assert not register_number_ok(f"{text}000000000")
    with pytest.raises(TenantMalformed):
        tenant(text)
