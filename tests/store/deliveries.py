"""The same rows in every format, as a careful vendor would write them."""

import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

import polars as pl
from tests.store.rows import Row, lines

from renkei.standard import Entity, Item, ItemType
from renkei.standard.characters import Charset, can_write, encode
from renkei.standard.generate import json_record
from renkei.standard.generate.records import xml_items
from renkei.standard.generate.xml_names import item_names, list_name, namespace, record_name
from renkei.store import Format

Delivery = Callable[[Entity, Sequence[Row]], bytes]


def csv_text(entity: Entity, rows: Sequence[Row]) -> str:
    return "".join(f"{line}\n" for line in lines(entity, rows))


def csv_utf_8(entity: Entity, rows: Sequence[Row]) -> bytes:
    return csv_text(entity, rows).encode()


def csv_windows_31j(entity: Entity, rows: Sequence[Row]) -> bytes:
    return encode(csv_text(entity, rows), Charset.windows_31j).data


def json_lines(entity: Entity, rows: Sequence[Row]) -> bytes:
    objects = [json.dumps(json_record(entity, row), ensure_ascii=False) for row in rows]
    return "".join(f"{one}\n" for one in objects).encode()


def xml(entity: Entity, rows: Sequence[Row]) -> bytes:
    names, name = item_names(entity), record_name(entity)
    records = "".join(f"<{name}>{xml_items(entity.items, names, row)}</{name}>\n" for row in rows)
    space = namespace(entity.unit)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<!-- 合成データ -->\n'
        f'<{list_name(entity)} xmlns="{space}">\n{records}</{list_name(entity)}>\n'
    ).encode()


def parquet(
    entity: Entity,
    rows: Sequence[Row],
    notes: Mapping[str, str] | None = None,
    row_group_size: int | None = None,
) -> bytes:
    out = io.BytesIO()
    frame = pl.DataFrame(
        [typed(item, [row.get(item.name, "") for row in rows]) for item in entity.items]
    )
    frame.write_parquet(out, metadata=dict(notes or {}), row_group_size=row_group_size)
    return out.getvalue()


def typed(item: Item, texts: Sequence[str]) -> pl.Series:
    """Return a column as typed as its item can be."""
    read: Callable[[str], object]
    kind: pl.DataType
    match item.type:
        case ItemType.number:
            read, kind = int, pl.Int64()
        case ItemType.date:
            read, kind = date.fromisoformat, pl.Date()
        case ItemType.datetime:
            read, kind = datetime.fromisoformat, pl.Datetime("us")
        case ItemType.flag:
            read, kind = "1".__eq__, pl.Boolean()
        case _:
            read, kind = str, pl.String()
    return pl.Series(item.name, [read(text) if text else None for text in texts], kind)


def writable(row: Row) -> Row:
    """Return a row without characters that Windows-31J cannot write, and none that it doubles."""
    return {
        name: "".join(c if can_write(c, Charset.windows_31j) else "ア" for c in value)
        for name, value in row.items()
    }


DELIVERIES: Mapping[Format, Delivery] = {
    Format.csv: csv_utf_8,
    Format.csv_windows_31j: csv_windows_31j,
    Format.json_lines: json_lines,
    Format.xml: xml,
    Format.parquet: parquet,
}
