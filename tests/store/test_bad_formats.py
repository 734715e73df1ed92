"""Whatever is wrong with a file of any format is a finding that says where; nothing is raised."""

import io
import json
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.store.deliveries import DELIVERIES, csv_windows_31j, json_lines, parquet, xml
from tests.store.readings import read
from tests.store.rows import RESIDENT, resident

from renkei.kit import Language
from renkei.store import Format, Limits
from renkei.store.formats.windows_31j import TWINS

THREE = [resident(number) for number in (1, 2, 3)]
LANGUAGES: tuple[Language, ...] = ("ja", "en")
each_format = pytest.mark.parametrize("kind", list(Format))


def found(data: bytes, **more: Any) -> list[tuple[str, int | None, str | None]]:
    done = read(data, **more)
    assert done.reading.is_blocked
    said = [
        f.says("ja") + f.remedy("ja") + f.says("en") + f.remedy("en") for f in done.findings.kept
    ]
    assert all("見本" not in text for text in said)
    return done.found


# Every format


@each_format
def test_an_empty_file_is_refused(kind: Format) -> None:
    assert found(b"", file_format=kind)[0][0] in {"empty-file", "parquet-broken"}


@each_format
@pytest.mark.parametrize("kept", [0.3, 0.7, 0.99])
def test_a_file_cut_off_is_refused(kind: Format, kept: float) -> None:
    text = DELIVERIES[kind](RESIDENT, THREE)
    cut = text[: int(len(text) * kept)]
    rules = {rule for rule, _, _ in found(cut, file_format=kind)}
    in_the_header = {"column-missing"} if kept == 0.3 else set()
    assert rules & {"unfinished-line", "xml-broken", "parquet-broken", *in_the_header}


@each_format
def test_a_file_over_the_limit_is_refused(kind: Format) -> None:
    limits = Limits(file_bytes=1_200, block_bytes=400)
    assert found(DELIVERIES[kind](RESIDENT, THREE), limits=limits)[-1][0] == "file-too-large"


@each_format
def test_a_file_without_records_is_an_alert(kind: Format) -> None:
    done = read(DELIVERIES[kind](RESIDENT, []) or b"\n", file_format=kind)
    if kind is Format.json_lines:
        assert done.found == [("json-broken", 1, None)]  # a line without an object
    else:
        assert done.found == [("no-records", None, None)]
        assert not done.reading.is_blocked


@pytest.mark.parametrize("kind", [Format.csv, Format.json_lines, Format.xml])
def test_a_byte_order_mark_and_crlf_do_no_harm(kind: Format) -> None:
    text = b"\xef\xbb\xbf" + DELIVERIES[kind](RESIDENT, THREE).replace(b"\n", b"\r\n")
    done = read(text)
    assert [rule for rule, _, _ in done.found] == ["byte-order-mark"] * (kind is not Format.xml)
    assert len(done.rows) == 3


@pytest.mark.parametrize("kind", [Format.csv, Format.csv_windows_31j, Format.json_lines])
def test_mixed_line_ends_are_read(kind: Format) -> None:
    text = DELIVERIES[kind](RESIDENT, THREE).replace(b"\n", b"\r\n", 2)
    assert len(read(text).rows) == 3


@pytest.mark.parametrize("beginning", [b"\x1f\x8b\x08", b"PK\x03\x04", b"\x28\xb5\x2f\xfd"])
def test_a_packed_file_is_named_as_such(beginning: bytes) -> None:
    assert found(beginning + bytes(100)) == [("file-packed", None, None)]


@each_format
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_damage_is_more_than_a_finding(kind: Format, data: st.DataObject) -> None:
    text = bytearray(DELIVERIES[kind](RESIDENT, THREE))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at] = data.draw(st.integers(0, 255))
    read(bytes(text), file_format=kind)


# Windows-31J


def in_windows_31j(old: str, new: bytes) -> bytes:
    text = csv_windows_31j(RESIDENT, THREE)
    assert old.encode("cp932") in text
    return text.replace(old.encode("cp932"), new, 1)


