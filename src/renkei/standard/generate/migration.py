"""The migration layout (移行データのレイアウト), in the form of the 中間標準レイアウト.

Five tables: 移行ファイル構成表 (which files), 移行ファイル関連図 (how they hang together),
データ項目一覧表 (their columns), コード構成表 (which code lists) and コード一覧 (their values).
A file holds the history of an entity: each line says from which day to which it held.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from renkei.standard.content import Catalogue
from renkei.standard.generate.schemas import STATEMENT
from renkei.standard.generate.values import WIDTHS, Json
from renkei.standard.model import CodeList, CodeMapping, Entity, Item, ItemType

Cell = str | int
Table = list[dict[str, Json]]

KINDS = {
    ItemType.text: "文字",
    ItemType.kana: "カナ",
    ItemType.latin: "英字",
    ItemType.digits: "数字",
    ItemType.number: "整数",
    ItemType.decimal: "小数",
    ItemType.date: "日付",
    ItemType.datetime: "日時",
    ItemType.uncertain_date: "日付（不詳あり）",
    ItemType.year: "年",
    ItemType.month: "年月",
    ItemType.code: "コード",
    ItemType.register_number: "宛名番号",
    ItemType.personal_number: "個人番号",
    ItemType.corporate_number: "法人番号",
    ItemType.organisation_code: "団体コード",
    ItemType.postal_code: "郵便番号",
    ItemType.address_code: "町字コード",
    ItemType.flag: "可否",
    ItemType.relationship: "続柄",
}
HISTORY = (("valid_from", "適用開始日", "○"), ("valid_to", "適用終了日", ""))
FILES, RELATIONS, ITEMS = "移行ファイル構成表", "移行ファイル関連図", "データ項目一覧表"
CODE_LISTS, CODES = "コード構成表", "コード一覧"
ENCODING = "UTF-8"


@dataclass(frozen=True, slots=True)
class Migration:
    """The layout of a catalogue: its head, and the rows of each table by the table's name."""

    head: Mapping[str, Json]
    tables: Mapping[str, Table]

    def document(self) -> dict[str, Json]:
        """Return the layout as one object: the head, and each table as a list of rows."""
        rows: dict[str, Json] = {name: [*rows] for name, rows in self.tables.items()}
        return {**self.head, **rows}

    def texts(self) -> dict[str, str]:
        """Return file name → text of each table, separated by tabs, with a line of headers."""
        return {f"{name}.tsv": _tsv(rows) for name, rows in self.tables.items()}


def migration(standard: Catalogue) -> Migration:
    """Return the layout in which a unit's records are handed over."""
    head = {
        "標準": standard.edition.ja,
        "版": standard.edition.edition,
        "注記": STATEMENT,
        "形式": "CSV（UTF-8、改行LF、見出し1行）またはXML",
    }
    return Migration(head, _tables(standard))


def file_name(entity: Entity) -> str:
    """Return the name of an entity's migration file, e.g. `0101_resident.csv`."""
    return f"{entity.migration_file}_{entity.name}.csv"


def _tables(standard: Catalogue) -> dict[str, Table]:
    filed = [entity for entity in standard.entities if entity.migration_file is not None]
    filed.sort(key=lambda entity: entity.migration_file or "")
    mappings = {one.origin: one for one in standard.content.code_mappings if one.migration}
    return {
        FILES: [_file(entity, standard) for entity in filed],
        RELATIONS: [row for entity in filed for row in _relations(entity, standard)],
        ITEMS: [row for entity in filed for row in _items(entity, standard, mappings)],
        CODE_LISTS: list(_code_lists(filed, standard, mappings)),
        CODES: list(_codes(filed, standard, mappings)),
    }


def _file(entity: Entity, standard: Catalogue) -> dict[str, Json]:
    key = _named(entity, entity.key)
    return {
        "ファイル番号": entity.migration_file or "",
        "ファイル名": file_name(entity),
        "データ名": entity.ja,
        "エンティティ": entity.name,
        "業務ユニット": f"{entity.unit} {standard.unit(entity.unit).ja}",
        "主キー": key,
        "並び順": f"{key} {HISTORY[0][1]}",
        "項目数": len(entity.items) + len(HISTORY),
        "履歴": "有",
        "文字コード": ENCODING,
    }


