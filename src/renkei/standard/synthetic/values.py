"""A value of any item, made from what the catalogue says of it."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta

from renkei.kit import corporate_check_digit
from renkei.standard.content import Catalogue
from renkei.standard.dates import UNKNOWN_FORMS
from renkei.standard.model import Handling, Item, ItemType
from renkei.standard.relationships import HEAD
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.names import Name, names
from renkei.standard.synthetic.numbers import (
    organisation_code,
    personal_number,
    register_number,
    resident_record_code,
)

RELATIONSHIPS = (HEAD, HEAD, "妻", "夫", "子", "子", "子", "父", "母", "子の子", "同居人")
RECENT_DAYS = 3_650
UNCERTAIN = 0.03  # of the dates that may be
MOST_COUNT = 12
MOST_AMOUNT = 60_000  # hundreds of yen

COUNTED = re.compile("数|回|順|番号|年齢|学年|月齢|週")
SERIAL = re.compile("(?<![0-9])[0-9]{8}(?![0-9])")  # of a card: no two are alike
AMOUNT = re.compile("額|費|所得|収入|税|控除|料|価")

Make = Callable[[], str]


class Values:
    """Makes values that keep the item's own rule; what a record needs as a whole is `records`'."""

    def __init__(self, standard: Catalogue, dice: Dice, day: date) -> None:
        """Take the catalogue, the chance, and the day the values state."""
        self.standard = standard
        self.dice = dice
        self.day = day

    def maker(self, item: Item) -> Make:
        """Return a function that makes values of an item; each call may make another one."""
        dice = self.dice
        match item.type:
            case ItemType.text | ItemType.kana | ItemType.latin:
                return self._words(item)
            case ItemType.digits:
                if item.handling is Handling.resident_record_code:
                    return lambda: resident_record_code(dice.below(10**9))
                length = item.digits or 1
                return lambda: f"{dice.below(10 ** min(length, 9)):0{length}d}"
            case ItemType.number:
                return self._numbers(item)
            case ItemType.decimal:
                return self._decimals(item)
            case ItemType.code:
                return self._codes(item)
            case _:
                return self._numbers_and_days(item)

    def _numbers_and_days(self, item: Item) -> Make:
        dice = self.dice
        makes: dict[ItemType, Make] = {
            ItemType.date: lambda: self._day().isoformat(),
            ItemType.datetime: self._moment,
            ItemType.uncertain_date: self._maybe_uncertain,
            ItemType.year: lambda: str(self.day.year - dice.below(3)),
            ItemType.month: lambda: self._day().isoformat()[:7],
            ItemType.register_number: lambda: register_number(1 + dice.below(10**7)),
            ItemType.personal_number: lambda: personal_number(dice.below(10**9)),
            ItemType.corporate_number: lambda: _corporate_number(dice.below(10**9)),
            ItemType.organisation_code: self._organisation,
            ItemType.postal_code: lambda: f"{dice.below(10**6):07d}",
            ItemType.address_code: lambda: f"{self._organisation()[:5]}{dice.below(10**6):06d}",
            ItemType.flag: lambda: "1" if dice.chance(0.1) else "0",
            ItemType.relationship: lambda: dice.pick(RELATIONSHIPS),
        }
        return makes[item.type]

    def _codes(self, item: Item) -> Make:
        """Return values in force; an optional item whose list has none on the day stays empty."""
        codes, dice = self.standard.code_list(item.code_list or ""), self.dice
        values = codes.on(self.day)
        if not values and not item.required:
            return lambda: ""
        return lambda: dice.pick(values or codes.values).value

    def _words(self, item: Item) -> Make:
        """Return words: the item's example, else something that says what it stands for."""
        dice, most = self.dice, item.digits or 1
        if item.type is ItemType.kana:
            return lambda: f"{names().surname(dice).kana}　{self._given().kana}"[:most].strip()
        if item.example:
            example = item.example
            if item.type is ItemType.latin and SERIAL.search(example):
                return lambda: SERIAL.sub(lambda _: f"{dice.below(10**8):08d}", example)
            return lambda: example
        if item.type is ItemType.latin:
            return lambda: f"A-{dice.below(10_000):04d}"[:most]
        if "氏名" in item.ja:
            return lambda: f"{names().surname(dice).written}　{self._given().written}"[:most]
        return lambda: f"{item.ja}の見本{dice.between(1, 99)}"[-most:]

    def _given(self) -> Name:
        dice = self.dice
        return names().given_name(dice, dice.below(90), male=dice.chance(0.5))

    def _numbers(self, item: Item) -> Make:
        dice = self.dice
        if item.example and item.example.isdigit():
            middle = int(item.example)
            return lambda: str(dice.between(middle // 2, middle * 2))
        counted = COUNTED.search(item.ja) is not None
        if not counted and (item.handling is Handling.tax or AMOUNT.search(item.ja)):
            return lambda: str(dice.below(MOST_AMOUNT) * 100)
        return lambda: str(dice.between(1, MOST_COUNT))

    def _decimals(self, item: Item) -> Make:
        places, whole = item.decimals or 1, min(item.digits or 1, 3)

        def make() -> str:
            number = self.dice.below(10 ** (whole + places))
            text = f"{number / 10**places:.{places}f}"
            return text.rstrip("0").rstrip(".")

        return make

    def _day(self) -> date:
        return self.day - timedelta(days=self.dice.below(RECENT_DAYS))

    def _moment(self) -> str:
        time = timedelta(hours=self.dice.between(8, 17), minutes=self.dice.below(60))
        return (datetime.combine(self._day(), datetime.min.time()) + time).isoformat()

    def _maybe_uncertain(self) -> str:
        if self.dice.chance(UNCERTAIN):
            return self.dice.pick(UNKNOWN_FORMS).example
        return (self._day() - timedelta(days=self.dice.below(70 * 365))).isoformat()

    def _organisation(self) -> str:
        prefecture = self.dice.between(1, 47)
        return organisation_code(f"{prefecture:02d}{200 + self.dice.between(1, 30):03d}")


def _corporate_number(body: int) -> str:
    digits = f"{body:012d}"
    return f"{corporate_check_digit(digits)}{digits}"
