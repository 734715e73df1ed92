"""How a value of each type is written: what is taken, and what is refused for one reason."""

import re

import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from renkei.kit.numbers import register_check_digit
from renkei.standard import Item, ItemType, catalogue, rules
from renkei.standard.dates import UNKNOWN_FORMS, unknown_form
from renkei.standard.relationships import LINKS


def item(kind: str, *, digits: int | None = None, required: bool = True) -> Item:
    """Return an item of a type, after an item of the shipped catalogue."""
    known = catalogue().entity("resident").items[0]
    return msgspec.structs.replace(
        known, type=ItemType(kind), digits=digits, required=required, external_characters=False
    )


TAKEN = [
    ("number", ["0", "-1", "999999999999999"]),
    ("date", ["2024-04-01", "2000-02-29", "2024-02-29", "1912-07-30"]),
    ("uncertain_date", ["2024-04-01", "1900-02-29", "2000-02-29", "1912-07-30", "1926-12-25"]),
    ("datetime", ["2024-04-01T00:00:00", "2024-02-29T23:59:59"]),
    ("year", ["2024"]),
    ("month", ["2024-12"]),
    ("corporate_number", ["4000012090001", "1010001164098"]),
    ("register_number", ["000000000000019"]),
    ("personal_number", ["983205673214"]),
    ("organisation_code", ["131016"]),
    ("postal_code", ["1000001"]),
    ("address_code", ["13101001001"]),
    ("flag", ["0", "1"]),
]
REFUSED = [
    ("number", ["-0", "01", "1.5", "1000000000000000", "１", "+1", "1,000"]),
    ("date", ["1900-02-29", "2023-02-29", "2024-02-30", "2024-04-31", "2024-13-01", "2024-4-1"]),
    ("date", ["0000-00-00", "2024-04-00", "2024-04-01頃", "0999-01-01", "2024-04-01\n"]),
    ("uncertain_date", ["1935-02-30", "1935-13-00", "1935-00-10", "1935-03-00ごろ", "0000-03-00"]),
    ("uncertain_date", ["1935-03-10から1935-03-01まで", "1935-03-32頃", "1935-夏旬", "1935"]),
    (
        "datetime",
        ["2024-04-01", "2024-04-01T24:00:00", "2024-04-01 09:00:00", "2024-02-30T00:00:00"],
    ),
    ("corporate_number", ["5000012090001", "0123456789012", "400001209000"]),
    ("year", ["24", "0024", "令和6"]),
    ("month", ["2024-13", "2024-00", "202404"]),
    ("register_number", ["000000000000018", "19", "00000000000001A"]),
    ("personal_number", ["983205673215", "98320567321"]),
    ("organisation_code", ["131017", "13101"]),
    ("postal_code", ["100-0001", "１０００００１"]),
    ("address_code", ["1310100100"]),
    ("flag", ["true", "2"]),
]


@pytest.mark.parametrize(("kind", "texts"), TAKEN)
def test_a_value_in_its_form_is_taken(kind, texts):
    assert [text for text in texts if not rules.is_valid(item(kind), text)] == []


@pytest.mark.parametrize(("kind", "texts"), REFUSED)
def test_a_value_out_of_form_is_refused(kind, texts):
    assert [text for text in texts if rules.is_valid(item(kind), text)] == []


@pytest.mark.parametrize(
    ("text", "fits"),
    [("0", True), ("12.345", True), ("99.999", True), ("-1.5", True), ("0.001", True)]
    + [(text, False) for text in ("1.50", "100", "01.5", "1.", ".5", "1.2345", "1,5", "1e3", "-")],
)
def test_a_decimal_has_one_way_to_be_written(text, fits):
    rate = msgspec.structs.replace(item("decimal", digits=2), decimals=3)
    assert rules.is_valid(rate, text) is fits


@pytest.mark.parametrize(
    ("text", "fits"),
    [("03-0000-0000", True), ("A-1 (B)", True), ("ａ", False), ("a\tb", False), ("a" * 21, False)],
)
def test_latin_is_ascii_letters_digits_and_a_few_signs(text, fits):
    assert rules.is_valid(item("latin", digits=20), text) is fits


