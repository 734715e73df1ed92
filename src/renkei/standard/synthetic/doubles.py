"""A second register of the same people with the errors offices make, and the truth beside it.

    report = write_doubles(town, out, code="131016", seed=7)

`town` holds the files of `write_town`. `out` gets `unregistered_person.csv`: most residents once
more, as another office wrote them down, some of them twice; people who only look like a resident
(twins, namesakes); firms, some twice. `truth.csv` names for every number of both registers who it
is. The rates are our estimates; every one is a number of `Rates`, so that a town can set its own.
"""

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from renkei.standard import catalogue
from renkei.standard.characters.variants import table as variants
from renkei.standard.synthetic.addresses import Remote, elsewhere
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.error_rates import Rates
from renkei.standard.synthetic.lookalikes import Lookalikes, given_name, parts, record
from renkei.standard.synthetic.miswriting import (
    kana_miswritten,
    lengthened,
    mistyped_number,
    other_address_form,
    resized,
    unvoiced,
)
from renkei.standard.synthetic.names import names
from renkei.standard.synthetic.numbers import (
    REGISTER_UNREGISTERED,
    UNREGISTERED,
    register_number,
    slot,
)
from renkei.standard.synthetic.sheets import Sheet, open_sheet

Row = Mapping[str, str]

UNKNOWN_SEX = ("3", "4")
FIRST_PLACE = 200_000  # in the part of a town's slot for unregistered persons: behind its own ones


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
        self.remotes: tuple[Remote, ...] = elsewhere()
        self.names = names()
        index = slot(code) + UNREGISTERED + FIRST_PLACE
        self.others = Lookalikes(dice, rates, self.names, self.remotes, index)
        self.variants = _variants()
        self.stranger = ""
        self.residents = self.twice = self.twins = self.namesakes = self.bodies = 0
        self.true_pairs = 0

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
            self._add("", self.others.twin(row))
            self.twins += 1
        if dice.chance(rates.namesakes):
            self._add("", self.others.namesake(row))
            self.namesakes += 1
        self.stranger = row["personal_number"]

    def firms(self, residents: int) -> None:
        """Write the firms."""
        for number in range(int(residents * self.rates.firms)):
            self.bodies += 1
            first, second = self.others.firm(number)
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
        return record(
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
        surname, given = parts(row["name"])
        surname_read, given_read = parts(row["kana"])
        if dice.chance(rates.married):
            if row["former_surname"] and dice.chance(rates.former_known):
                surname = row["former_surname"]
            else:
                other = self.names.surname(dice)
                surname, surname_read = other.written, other.kana
        if dice.chance(rates.variant):
            surname = "".join(dice.pick(self.variants.get(c, (c,))) for c in surname)
        if dice.chance(rates.other_reading):
            given_read = given_name(self.names, self.dice, row).kana
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


def _variants() -> dict[str, tuple[str, ...]]:
    """Return character → itself and its variants, of those a register may hold."""
    found: dict[str, list[str]] = {}
    for line in variants():
        if line.kind == "variant":
            found.setdefault(line.folds_to, [line.folds_to]).append(line.character)
            found.setdefault(line.character, [line.character, line.folds_to])
    return {character: tuple(forms) for character, forms in found.items()}
