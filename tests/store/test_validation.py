"""Whole columns are judged as the standard judges one value."""

from collections.abc import Callable
from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renkei.kit import (
    corporate_number_ok,
    organisation_code_ok,
    personal_number_ok,
    register_number_ok,
)
from renkei.kit.texts import table
from renkei.standard import Item, ItemType, catalogue
from renkei.standard.rules import is_valid, pattern
from renkei.store.check_digits import (
    corporate_digit_ok,
    organisation_digit_ok,
    personal_digit_ok,
    register_digit_ok,
)
from renkei.store.columns import ALERTS, column_of
from renkei.store.findings import shape

ITEMS = [item for entity in catalogue().entities for item in entity.items]
OF_EACH_TYPE = list({(item.type, item.required): item for item in ITEMS}.values())


def digits(length: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.text("0123456789", min_size=length, max_size=length), max_size=50)


@pytest.mark.parametrize(
    ("length", "ours", "kits"),
    [
        (15, register_digit_ok, register_number_ok),
        (13, corporate_digit_ok, corporate_number_ok),
        (12, personal_digit_ok, personal_number_ok),
        (6, organisation_digit_ok, organisation_code_ok),
    ],
)
def test_check_digits_of_columns_equal_those_of_the_kit(
    length: int, ours: Callable[[pl.Expr], pl.Expr], kits: Callable[[str], bool]
) -> None:
    @given(numbers=digits(length))
    def equal(numbers: list[str]) -> None:
        frame = pl.DataFrame({"x": numbers}, schema={"x": pl.String})
        found = frame.select(fits=ours(pl.col("x")))["fits"].to_list()
        assert found == [kits(one) for one in numbers]

    equal()


def values(item: Item) -> st.SearchStrategy[list[str | None]]:
    """Make values that fit the pattern, values that nearly do, and any text."""
    fits = st.from_regex(f"^(?:{pattern(item)})$", fullmatch=True)
    nearly = st.builds(lambda text, more: text[:-1] + more, fits, st.text(max_size=2))
    reversed_range = st.just("1935-03-10から1935-03-01まで")
    known = [reversed_range] if item.type is ItemType.uncertain_date else []
    if item.code_list is not None:
        codes = [value.value for value in catalogue().code_list(item.code_list).values]
        known.append(st.sampled_from(codes))
    one = st.one_of(fits, nearly, st.text(min_size=1), st.none(), *known)
    return st.lists(one.map(lambda text: text or None), min_size=1, max_size=8)


@pytest.mark.parametrize("item", OF_EACH_TYPE, ids=lambda item: f"{item.type}-{item.required}")
def test_a_column_is_judged_as_the_standard_judges_each_value(item: Item) -> None:
    column = column_of(1, item, catalogue(), date(2026, 4, 1))

    @settings(max_examples=30)
    @given(texts=values(item))
    def equal(texts: list[str | None]) -> None:
        frame = pl.DataFrame({item.name: texts}, schema={item.name: pl.String}).select(
            wrong=column.wrong, suspect=column.suspect, rule=column.rule
        )
        for text, (wrong, suspect, rule) in zip(texts, frame.iter_rows(), strict=True):
            error = bool(wrong) and rule not in ALERTS
            assert error != is_valid(item, text or ""), (text, rule)
            assert suspect or not wrong

    equal()


def test_every_finding_says_what_is_wrong_and_what_to_do() -> None:
    rules = {code.removeprefix("finding-") for code in table() if code.startswith("finding-")}
    rules |= {f"malformed-{kind.replace('_', '-')}" for kind in ItemType}
    for rule in rules:
        assert all(table()[f"finding-{rule}"].values()), rule
        assert all(table()[f"remedy-{rule}"].values()), rule


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("東京都千代田区1-2 Ａ棟 カタかなｶﾅ", "漢漢漢漢漢漢漢9-9 A漢 アアアアアア"),
        ("O'Brien々\ue000\t", "A'AAAAA漢漢�"),
        ("9" * 40, "9" * 30 + "…(40)"),
    ],
)
def test_a_shape_tells_kinds_of_letters_only(value: str, seen: str) -> None:
    assert shape(value) == seen
