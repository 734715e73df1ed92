"""Which format a delivered file is in: what its first bytes say, then what its name says."""

import codecs
from enum import StrEnum
from pathlib import PurePath

from renkei.store.snapshot import guess_encoding

MAGIC = b"PAR1"
MESSAGE = "$message"
"""Member of the first JSON line that names the message the records came in."""
PACKED = (b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd")
"""How gzip, ZIP (and .xlsx), bzip2, xz and Zstandard begin."""


class Format(StrEnum):
    """How the records of a file are written."""

    csv = "csv"
    csv_windows_31j = "csv-windows-31j"
    json_lines = "json-lines"
    xml = "xml"
    parquet = "parquet"


ENDINGS = {
    ".csv": Format.csv,
    ".jsonl": Format.json_lines,
    ".ndjson": Format.json_lines,
    ".xml": Format.xml,
    ".parquet": Format.parquet,
}


def format_of(beginning: bytes, name: str | None = None) -> Format:
    """Return the format of a file that begins like this; the name counts if that says nothing.

    >>> format_of(b'{"register_number":"000000000000019"}')
    <Format.json_lines: 'json-lines'>
    """
    if beginning.startswith(MAGIC):
        return Format.parquet
    text = beginning.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(b"<"):
        return Format.xml
    if text.startswith((b"{", b"[")):
        return Format.json_lines
    if not text and name is not None:
        return ENDINGS.get(PurePath(name).suffix.lower(), Format.csv)
    return Format.csv_windows_31j if _is_windows_31j(text) else Format.csv


def is_packed(beginning: bytes) -> bool:
    """Tell whether a file begins as compressed ones do; a workbook of Excel is one, too."""
    return beginning.startswith(PACKED)


def _is_windows_31j(text: bytes) -> bool:
    """Tell whether the header line, which is in Japanese, is in Windows-31J."""
    lines = text.split(b"\n", maxsplit=1000)
    header = next((line for line in lines if not line.startswith(b"#")), b"")
    try:
        header.decode("utf-8")
    except UnicodeDecodeError:
        return guess_encoding(header) == "windows-31j"
    return False
