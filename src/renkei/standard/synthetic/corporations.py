"""A made-up register of corporate numbers: bodies assigned, changed, closed and merged over years.

The file is a list of events in the order of their days, as a registrar takes them in. Names are put
together from the surnames of our own lists and trades, addresses from real neighbourhoods.
"""

import csv
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain
from pathlib import Path

from renkei.kit import corporate_check_digit
from renkei.standard.synthetic.addresses import Remote, elsewhere
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.names import Name, names
from renkei.standard.synthetic.sheets import STATEMENT

COLUMNS = (
    "処理区分",
    "年月日",
    "法人番号",
    "商号又は名称",
    "フリガナ",
    "郵便番号",
    "所在地",
    "閉鎖の事由",
    "承継先法人番号",
)
FORMS = (
    *("株式会社",) * 6,
    *("有限会社", "有限会社", "合同会社", "合同会社", "一般社団法人"),
    *("社会福祉法人", "特定非営利活動法人", "医療法人"),
)
TRADES = (
    *(("建設", "ケンセツ"), ("商事", "ショウジ"), ("工業", "コウギョウ"), ("農園", "ノウエン")),
    *(("運輸", "ウンユ"), ("印刷", "インサツ"), ("電機", "デンキ"), ("製菓", "セイカ")),
    *(("不動産", "フドウサン"), ("会", "カイ"), ("サービス", "サービス"), ("水産", "スイサン")),
)
FIRST_DAY, LAST_DAY = date(2015, 10, 5), date(2026, 4, 1)
BETWEEN = 900  # days between two events at most: four of them end before the last day
HUNDRED = 100
MOVED, RENAMED, CLOSED, MERGED = 0.25, 0.08, 0.1, 0.03
Row = tuple[str, ...]
_BODY, _SPREAD = 700_000_000_000, 48_271_690_613


@dataclass(frozen=True, slots=True)
class CorporationsReport:
    """What was written."""

    file: str
    corporations: int
    events: int


def write_corporations(file: Path, *, count: int, seed: int = 7) -> CorporationsReport:
    """Write the events of that many corporations; the same arguments give the same bytes."""
    lives = chain.from_iterable(_life(index, seed) for index in range(count))
    rows = sorted(lives, key=lambda row: row[1])
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("w", encoding="utf-8", newline="") as out:
        out.writelines(f"# {line}\n" for line in STATEMENT)
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(rows)
    return CorporationsReport(str(file), count, len(rows))


def corporate_number(index: int) -> str:
    """Return the number of an index below 10^11; no two indexes have the same one.

    >>> corporate_number(1)
    '7748271690613'
    """
    body = f"{_BODY + index * _SPREAD % 10**11:012d}"
    return f"{corporate_check_digit(body)}{body}"


def _life(index: int, seed: int) -> list[Row]:
    """Return what happens to one corporation. Every hundredth takes others over and never ends."""
    dice = Dice("corporation", seed, index)
    number, surname = corporate_number(index), names().surname(dice)
    on, name, place = _day(dice, FIRST_DAY), _name(dice, surname), dice.pick(elsewhere())
    rows = [_row("指定", on, number, name, place)]
    if dice.chance(MOVED):
        on, place = _day(dice, on), dice.pick(elsewhere())
        rows.append(_row("変更", on, number, name, place))
    if dice.chance(RENAMED):
        on, name = _day(dice, on), _name(dice, surname)
        rows.append(_row("変更", on, number, name, place))
    stays = index // HUNDRED * HUNDRED
    if index != stays and dice.chance(MERGED):
        after = corporate_number(stays)
        rows.append(_row("合併", LAST_DAY, number, name, place, after=after))
    elif index != stays and dice.chance(CLOSED):
        why = dice.pick(("清算の結了等", "登記官による閉鎖", "その他"))
        rows.append(_row("閉鎖", _day(dice, on), number, name, place, why=why))
    return rows


def _row(
    kind: str,
    on: date,
    number: str,
    name: tuple[str, str],
    place: Remote,
    *,
    why: str = "",
    after: str = "",
) -> Row:
    where = (place.postal_code, place.address)
    return (kind, on.isoformat(), number, *name, *where, why, after)


def _day(dice: Dice, after: date) -> date:
    """Return some later day."""
    return after + timedelta(days=1 + dice.below(BETWEEN))


def _name(dice: Dice, surname: Name) -> tuple[str, str]:
    """Return a name and its reading, as law has it without that of the legal form."""
    form, (trade, trade_read) = dice.pick(FORMS), dice.pick(TRADES)
    written = f"{surname.written}{trade}"
    whole = f"{form}{written}" if dice.chance(0.7) else f"{written}{form}"
    return whole, f"{surname.kana}{trade_read}"