@pytest.mark.parametrize("damage", [b"\x81", b"\xfd", b"\x80", b"\xa0", b"\xff", b"\x85\x80"])
def test_bytes_that_are_no_character_are_found_with_line_column_and_item(damage: bytes) -> None:
    done = read(in_windows_31j("見本　2号", b"\x8c\xa9" + damage))
    assert done.found == [("not-windows-31j", 4, "氏名")]
    assert done.findings.kept[0].place.column == 4
    assert done.findings.kept[0].shape is not None


def test_a_private_character_is_an_alert_where_the_item_may_have_one() -> None:
    done = read(in_windows_31j("見本　2号", b"\xf0\x40"))
    assert done.found == [("own-character", 4, "氏名")]
    assert not done.reading.is_blocked
    assert done.rows[1][3] == "\ue000"


def test_a_private_character_elsewhere_is_an_error() -> None:
    assert found(in_windows_31j("見本県見本市見本町一丁目", b"\xf0\x40")) == [
        ("malformed-text", 3, "本籍")
    ]


def test_a_character_of_two_names_is_told_once_for_each_item() -> None:
    rows = [resident(n, address="一丁目1－2", building="A～B") for n in (1, 2, 3)]
    done = read(csv_windows_31j(RESIDENT, rows))
    assert [(rule, line) for rule, line, _ in done.found] == [("twin-character", 3)] * 2
    assert done.findings.counts["twin-character"] == 2
    assert not done.reading.is_blocked


def test_the_characters_of_two_names_are_those_that_the_two_tables_name_differently() -> None:
    assert set("～－∥￠￡￢") <= set(TWINS)


# JSON lines


def json_with(line: int, text: str) -> bytes:
    lines = json_lines(RESIDENT, THREE).decode().splitlines()
    lines[line - 1] = text
    return "".join(f"{one}\n" for one in lines).encode("utf-8", "surrogatepass")


def changed(**members: object) -> str:
    one = json.loads(json_lines(RESIDENT, THREE).splitlines()[1]) | members
    return json.dumps(one, ensure_ascii=False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{", ("json-broken", 2, None)),
        ("", ("json-broken", 2, None)),
        ("[]", ("json-broken", 2, None)),
        ("[" * 60_000, ("json-broken", 2, None)),
        ('{"name":' * 8_000, ("json-broken", 2, None)),
        ('"name"', ("json-broken", 2, None)),
        (changed() + changed(), ("json-broken", 2, None)),
        (changed(nmae="x"), ("member-unknown", 2, None)),
        (changed(shoe="x"), ("member-unknown", 2, None)),
        (changed(kanaa="x"), ("member-unknown", 2, "kanaa")),
        (changed()[:-1] + ', "name": "x"}', ("member-twice", 2, "氏名")),
        (changed(name=12), ("member-not-text", 2, "氏名")),
        (changed(name=True), ("member-not-text", 2, "氏名")),
        (changed(name=["x"]), ("member-not-text", 2, "氏名")),
        (changed(name={"x": "y"}), ("member-not-text", 2, "氏名")),
        (changed(name=float("nan")), ("member-not-text", 2, "氏名")),
        (changed(name="\ud800"), ("member-not-text", 2, "氏名")),
        (changed(name=None), ("required", 2, "氏名")),
        (changed(name="\0"), ("malformed-text", 2, "氏名")),
        (changed(history_number="1"), ("member-not-number", 2, "履歴番号")),
        (changed(history_number=1.0), ("member-not-number", 2, "履歴番号")),
        (changed(history_number=float("inf")), ("member-not-number", 2, "履歴番号")),
        (changed(history_number=10**15), ("malformed-number", 2, "履歴番号")),
        (changed(history_number=10**4000), ("malformed-number", 2, "履歴番号")),
    ],
    ids=lambda value: str(value)[:20] if isinstance(value, str) else value[0],
)
def test_a_wrong_line_of_json_is_found(text: str, expected: tuple[str, int, str | None]) -> None:
    if "\ud800" in text:
        text = text.replace("\ud800", "\\ud800")
    rule, line, item = expected
    if rule == "member-unknown" and item is None:
        assert found(json_with(2, text))[0][:2] == (rule, line)
    else:
        assert found(json_with(2, text)) == [expected]


