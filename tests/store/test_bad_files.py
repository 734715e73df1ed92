"""Every way a file can be wrong has a finding that says where, and nothing of it goes in."""

import io
from collections.abc import Callable

import pytest
from tests.store.rows import RESIDENT, TOWN, day, hour, lines, register_number, resident

from renkei import store
from renkei.kit import Connection
from renkei.store import LoadReport, Outcome
from renkei.store.snapshot import Limits

Edit = Callable[[list[str]], list[str]]


def good() -> list[str]:
    """Return a comment, the header, and residents on the lines 3 to 5."""
    return lines(RESIDENT, [resident(number) for number in (1, 2, 3)])


def take_in(conn: Connection, text: bytes, limits: Limits | None = None) -> LoadReport:
    source = io.BytesIO(text)
    return store.load(
        conn, TOWN, RESIDENT, source, on=day(0), at=hour(0), limits=limits or Limits()
    )


def joined(all_lines: list[str]) -> bytes:
    return "".join(f"{line}\n" for line in all_lines).encode()


def with_value(line: int, item: str, value: str) -> bytes:
    rows = [resident(number) for number in (1, 2, 3)]
    rows[line - 3] = {**rows[line - 3], item: value}
    return joined(lines(RESIDENT, rows))


def found(report: LoadReport) -> list[tuple[str, int | None, int | None]]:
    return [(f.rule, f.place.line, f.place.column) for f in report.findings.kept]


def nothing_is_held(conn: Connection) -> bool:
    return list(store.persons(conn, TOWN)) == []


@pytest.mark.parametrize(
    ("item", "value", "rule", "column"),
    [
        ("register_number", "000000000000018", "check-digit", 1),
        ("register_number", "19", "malformed-register-number", 1),
        ("history_number", "01", "malformed-number", 2),
        ("history_number", "", "required", 2),
        ("name", "", "required", 4),
        ("name", "長" * 101, "too-long", 4),
        ("name", "見本\t二号", "malformed-text", 4),
        ("registered_domicile", "\ue000県", "malformed-text", 12),
        ("kana", "みほん", "malformed-kana", 5),
        ("birth_date", "1980-13-01", "malformed-uncertain-date", 7),
        ("birth_date", "1935-03-10から1935-03-01まで", "range-reversed", 7),
        ("sex", "5", "code-unknown", 8),
        ("relationship", "祖父", "malformed-relationship", 9),
        ("postal_code", "100-001", "malformed-postal-code", 15),
        ("address_code", "1310100100", "malformed-address-code", 16),
        ("notified_on", "2001-02-29", "no-such-day", 20),
        ("notified_on", "平成13年2月1日", "malformed-date", 20),
        ("previous_municipality", "131025", "check-digit", 22),
        ("personal_number", "983205673215", "check-digit", 23),
        ("resident_record_code", "1" * 12, "malformed-digits", 24),
        ("protected", "2", "malformed-flag", 30),
    ],
)
def test_a_wrong_value_is_found_with_line_column_and_item(
    conn: Connection, item: str, value: str, rule: str, column: int
) -> None:
    report = take_in(conn, with_value(4, item, value))
    assert found(report) == [(rule, 4, column)]
    assert report.outcome is Outcome.blocked
    assert nothing_is_held(conn)
    finding = report.findings.kept[0]
    assert finding.place.item == RESIDENT.items[column - 1].ja
    for language in ("ja", "en"):
        said = finding.says(language) + finding.remedy(language)
        assert not value or len(value) == 1 or value not in said
    assert not value or finding.shape != value


@pytest.mark.parametrize(
    "value", ["1979-02-29", "1926-12-25", "1935-03-00", "1935-春", "0000-00-00"]
)
def test_a_day_that_never_was_is_accepted_where_the_standard_permits_it(
    conn: Connection, value: str
) -> None:
    assert take_in(conn, with_value(4, "birth_date", value)).outcome is Outcome.loaded


@pytest.mark.parametrize("encoding", ["euc_jp", "utf-16"])
def test_a_wrong_encoding_is_one_finding_with_place_and_advice(
    conn: Connection, encoding: str
) -> None:
    report = take_in(conn, joined(good()).decode().encode(encoding))
    finding = report.findings.kept[0]
    assert found(report) == [(f"not-utf-8-but-{encoding.replace('_', '-')}", 1, None)]
    assert dict(finding.facts) == {"offset": 2 if encoding != "utf-16" else 0}
    assert "UTF-8" in finding.remedy("ja")
    assert report.sha256 is None


def test_one_wrong_byte_deep_in_the_file_is_found(conn: Connection) -> None:
    text = joined(good()).replace("見本　2号".encode(), b"\x8c\xa9\x96{ 2", 1)
    report = take_in(conn, text)
    assert found(report) == [("not-utf-8", 4, None)]
    assert dict(report.findings.kept[0].facts)["offset"] == text.index(b"\x8c\xa9\x96{")


