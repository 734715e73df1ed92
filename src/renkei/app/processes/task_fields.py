"""The form of a task as fields: what each is called, how it is written, what is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from renkei import kit
from renkei.process import feel
from renkei.process.tasks import Form, Wrong
from renkei.process.tasks.forms import text_of
from renkei.standard import Catalogue, Item, ItemType
from renkei.standard.generate.forms import HINTS, MODES

PREFIX = "field-"


@dataclass(frozen=True, slots=True)
class Choice:
    """What may be chosen."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Field:
    """One field: `kind` is how it is shown (`text`, `date`, `select`, `radio`)."""

    name: str
    label: str
    hint: str
    kind: str
    mode: str
    is_required: bool
    choices: tuple[Choice, ...]
    value: str
    wrong: tuple[str, ...]


def fields(
    form: Form,
    known: Catalogue,
    values: Mapping[str, str],
    wrong: tuple[Wrong, ...],
    reader: kit.Language,
    *,
    on: date,
) -> list[Field]:
    """Return the fields of a form with what stands in them."""
    return [
        Field(
            PREFIX + item.name,
            _named(item, reader),
            _hint(item, reader),
            KINDS.get(item.type, "text"),
            MODES.get(item.type, "numeric" if item.type is ItemType.number else ""),
            item.required,
            _choices(item, known, reader, on=on),
            values.get(item.name, ""),
            tuple(one.text(reader) for one in wrong if one.field == item.name),
        )
        for item in form.items
    ]


KINDS = {ItemType.date: "date", ItemType.code: "select", ItemType.flag: "radio"}


def filled(
    form: Form, entered: Mapping[str, feel.Value], known: Catalogue, reader: kit.Language
) -> list[tuple[str, str]]:
    """Return what was entered in a form, as people read it: what each field is called, and what."""
    inner = entered.get(form.into) if form.into else entered
    held = inner if isinstance(inner, dict) else {}
    return [
        (_named(item, reader), _read(item, held.get(item.name), known, reader))
        for item in form.items
    ]


def _named(item: Item, reader: kit.Language) -> str:
    return item.ja if reader == "ja" else item.en


def _hint(item: Item, reader: kit.Language) -> str:
    if item.type is ItemType.date:
        return ""  # the browser says it
    return HINTS[item.type][reader].format(digits=item.digits, decimals=item.decimals)


def _choices(item: Item, known: Catalogue, reader: kit.Language, *, on: date) -> tuple[Choice, ...]:
    if item.type is ItemType.flag:
        return tuple(Choice(value, kit.say(f"form-flag-{value}", reader)) for value in ("1", "0"))
    if item.code_list is None:
        return ()
    values = known.code_list(item.code_list).on(on)
    return tuple(
        Choice(one.value, f"{one.value} {one.ja if reader == 'ja' else one.en}") for one in values
    )


def _read(item: Item, value: feel.Value, known: Catalogue, reader: kit.Language) -> str:
    text = text_of(item, value) or ""
    if item.type is ItemType.flag and text:
        return kit.say(f"form-flag-{text}", reader)
    if item.code_list is not None and text:
        return f"{text} {known.code_list(item.code_list).label(text, reader) or ''}".strip()
    return text or "–"
