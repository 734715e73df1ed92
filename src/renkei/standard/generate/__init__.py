"""What is made from the catalogue: tables, JSON Schemas, CSV layouts.

Every function here is pure: the same catalogue gives the same text, byte for byte, so a generated
file in the repository is compared, not trusted.
"""

from renkei.standard.generate.layouts import (
    CsvColumn,
    CsvLayout,
    csv_layout,
    csv_markdown,
    table_schema,
)
from renkei.standard.generate.schemas import Json, answer_schema, json_schema, json_text
from renkei.standard.generate.tables import column_type, store_sql

__all__ = [
    "CsvColumn",
    "CsvLayout",
    "Json",
    "answer_schema",
    "column_type",
    "csv_layout",
    "csv_markdown",
    "json_schema",
    "json_text",
    "store_sql",
    "table_schema",
]
