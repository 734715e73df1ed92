"""A form has one labelled field for each item, and its attributes refuse what the rules refuse."""

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from tests.standard.every_type import MUTATIONS, ROW, small, standards
from tests.standard.golden import DAY

from renkei.standard import Catalogue, ItemType, generate

SMALL = small()
SAMPLE = SMALL.entity("sample")


class Fields(HTMLParser):
    """What a browser finds: fields by name, targets of labels, ids, options; tags in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: dict[str, dict[str, str | None]] = {}
        self.labels: list[str | None] = []
        self.ids: list[str | None] = []
        self.options: dict[str, list[str]] = {}
        self.open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        found = dict(attrs)
        if tag != "input":
            self.open.append(tag)
        self.ids += [found["id"]] if "id" in found else []
        self.labels += [found["for"]] if "for" in found else []
        if tag in {"input", "select"}:
            self.fields[found["name"] or ""] = found
        if tag == "option" or found.get("type") == "radio":
            self.options.setdefault([*self.fields][-1], []).append(found["value"] or "")

    def handle_endtag(self, tag: str) -> None:
        """Note the end of a tag, which must be the one opened last."""
        assert self.open.pop() == tag


@pytest.mark.parametrize("standard", [pytest.param(s, id=s.edition.id) for s in standards()])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_item_has_one_field_with_its_label_and_its_hint(standard: Catalogue, language: Any):
    for entity in standard.entities:
        form = Fields(generate.form(entity, standard, language, on=DAY))
        assert form.open == []
        assert list(form.fields) == [item.name for item in entity.items]
        assert len(set(form.ids)) == len(form.ids)
        single = [i for i in entity.items if i.type is not ItemType.flag]
        assert form.labels == [f"{entity.name}.{item.name}" for item in single]
        for item in entity.items:
            field = form.fields[item.name]
            assert ("required" in field) is item.required
            assert f"{entity.name}.{item.name}.hint" in form.ids
            assert item.type is ItemType.flag or field["aria-describedby"] in form.ids


def test_a_select_offers_the_values_of_the_day():
    """The class 甲 was retired in 2015 and came back in 2020; 乙 ended in 2019."""
    values = {
        day: Fields(generate.form(SAMPLE, SMALL, "ja", on=day)).options["class_of_care"]
        for day in (date(2015, 3, 31), date(2015, 4, 1), DAY)
    }
    assert list(values.values()) == [["", "1", "2"], ["", "2"], ["", "1"]]


def test_what_people_wrote_is_escaped():
    text = generate.form(SAMPLE, SMALL, "en", on=date(2015, 1, 1))
    assert "2 &lt;second&gt;" in text
    assert "O&#x27;BRIEN" in text
    assert "2 乙 &amp; 丙" in generate.form(SAMPLE, SMALL, "ja", on=date(2015, 1, 1))


def test_an_item_that_may_hold_external_characters_says_so():
    assert "100文字まで。外字を使えます" in generate.form(SAMPLE, SMALL, "ja", on=DAY)
    assert "May hold external characters (外字)" in generate.form(SAMPLE, SMALL, "en", on=DAY)


@pytest.mark.parametrize(("name", "value"), [("", ""), *MUTATIONS])
def test_a_wrong_value_is_refused(name, value):
    """A browser's own field takes no day that is none."""
    form = Fields(generate.form(SAMPLE, SMALL, "ja", on=date(2015, 1, 1)))
    row = ROW | ({name: value} if name else {})
    refused = {key for key, field in form.fields.items() if not _takes(form, key, field, row[key])}
    assert refused == ({name} if name else set())


def _takes(form: Fields, name: str, field: dict[str, str | None], value: str) -> bool:
    if name in form.options or not value:
        return value in form.options.get(name, [""] * ("required" not in field))
    if field["type"] == "date":
        try:
            return len(value) == 10 and bool(date.fromisoformat(value))
        except ValueError:
            return False
    units = len(value.encode("utf-16-le")) // 2
    fits = "maxlength" not in field or units <= int(field["maxlength"] or 0)
    return fits and re.fullmatch(field["pattern"] or "", value) is not None


def test_a_pattern_escapes_inside_a_class_what_the_flag_v_reads():
    form = Fields(generate.form(SAMPLE, SMALL, "ja", on=DAY))
    assert form.fields["latin"]["pattern"] == r"[A-Za-z0-9 ,.'\-\/\(\)&]{1,20}"
