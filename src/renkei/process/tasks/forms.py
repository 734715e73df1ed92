"""Forms of tasks: fields as the standard has them, or as the model says beside it.

A form is the items of one entity of the standard, all or some (`formKey="resident: name, kana"`),
then the fields of the model. What a field takes is what an item of its type takes: the same schema,
the same rules. Values come as texts from a page and as values of FEEL from a program; either way
what goes into the case is of the type the item has.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from renkei import kit, standard
from renkei.process import feel
from renkei.process.bpmn import Variables
from renkei.process.tasks.errors import FormUnfit
from renkei.standard import Catalogue, Entity, Item, ItemType, rules
from renkei.standard.generate import Json
from renkei.standard.generate.schemas import DIALECT, value_schema
from renkei.standard.judgement import judge

DIGITS = {
    ItemType.text: 200,
    ItemType.kana: 100,
    ItemType.latin: 100,
    ItemType.digits: 10,
    ItemType.decimal: 12,
}
"""How long a field of a model may be that says nothing of it."""
MOST_TYPED = 10_000


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with one field: a code of `form-…`, or the words of a rule."""

    field: str
    code: str
    ja: str = ""
    en: str = ""

    def text(self, language: kit.Language) -> str:
        """Say it."""
        own = self.ja if language == "ja" else self.en
        return own or kit.say(f"form-{self.code}", language)