@pytest.mark.parametrize("form", UNKNOWN_FORMS, ids=lambda form: form.en)
def test_each_form_of_not_known_is_taken_where_dates_may_be_unknown(form):
    assert unknown_form(form.example) == form
    assert rules.is_valid(item("uncertain_date"), form.example)
    assert not rules.is_valid(item("date"), form.example)


def test_there_are_fourteen_forms_of_not_known_and_no_two_overlap():
    assert len(UNKNOWN_FORMS) == 14
    for text in [form.example for form in UNKNOWN_FORMS]:
        assert sum(bool(re.fullmatch(form.pattern, text)) for form in UNKNOWN_FORMS) == 1
    assert unknown_form("1900-02-29") is None


@pytest.mark.parametrize(
    "text", ["世帯主", "縁故者", "同居人", "夫(未届)", "子(子の夫)の子", "父の父", "妻の子の妻の母"]
)
def test_a_relationship_of_up_to_four_links_is_taken(text):
    assert rules.is_valid(item("relationship"), text)


@pytest.mark.parametrize(
    "text",
    [
        "祖父",
        "孫",
        "甥",
        "子の孫",
        "子の子の子の子の子",
        "世帯主の子",
        "子の縁故者",
        "子の",
        "子子",
        "夫（未届）",
    ],
)
def test_a_relationship_in_forbidden_words_is_refused(text):
    assert not rules.is_valid(item("relationship"), text)


@given(st.lists(st.sampled_from(LINKS), min_size=1, max_size=6))
def test_a_chain_of_links_is_taken_up_to_four(links):
    assert rules.is_valid(item("relationship"), "の".join(links)) == (len(links) <= 4)


@given(st.integers(min_value=0, max_value=10**14 - 1))
def test_a_register_number_needs_its_check_digit(number):
    body = f"{number:014d}"
    good = register_check_digit(body)
    taken = [d for d in range(10) if rules.is_valid(item("register_number"), f"{body}{d}")]
    assert taken == [good]


@given(st.dates())
@settings(max_examples=200)
def test_every_calendar_day_from_the_year_1000_is_a_date(day):
    taken = day.year >= 1000
    assert rules.is_valid(item("date"), day.isoformat()) is taken
    assert rules.is_valid(item("uncertain_date"), day.isoformat()) is taken


def test_a_text_has_its_length_and_no_control_or_private_characters():
    name = item("text", digits=3)
    assert rules.is_valid(name, "𠮷野家")
    wrong = ["四文字だ", "a\n", "a\tb", "\u2028", "\ue000", "\U000f0000", "\U0010fffd"]
    assert [text for text in wrong if rules.is_valid(name, text)] == []
    open_name = msgspec.structs.replace(name, external_characters=True)
    assert [t for t in wrong if rules.is_valid(open_name, t)] == wrong[-3:]


def test_kana_are_full_width_katakana():
    kana = item("kana", digits=10)
    assert rules.is_valid(kana, "ヴァン・ダム　ジョー")
    assert not any(rules.is_valid(kana, t) for t in ["やまだ", "ﾔﾏﾀﾞ", "YAMADA", "ヤマダ1"])


def test_a_code_is_a_value_of_its_list_retired_or_not():
    allowance = catalogue().entity("child_allowance").item("allowance_class")
    assert allowance is not None
    assert rules.is_valid(allowance, "3")
    assert not rules.is_valid(allowance, "8")


def test_an_empty_text_is_no_value_and_so_only_for_items_not_required():
    assert not rules.is_valid(item("year"), "")
    assert rules.is_valid(item("year", required=False), "")


def test_every_type_has_a_pattern_both_regular_expression_languages_read():

    samples = pl.Series(
        [form.example for form in UNKNOWN_FORMS] + [t for _, ts in TAKEN for t in ts]
    )
    for kind in ItemType:
        written = f"^(?:{rules.pattern(item(kind, digits=7))})$"
        python = [bool(re.fullmatch(written, text)) for text in samples]
        assert samples.str.contains(written).to_list() == python
        assert not re.search(r"\(\?[=!<P]|\\[dwsb1-9]", written)
