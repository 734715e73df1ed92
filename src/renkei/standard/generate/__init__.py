"""What is made from the catalogue: tables, schemas, service descriptions, layouts, forms.

Every function here is pure: the same catalogue gives the same text, byte for byte, so a generated
file is compared, not trusted.
"""

from renkei.standard.generate.file_layouts import FileLayout, file_layout, file_markdown
from renkei.standard.generate.forms import form
from renkei.standard.generate.layouts import (
    CsvColumn,
    CsvLayout,
    csv_layout,
    csv_markdown,
    table_schema,
)
from renkei.standard.generate.linkml import linkml
from renkei.standard.generate.messages import (
    Envelope,
    json_answer,
    json_notice,
    json_request,
    read_xml_answer,
    read_xml_request,
    xml_answer,
    xml_notice,
    xml_request,
)
from renkei.standard.generate.migration import Migration, migration
from renkei.standard.generate.notices import Notice, read_json_notice, read_xml_notice
from renkei.standard.generate.openapi import openapi
from renkei.standard.generate.parameters import IN_HEADER
from renkei.standard.generate.python_records import (
    python_records,
    shared_python_records,
    shared_record_name,
)
from renkei.standard.generate.records import (
    json_record,
    read_json_record,
    read_xml_record,
    xml_record,
)
from renkei.standard.generate.replies import FAULT
from renkei.standard.generate.schemas import (
    answer_schema,
    json_bytes,
    json_schema,
    json_text,
    message_schema,
    request_schema,
)
from renkei.standard.generate.tables import column_type, store_sql
from renkei.standard.generate.values import Json, notices
from renkei.standard.generate.wsdl import PLACE, wsdl
from renkei.standard.generate.xsd import xsd

__all__ = [
    "FAULT",
    "IN_HEADER",
    "PLACE",
    "CsvColumn",
    "CsvLayout",
    "Envelope",
    "FileLayout",
    "Json",
    "Migration",
    "Notice",
    "answer_schema",
    "column_type",
    "csv_layout",
    "csv_markdown",
    "file_layout",
    "file_markdown",
    "form",
    "json_answer",
    "json_bytes",
    "json_notice",
    "json_record",
    "json_request",
    "json_schema",
    "json_text",
    "linkml",
    "message_schema",
    "migration",
    "notices",
    "openapi",
    "python_records",
    "read_json_notice",
    "read_json_record",
    "read_xml_answer",
    "read_xml_notice",
    "read_xml_record",
    "read_xml_request",
    "request_schema",
    "shared_python_records",
    "shared_record_name",
    "store_sql",
    "table_schema",
    "wsdl",
    "xml_answer",
    "xml_notice",
    "xml_record",
    "xml_request",
    "xsd",
]
