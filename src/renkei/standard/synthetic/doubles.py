"""A second register of the same people with the errors offices make, and the truth beside it.

    report = write_doubles(town, out, code="131016", seed=7)

`town` holds the files of `write_town`. `out` gets `unregistered_person.csv`: most residents once
more, as another office wrote them down, some of them twice; people who only look like a resident
(twins, namesakes); firms, some twice. `truth.csv` names for every number of both registers who it
is. The rates are our estimates; every one is a number of `Rates`, so that a town can set its own.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from renkei.kit import corporate_check_digit
from renkei.standard.characters.variants import table as variants
from renkei.standard.synthetic.addresses import Remote, elsewhere
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.miswriting import (
    kana_miswritten,
    lengthened,
    mistyped_number,
    other_address_form,
    resized,
    unvoiced,
)
from renkei.standard.synthetic.names import Name, names
from renkei.standard.synthetic.numbers import (
    REGISTER_UNREGISTERED,
    UNREGISTERED,
    personal_number,
    register_number,
    slot,
)
from renkei.standard.synthetic.sheets import Sheet, open_sheet

Row = Mapping[str, str]

FORMS = (("株式会社", "カブシキガイシャ"), ("有限会社", "ユウゲンガイシャ"))
SHORT = {"株式会社": "(株)", "有限会社": "(有)"}
TRADES = (("建設", "ケンセツ"), ("商事", "ショウジ"), ("工業", "コウギョウ"), ("農園", "ノウエン"))
UNKNOWN_SEX = ("3", "4")
FIRST_PLACE = 200_000  # in the part of a town's slot for unregistered persons: behind its own ones


@dataclass(frozen=True, slots=True)
class Rates:
    """How often what happens to a record that is written down a second time."""

    twice: float = 0.03  # the same person stands twice in the second register
    twins: float = 0.005  # somebody with all of a resident but the given name, for each resident
    namesakes: float = 0.01  # somebody with a resident's name and year of birth, living elsewhere
    firms: float = 0.02  # firms for each resident
    firms_twice: float = 0.5  # of the firms

    number_missing: float = 0.5  # 個人番号 or 法人番号 was not asked for
    number_mistyped: float = 0.004  # two digits are wrong and the check digit fits
    number_of_relative: float = 0.002  # the number of somebody in the same household
    number_of_stranger: float = 0.0005

    moved: float = 0.35  # another address than the register's
    moved_from: float = 0.35  # of these: the register's address before
    address_form: float = 0.5  # 1-2-3 in place of 1丁目2番3号, without the prefecture
    building_missing: float = 0.3
    postal_code_missing: float = 0.05

    married: float = 0.03  # another surname
    former_known: float = 0.3  # of these: the register knows it as 旧氏
    variant: float = 0.05  # 異体字, where the name has one
    kana_for_kanji: float = 0.005
    no_space: float = 0.05
    small_kana: float = 0.05
    long_vowel: float = 0.05
    voicing: float = 0.03
    other_reading: float = 0.01  # of the given name
    kana_mistyped: float = 0.01

    day_and_month_swapped: float = 0.01
    birth_mistyped: float = 0.01
    birth_unknown: float = 0.01  # 日付不詳
    sex_unknown: float = 0.02
    sex_wrong: float = 0.001

    def described(self) -> str:
        """Return the rates on one line, for the heading of the file."""
        return " ".join(f"{one.name}={getattr(self, one.name)}" for one in fields(self))


@dataclass(frozen=True, slots=True)
class DoublesReport:
    """What was written: rows of the second register, and who they are."""

    rows: int
    persons_twice: int
    twins: int
    namesakes: int
    firms: int
    true_pairs: int


def write_doubles(
    town: Path, out: Path, *, code: str, seed: int, share: float = 1.0, rates: Rates | None = None
) -> DoublesReport:
    """Write the second register of a town's people and the truth."""
    rates = rates or Rates()
    out.mkdir(parents=True, exist_ok=True)
    heading = (
        f"作成 / made by: renkei simulate doubles --code {code} --seed {seed} --share {share}",
        f"誤りの率 / rates: {rates.described()}",
    )
    with (
        (out / "truth.csv").open("w", encoding="utf-8", newline="\n") as truth,
        open_sheet("unregistered_person", out, heading) as sheet,
    ):
        writer = _Doubles(sheet, truth.write, code, Dice("doubles", code, seed), rates)
        truth.write("register_number,person\n")
        for row, relative in _with_relatives(town / "resident.csv"):
            writer.resident(row, relative, doubled=writer.dice.chance(share))
        writer.firms(writer.residents)
    return DoublesReport(
        sheet.rows, writer.twice, writer.twins, writer.namesakes, writer.bodies, writer.true_pairs
    )