def test_bytes_that_are_not_utf_8_end_the_reading_of_json() -> None:
    text = json_lines(RESIDENT, THREE).replace("見本　2号".encode(), b"\x8c\xa9", 1)
    assert found(text) == [("not-utf-8", 2, None)]


def test_an_endless_line_of_json_is_refused() -> None:
    text = json_lines(RESIDENT, THREE) + b'{"name": "' + b"x" * 300_000
    limits = Limits(line_bytes=10_000, block_bytes=50_000)
    assert found(text, limits=limits) == [("line-too-long", 4, None)]


def test_spaces_in_json_change_nothing() -> None:
    text = json_lines(RESIDENT, THREE).replace(b'": ', b'" :\t')
    assert read(text).rows == read(json_lines(RESIDENT, THREE)).rows


# XML

GOOD = xml(RESIDENT, THREE).decode()
BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>'
EXTERNAL = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


def xml_with(old: str, new: str, count: int = 1) -> bytes:
    assert old in GOOD
    return GOOD.replace(old, new, count).encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (xml_with("<_住民 ", f"{BOMB}<_住民 "), ("xml-doctype", 3, None)),
        (xml_with("<_住民 ", f"{EXTERNAL}\n<_住民 "), ("xml-doctype", 3, None)),
        (xml_with("見本　1号", "&lol;"), ("xml-broken", 1, None)),  # libxml2 tells no line here
        (xml_with("見本　1号", "\x01"), ("xml-broken", 4, None)),
        (xml_with("</性別>", "</性>"), ("xml-broken", 4, None)),
        (xml_with("UTF-8", "Shift_JIS"), ("xml-not-utf-8", 1, None)),
        (
            GOOD.replace("見本　2号", "☃").encode().replace("☃".encode(), b"\x8c\xa9", 1),
            ("xml-not-utf-8", 5, None),
        ),
        (GOOD.encode("utf-16"), ("not-utf-8-but-utf-16", 1, None)),
        (xml_with(":unit:01", ":unit:02"), ("xml-other-list", 1, None)),
        (b"<html><body/></html>", ("xml-other-list", 1, None)),
        (b"<!-- ... <", ("xml-doctype", 1, None)),
        (xml_with("<性別>", "<くつ>x</くつ><性別>"), ("element-unknown", 4, None)),
        (xml_with("<性別>", "<性>x</性><性別>"), ("element-unknown", 4, "性")),
        (xml_with("<性別>", "<性別>1</性別><性別>"), ("element-twice", 4, "性別")),
        (xml_with("<性別>", '<性別 a="1">'), ("element-broken", 4, "性別")),
        (xml_with("<性別>", "<性別><a/>"), ("element-broken", 4, "性別")),
        (xml_with("<性別>", "見<性別>"), ("element-broken", 4, None)),
        (xml_with("<年>2001</年>", ""), ("element-broken", 4, None)),
        (xml_with("<年>2001</年>", "2001"), ("element-broken", 4, None)),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else "",
)
def test_a_wrong_xml_file_is_found_out(text: bytes, expected: tuple[str, int, str | None]) -> None:
    rule, line, item = found(text)[0]
    assert (rule, line) == expected[:2]
    assert expected[2] in {None, item}


def test_a_record_that_does_not_end_is_refused_before_memory_is_full() -> None:
    endless = GOOD.replace("見本　1号", "あ" * 3_000_000).encode()
    assert found(endless, limits=Limits(record_bytes=500_000)) == [("record-too-long", 1, None)]
    deep = GOOD.replace("見本　1号", "<a>" * 200_000).encode()
    assert found(deep)[0][0] in {"xml-broken", "record-too-long"}


