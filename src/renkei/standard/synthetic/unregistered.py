"""Persons the town writes to who do not live there: owners of land and houses, companies."""

from renkei.standard.synthetic.addresses import Remote
from renkei.standard.synthetic.days import Calendar
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.names import Names
from renkei.standard.synthetic.numbers import (
    REGISTER_UNREGISTERED,
    UNREGISTERED,
    personal_number,
    register_number,
    slot,
)
from renkei.standard.synthetic.sheets import Sheet, code_values

SHARE = 0.04  # of the people who live there
LEGAL = 0.25  # of them
PROTECTED = 1 / 500

PERSON_REASONS = (
    *[("土地・家屋の所有", "固定資産税")] * 6,
    ("家屋敷の所有", "個人住民税"),
    ("相続人代表者", "固定資産税"),
    ("軽自動車の所有", "軽自動車税"),
)
LEGAL_REASONS = (
    *[("土地・家屋の所有", "固定資産税")] * 4,
    *[("特別徴収義務者", "個人住民税")] * 4,
    ("事務所の所在", "法人住民税"),
)
FORMS = (
    *[("株式会社", "カブシキガイシャ")] * 7,
    ("有限会社", "ユウゲンガイシャ"),
    ("合同会社", "ゴウドウガイシャ"),
)
TRADES = (
    ("建設", "ケンセツ"),
    ("不動産", "フドウサン"),
    ("商事", "ショウジ"),
    ("工業", "コウギョウ"),
    ("運輸", "ウンユ"),
    ("食品", "ショクヒン"),
    ("農園", "ノウエン"),
    ("地所", "ジショ"),
)


class Unregistered:
    """Writes `unregistered_person.csv` of a town."""

    def __init__(
        self,
        sheet: Sheet,
        code: str,
        dice: Dice,
        names: Names,
        remotes: tuple[Remote, ...],
        calendar: Calendar,
    ) -> None:
        """Read the codes once."""
        self.sheet = sheet
        self.dice = dice
        self.names = names
        self.remotes = remotes
        self.calendar = calendar
        self._slot = slot(code) + UNREGISTERED
        kind = code_values("person_kind")
        self._natural, self._legal = kind["個人"], kind["法人"]
        sex = code_values("sex")
        self._sex = {True: sex["男"], False: sex["女"]}
        self.protected = 0

    def write(self, number: int) -> None:
        """Write the person or company of that number."""
        dice = self.dice
        is_legal = dice.random() < LEGAL
        remote = dice.pick(self.remotes)
        surname = self.names.surname(dice)
        birth = 0
        protected = False
        sex = personal = ""
        if is_legal:
            (form, form_kana), (trade, trade_kana) = dice.pick(FORMS), dice.pick(TRADES)
            name = f"{form}{surname.written}{trade}"
            kana = f"{form_kana}　{surname.kana}{trade_kana}"
            reason, affair = dice.pick(LEGAL_REASONS)
        else:
            male = dice.random() < 0.6
            age = dice.between(30, 92)
            first, span = self.calendar.births[age]
            birth = first + dice.below(span)
            given = self.names.given_name(dice, age, male=male)
            name, kana = f"{surname.written}　{given.written}", f"{surname.kana}　{given.kana}"
            sex, personal = self._sex[male], personal_number(self._slot + number)
            protected = dice.chance(PROTECTED)
            reason, affair = dice.pick(PERSON_REASONS)
        self.protected += protected
        since = self.calendar.today - dice.below(9_000)
        ended = dice.chance(0.05)
        until = dice.between(since, self.calendar.today)
        self.sheet.write(
            {
                "register_number": register_number(REGISTER_UNREGISTERED + number),
                "person_kind": self._legal if is_legal else self._natural,
                "name": name,
                "kana": kana,
                "birth_date": self.calendar.iso[birth] if birth else "",
                "sex": sex,
                "postal_code": remote.postal_code,
                "address_code": "",
                "address": remote.address,
                "building": "",
                "personal_number": personal,
                "registration_reason": reason,
                "registration_affair": affair,
                "valid_since": self.calendar.iso[since],
                "valid_until": self.calendar.iso[until] if ended else "",
                "protected": "1" if protected else "0",
            }
        )
