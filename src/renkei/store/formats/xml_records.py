"""XML by the generated schema of a unit: a list of records, read record by record.

Nothing is ever fetched or expanded: a file with a DOCTYPE is refused before it is parsed, and no
more than one record and a piece of the file is held. The order of items is not judged. A comment
before the list, `<!-- 団体コード: 131016 -->`, says whose records follow.
"""

import re
from collections.abc import Iterator
from typing import cast

from lxml import etree

from renkei.standard import Entity
from renkei.standard.generate.xml_names import list_name, namespace, record_name
from renkei.store.findings import Findings, Place
from renkei.store.formats.organisation import stated
from renkei.store.formats.pieces import Piece, Rows, frame_of
from renkei.store.formats.xml_items import Element, Items
from renkei.store.snapshot import Limits, Source

FEED = 64 * 1024
ROWS = 5_000  # of one piece
# libxml2 keeps 16 bits for an element's line; beyond, it tells the line where the text in it ends.
LAST_LINE_KEPT = 65_534

BEFORE_LIST = re.compile(rb"(?:\xef\xbb\xbf)?(?>\s+|<\?.*?\?>|<!--.*?-->)*+", re.DOTALL)
COMMENT = re.compile(rb"<!--(.*?)-->", re.DOTALL)
LIST = re.compile(rb"<(?:[^\s<>/:]+:)?([^\s<>/:]+)")
DECLARED = re.compile(rb"""(?:\xef\xbb\xbf)?<\?xml\s[^>]*?encoding\s*=\s*["']([^"']*)["']""")
UTF_8 = frozenset({b"utf-8", b"utf8", b"us-ascii"})


class Unreadable(Exception):
    """The file cannot be read on; why is among the findings."""


class XmlRecords:
    """The records of an XML file."""

    def __init__(self, entity: Entity, source: Source, findings: Findings, limits: Limits) -> None:
        """Take the bytes of a file of an entity; findings are added to the given ones."""
        self.organisation: str | None = None
        self.records = 0
        self._source = source
        self._findings = findings
        self._limits = limits
        space = f"{{{namespace(entity.unit)}}}"
        self._list_name = list_name(entity)
        self._list, self._record = f"{space}{self._list_name}", f"{space}{record_name(entity)}"
        self._names = [item.name for item in entity.items]
        self._items = Items(entity, findings)
        self._rows: list[list[str | None]] = []
        self._lines: list[int] = []
        self._flawed: list[int] = []
        self._line = 1

    def pieces(self) -> Iterator[Piece | None]:
        """Yield the records, some thousand at a time."""
        try:
            self._judge_beginning(self._source.peek())
            yield from self._parsed()
        except Unreadable:
            yield None
        except etree.XMLSyntaxError as error:
            # Its text may quote the file.
            wrong = getattr(error, "code", 0) == etree.ErrorTypes.ERR_INVALID_ENCODING
            place = Place(error.lineno or self._line)
            self._findings.error("xml-not-utf-8" if wrong else "xml-broken", place)
            yield None

    def _judge_beginning(self, beginning: bytes) -> None:
        """Refuse what is not UTF-8, holds a DOCTYPE or does not begin the list of the entity."""
        before = BEFORE_LIST.match(beginning)
        end = before.end() if before else 0
        place = Place(line=beginning.count(b"\n", 0, end) + 1)
        declared, begun = DECLARED.match(beginning), LIST.match(beginning, end)
        if self._source.is_over:
            raise Unreadable
        if not beginning:
            self._findings.error("empty-file")
        elif declared and declared[1].strip().lower() not in UTF_8:
            self._findings.error("xml-not-utf-8", Place(line=1))
        elif beginning.startswith(b"<!", end):
            self._findings.error("xml-doctype", place)
        elif begun is None:
            self._findings.error("xml-broken", place)
        elif begun[1] != self._list_name.encode():
            self._findings.error("xml-other-list", place, wanted=self._list_name)
        else:
            self.organisation = _stated(beginning[:end])
            return
        raise Unreadable

    def _parsed(self) -> Iterator[Piece]:
        """Feed the file to the parser in small parts, and yield the records that end in them."""
        parser = etree.XMLPullParser(
            events=("end",),
            tag=self._record,
            encoding="utf-8",
            resolve_entities=False,
            load_dtd=False,
            no_network=True,
            huge_tree=False,
            remove_comments=True,
            remove_pis=True,
        )
        waiting = 0
        for part in self._parts():
            parser.feed(part)
            waiting += len(part)
            for _, record in parser.read_events():
                waiting = 0
                self._take(cast("Element", record))
            if waiting > self._limits.record_bytes:
                place = Place(line=self._line)
                self._findings.error("record-too-long", place, limit=self._limits.record_bytes)
                raise Unreadable
            if len(self._rows) >= ROWS:
                yield self._piece()
        if self._source.is_over:
            raise Unreadable
        yield self._piece()
        self._judge_end(parser.close())

    def _parts(self) -> Iterator[bytes]:
        while piece := self._source.read():
            for start in range(0, len(piece), FEED):
                yield piece[start : start + FEED]

    def _take(self, record: Element) -> None:
        """Keep the row of a record, and let go of the elements before it."""
        holder = record.getparent()
        self._line = _line(record)
        if holder is None or holder.tag != self._list or holder.getparent() is not None:
            self._findings.error("xml-other-list", Place(self._line), wanted=self._list_name)
            raise Unreadable
        self._drop_before(holder, record)
        values, is_flawed = self._items.read(record, self._line)
        record.clear(keep_tail=True)  # type: ignore[call-arg]  # the stub is older
        if is_flawed:
            self._flawed.append(len(self._rows))
        self._rows.append(values)
        self._lines.append(self._line)
        self.records += 1

    def _drop_before(self, holder: Element, record: Element | None) -> None:
        """Let go of what stands in the list before a record; it must be records."""
        while len(holder) and (first := holder[0]) is not record:
            if first.tag != self._record or (first.tail or "").strip():
                self._findings.error("xml-not-a-record", Place(_line(first)))
                raise Unreadable
            del holder[0]

    def _judge_end(self, root: Element) -> None:
        if root.tag != self._list:
            self._findings.error("xml-other-list", Place(line=1), wanted=self._list_name)
            raise Unreadable
        self._drop_before(root, None)
        if (root.text or "").strip():
            self._findings.error("xml-not-a-record", Place(_line(root)))
            raise Unreadable

    def _piece(self) -> Piece:
        columns = zip(*self._rows, strict=True) if self._rows else ([] for _ in self._names)
        rows = Rows(frame_of(self._names, columns), self._lines, tuple(self._flawed))
        self._rows, self._lines, self._flawed = [], [], []
        return Piece(rows)


def _line(element: Element) -> int:
    line = cast("int | None", element.sourceline) or 1
    return line - (element.text or "").count("\n") if line > LAST_LINE_KEPT else line


def _stated(before_list: bytes) -> str | None:
    """Return the organisation that a comment before the list states."""
    comments = (found[1].decode("utf-8", "replace") for found in COMMENT.finditer(before_list))
    return next((code for code in map(stated, comments) if code), None)
