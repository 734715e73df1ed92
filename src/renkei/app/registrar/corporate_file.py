"""A file of events of the corporate register, taken in line by line, and each line once."""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path

from renkei import identity, kit
from renkei.app.errors import CorporateFileWrong, FileUnreadable, SyntheticRefused
from renkei.identity import corporations
from renkei.standard.synthetic import CORPORATE_COLUMNS

AT_ONCE = 500
SYNTHETIC = "# 合成データ"
CLOSINGS = {kit.say(f"closing-{why}", "ja"): why for why in corporations.Closing}

Line = tuple[int, dict[str, str]]


def take_in(
    database: kit.Database,
    tenant: kit.Tenant,
    file: Path,
    order: identity.Order,
    *,
    progress: Callable[[int], None] = lambda _: None,
) -> int:
    """Take a file in, some hundred lines a transaction; return how many lines it has.

    A line is an order named by its digest: the same file again changes nothing, one that was killed
    half-way goes on where it ended, and so does one in which a wrong line was put right.
    """
    try:
        data = file.read_bytes()
        text = data.decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(file=str(file), reason=str(error)) from error
    is_synthetic = text.startswith(SYNTHETIC)
    if is_synthetic and order.mode == "production":
        raise SyntheticRefused(file=str(file))
    lines, done = _lines(text, file), 0
    while some := list(islice(lines, AT_ONCE)):
        with database.transaction(tenant) as conn:
            for number, row in some:
                one = replace(order, request=f"line/{kit.digest(row).hex()[:40]}")
                try:
                    _take(conn, tenant, row, one, is_synthetic=is_synthetic)
                except (kit.NodeError, ValueError, KeyError) as error:
                    wrong = CorporateFileWrong(line=number, file=str(file), reason=str(error))
                    raise wrong from error
        done += len(some)
        progress(done)
    return done


def _lines(text: str, file: Path) -> Iterator[Line]:
    numbered = [
        (number, line)
        for number, line in enumerate(text.splitlines(), 1)
        if line and not line.startswith("#")
    ]
    rows = csv.reader(line for _, line in numbered)
    if tuple(next(rows, ())) != CORPORATE_COLUMNS:
        reason = "columns: " + ",".join(CORPORATE_COLUMNS)
        raise FileUnreadable(file=str(file), reason=reason)
    for (number, _), cells in zip(numbered[1:], rows, strict=True):
        if len(cells) != len(CORPORATE_COLUMNS):
            raise CorporateFileWrong(line=number, file=str(file), reason="columns")
        yield number, dict(zip(CORPORATE_COLUMNS, cells, strict=True))


def _take(
    conn: kit.Connection,
    tenant: kit.Tenant,
    row: Mapping[str, str],
    order: identity.Order,
    *,
    is_synthetic: bool,
) -> None:
    number, on = row["法人番号"], date.fromisoformat(row["年月日"])
    basics = corporations.Basics(
        row["商号又は名称"], row["フリガナ"], row["郵便番号"], row["所在地"]
    )
    match row["処理区分"]:
        case "指定":
            if not kit.corporate_number_ok(number):
                raise identity.CorporateNumberMalformed
            corporations.assign(
                conn,
                tenant,
                basics,
                order,
                on=on,
                company_number=number[1:],
                is_synthetic=is_synthetic,
            )
        case "変更":
            corporations.change(conn, tenant, number, basics, order, on=on)
        case "閉鎖":
            why = CLOSINGS[row["閉鎖の事由"]]
            corporations.close(conn, tenant, number, why, order, on=on)
        case "合併":
            corporations.merge(conn, tenant, number, row["承継先法人番号"], order, on=on)
        case "復活":
            corporations.reopen(conn, tenant, number, order, on=on)
        case kind:
            raise ValueError(f"処理区分: {kind}")