def _relations(entity: Entity, standard: Catalogue) -> Iterator[dict[str, Json]]:
    for relation in entity.relations:
        other = standard.entity(relation.to)
        whole = len(relation.items) == len(other.key)
        yield {
            "ファイル番号": entity.migration_file or "",
            "データ名": entity.ja,
            "項目": _named(entity, relation.items),
            "関連先ファイル番号": other.migration_file or "",
            "関連先データ名": other.ja,
            "関連先項目": _named(other, other.key[: len(relation.items)]),
            "多重度": "N:1" if whole else "N:N",
        }


def _items(
    entity: Entity, standard: Catalogue, mappings: dict[str, CodeMapping]
) -> Iterator[dict[str, Json]]:
    file = entity.migration_file or ""
    for number, item in enumerate(entity.items, 1):
        codes = _written_in(item, standard, mappings)
        mapping = mappings.get(item.code_list or "")
        yield {
            "ファイル番号": file,
            "項番": number,
            "項目番号": item.id,
            "項目名": item.ja,
            "英語名": item.name,
            "データ型": KINDS[item.type],
            "桁数": _digits(item, codes),
            "外字使用": "○" if item.external_characters else "",
            "コード": "" if codes is None else codes.id,
            "コード変換": "" if mapping is None else mapping.id,
            "必須": "○" if item.required else "",
            "主キー": "○" if item.name in entity.key else "",
        }
    for number, (name, ja, required) in enumerate(HISTORY, len(entity.items) + 1):
        yield {
            "ファイル番号": file,
            "項番": number,
            "項目番号": "共通",
            "項目名": ja,
            "英語名": name,
            "データ型": KINDS[ItemType.date],
            "桁数": WIDTHS[ItemType.date],
            "外字使用": "",
            "コード": "",
            "コード変換": "",
            "必須": required,
            "主キー": required,
        }


def _digits(item: Item, codes: CodeList | None) -> Cell:
    if codes is not None:
        return max((len(value.value) for value in codes.values), default=0)
    if item.decimals is not None:
        return f"{item.digits}.{item.decimals}"
    return item.digits if item.digits is not None else WIDTHS[item.type]


def _written_in(
    item: Item, standard: Catalogue, mappings: dict[str, CodeMapping]
) -> CodeList | None:
    """Return the code list an item's values are migrated in."""
    if item.code_list is None:
        return None
    mapping = mappings.get(item.code_list)
    return standard.code_list(item.code_list if mapping is None else mapping.target)


def _used(filed: list[Entity]) -> list[str]:
    """Return the code lists the items of the files name, in the order they first do."""
    named = (item.code_list for entity in filed for item in entity.items)
    return list(dict.fromkeys(name for name in named if name is not None))


def _code_lists(
    filed: list[Entity], standard: Catalogue, mappings: dict[str, CodeMapping]
) -> Iterator[dict[str, Json]]:
    used: dict[str, int] = {}
    for item in (item for entity in filed for item in entity.items):
        if item.code_list is not None:
            used[item.code_list] = used.get(item.code_list, 0) + 1
    for name, count in used.items():
        codes, mapping = standard.code_list(name), mappings.get(name)
        written = codes if mapping is None else standard.code_list(mapping.target)
        values = written.known
        yield {
            "コード": written.id,
            "コード名": written.ja,
            "区分": written.group,
            "番号": written.number or "",
            "桁数": max((len(value.value) for value in values), default=0),
            "値の数": len(values),
            "使用する項目の数": count,
            "変換元コード": "" if mapping is None else codes.id,
        }


def _codes(
    filed: list[Entity], standard: Catalogue, mappings: dict[str, CodeMapping]
) -> Iterator[dict[str, Json]]:
    """Give every value in the encoding of the migration, and what it is written as elsewhere."""
    for name in _used(filed):
        mapping = mappings.get(name)
        origins: dict[str, list[str]] = {}
        for pair in () if mapping is None else mapping.pairs:
            origins.setdefault(pair.maps_to or "", []).append(pair.value)
        written = standard.code_list(name if mapping is None else mapping.target)
        told = [(value.value, value.ja, value.period) for value in written.known]
        if "" in origins:
            told.append(("", "対応する値なし", ""))
        for value, ja, period in told:
            yield {
                "コード": written.id,
                "値": value,
                "意味": ja,
                "使用期間": period,
                "変換元コード": "" if mapping is None else mapping.origin,
                "変換元の値": " ".join(origins.get(value, ())),
            }


def _named(entity: Entity, names: tuple[str, ...]) -> str:
    return " ".join(item.ja for name in names if (item := entity.item(name)) is not None)


def _tsv(rows: Table) -> str:
    if not rows:
        return ""
    lines = ["\t".join(rows[0]), *("\t".join(map(str, row.values())) for row in rows)]
    return "\n".join(lines) + "\n"
