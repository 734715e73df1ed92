"""Who only looks like a resident: twins and namesakes; and firms, each written twice."""

from collections.abc import Mapping

from renkei.kit import corporate_check_digit
from renkei.standard.synthetic.addresses import Remote
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.error_rates import Rates
from renkei.standard.synthetic.miswriting import other_address_form
from renkei.standard.synthetic.names import Name, Names
from renkei.standard.synthetic.numbers import personal_number

Row = Mapping[str, str]

FORMS = (("株式会社", "カブシキガイシャ"), ("有限会社", "ユウゲンガイシャ"))
SHORT = {"株式会社": "(株)", "有限会社": "(有)"}
TRADES = (("建設", "ケンセツ"), ("商事", "ショウジ"), ("工業", "コウギョウ"), ("農園", "ノウエン"))


class Lookalikes:
    """Makes records of others; their numbers begin at an index nobody else has."""

    def __init__(
        self, dice: Dice, rates: Rates, names: Names, remotes: tuple[Remote, ...], index: int
    ) -> None:
        """Take the draws, the rates, names, addresses, and where the numbers begin."""
        self.dice = dice
        self.rates = rates
        self.names = names
        self.remotes = remotes
        self.slot = index
        self.invented = 0

    def twin(self, row: Row) -> Row:
        """Return somebody with all of a resident but the given name."""
        surname, _ = parts(row["name"])
        surname_read, given_read = parts(row["kana"])
        other = self._given(row)
        while other.kana == given_read:
            other = self._given(row)
        return record(
            name=f"{surname}　{other.written}",
            kana=f"{surname_read}　{other.kana}",
            birth_date=row["birth_date"],
            sex=row["sex"],
            # 双子: an office that has one number writes it beside both.
            personal_number=row["personal_number"]
            if self.dice.chance(self.rates.number_of_relative)
            else self._invented_number(),
            protected=row["protected"],
            address=row["address"],
            postal_code=row["postal_code"],
            building=row["building"],
        )

    def namesake(self, row: Row) -> Row:
        """Return somebody of the same name and year, living elsewhere."""
        remote = self.dice.pick(self.remotes)
        day = f"{self.dice.between(1, 12):02d}-{self.dice.between(1, 28):02d}"
        return record(
            name=row["name"],
            kana=row["kana"],
            birth_date=f"{row['birth_date'][:4]}-{day}",
            sex=row["sex"],
            personal_number=self._invented_number(),
            protected="0",
            address=remote.address,
            postal_code=remote.postal_code,
            building="",
        )

    def _invented_number(self) -> str:
        self.invented += 1
        if self.dice.chance(self.rates.number_missing):
            return ""
        return personal_number(self.slot + self.invented)

    def firm(self, number: int) -> tuple[Row, Row]:
        """Return a firm, and the same firm as another office wrote it down."""
        dice, rates = self.dice, self.rates
        (form, form_read), (trade, trade_read) = dice.pick(FORMS), dice.pick(TRADES)
        surname, remote = self.names.surname(dice), dice.pick(self.remotes)
        body = f"{700_000_000_000 + number * 7 + self.slot % 90_000_000_000:012d}"
        firm = {
            "person_kind": "2",
            "name": f"{form}{surname.written}{trade}",
            "kana": f"{form_read}　{surname.kana}{trade_read}",
            "postal_code": remote.postal_code,
            "address": remote.address,
            "corporate_number": f"{corporate_check_digit(body)}{body}",
            "registration_reason": "土地・家屋の所有",
            "registration_affair": "固定資産税",
            "valid_since": "2015-04-01",
            "protected": "0",
        }
        address = remote.address
        if dice.chance(rates.moved):
            address = dice.pick(self.remotes).address
        written = f"{surname.written}{trade}"
        again = {
            **firm,
            "name": f"{SHORT[form]}{written}" if dice.chance(0.5) else f"{written}{form}",
            "kana": f"{surname.kana}{trade_read}" if dice.chance(0.3) else firm["kana"],
            "address": other_address_form(address, dice),
            "corporate_number": ""
            if dice.chance(rates.number_missing)
            else firm["corporate_number"],
        }
        return firm, again

    def _given(self, row: Row) -> Name:
        return given_name(self.names, self.dice, row)


def given_name(names: Names, dice: Dice, row: Row) -> Name:
    """Return some given name of the same sex."""
    return names.given_name(dice, dice.below(90), male=row["sex"] == "1")


def record(**values: str) -> Row:
    """Return the record of a person in the second register."""
    return {
        "person_kind": "1",
        "registration_reason": "土地・家屋の所有",
        "registration_affair": "固定資産税",
        "valid_since": "2020-04-01",
        **values,
    }


def parts(name: str) -> tuple[str, str]:
    """Return surname and given name; a foreign name has a narrow space."""
    surname, _, given = name.replace(" ", "　", 1).partition("　")
    return surname, given
