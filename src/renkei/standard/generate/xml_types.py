"""The types of XML Schema: one for each way to write a value, named in Japanese.

A day is a structure 年・月・日, as in APPLIC's payloads, a time of day adds 時・分・秒. XML Schema
cannot say which month has how many days, nor any check digit: the documentation says so.
"""

from functools import cache, lru_cache
from html import escape

from renkei.standard.content import Catalogue
from renkei.standard.dates import MONTH, UNKNOWN_FORMS, YEAR
from renkei.standard.generate.patterns import LIMITED, xml_pattern
from renkei.standard.generate.xml_names import is_pair
from renkei.standard.grammar import Check, checks
from renkei.standard.model import Item, ItemType

NAMES = {
    ItemType.number: "整数型",
    ItemType.date: "日付型",
    ItemType.datetime: "日時型",
    ItemType.uncertain_date: "不詳日付型",
    ItemType.year: "年型",
    ItemType.month: "年月型",
    ItemType.register_number: "宛名番号型",
    ItemType.personal_number: "個人番号型",
    ItemType.corporate_number: "法人番号型",
    ItemType.organisation_code: "団体コード型",
    ItemType.postal_code: "郵便番号型",
    ItemType.address_code: "町字コード型",
    ItemType.flag: "可否型",
    ItemType.relationship: "続柄型",
    ItemType.text: "文字{}型",
    ItemType.kana: "カナ{}型",
    ItemType.latin: "英字{}型",
    ItemType.digits: "数字{}型",
    ItemType.decimal: "小数{}型",
}
CHECKED = {
    Check.register_digit: "検査数字はXSDでは検査できない。",
    Check.personal_digit: "検査数字はXSDでは検査できない。",
    Check.corporate_digit: "検査数字はXSDでは検査できない。",
    Check.organisation_digit: "検査数字はXSDでは検査できない。",
    Check.range_in_order: "期間の前後はXSDでは検査できない。",
    Check.in_code_list: "",
}
BASES = {ItemType.number: "xs:integer", ItemType.decimal: "xs:decimal"}
DAYS = "月の日数とうるう年はXSDでは検査できない。"
PARTS = """\
<xs:simpleType name="年型"><xs:restriction base="xs:string"><xs:pattern value="{year}"/>\
</xs:restriction></xs:simpleType>
<xs:simpleType name="月型"><xs:restriction base="xs:string"><xs:pattern value="{month}"/>\
</xs:restriction></xs:simpleType>
<xs:simpleType name="日型"><xs:restriction base="xs:string">\
<xs:pattern value="0[1-9]|[12][0-9]|3[01]"/></xs:restriction></xs:simpleType>
<xs:simpleType name="時型"><xs:restriction base="xs:string"><xs:pattern value="[01][0-9]|2[0-3]"/>\
</xs:restriction></xs:simpleType>
<xs:simpleType name="分秒型"><xs:restriction base="xs:string"><xs:pattern value="[0-5][0-9]"/>\
</xs:restriction></xs:simpleType>
<xs:complexType name="年月型"><xs:sequence><xs:element name="年" type="t:年型"/>\
<xs:element name="月" type="t:月型"/></xs:sequence></xs:complexType>
<xs:complexType name="日付型">{days}<xs:sequence><xs:element name="年" type="t:年型"/>\
<xs:element name="月" type="t:月型"/><xs:element name="日" type="t:日型"/></xs:sequence>\
</xs:complexType>
<xs:complexType name="日時型">{days}<xs:sequence><xs:element name="日付" type="t:日付型"/>\
<xs:element name="時" type="t:時型"/><xs:element name="分" type="t:分秒型"/>\
<xs:element name="秒" type="t:分秒型"/></xs:sequence></xs:complexType>
<xs:simpleType name="不詳型">{forms}<xs:restriction base="xs:string">{unknown}</xs:restriction>\
</xs:simpleType>
<xs:complexType name="不詳日付型">{ranges}<xs:choice><xs:sequence>\
<xs:element name="年" type="t:年型"/><xs:element name="月" type="t:月型"/>\
<xs:element name="日" type="t:日型"/></xs:sequence><xs:element name="不詳" type="t:不詳型"/>\
</xs:choice></xs:complexType>
"""


