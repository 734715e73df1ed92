"""The HTML form of an entity: a label, a field and a hint for each item. No script, no framework.

What the browser checks is what its attributes say: patterns (ECMAScript, flag v), what is
required, the code values in force on a day. Check digits and rules are checked by the server.
"""

from datetime import date
from functools import lru_cache
from html import escape
from typing import Literal

from renkei.standard.content import Catalogue
from renkei.standard.generate.patterns import html_pattern
from renkei.standard.generate.values import WIDTHS
from renkei.standard.model import Entity, Item, ItemType

Language = Literal["ja", "en"]

# A hint for each type: how a value is written. {digits} and {decimals} are the item's.
HINTS: dict[ItemType, dict[Language, str]] = {
    ItemType.text: {"ja": "{digits}文字まで", "en": "At most {digits} characters"},
    ItemType.kana: {
        "ja": "全角カタカナ、{digits}文字まで",
        "en": "Full-width katakana, at most {digits}",
    },
    ItemType.latin: {"ja": "半角英字、{digits}文字まで", "en": "Latin letters, at most {digits}"},
    ItemType.digits: {"ja": "{digits}桁の数字", "en": "{digits} digits"},
    ItemType.number: {"ja": "整数", "en": "Whole number"},
    ItemType.decimal: {
        "ja": "小数、整数部{digits}桁、小数部{decimals}桁まで",
        "en": "Decimal, at most {digits} digits before and {decimals} after the point",
    },
    ItemType.date: {"ja": "年月日", "en": "Year, month, day"},
    ItemType.datetime: {"ja": "例 2026-04-01T09:30:00", "en": "As 2026-04-01T09:30:00"},
    ItemType.uncertain_date: {
        "ja": "例 1935-03-10。不詳は 1935-03-00、1935-00-00、1935-春 など",
        "en": "As 1935-03-10; where unknown 1935-03-00, 1935-00-00, 1935-春",
    },
    ItemType.year: {"ja": "西暦4桁", "en": "Year, 4 digits"},
    ItemType.month: {"ja": "例 2026-04", "en": "As 2026-04"},
    ItemType.code: {"ja": "一覧から選ぶ", "en": "Choose from the list"},
    ItemType.register_number: {
        "ja": "15桁の数字（検査数字を含む）",
        "en": "15 digits, check digit included",
    },
    ItemType.personal_number: {"ja": "12桁の数字", "en": "12 digits"},
    ItemType.corporate_number: {"ja": "13桁の数字", "en": "13 digits"},
    ItemType.organisation_code: {"ja": "6桁の団体コード", "en": "6-digit code of an organisation"},
    ItemType.postal_code: {"ja": "7桁の数字、ハイフンなし", "en": "7 digits, no hyphen"},
    ItemType.address_code: {"ja": "11桁の数字", "en": "11 digits"},
    ItemType.flag: {"ja": "どちらかを選ぶ", "en": "Choose one"},
    ItemType.relationship: {"ja": "例 世帯主、妻、子、父の母", "en": "As 世帯主, 妻, 子, 父の母"},
}
WORDS: dict[str, dict[Language, str]] = {
    "required": {"ja": "必須", "en": "required"},
    "external": {"ja": "外字を使えます", "en": "May hold external characters (外字)"},
    "none": {"ja": "（値なし）", "en": "(no value)"},
    "1": {"ja": "はい", "en": "Yes"},
    "0": {"ja": "いいえ", "en": "No"},
}
MODES: dict[ItemType, str] = {
    ItemType.year: "numeric",
    ItemType.digits: "numeric",
    ItemType.register_number: "numeric",
    ItemType.personal_number: "numeric",
    ItemType.corporate_number: "numeric",
    ItemType.organisation_code: "numeric",
    ItemType.postal_code: "numeric",
    ItemType.address_code: "numeric",
    ItemType.decimal: "decimal",
}