@dataclass(frozen=True, slots=True)
class Judged:
    """What came of what was entered: values of FEEL, and what is wrong with which field."""

    values: Variables
    wrong: tuple[Wrong, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What a task wants to know."""

    items: tuple[Item, ...]
    entity: Entity | None = None
    into: str = ""

    def schema(self, known: Catalogue) -> dict[str, Json]:
        """Return it as JSON Schema; each value is text in its form, a number a whole number."""
        return {
            "$schema": DIALECT,
            "type": "object",
            "properties": {
                item.name: value_schema(item, known, may_be_null=not item.required)
                for item in self.items
            },
            "required": [item.name for item in self.items if item.required],
            "additionalProperties": False,
        }

    def read(self, typed: Mapping[str, str], known: Catalogue, *, on: date) -> Judged:
        """Judge what was typed on a page; an empty field has no value."""
        row = {item.name: typed.get(item.name, "").strip() for item in self.items}
        wrong = list(self._judged(row, known, on=on))
        unfit = {one.field for one in wrong}
        values: Variables = {
            item.name: value_of(item, row[item.name])
            for item in self.items
            if item.name not in unfit
        }
        return Judged(values, tuple(wrong))

    def check(self, told: Variables, known: Catalogue, *, on: date) -> Judged:
        """Judge values of FEEL, as a program gives them."""
        names = {item.name for item in self.items}
        wrong = [Wrong(name, "field-unknown") for name in told if name not in names]
        row: dict[str, str] = {}
        for item in self.items:
            text = text_of(item, told.get(item.name))
            if text is None:
                wrong.append(Wrong(item.name, "type-wrong"))
            row[item.name] = text or ""
        unfit = {one.field for one in wrong}
        wrong += [one for one in self._judged(row, known, on=on) if one.field not in unfit]
        return Judged({item.name: told.get(item.name) for item in self.items}, tuple(wrong))

    def _judged(self, row: Mapping[str, str], known: Catalogue, *, on: date) -> Iterator[Wrong]:
        """Yield what is wrong with each field by itself, then by the rules between them."""
        wrong = [
            one for item in self.items for one in _field_wrong(item, row[item.name], known, on)
        ]
        yield from wrong
        if self.entity is None or wrong:
            return
        names = {item.name for item in self.items}
        for breach in judge(known, self.entity, [row], on=on):
            about = {*breach.items, *(when.item for when in breach.rule.when)}
            if breach.stops and about <= names:  # of what the form does not ask nothing is known
                said = breach.rule
                yield Wrong(
                    breach.items[0],
                    "rule",
                    f"{said.ja}。{said.remedy_ja}",
                    f"{said.en} {said.remedy_en}",
                )

    def told(self, values: Variables) -> Variables:
        """Return what goes into the case."""
        return {self.into: dict(values)} if self.into else values

    def kept(self, known: Variables) -> dict[str, str]:
        """Return what of the form is known already, as texts."""
        held = known.get(self.into) if self.into else known
        values = held if isinstance(held, dict) else {}
        return {item.name: text_of(item, values.get(item.name)) or "" for item in self.items}


def form_of(about: Variables, known: Catalogue) -> Form | None:
    """Return the form of a task; None where it has none that is known here."""
    entity, items = _standard_items(str(about.get("form") or ""), known)
    fields = about.get("fields")
    said = [one for one in fields if isinstance(one, dict)] if isinstance(fields, list) else []
    own = [item for one in said if (item := own_item(one, known)) is not None]
    every = {item.name: item for item in (*items, *own)}
    return Form(tuple(every.values()), entity, str(about.get("into", ""))) if every else None


def checked(about: Variables, told: Variables, known: Catalogue, *, on: date) -> Variables:
    """Return what a task that is done gives its case; FormUnfit where its form says otherwise.

    With `into` the values may come as that one variable, or by their own names.
    """
    form = form_of(about, known)
    if form is None:
        return told
    whole = told.get(form.into) if form.into else None
    judged = form.check(whole if isinstance(whole, dict) else told, known, on=on)
    if judged.wrong:
        first = judged.wrong[0]
        raise FormUnfit(count=len(judged.wrong), field=first.field, reason=first.text("en"))
    return form.told(judged.values)


def _standard_items(key: str, known: Catalogue) -> tuple[Entity | None, tuple[Item, ...]]:
    """Return the items that a key of the standard names: `ENTITY`, or `ENTITY: ITEM, ITEM`."""
    name, _, wanted = key.partition(":")
    try:
        entity = known.entity(
            name.rpartition("/")[2].strip()
        )  # a unit's number may stand before it
    except standard.DefinitionUnknown:
        return None, ()
    names = [part.strip() for part in wanted.replace("、", ",").split(",") if part.strip()]
    if not names:
        return entity, entity.items
    found = [item for one in names if (item := entity.item(one)) is not None]
    return entity, tuple(found)


def unknown_in(key: str, known: Catalogue) -> list[str]:
    """Return what a key of a form names that the standard does not have."""
    entity, items = _standard_items(key, known)
    if entity is None:
        return [key.partition(":")[0].strip()]
    wanted = [part.strip() for part in key.partition(":")[2].split(",") if part.strip()]
    there = {item.name for item in items}
    return [one for one in wanted if one not in there]


def own_item(said: Mapping[str, feel.Value], known: Catalogue) -> Item | None:
    """Return a field of a model as an item; None where it says no type there is, or no list."""
    text = {name: str(value or "").strip() for name, value in said.items()}
    try:
        kind = ItemType(text.get("type") or ItemType.text)
        code_list = known.code_list(text["list"]).id if kind is ItemType.code else None
    except (ValueError, KeyError, standard.DefinitionUnknown):
        return None
    name = text.get("name", "")
    if not name or kind is ItemType.relationship:
        return None
    return Item(
        id=name,
        name=name,
        ja=text.get("ja") or name,
        en=text.get("en") or text.get("ja") or name,
        type=kind,
        digits=_length(text.get("digits", "")) or DIGITS.get(kind),
        decimals=(_length(text.get("decimals", "")) or 2) if kind is ItemType.decimal else None,
        required=text.get("required") == "true",
        code_list=code_list,
        handling=standard.Handling.personal,
        external_characters=False,
        since=date.min,
        provenance=standard.Provenance.proposed,
        source="-",
    )


def _length(text: str) -> int:
    return min(4_000, int(text)) if text.isdecimal() and len(text) < 6 else 0


def _field_wrong(item: Item, text: str, known: Catalogue, on: date) -> Iterator[Wrong]:
    if not text:
        if item.required:
            yield Wrong(item.name, "field-missing")
        return
    if len(text) > MOST_TYPED or not rules.is_valid(item, text, known):
        yield Wrong(item.name, "field-unfit")
    elif item.code_list is not None:
        values = known.code_list(item.code_list).on(on)
        if text not in {value.value for value in values}:
            yield Wrong(item.name, "code-over")


def value_of(item: Item, text: str) -> feel.Value:
    """Return a text of an item as the value of FEEL it stands for."""
    if not text:
        return None
    match item.type:
        case ItemType.number | ItemType.decimal:
            return Decimal(text)
        case ItemType.flag:
            return text == "1"
        case ItemType.date:
            return feel.Date.parse(text)
        case ItemType.datetime:
            return feel.DateTime.parse(text)
        case _:
            return text


def text_of(item: Item, value: feel.Value) -> str | None:
    """Return a value of FEEL as the text of an item; None where it is of another type."""
    if value is None:
        return ""
    match item.type, value:
        case ItemType.number | ItemType.decimal, Decimal():
            return format(value.normalize() + 0, "f") if value.is_finite() else None
        case ItemType.flag, bool():
            return "1" if value else "0"
        case ItemType.date, feel.Date():
            return str(value)
        case ItemType.datetime, feel.DateTime():
            return str(value)
        case (
            (
                ItemType.number
                | ItemType.decimal
                | ItemType.flag
                | ItemType.date
                | ItemType.datetime
            ),
            _,
        ):
            return None
        case _, str():
            return value
    return None
