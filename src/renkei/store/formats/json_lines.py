"""JSON lines: one object a line, its members named in English as in the generated JSON Schema.

A block is read at once by a strict decoder; only one with a defect is read line by line, to say
where. A member may be left out or null where there is no value. A first line
`{"$organisation": "131016"}` says whose records follow, `{"$message": "JP-…"}` which message they
came in: the same records in two messages are two files.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
import polars as pl

from renkei.standard import Entity, Item, ItemType
from renkei.store.findings import Findings, Place, shape
from renkei.store.formats.format import MESSAGE
from renkei.store.formats.misspelling import misspelt
from renkei.store.formats.pieces import Piece, Rows, frame_of
from renkei.store.snapshot import Block, Limits, Lines, Source, report_wrong_encoding

ORGANISATION = "$organisation"
SPACED_COLON = re.compile(rb'"[ \t]+:')
LONGEST_NUMBER = 20  # digits; no item holds as many, and thousands would take Python long

_objects = msgspec.json.Decoder(dict[str, str | int | None])


class Whole(str):
    """A whole number as it is written."""

    __slots__ = ()


class Members(list[tuple[str, object]]):
    """The members of an object in their order, doubled ones included."""


@dataclass(slots=True)
class Record:
    """What was read of one line: values by item, and whether an error was reported."""

    values: dict[str, str | None]
    is_flawed: bool = False


class JsonLines:
    """The records of a file of JSON lines."""

    def __init__(self, entity: Entity, source: Source, findings: Findings, limits: Limits) -> None:
        """Take the bytes of a file of an entity; findings are added to the given ones."""
        self.organisation: str | None = None
        self.records = 0
        self._findings = findings
        self._items = entity.items
        self._names = tuple(item.name for item in entity.items)
        self._places = {item.name: (n, item) for n, item in enumerate(entity.items, 1)}
        self._source = source
        self._lines = Lines(source, findings, limits)

    def pieces(self) -> Iterator[Piece | None]:
        """Yield the objects, block by block."""
        self._lines.skip_mark()
        for block in self._lines.blocks():
            piece = None if block is None else self._piece(block)
            yield piece
            if piece is None:
                return
        if not self._source.bytes_read:
            self._findings.error("empty-file")

    def _piece(self, block: Block) -> Piece | None:
        frame = self._fast_frame(block)
        if frame is not None:
            self.records += block.lines
            return Piece(Rows(frame, range(block.first_line, block.first_line + block.lines)))
        if report_wrong_encoding(block, self._findings):
            return None
        return self._careful_piece(block)

    def _fast_frame(self, block: Block) -> pl.DataFrame | None:
        """Read a block in which every line is a faultless object; None otherwise."""
        text = block.text
        is_one_a_line = text.startswith(b"{") and (
            text.count(b"}\n") == text.count(b"\n{") + 1 == block.lines
        )
        if not is_one_a_line or ((b" :" in text or b"\t:" in text) and SPACED_COLON.search(text)):
            return None
        try:
            objects = _objects.decode_lines(text)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            return None
        # The decoder takes the last of two members of one name: there are as many as colons then.
        if len(objects) != block.lines or text.count(b'":') != sum(map(len, objects)):
            return None
        if not set().union(*objects) <= self._places.keys():
            return None
        try:
            series = [
                self._series(item, [one.get(item.name) for one in objects]) for item in self._items
            ]
        except (TypeError, OverflowError):  # a number where a text belongs, or the other way round
            return None
        return pl.DataFrame(series).with_columns(pl.all().replace("", None))

    @staticmethod
    def _series(item: Item, values: list[str | int | None]) -> pl.Series:
        if item.type is ItemType.number:
            return pl.Series(item.name, values, pl.Int64).cast(pl.String)
        return pl.Series(item.name, values, pl.String)

    def _careful_piece(self, block: Block) -> Piece:
        """Read a block line by line: report what is wrong, return the rows there are."""
        found: list[Record] = []
        lines: list[int] = []
        unnamed = 0
        for line, text in enumerate(block.text.decode().split("\n")[:-1], block.first_line):
            members = _members(text)
            if line == 1 and self._states_itself(members):
                continue
            self.records += 1
            if members is None:
                self._findings.row_error("json-broken", Place(line))
                unnamed += 1
                continue
            found.append(self._record(members, line))
            lines.append(line)
        frame = frame_of(self._names, ([r.values.get(n) for r in found] for n in self._names))
        flawed = tuple(n for n, record in enumerate(found) if record.is_flawed)
        return Piece(Rows(frame, lines, flawed), unnamed=unnamed)

    def _states_itself(self, members: Members | None) -> bool:
        """Tell whether a line is about the file, and keep whose records follow."""
        if members is None or len(members) != 1:
            return False
        ((name, value),) = members
        if name == ORGANISATION:
            self.organisation = str(value)
        return name in (ORGANISATION, MESSAGE)

    def _record(self, members: Members, line: int) -> Record:
        """Read the members of one object."""
        record = Record({})
        for name, value in members:
            if name not in self._places:
                place = Place(line, None, misspelt(name, self._names))
                self._findings.row_error("member-unknown", place, shape(name))
                record.is_flawed = True
                continue
            number, item = self._places[name]
            rule = "member-twice" if name in record.values else _wrong(item, value)
            if rule is not None:
                self._findings.row_error(rule, Place(line, number, item.ja))
                record.is_flawed = True
            record.values[name] = None if rule or value is None else str(value)
        return record


def _members(text: str) -> Members | None:
    """Return the members of the object that a line is; None if it is none."""
    try:
        found = json.loads(text, object_pairs_hook=Members, parse_int=_whole, parse_float=float)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, Members) else None


def _whole(digits: str) -> Whole:
    return Whole(digits if len(digits) > LONGEST_NUMBER else int(digits))


def _wrong(item: Item, value: object) -> str | None:
    """Return the rule that a member's value breaks by its kind."""
    if value is None:
        return None
    if item.type is ItemType.number:
        return None if isinstance(value, Whole) else "member-not-number"
    if not isinstance(value, str) or isinstance(value, Whole) or not _is_unicode(value):
        return "member-not-text"
    return None


def _is_unicode(text: str) -> bool:
    """Tell whether a text holds no half of a surrogate pair."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
