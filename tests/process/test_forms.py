"""A form takes what the standard takes, from a page as from a program, and nothing else."""

from datetime import date
from decimal import Decimal

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from renkei.process import tasks
from renkei.process.feel import Date, DateTime
from renkei.process.tasks.forms import own_item, text_of, unknown_in, value_of
from renkei.standard import ItemType, catalogue

KNOWN = catalogue()
DAY = date(2027, 4, 1)
KINDS = ("number", "decimal", "flag", "date", "datetime", "text", "kana", "digits", "year", "month")
FIELDS = [{"name": kind, "type": kind, "digits": "6"} for kind in KINDS]
EVERY = {"fields": FIELDS}
GOOD = {
    "number": (Decimal(3), "3"),
    "decimal": (Decimal("1.5"), "1.5"),
    "flag": (True, "1"),
    "date": (Date.parse("2027-04-01"), "2027-04-01"),
    "datetime": (DateTime.parse("2027-04-01T09:00:00"), "2027-04-01T09:00:00"),
    "text": ("甲", "甲"),
    "kana": ("カナ", "カナ"),
    "digits": ("012345", "012345"),
    "year": ("2027", "2027"),
    "month": ("2027-04", "2027-04"),
}


def form(about):
    found = tasks.form_of(about, KNOWN)
    assert found is not None
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_typed_and_what_a_program_gives_is_the_same_value(kind):
    value, text = GOOD[kind]
    typed = form(EVERY).read({kind: text}, KNOWN, on=DAY)
    given_ = form(EVERY).check({kind: value}, KNOWN, on=DAY)
    assert typed.wrong == given_.wrong == ()
    assert typed.values[kind] == given_.values[kind] == value


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("other", ["number", "flag", "date", "text", "list"])
def test_a_value_of_another_type_is_refused(kind, other):
    value = [] if other == "list" else GOOD[other][0]
    same = {"decimal": "number", "kana": "text", "digits": "text", "year": "text", "month": "text"}
    if other in (kind, same.get(kind)):
        return
    [wrong] = form(EVERY).check({kind: value}, KNOWN, on=DAY).wrong
    assert (wrong.field, wrong.code) == (kind, "type-wrong")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("number", "1.5"),
        ("number", "１"),
        ("number", "9" * 400),
        ("decimal", "NaN"),
        ("date", "2027-02-30"),
        ("flag", "yes"),
        ("text", "x" * 7),
        ("text", "a\x00b"),
        ("text", "x" * 1_000_000),
        ("kana", "かな"),
    ],
)
def test_what_is_not_written_as_its_type_is_told_at_its_field(kind, text):
    [wrong] = form(EVERY).read({kind: text}, KNOWN, on=DAY).wrong
    assert (wrong.field, wrong.code) == (kind, "field-unfit")
    assert wrong.text("ja")
    assert wrong.text("en")


def test_what_is_wanted_must_be_there_and_what_is_unknown_must_not():
    ask = form({"fields": [{"name": "ok", "type": "flag", "required": "true"}]})
    assert [one.code for one in ask.read({}, KNOWN, on=DAY).wrong] == ["field-missing"]
    said = ask.check({"ok": True, "x": None}, KNOWN, on=DAY).wrong
    assert [(one.field, one.code) for one in said] == [("x", "field-unknown")]


def test_a_form_of_the_standard_holds_its_rules_as_far_as_it_asks_for_their_items():
    key = "15/child_allowance_payment: payment_kind, bank_code, branch_code, account_number"
    row = {"payment_kind": "1"}
    part = form({"form": key}).read(row, KNOWN, on=DAY)
    assert part.wrong == (), "the rule also asks for the account's holder"
    whole = form({"form": f"{key}, account_holder"}).read(row, KNOWN, on=DAY)
    [wrong] = whole.wrong
    assert (wrong.field, wrong.code) == ("bank_code", "rule")
    assert "振込先口座" in wrong.text("ja")


def test_a_code_must_be_one_of_today():
    ask = form({"form": "15/child_allowance_payment: payment_kind"})
    [wrong] = ask.read({"payment_kind": "ZZ"}, KNOWN, on=DAY).wrong
    assert wrong.code == "field-unfit"
    [over] = ask.read({"payment_kind": "1"}, KNOWN, on=date(1900, 1, 1)).wrong
    assert over.code == "code-over"


@pytest.mark.parametrize("key", ["", "embedded:app:form.html", "residents", "01/residents: name"])
def test_a_key_that_is_not_of_the_standard_is_no_form(key):
    assert tasks.form_of({"form": key}, KNOWN) is None
    assert not key or unknown_in(key, KNOWN)


def test_a_schema_takes_what_the_form_takes():
    ask = form({**EVERY, "form": "15/child_allowance_payment"})
    validator = jsonschema.Draft202012Validator(ask.schema(KNOWN))
    row = {"payment_kind": "1", "payment_amount": 10_000, "date": "2027-04-01", "text": "甲"}
    missing = {error.message.split("'")[1] for error in validator.iter_errors(row)}
    typed = {name: str(value) for name, value in row.items()}
    assert missing == {
        one.field for one in ask.read(typed, KNOWN, on=DAY).wrong if one.code == "field-missing"
    }
    assert not validator.is_valid({**row, "date": "2027-02-30"})


@given(st.sampled_from(KINDS), st.text(max_size=12))
def test_a_text_that_fits_comes_back_from_its_value(kind, text):
    item = own_item({"name": "x", "type": kind, "digits": "6"}, KNOWN)
    assert item is not None
    judged = tasks.Form((item,)).read({"x": text}, KNOWN, on=DAY)
    if not judged.wrong and text.strip():
        assert text_of(item, judged.values["x"]) == text.strip()
        assert value_of(item, text.strip()) == judged.values["x"]


@pytest.mark.parametrize("said", [{}, {"name": "x", "type": "code"}, {"name": "x", "type": "?"}])
def test_a_field_of_no_type_is_none(said):
    assert own_item(said, KNOWN) is None
    assert {kind.value for kind in ItemType} >= set(KINDS)
