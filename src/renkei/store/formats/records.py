"""What reads each format; importing this costs a second, which only a load needs."""

from renkei.standard import Entity
from renkei.store.findings import Findings
from renkei.store.formats.csv_lines import CsvLines
from renkei.store.formats.format import Format, format_of, is_packed
from renkei.store.formats.json_lines import JsonLines
from renkei.store.formats.parquet_groups import ParquetGroups
from renkei.store.formats.pieces import Records
from renkei.store.formats.windows_31j import Windows31JLines
from renkei.store.formats.xml_records import XmlRecords
from renkei.store.snapshot import Limits, Source


def records_of(
    entity: Entity,
    source: Source,
    findings: Findings,
    limits: Limits,
    *,
    given: Format | None,
    name: str | None,
) -> Records | None:
    """Return the records of a file in the format that is given or found; None if it is packed."""
    beginning = source.peek()
    if is_packed(beginning):
        findings.error("file-packed")
        return None
    match given or format_of(beginning, name):
        case Format.csv:
            return CsvLines(entity, source, findings, limits)
        case Format.csv_windows_31j:
            return Windows31JLines(entity, source, findings, limits)
        case Format.json_lines:
            return JsonLines(entity, source, findings, limits)
        case Format.xml:
            return XmlRecords(entity, source, findings, limits)
        case Format.parquet:
            return ParquetGroups(entity, source, findings, limits)
