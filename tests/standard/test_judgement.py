"""Records are held to the rules of their entity, each with its clause."""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec
import pytest

from renkei.standard import Catalogue, Entity, ItemType, Level, Rule, catalogue
from renkei.standard.judgement import judge, matching, may_leave, withheld_from
from renkei.standard.row_rules import Must, Use

DAY = date(2026, 4, 1)
RESIDENT = catalogue().entity("resident")
RULE = catalogue().content.rules[0]
HEAD = {"register_number": "000000000000019", "household_number": "000000000000019"}


def held_to(must: Mapping[str, object], when: Sequence[Mapping[str, object]] = ()) -> Catalogue:
    """Return a standard whose one rule of residents is this."""
    then: Must = msgspec.convert({**must}, Must)
    conditions = msgspec.convert(when, Rule.__annotations__["when"])
    rule = msgspec.structs.replace(RULE, entity="resident", when=conditions, then=then)
    content = msgspec.structs.replace(catalogue().content, rules=(rule,))
    return Catalogue("one rule", content)


JAPANESE = [{"item": "resident_kind", "one_of": ["1"]}]
HEADS = [{"item": "relationship", "one_of": ["世帯主"]}]

# A rule, rows that keep it, rows that break it and which of them.
RULES = [
    (
        {"must": "be_filled", "items": ["registered_domicile"]},
        JAPANESE,
        [{"resident_kind": "1", "registered_domicile": "A"}, {"resident_kind": "2"}],
        [{"resident_kind": "1"}],
        [0],
    ),
    ({"must": "be_empty", "items": ["note"]}, [], [{"note": ""}, {}], [{"note": "x"}], [0]),
    (
        {"must": "be_one_of", "item": "sex", "values": ["1", "2"]},
        [],
        [{"sex": "1"}, {"sex": ""}],
        [{"sex": "3"}],
        [0],
    ),
    (
        {"must": "be_in_order", "items": ["resident_since", "address_since", "processed_on"]},
        [],
        [
            {"resident_since": "1935-03-00頃", "address_since": "1935-03-10"},
            {"resident_since": "2020-01-01", "processed_on": "2020-01-01"},
            {"address_since": "0000-00-00", "processed_on": "1900-01-01"},
        ],
        [{"resident_since": "2020-01-02", "processed_on": "2020-01-01"}],
        [0],
    ),
    (
        {"must": "be_written_as", "items": ["relationship"], "form": "relationship"},
        [],
        [{"relationship": "子の子"}],
        [{"relationship": "孫"}, {"relationship": "子の子の子の子の子"}],
        [0, 1],
    ),
    (
        {"must": "be_written_as", "items": ["changed_on"], "form": "date"},
        [{"item": "change_reason", "one_of": ["31"]}],
        [{"change_reason": "31", "changed_on": "2024-02-29"}],
        [{"change_reason": "31", "changed_on": "2023-02-29"}],
        [0],
    ),
    (
        {"must": "be_unique", "items": ["personal_number"]},
        [],
        [{"personal_number": "1"}, {"personal_number": ""}, {"personal_number": ""}],
        [{"personal_number": "1"}, {"personal_number": "2"}, {"personal_number": "1"}],
        [2],
    ),
    (
        {"must": "occur_once", "by": ["household_number"], "where": HEADS},
        [],
        [{**HEAD, "relationship": "世帯主"}, {**HEAD, "relationship": "妻"}],
        [{**HEAD, "relationship": "世帯主"}, {**HEAD, "relationship": "世帯主"}],
        [1],
    ),
    (
        {"must": "occur_once", "by": ["household_number"], "where": HEADS},
        [],
        [],
        [{**HEAD, "relationship": "子"}, {**HEAD, "relationship": "妻"}],
        [0],
    ),
    (
        {"must": "number_versions", "item": "history_number", "by": ["household_number"]},
        [],
        [{**HEAD, "history_number": str(n)} for n in (2, 1, 10, 3, 4, 5, 6, 7, 8, 9)],
        [{**HEAD, "history_number": "1"}, {**HEAD, "history_number": "3"}],
        [1],
    ),
    # The key of a resident is the register number: only the newest version stands there.
    (
        {"must": "number_versions", "item": "history_number", "by": ["register_number"]},
        [],
        [{**HEAD, "history_number": "3"}],
        [{**HEAD, "history_number": "0"}, {"history_number": ""}],
        [0, 1],
    ),
    (
        {"must": "not_match", "items": ["name", "birth_date"]},
        [],
        [{"name": "A", "birth_date": "1"}, {"name": "A"}, {"name": "A"}],
        [{"name": "A", "birth_date": "1"}, {"name": "A", "birth_date": "1"}],
        [1],
    ),
]