@cache
def documented(*texts: str) -> str:
    """Return an annotation in Japanese, one paragraph a text; nothing for no text."""
    paragraphs = (
        f'<xs:documentation xml:lang="ja">{escape(text, quote=False)}</xs:documentation>'
        for text in texts
        if text
    )
    inner = "".join(paragraphs)
    return f"<xs:annotation>{inner}</xs:annotation>" if inner else ""


class _Visible(dict[int, str]):
    """What a character stands as in an attribute; one that cannot be seen stands as a number."""

    RANGES = ((0x20, 0x7E), (0x2010, 0x2027), (0x3001, 0xD7FF), (0xFF01, 0xFFEE))

    def __missing__(self, code: int) -> str:
        seen = any(first <= code <= last for first, last in self.RANGES)
        self[code] = chr(code) if seen else f"&#x{code:X};"
        return self[code]


_VISIBLE = _Visible()


@cache
def quoted(text: str) -> str:
    """Return a text as the value of an attribute."""
    return escape(text).translate(_VISIBLE)


def type_name(item: Item) -> str:
    """Return the name of an item's type; items that are written alike share one."""
    return _type_name(item.type, item.code_list, item.digits, item.decimals, is_pair(item))


@lru_cache(maxsize=1024)
def _type_name(
    kind: ItemType, code_list: str | None, digits: int | None, decimals: int | None, pair: bool
) -> str:
    if code_list is not None:
        words = code_list.split("_")
        return f"{''.join(word[:1].upper() + word[1:] for word in words)}Type"
    size = f"{digits}" if decimals is None else f"{digits}_{decimals}"
    return f"{'外字' if pair else ''}{NAMES[kind].format(size)}"


def parts() -> str:
    """Return the types every unit has: those a day and a time are made of."""
    forms = "".join(f'<xs:pattern value="{_grouped(form.pattern)}"/>' for form in UNKNOWN_FORMS)
    named = "、".join(f"{form.ja}（{form.example}）" for form in UNKNOWN_FORMS)
    return PARTS.format(
        year=_grouped(YEAR),
        month=_grouped(MONTH),
        days=documented(DAYS),
        forms=documented(f"書き方: {named}。"),
        unknown=forms,
        ranges=documented(DAYS, CHECKED[Check.range_in_order]),
    )


def definition(item: Item, standard: Catalogue) -> str:
    """Return the definition of an item's type; empty where `parts` holds it."""
    base, facets, said = BASES.get(item.type, "xs:string"), "", ""
    match item.type:
        case ItemType.code:
            said, facets = _enumeration(item.code_list or "", standard)
        case (
            ItemType.date
            | ItemType.datetime
            | ItemType.uncertain_date
            | ItemType.year
            | ItemType.month
        ):
            return ""
        case kind:
            said = "".join(CHECKED[check] for check in checks(item))
            facets = f'<xs:pattern value="{quoted(xml_pattern(item))}"/>'
            if kind in LIMITED:
                facets += f'<xs:minLength value="1"/><xs:maxLength value="{item.digits}"/>'
    return (
        f'<xs:simpleType name="{type_name(item)}">{documented(said)}'
        f'<xs:restriction base="{base}">{facets}</xs:restriction></xs:simpleType>\n'
    )


@lru_cache(maxsize=1024)  # many units write one list
def _enumeration(name: str, standard: Catalogue) -> tuple[str, str]:
    """Return what is said of a code list, and its values."""
    codes = standard.code_list(name)
    number = f"番号{codes.number}。" if codes.number else ""
    values = "".join(
        f'<xs:enumeration value="{code.value}"><xs:annotation><xs:documentation xml:lang="ja">'
        f"{escape(f'{code.ja}（{code.period}）', quote=False)}"
        "</xs:documentation></xs:annotation></xs:enumeration>"
        for code in codes.known
    )
    return f"コード辞書（{codes.ja}）。{number}", values


def _grouped(pattern: str) -> str:
    return pattern.replace("(?:", "(")
