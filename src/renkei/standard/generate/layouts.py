"""The CSV layout of an entity: for programs, as Table Schema, and as a table people read."""

from dataclasses import dataclass

from renkei.standard.content import Catalogue
from renkei.standard.generate.patterns import LIMITED, xml_pattern
from renkei.standard.generate.schemas import STATEMENT
from renkei.standard.generate.values import Json, codes_of
from renkei.standard.model import Entity, Item, ItemType, Relation

NOTE = (
    "この参照モデルは公式の標準仕様ではありません。"
    "文字コードUTF-8、改行LF、区切りはコンマ、見出しは1行、空欄は値なしです。"
)
TABLE_SCHEMA_TYPES = {
    ItemType.number: "integer",
    ItemType.decimal: "number",
    ItemType.date: "date",
    ItemType.datetime: "datetime",
}


@dataclass(frozen=True, slots=True)
class CsvColumn:
    """One column: its place from 1, its header, and the item it holds."""

    position: int
    header: str
    item: Item


@dataclass(frozen=True, slots=True)
class CsvLayout:
    """How an entity is written as CSV: one record a line, RFC 4180 quotes, empty for no value."""

    entity: str
    columns: tuple[CsvColumn, ...]
    encoding: str = "utf-8"
    separator: str = ","
    line_end: str = "\n"
    comment: str = "#"

    @property
    def file(self) -> str:
        """Return the name of the file."""
        return f"{self.entity}.csv"

    @property
    def headers(self) -> tuple[str, ...]:
        """Return the header line's cells."""
        return tuple(column.header for column in self.columns)


def csv_layout(entity: Entity) -> CsvLayout:
    """Return the columns of an entity's file in their order.

    >>> from renkei.standard import catalogue
    >>> csv_layout(catalogue().entity("child_medical")).headers[:2]
    ('児童宛名番号', '受給者番号')
    """
    columns = (CsvColumn(n, item.ja, item) for n, item in enumerate(entity.items, 1))
    return CsvLayout(entity.name, tuple(columns))


def table_schema(entity: Entity, standard: Catalogue) -> dict[str, Json]:
    """Return the layout as a Table Schema, for tools that know nothing of Renkei.

    A relation becomes a foreign key where it holds the whole key of the other entity.
    """
    names = {item.name: item.ja for item in entity.items}
    found = (_foreign(entity, relation, standard) for relation in entity.relations)
    foreign: list[Json] = [key for key in found if key is not None]
    return {
        "name": entity.name,
        "title": entity.ja,
        "description": f"{entity.en}. {STATEMENT}",
        "fields": [_field(item, standard) for item in entity.items],
        "missingValues": [""],
        "primaryKey": [names[key] for key in entity.key],
        **({"foreignKeys": foreign} if foreign else {}),
    }


def csv_markdown(entity: Entity) -> str:
    """Return the layout as a Markdown table in Japanese."""
    layout = csv_layout(entity)
    lines = [
        f"# {entity.ja} `{layout.file}`",
        "",
        NOTE,
        "",
        "| 列 | 項目番号 | 項目名 | 英語名 | 型 | 桁数 | 必須 | コード辞書 | 外字 | 出所 |",
        "|--:|---|---|---|---|--:|:-:|---|:-:|---|",
    ]
    for column in layout.columns:
        item = column.item
        cells = [
            str(column.position),
            item.id,
            item.ja,
            f"`{item.name}`",
            item.type.value,
            _digits(item),
            "○" if item.required else "",
            item.code_list or "",
            "○" if item.external_characters else "",
            f"{item.source}（{'確認済み' if item.provenance == 'verified' else '提案'}）",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _digits(item: Item) -> str:
    if item.digits is None:
        return ""
    return str(item.digits) if item.decimals is None else f"{item.digits}.{item.decimals}"


def _foreign(entity: Entity, relation: Relation, standard: Catalogue) -> dict[str, Json] | None:
    other = standard.entity(relation.to)
    if len(relation.items) != len(other.key):
        return None
    return {
        "fields": _headers(entity, relation.items),
        "reference": {
            "resource": "" if other is entity else other.name,
            "fields": _headers(other, other.key),
        },
    }


def _headers(entity: Entity, names: tuple[str, ...]) -> list[Json]:
    return [item.ja for name in names if (item := entity.item(name)) is not None]


def _field(item: Item, standard: Catalogue) -> Json:
    constraints: dict[str, Json] = {"required": item.required}
    if item.type is ItemType.code:
        constraints["enum"] = [code.value for code in codes_of(item, standard)]
    elif item.type is not ItemType.text and item.type not in TABLE_SCHEMA_TYPES:
        constraints["pattern"] = xml_pattern(item)
    if item.type in LIMITED:
        constraints["maxLength"] = item.digits
    return {
        "name": item.ja,
        "title": item.en,
        "description": item.id,
        "type": TABLE_SCHEMA_TYPES.get(item.type, "string"),
        **({"format": "%Y-%m-%dT%H:%M:%S"} if item.type is ItemType.datetime else {}),
        "constraints": constraints,
    }