def edited(edit: Edit) -> bytes:
    return joined(edit(good()))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b"", [("empty-file", None, None)], id="empty"),
        pytest.param("# 注記だけ\n".encode(), [("empty-file", None, None)], id="comments only"),
        pytest.param(joined(good())[:-40], [("unfinished-line", 5, None)], id="truncated mid-line"),
        pytest.param(joined(good())[:-1], [("unfinished-line", 5, None)], id="no last line end"),
        pytest.param(
            edited(lambda x: [*x[:3], x[3] + ",", x[4]]),
            [("column-count", 4, None)],
            id="one column too many",
        ),
        pytest.param(
            edited(lambda x: [*x[:2], x[2] + ",1", x[3].rsplit(",", 1)[0], x[4]]),
            [("column-count", 3, None), ("column-count", 4, None)],
            id="one too many and one too few",
        ),
        pytest.param(
            edited(lambda x: [*x[:3], "", *x[3:]]), [("column-count", 4, None)], id="blank line"
        ),
        pytest.param(
            edited(lambda x: [*x[:3], x[3].replace("見本　2号", '"見本　2号', 1), x[4]]),
            [("quote-broken", 4, None)],
            id="unterminated quote",
        ),
        pytest.param(
            edited(lambda x: [*x[:3], x[3].replace("見本　2号", '見"本"', 1), x[4]]),
            [("quote-broken", 4, None)],
            id="quote inside a value",
        ),
        pytest.param(
            edited(lambda x: [*x[:3], x[3].replace("見本　2号", "見本\0", 1), x[4]]),
            [("nul", 4, None)],
            id="NUL",
        ),
        pytest.param(
            edited(lambda x: [*x[:3], x[3].replace("見本　2号", "見本\r", 1), x[4]]),
            [("carriage-return", 4, None)],
            id="CR in a value",
        ),
        pytest.param(edited(lambda x: [*x, x[2]]), [("duplicate-key", 6, 1)], id="duplicate key"),
        pytest.param(
            edited(lambda x: [x[0], x[1].replace("フリガナ", "フリカナ", 1), *x[2:]]),
            [("column-unknown", 2, 5), ("column-missing", 2, 5)],
            id="misspelt column",
        ),
        pytest.param(
            edited(lambda x: [x[0], x[1] + ",靴", *x[2:]]),
            [("column-unknown", 2, len(RESIDENT.items) + 1)],
            id="extra column",
        ),
        pytest.param(
            edited(
                lambda x: [x[0], x[1].replace("宛名番号,履歴番号", "履歴番号,宛名番号"), *x[2:]]
            ),
            [("columns-out-of-order", 2, 1)],
            id="columns out of order",
        ),
        pytest.param(
            edited(lambda x: [x[0], x[1].replace("履歴番号", "宛名番号"), *x[2:]]),
            [("column-twice", 2, 2), ("column-missing", 2, 2)],
            id="column twice",
        ),
    ],
)
def test_a_broken_file_is_found_out(
    conn: Connection, text: bytes, expected: list[tuple[str, int, int]]
) -> None:
    report = take_in(conn, text)
    assert found(report) == expected
    assert report.outcome is Outcome.blocked
    assert nothing_is_held(conn)
    assert all(f.says("ja") and f.remedy("en") for f in report.findings.kept)


def test_a_misspelt_column_is_named_and_a_line_without_header_is_not(conn: Connection) -> None:
    all_lines = good()
    misspelt = take_in(
        conn, joined([all_lines[1].replace("フリガナ", "フリカナ", 1), *all_lines[2:]])
    )
    assert misspelt.findings.kept[0].place.item == "フリカナ"
    headless = take_in(conn, joined(all_lines[2:]))
    assert "見本" not in repr(headless.findings)


def test_a_duplicate_says_where_the_first_one_stands(conn: Connection) -> None:
    doubled = lines(RESIDENT, [resident(n) for n in (1, 2, 3, 2)])
    finding = take_in(conn, joined(doubled)).findings.kept[0]
    assert dict(finding.facts) == {"first": 4}
    assert finding.place.line == 6


def test_duplicates_are_found_beside_wrong_values(conn: Connection) -> None:
    doubled = lines(RESIDENT, [resident(1), resident(1, sex="x")])
    assert found(take_in(conn, joined(doubled))) == [
        ("malformed-code", 4, 8),
        ("duplicate-key", 4, 1),
    ]


@pytest.mark.parametrize("line_end", [b"", b"\n"])
def test_a_huge_line_is_refused_without_being_kept_in_memory(
    conn: Connection, line_end: bytes
) -> None:
    text = joined(good()) + b"1" * 300_000 + line_end
    limits = Limits(line_bytes=10_000, block_bytes=50_000)
    report = take_in(conn, text, limits)
    assert found(report) == [("line-too-long", 6, None)]


def test_a_file_over_the_limit_is_refused(conn: Connection) -> None:
    report = take_in(conn, joined(good()), Limits(file_bytes=1000, block_bytes=500))
    assert found(report)[-1] == ("file-too-large", None, None)
    assert report.outcome is Outcome.blocked


def test_all_findings_are_counted_and_only_some_are_kept(conn: Connection) -> None:
    rows = [resident(n, sex="9", protected="9") for n in range(2000)]
    report = take_in(conn, joined(lines(RESIDENT, rows)))
    assert report.findings.counts == {"code-unknown": 2000, "malformed-flag": 2000}
    assert report.findings.errors == 4000
    assert 2 <= len(report.findings.kept) <= 1000
    assert {f.rule for f in report.findings.kept} == {"code-unknown", "malformed-flag"}


def test_a_finding_shows_the_shape_of_a_value_only(conn: Connection) -> None:
    report = take_in(conn, with_value(3, "kana", "Smith 太郎ヴ12"))
    assert report.findings.kept[0].shape == "AAAAA 漢漢ア99"


def test_a_key_on_two_lines_is_no_reason_to_name_it(conn: Connection) -> None:
    doubled = lines(RESIDENT, [resident(7), resident(7)])
    report = take_in(conn, joined(doubled))
    assert register_number(7) not in repr(report.findings)
