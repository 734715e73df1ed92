"""What Hypothesis makes of the catalogue: rows of any entity, and rows spoilt in one way."""

from dataclasses import dataclass

from hypothesis import strategies as st

from renkei.kit import corporate_check_digit, organisation_code_ok, personal_number_ok
from renkei.kit.numbers import register_check_digit
from renkei.standard import Catalogue, Entity, Item, ItemType
from renkei.standard.dates import UNKNOWN_FORMS, range_in_order
from renkei.standard.rules import pattern

Row = dict[str, str]


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


def ended(body: str, is_right: object) -> str:
    """Return the digits with the one check digit that fits."""
    assert callable(is_right)
    return next(f"{body}{digit}" for digit in range(10) if is_right(f"{body}{digit}"))


def values(item: Item, standard: Catalogue) -> st.SearchStrategy[str]:
    """Make the values of an item, each of them valid."""
    match item.type:
        case ItemType.code:
            codes = standard.code_list(item.code_list or "").values
            return st.sampled_from([code.value for code in codes])
        case ItemType.register_number:
            return digits(14).map(lambda body: f"{body}{register_check_digit(body)}")
        case ItemType.personal_number:
            return digits(11).map(lambda body: ended(body, personal_number_ok))
        case ItemType.corporate_number:
            return digits(12).map(lambda body: f"{corporate_check_digit(body)}{body}")
        case ItemType.organisation_code:
            return digits(5).map(lambda body: ended(body, organisation_code_ok))
        case ItemType.date:
            return st.dates().map(lambda day: day.isoformat()).filter(lambda day: day >= "1000")
        case ItemType.uncertain_date:
            forms = st.sampled_from([form.pattern for form in UNKNOWN_FORMS])
            written = forms.flatmap(lambda form: st.from_regex(form, fullmatch=True))
            return written.filter(range_in_order)
        case _:
            return st.from_regex(pattern(item), fullmatch=True)


def rows(entity: Entity, standard: Catalogue) -> st.SearchStrategy[Row]:
    """Make rows of an entity: required values are there, the others or not."""
    made = {item.name: values(item, standard) for item in entity.items if item.required}
    maybe = {
        item.name: st.just("") | values(item, standard)
        for item in entity.items
        if not item.required
    }
    return st.fixed_dictionaries({**made, **maybe})


@dataclass(frozen=True, slots=True)
class Spoilt:
    """A row spoilt in one way, and who must refuse it."""

    row: Row
    way: str
    refused_by: frozenset[str]


EVERYBODY = frozenset({"json", "xml", "csv"})
CHECKED = {
    ItemType.register_number,
    ItemType.personal_number,
    ItemType.corporate_number,
    ItemType.organisation_code,
}
SIZED = {ItemType.text, ItemType.kana, ItemType.latin, ItemType.digits}


def spoilt(entity: Entity, row: Row) -> list[Spoilt]:
    """Return a row once for each way and item it can be spoilt in."""
    found = []
    for item in entity.items:
        ways: list[tuple[str, str, frozenset[str]]] = []
        value = row[item.name]
        if item.required:
            ways.append(("missing", "", EVERYBODY | {"table"}))
        if item.type in SIZED:
            letter = {ItemType.kana: "ア", ItemType.digits: "0"}.get(item.type, "a")
            ways.append(("too long", letter * ((item.digits or 0) + 1), EVERYBODY))
        if item.type is ItemType.code:
            ways.append(("unknown code", "ZZZZZZZZ", EVERYBODY))
        if item.type is ItemType.date:
            ways.append(("no such day", "2026-02-30", frozenset({"json", "csv", "table"})))
        if item.type in CHECKED and value:
            # No schema language can count; the loader does.
            ways.append(("check digit", wrong_digit(value), frozenset({"csv"})))
        if item.type not in {ItemType.text, ItemType.latin}:
            typed = {ItemType.number, ItemType.decimal, ItemType.date, ItemType.datetime}
            by_table = {"table"} if item.type in typed else set()
            ways.append(("malformed", "?x", EVERYBODY | by_table))
        if item.type is ItemType.number:
            ways.append(("too large", "1000000000000000", EVERYBODY))
        found += [Spoilt({**row, item.name: bad}, way, by) for way, bad, by in ways]
    return found


def wrong_digit(value: str) -> str:
    """Return a number whose last digit is another one."""
    return f"{value[:-1]}{(int(value[-1]) + 1) % 10}"