@pytest.mark.parametrize(("must", "when", "kept", "broken", "rows"), RULES)
def test_a_rule_finds_the_rows_that_break_it_and_no_other(must, when, kept, broken, rows):
    standard = held_to(must, when)
    assert judge(standard, RESIDENT, kept, on=DAY) == ()
    found = judge(standard, RESIDENT, broken, on=DAY)
    assert [breach.row for breach in found] == rows
    assert all(breach.items for breach in found)
    assert all(breach.stops is (RULE.level is Level.error) for breach in found)


def test_a_rule_counts_from_its_first_day():
    standard = held_to({"must": "be_filled", "items": ["name"]})
    before = date(RULE.since.year - 1, 1, 1)
    assert judge(standard, RESIDENT, [{}], on=DAY)
    assert judge(standard, RESIDENT, [{}], on=before) == ()


def test_only_an_approved_record_leaves():
    approved = {
        "must": "leave_only_if",
        "conditions": [{"item": "approval_state", "one_of": ["2"]}],
    }
    standard = held_to(approved)
    assert may_leave(standard, RESIDENT, {"approval_state": "2"}, on=DAY) is None
    assert may_leave(standard, RESIDENT, {"approval_state": "1"}, on=DAY) is not None


@pytest.mark.parametrize(("state", "leaves"), [("2", True), ("1", False), ("", False)])
def test_a_resident_of_the_shipped_standard_leaves_only_when_approved(state, leaves):
    shipped = catalogue()
    refused = may_leave(shipped, shipped.entity("resident"), {"approval_state": state}, on=DAY)
    assert (refused is None) is leaves


def test_a_protected_record_is_withheld_from_the_uses_the_rule_names():
    protected = [{"item": "protected", "one_of": ["1"]}]
    standard = held_to({"must": "be_withheld_from", "uses": ["listing", "issuing"]}, protected)
    assert set(withheld_from(standard, RESIDENT, {"protected": "1"}, on=DAY)) == {
        Use.listing,
        Use.issuing,
    }
    assert withheld_from(standard, RESIDENT, {"protected": "0"}, on=DAY) == {}


def test_one_who_comes_back_is_recognised_by_the_number_or_card():
    standard = held_to({"must": "not_match", "items": ["personal_number"]})
    known = [{"personal_number": "1"}, {"personal_number": ""}, {"personal_number": "2"}]
    new = {"personal_number": "2"}
    assert [n for _, n in matching(standard, RESIDENT, new, known, on=DAY)] == [2]
    assert matching(standard, RESIDENT, {"personal_number": ""}, known, on=DAY) == ()


@pytest.mark.parametrize("rule", catalogue().content.rules, ids=lambda rule: rule.id)
def test_every_shipped_rule_says_what_is_wrong_where_from_and_what_to_do(rule):
    assert catalogue().entity(rule.entity).unit == rule.id[:2]
    assert all((rule.ja, rule.en, rule.remedy_ja, rule.remedy_en, rule.clause))


def test_the_shipped_rules_of_the_register_find_a_bare_record():
    standard = catalogue()

    def broken(entity: Entity, row: dict[str, str]) -> set[str]:
        return {breach.rule.clause for breach in judge(standard, entity, [row], on=DAY)}

    bare = dict.fromkeys((item.name for item in RESIDENT.items), "")
    found = broken(RESIDENT, {**bare, "resident_kind": "1", "relationship": "孫"})
    assert any("1.1.6" in clause for clause in found)
    assert any("1.1.11" in clause for clause in found)
    assert catalogue().item("01-1-009").type is ItemType.relationship
