"""What people earn: one profile per person, from plain tables by sex, age and place in the family.

Each table gives the amount, in thousand yen, at eight points of the distribution; between them it
is straight. Whole numbers only, so every machine finds the same yen.
"""

import msgspec

from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.people import Person

POINTS = (0, 100, 250, 500, 750, 900, 970, 1000)
Table = tuple[int, ...]


class Profile(msgspec.Struct, frozen=True):
    """A person's receipts of one year and what may be deducted, in yen."""

    salary: int = 0
    pension: int = 0
    business: int = 0
    property: int = 0
    other: int = 0
    medical: int = 0
    life_insurance: int = 0
    disability: int = 0
    is_filed: bool = True


NOTHING = Profile()


def table(*amounts: int) -> Table:
    """Return the thousandths of a distribution from its eight points.

    >>> table(0, 10, 20, 30, 40, 50, 60, 70)[500]
    30
    """
    return tuple(_between(amounts, n) for n in range(1000))


def _between(amounts: tuple[int, ...], n: int) -> int:
    at = max(i for i, point in enumerate(POINTS) if point <= n)
    low, high = POINTS[at], POINTS[at + 1]
    return amounts[at] + (amounts[at + 1] - amounts[at]) * (n - low) // (high - low)


MEN = table(1_200, 2_600, 3_600, 5_000, 7_000, 9_500, 13_000, 24_000)
WOMEN = table(1_000, 2_000, 2_700, 3_500, 4_600, 6_200, 8_500, 16_000)
BEGINNERS = table(400, 1_000, 1_900, 2_600, 3_100, 3_600, 4_200, 5_500)
PART_TIME = table(250, 600, 850, 1_010, 1_200, 1_600, 2_000, 2_600)
STUDENTS = table(50, 150, 300, 600, 900, 1_020, 1_200, 1_600)
PENSION_MEN = table(500, 900, 1_400, 1_900, 2_300, 2_700, 3_200, 4_600)
PENSION_WOMEN = table(300, 600, 750, 1_000, 1_450, 1_900, 2_500, 3_600)
BUSINESS = table(50, 500, 1_200, 2_400, 4_500, 8_500, 15_000, 40_000)
PROPERTY = table(60, 250, 500, 1_100, 2_400, 5_000, 9_000, 22_000)
SIDE = table(20, 60, 120, 250, 500, 1_000, 2_000, 4_000)
MEDICAL = table(1, 20, 50, 90, 160, 300, 700, 1_900)


def profile(person: Person, dice: Dice) -> Profile:
    """Return what a person of 15 and over earns."""
    random = dice.random
    age = person.age
    salary = pension = business = rent = other = 0
    lot = random()
    if age >= 65:
        pension = amount(PENSION_MEN if person.male else PENSION_WOMEN, dice) if lot < 0.96 else 0
        if lot < (0.45 if age < 70 else 0.2 if age < 75 else 0.03):
            salary = amount(PART_TIME if lot > 0.1 else MEN, dice)
    elif age < 23 and person.part == "child":
        salary = amount(STUDENTS if age < 20 or lot > 0.5 else BEGINNERS, dice)
        salary = 0 if lot > (0.75 if age > 18 else 0.2) else salary
    elif lot < 0.07:
        business = amount(BUSINESS, dice)
    else:
        salary = _salary(person, lot, dice)
    if age >= 40 and random() < 0.04:
        rent = amount(PROPERTY, dice)
    if random() < 0.015:
        other = amount(SIDE, dice)
    lot = random()
    disability = 300_000 if lot < 0.007 else 260_000 if lot < (0.06 if age >= 65 else 0.02) else 0
    return Profile(
        salary,
        pension,
        business,
        rent,
        other,
        amount(MEDICAL, dice) if random() < 0.07 else 0,
        int(random() * 36) * 2_000 if salary and random() < 0.6 else 0,
        0
        if disability > (0.06 if age >= 65 else 0.02)
        else 300_000
        if disability < 0.007
        else 260_000,
        random() > 0.02,
    )


def _salary(person: Person, lot: float, dice: Dice) -> int:
    if person.male:
        share, whole = 0.95, BEGINNERS if person.age < 25 else MEN
        return amount(whole, dice) if lot < share else 0
    if person.relationship == "妻":
        if lot < 0.42:
            return amount(WOMEN, dice)
        return amount(PART_TIME, dice) if lot < 0.78 else 0
    return amount(BEGINNERS if person.age < 25 else WOMEN, dice) if lot < 0.92 else 0


def amount(from_table: Table, dice: Dice) -> int:
    """Return an amount in yen."""
    return from_table[int(dice.random() * 1000)] * 1000 + int(dice.random() * 1000)
