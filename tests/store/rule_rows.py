"""Small sets of rows that keep and break rules: records of the simulator with values exchanged."""

from collections.abc import Mapping, Sequence
from functools import cache

import msgspec
from hypothesis import strategies as st

from renkei.standard import Catalogue, Entity, Item, ItemType, Rule, catalogue
from renkei.standard.row_rules import BeOneOf, Must, conditions
from renkei.standard.rules import is_valid
from renkei.standard.synthetic import Records
from renkei.standard.synthetic.dice import Dice

from .rows import DAY, Row

MOST_ROWS = 8
MOST_CHANGES = 12
DATES = ("2020-01-01", "2020-01-31", "2020-02-01", "2020-12-31")
UNKNOWN = ("0000-00-00", "2020-00-00", "2020-01-00頃", "2020-春", "2020-01-05から2020-02-03まで")
TEXTS = {
    ItemType.date: DATES,
    ItemType.uncertain_date: (*DATES, *UNKNOWN),
    ItemType.datetime: ("2020-01-01T09:00:00", "2020-01-01T09:00:01", "2020-01-02T00:00:00"),
    ItemType.month: ("2020-01", "2020-02"),
    ItemType.year: ("2020", "2021"),
    ItemType.number: ("0", "1", "2", "3", "10", "-1"),
    ItemType.flag: ("0", "1"),
}

HEAD: dict[str, object] = {"item": "relationship", "one_of": ["世帯主"]}
NOTHING: dict[str, object] = {"item": "tax_base", "one_of": ["0"]}
LIVING: dict[str, object] = {"item": "resident_status", "one_of": ["1"]}
# What the shipped rules do not say, but an overlay may.
MORE: tuple[tuple[str, dict[str, object], list[dict[str, object]]], ...] = (
    ("resident", {"must": "be_written_as", "items": ["changed_on"], "form": "date"}, []),
    ("resident", {"must": "be_filled", "items": ["note", "name"]}, [HEAD]),
    ("resident", {"must": "be_empty", "items": ["memo"]}, [{"item": "note", "filled": False}]),
    (
        "resident",
        {"must": "occur_once", "by": ["address", "building"], "where": [HEAD, LIVING]},
        [{"item": "former_surname", "one_of": ["", "見本"]}],
    ),
    (
        "resident",
        {"must": "number_versions", "item": "order_in_household", "by": ["household_number"]},
        [LIVING],
    ),
    ("income", {"must": "be_unique", "items": ["total_income", "corrected_on"]}, []),
    (
        "income",
        {"must": "number_versions", "item": "dependants", "by": ["corrected_on"]},
        [{"item": "tax_base", "one_of": ["0"]}],
    ),
    ("income", {"must": "be_in_order", "items": ["dependants", "tax_base", "total_income"]}, []),
    (
        "income",
        {"must": "be_in_order", "items": ["dependants", "salary_income", "tax_base"]},
        [{"item": "corrected_on", "one_of": ["", "2020-01-01"]}],
    ),
    (
        "income",
        {
            "must": "occur_once",
            "by": ["corrected_on"],
            "where": [{"item": "tax_base", "one_of": ["0"]}],
        },
        [{"item": "dependants", "one_of": ["0", "1"]}],
    ),
    ("household", {"must": "not_match", "items": ["household_head", "household_since"]}, []),
    ("household", {"must": "be_one_of", "item": "household_size", "values": ["1", "2"]}, []),
    ("household", {"must": "be_in_order", "items": ["household_size", "household_size"]}, []),
)


def _more() -> tuple[Rule, ...]:
    shipped = catalogue().content.rules[0]
    return tuple(
        msgspec.structs.replace(
            shipped,
            id=f"99-R{number:03d}",
            entity=entity,
            when=msgspec.convert(when, Rule.__annotations__["when"]),
            then=msgspec.convert({**must}, Must),
        )
        for number, (entity, must, when) in enumerate(MORE, 1)
    )


STANDARD = Catalogue(
    "the shipped one and more rules",
    msgspec.structs.replace(catalogue().content, rules=(*catalogue().content.rules, *_more())),
)


@cache
def records(entity: Entity) -> Sequence[Mapping[str, str]]:
    """Return valid records of an entity, each with a key of its own."""
    return list(Records(catalogue(), Dice("rules"), DAY, ()).make(entity, 2 * MOST_ROWS))


@cache
def texts(entity: Entity, item: Item) -> Sequence[str]:
    """Return valid values of an item, those among them that rules ask for."""
    asked: list[str] = []
    for rule in STANDARD.rules_of(entity.name):
        asked += [v for one in conditions(rule) if one.item == item.name for v in one.one_of]
        if isinstance(rule.then, BeOneOf) and rule.then.item == item.name:
            asked += rule.then.values
    seen = [row[item.name] for row in records(entity)[:4]]
    found = dict.fromkeys(["", *asked, *seen, *TEXTS.get(item.type, ())])
    return [text for text in found if is_valid(item, text)]


def rows(entity: Entity, *, wrong: Sequence[str] = ()) -> st.SearchStrategy[list[dict[str, str]]]:
    """Give rows with keys of their own, changed in the items of one rule; some may be `wrong`."""
    pools = [
        [(item.name, (*texts(entity, item), *wrong)) for item in entity.items if item.name in told]
        for rule in STANDARD.rules_of(entity.name, DAY)
        if (told := _items(rule) - set(entity.key))
    ]
    return _changed(records(entity), pools or [[]])


@st.composite
def _changed(
    draw: st.DrawFn,
    known: Sequence[Row],
    pools: Sequence[Sequence[tuple[str, Sequence[str]]]],
) -> list[dict[str, str]]:
    chosen = draw(st.lists(st.sampled_from(range(len(known))), max_size=MOST_ROWS, unique=True))
    made = [dict(known[number]) for number in chosen]
    pool = draw(st.sampled_from(pools))
    for name, values in pool:
        if draw(st.booleans()):  # let them be alike, so that they make a group
            text = draw(st.sampled_from(values))
            made = [{**row, name: text} for row in made]
    for _ in range(draw(st.integers(0, MOST_CHANGES)) if made and pool else 0):
        name, values = draw(st.sampled_from(pool))
        made[draw(st.integers(0, len(made) - 1))][name] = draw(st.sampled_from(values))
    return made


def _items(rule: Rule) -> set[str]:
    must = rule.then
    named = {one.item for one in conditions(rule)}
    for field in ("items", "by"):
        named |= set(getattr(must, field, ()))
    return named | ({must.item} if hasattr(must, "item") else set())