def _with_relatives(file: Path) -> Iterator[tuple[Row, Row | None]]:
    """Yield every resident with the one listed before in the same household."""
    with file.open(encoding="utf-8", newline="") as lines:
        rows = csv.reader(line for line in lines if not line.startswith("#"))
        header = [_item_names()[title] for title in next(rows)]
        before: Row | None = None
        for cells in rows:
            row = dict(zip(header, cells, strict=True))
            is_relative = before and before["household_number"] == row["household_number"]
            yield row, before if is_relative else None
            before = row


def _item_names() -> dict[str, str]:
    from renkei.standard import catalogue

    return {item.ja: item.name for item in catalogue().entity("resident").items}


class _Doubles:
    """Writes the second register, record by record, from one stream of draws."""

    def __init__(
        self, sheet: Sheet, truth: Callable[[str], object], code: str, dice: Dice, rates: Rates
    ) -> None:
        self.sheet = sheet
        self.truth = truth
        self.dice = dice
        self.rates = rates
        self.slot = slot(code) + UNREGISTERED + FIRST_PLACE
        self.remotes: tuple[Remote, ...] = elsewhere()
        self.names = names()
        self.variants = _variants()
        self.stranger = ""
        self.residents = self.twice = self.twins = self.namesakes = self.bodies = 0
        self.true_pairs = self.invented = 0

    def resident(self, row: Row, relative: Row | None, *, doubled: bool) -> None:
        """Write what the second register holds about a resident and those who look like one."""
        dice, rates = self.dice, self.rates
        self.residents += 1
        self.truth(f"{row['register_number']},{row['register_number']}\n")
        if doubled:
            times = 2 if dice.chance(rates.twice) else 1
            for _ in range(times):
                self._add(row["register_number"], self._again(row, relative))
            self.twice += times == 2
            self.true_pairs += 1 if times == 1 else 3
        if dice.chance(rates.twins):
            self._add("", self._twin(row))
            self.twins += 1
        if dice.chance(rates.namesakes):
            self._add("", self._namesake(row))
            self.namesakes += 1
        self.stranger = row["personal_number"]

    def firms(self, residents: int) -> None:
        """Write the firms."""
        for number in range(int(residents * self.rates.firms)):
            self.bodies += 1
            first, second = self._firm(number)
            person = self._add("", first)
            if self.dice.chance(self.rates.firms_twice):
                self._add(person, second)
                self.true_pairs += 1

    def _add(self, person: str, values: Row) -> str:
        """Write one record with the next number; without a person it is somebody of their own."""
        number = register_number(REGISTER_UNREGISTERED + FIRST_PLACE + self.sheet.rows)
        self.sheet.write({**values, "register_number": number})
        person = person or number
        self.truth(f"{number},{person}\n")
        return person

    def _again(self, row: Row, relative: Row | None) -> Row:
        """Return a resident as another office wrote them down."""
        name, kana = self._name(row)
        return self._record(
            name=name,
            kana=kana,
            birth_date=self._birth(row["birth_date"]),
            sex=self._sex(row["sex"]),
            personal_number=self._number(row, relative),
            protected=row["protected"],
            **self._address(row),
        )

    def _name(self, row: Row) -> tuple[str, str]:
        dice, rates = self.dice, self.rates
        surname, given = _parts(row["name"])
        surname_read, given_read = _parts(row["kana"])
        if dice.chance(rates.married):
            if row["former_surname"] and dice.chance(rates.former_known):
                surname = row["former_surname"]
            else:
                other = self.names.surname(dice)
                surname, surname_read = other.written, other.kana
        if dice.chance(rates.variant):
            surname = "".join(dice.pick(self.variants.get(c, (c,))) for c in surname)
        if dice.chance(rates.other_reading):
            given_read = self._given(row).kana
        kana = [surname_read, given_read]
        if dice.chance(rates.kana_for_kanji):
            surname, given = kana
        for rate, change in (
            (rates.small_kana, resized),
            (rates.long_vowel, lengthened),
            (rates.voicing, unvoiced),
            (rates.kana_mistyped, kana_miswritten),
        ):
            if dice.chance(rate):
                place = dice.below(2)
                kana[place] = change(kana[place], dice)
        blank = "" if dice.chance(rates.no_space) else "　"
        return blank.join(filter(None, (surname, given))), blank.join(filter(None, kana))

    def _given(self, row: Row) -> Name:
        return self.names.given_name(self.dice, self.dice.below(90), male=row["sex"] == "1")

    def _birth(self, birth: str) -> str:
        dice, rates = self.dice, self.rates
        year, month, day = birth[:4], birth[5:7], birth[8:10]
        if len(birth) != 10 or "00" in (month, day) or not day.isdigit():
            return birth
        if dice.chance(rates.day_and_month_swapped) and int(day) <= 12:
            return f"{year}-{day}-{month}"
        if dice.chance(rates.birth_mistyped):
            match dice.below(3):
                case 0:
                    return f"{int(year) + dice.pick((-10, -1, 1, 10))}-{month}-{min(day, '28')}"
                case 1:
                    return f"{year}-{dice.between(1, 12):02d}-{min(day, '28')}"
                case _:
                    return f"{year}-{month}-{dice.between(1, 28):02d}"
        if dice.chance(rates.birth_unknown):
            return dice.pick((f"{year}-{month}-00", f"{year}-00-00", f"{year}-{month}-00頃"))
        return birth

    def _sex(self, sex: str) -> str:
        if self.dice.chance(self.rates.sex_unknown):
            return self.dice.pick(UNKNOWN_SEX)
        return {"1": "2", "2": "1"}[sex] if self.dice.chance(self.rates.sex_wrong) else sex

    def _number(self, row: Row, relative: Row | None) -> str:
        dice, rates = self.dice, self.rates
        if dice.chance(rates.number_missing):
            return ""
        if dice.chance(rates.number_of_relative) and relative is not None:
            return relative["personal_number"]
        if dice.chance(rates.number_of_stranger) and self.stranger:
            return self.stranger
        if dice.chance(rates.number_mistyped):
            return mistyped_number(row["personal_number"], dice)
        return row["personal_number"]

    def _address(self, row: Row) -> dict[str, str]:
        dice, rates = self.dice, self.rates
        address, postal, building = row["address"], row["postal_code"], row["building"]
        if dice.chance(rates.moved):
            building = ""
            if row["previous_address"] and dice.chance(rates.moved_from):
                address, postal = row["previous_address"], ""
            else:
                remote = dice.pick(self.remotes)
                address, postal = remote.address, remote.postal_code
        if dice.chance(rates.address_form):
            address = other_address_form(address, dice)
        return {
            "address": address,
            "postal_code": "" if dice.chance(rates.postal_code_missing) else postal,
            "building": "" if dice.chance(rates.building_missing) else building,
        }

    def _twin(self, row: Row) -> Row:
        surname, _ = _parts(row["name"])
        surname_read, given_read = _parts(row["kana"])
        other = self._given(row)
        while other.kana == given_read:
            other = self._given(row)
        return self._record(
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

    def _namesake(self, row: Row) -> Row:
        remote = self.dice.pick(self.remotes)
        day = f"{self.dice.between(1, 12):02d}-{self.dice.between(1, 28):02d}"
        return self._record(
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

    def _firm(self, number: int) -> tuple[Row, Row]:
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

    def _record(self, **values: str) -> Row:
        return {
            "person_kind": "1",
            "registration_reason": "土地・家屋の所有",
            "registration_affair": "固定資産税",
            "valid_since": "2020-04-01",
            **values,
        }


def _parts(name: str) -> tuple[str, str]:
    """Return surname and given name; a foreign name has a narrow space."""
    surname, _, given = name.replace(" ", "　", 1).partition("　")
    return surname, given


def _variants() -> dict[str, tuple[str, ...]]:
    """Return character → itself and its variants, of those a register may hold."""
    found: dict[str, list[str]] = {}
    for line in variants():
        if line.kind == "variant":
            found.setdefault(line.folds_to, [line.folds_to]).append(line.character)
            found.setdefault(line.character, [line.character, line.folds_to])
    return {character: tuple(forms) for character, forms in found.items()}