def form(entity: Entity, standard: Catalogue, language: Language, *, on: date) -> str:
    """Return the fields of an entity as one fieldset, for a form the caller opens and closes.

    Code lists offer the values in force on the day.
    """
    rows = "".join(_row(entity, item, standard, language, on) for item in entity.items)
    legend = entity.ja if language == "ja" else entity.en
    return (
        f'<fieldset lang="{language}" data-entity="{entity.name}">\n'
        f"<legend>{escape(legend)}</legend>\n{rows}</fieldset>\n"
    )


def _row(entity: Entity, item: Item, standard: Catalogue, language: Language, on: date) -> str:
    name = f"{entity.name}.{item.name}"
    label = escape(item.ja if language == "ja" else item.en)
    if item.required:
        label = f"{label} <em>{WORDS['required'][language]}</em>"
    hint = f'<small id="{name}.hint">{_hint(item, language)}</small>'
    marks = f'data-item="{item.id}" data-handling="{item.handling.value}"'
    match item.type:
        case ItemType.flag:
            return (
                f'<fieldset {marks} aria-describedby="{name}.hint"><legend>{label}</legend>\n'
                f"{_choices(item, name, language)}{hint}</fieldset>\n"
            )
        case ItemType.code:
            field = _select(item, name, _options(item.code_list or "", standard, language, on))
        case _:
            field = _input(item, name)
    return f'<p {marks}><label for="{name}">{label}</label>\n{field}{hint}</p>\n'


def _hint(item: Item, language: Language) -> str:
    hint = _writing(item.type, item.digits, item.decimals, item.external_characters, language)
    if item.example is None:
        return hint
    example = escape(item.example)
    return f"{hint}（例 {example}）" if language == "ja" else f"{hint} (e.g. {example})"


@lru_cache(maxsize=1024)  # many items are written alike
def _writing(
    kind: ItemType, digits: int | None, decimals: int | None, external: bool, language: Language
) -> str:
    hint = HINTS[kind][language].format(digits=digits, decimals=decimals)
    if external:
        hint += f"{'。' if language == 'ja' else '. '}{WORDS['external'][language]}"
    return escape(hint)


def _choices(item: Item, name: str, language: Language) -> str:
    values = ("1", "0") if item.required else ("1", "0", "")
    required = " required" if item.required else ""
    return "".join(
        f'<label><input type="radio" name="{item.name}" value="{value}"{required}'
        f"{' checked' if value == '' else ''}> {WORDS[value or 'none'][language]}</label>\n"
        for value in values
    )


def _select(item: Item, name: str, options: str) -> str:
    return (
        f'<select id="{name}" name="{item.name}" aria-describedby="{name}.hint"{_required(item)}>\n'
        f"{options}</select>\n"
    )


@lru_cache(maxsize=1024)  # many items choose from one list
def _options(name: str, standard: Catalogue, language: Language, on: date) -> str:
    options = "".join(
        f'<option value="{code.value}">{code.value} {escape(code.label(language))}</option>\n'
        for code in standard.code_list(name).known
        if code.is_in_force(on)
    )
    return f'<option value="">{WORDS["none"][language]}</option>\n{options}'


def _input(item: Item, name: str) -> str:
    kind = "date" if item.type is ItemType.date else "text"
    attributes = f'type="{kind}" id="{name}" name="{item.name}" autocomplete="off"'
    if kind == "text":
        attributes += f' pattern="{escape(html_pattern(item))}"'
        most = _most_units(item)
        attributes += "" if most is None else f' maxlength="{most}"'
        mode = MODES.get(item.type)
        attributes += "" if mode is None else f' inputmode="{mode}"'
    return f'<input {attributes} aria-describedby="{name}.hint"{_required(item)}>\n'


def _most_units(item: Item) -> int | None:
    """Return the longest value in UTF-16 units, which browsers count: 𠮷 is two of them."""
    if item.digits is None or item.type is ItemType.decimal:
        return WIDTHS.get(item.type)
    return 2 * item.digits if item.type is ItemType.text else item.digits


def _required(item: Item) -> str:
    return " required" if item.required else ""