def test_something_else_in_the_list_is_refused() -> None:
    text = GOOD.replace("<_住民情報>", "<くつ/><_住民情報>", 1).encode()
    assert found(text)[0][0] == "xml-not-a-record"


def test_the_lines_of_a_long_xml_file_are_told_beyond_what_libxml_keeps() -> None:
    spread = GOOD.replace("><", ">\n<")
    rows = 2_000
    begin, record, end = _parts(spread)
    text = begin + record * rows + end
    last = text.rindex("<性別>")
    wrong = text[:last] + "<性別>x" + text[last + len("<性別>x") :]
    line = wrong.count("\n", 0, wrong.rindex("<_住民情報>")) + 1
    assert line > 70_000
    assert found(wrong.encode()) == [("malformed-code", line, "性別")]


def _parts(text: str) -> tuple[str, str, str]:
    first = text.index("<_住民情報>")
    second = text.index("<_住民情報>", first + 1)
    return text[:first], text[first:second], text[text.rindex("</_住民>") :]


# Parquet


def parquet_of(frame: pl.DataFrame, **options: Any) -> bytes:
    out = io.BytesIO()
    frame.write_parquet(out, **options)
    return out.getvalue()


def good_frame() -> pl.DataFrame:
    return pl.read_parquet(io.BytesIO(parquet(RESIDENT, THREE)))


def test_a_missing_an_unknown_and_a_wrongly_typed_column_are_found() -> None:
    frame = (
        good_frame()
        .drop("kana")
        .with_columns(kanaa=pl.lit("x"), postal_code=pl.lit(1234567), name=pl.lit([["x"]]).first())
    )
    assert found(parquet_of(frame)) == [
        ("column-unknown", None, "kanaa"),
        ("column-type", None, "氏名"),
        ("column-missing", None, "フリガナ"),
        ("column-type", None, "郵便番号"),
    ]


def test_columns_of_parquet_may_stand_in_any_order() -> None:
    frame = good_frame()
    assert len(read(parquet_of(frame.select(reversed(frame.columns)))).rows) == 3


def test_a_fraction_of_a_second_and_a_line_break_are_wrong_values() -> None:
    frame = good_frame().with_columns(name=pl.lit("a\nb"), memo=pl.lit("\r"), note=pl.lit("\0"))
    assert {rule for rule, _, _ in found(parquet_of(frame))} == {"malformed-text"}


def test_a_group_too_large_is_refused_before_it_is_decompressed() -> None:
    rows = pl.concat([good_frame()] * 1000)
    text = parquet_of(rows, row_group_size=3000)
    for limits in (Limits(group_rows=2999), Limits(group_bytes=1000), Limits(page_bytes=10)):
        assert found(text, limits=limits) == [("group-too-large", None, None)]
    assert found(text, limits=Limits(records=2999)) == [("too-many-records", None, None)]


def test_a_small_file_with_an_absurd_page_is_refused() -> None:
    bomb = good_frame().head(1).with_columns(memo=pl.lit("あ" * 50_000_000))
    text = parquet_of(bomb, compression="zstd", statistics=False)
    assert len(text) < 1_000_000
    assert found(text) == [("group-too-large", None, None)]


def test_a_count_of_rows_that_the_pages_do_not_hold_is_refused() -> None:
    text = parquet(RESIDENT, THREE)
    length = int.from_bytes(text[-8:-4], "little")
    footer = text[-8 - length : -8]
    lying = footer.replace(b"\x16\x06", b"\x16\x7e")  # three rows, zigzag, become 63
    assert lying != footer
    assert found(text.replace(footer, lying)) == [("parquet-broken", None, None)]


def test_a_stream_that_cannot_be_sought_is_set_aside() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, data: bytes) -> None:
            self._data = io.BytesIO(data)

        def read(self, size: int = -1) -> bytes:
            return self._data.read(size)

        def seekable(self) -> bool:
            return False

    assert len(read(Pipe(parquet(RESIDENT, THREE))).rows) == 3
