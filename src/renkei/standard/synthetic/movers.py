"""Families that moved between the two towns of a pair, the same seen from either side.

A family follows from the two codes, the seed, the direction and its place in the row alone, so
each town is written without reading the other's files. Most are parents with small children: they
are the case 乳幼児医療 B→A, where the new town must ask the old one for the guardians' income.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count

from renkei.standard.synthetic.addresses import Place, elsewhere, places
from renkei.standard.synthetic.assessments import Assessment, TaxYear, assess, profiles
from renkei.standard.synthetic.benefits import recipient
from renkei.standard.synthetic.days import Calendar, tax_year_in_force
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.households import Households, mother_of
from renkei.standard.synthetic.incomes import Profile
from renkei.standard.synthetic.names import names
from renkei.standard.synthetic.numbers import (
    FAMILY,
    MOVERS,
    REGISTER_MOVED_IN,
    REGISTER_MOVED_OUT,
    personal_number,
    register_number,
    slot,
)
from renkei.standard.synthetic.people import Household, Person
from renkei.standard.synthetic.request import DAY, Request

SHARE = 0.03  # of the smaller town's people, in each direction
# Every so many families, at a fixed place, so that even a small town has them.
NOT_HELD_OF, NOT_HELD_AT = 25, 3
PROTECTED_OF, PROTECTED_AT = 120, 7


@dataclass(frozen=True, slots=True)
class MovedFamily:
    """One family before (at the town of origin) and after the move (at the destination)."""

    place: int
    moved_on: int
    before: Household
    after: Household
    profiles: list[Profile]
    income_held: bool
    index: int  # of the first member's personal number


@dataclass(frozen=True, slots=True)
class MovedPerson:
    """One person who moved: the 宛名番号 at the new and at the old town, and what the old holds."""

    register_number: str
    former_register_number: str
    personal_number: str
    income_held: bool
    total_income: int | None


@dataclass(frozen=True, slots=True)
class Move:
    """A child who moved with guardians; the first guardian is the one who receives for it."""

    moved_on: date
    child: MovedPerson
    guardians: tuple[MovedPerson, ...]
    protected: bool


class Movers:
    """The families that moved from one town to another, in their fixed order."""

    def __init__(self, origin: str, destination: str, seed: int, calendar: Calendar) -> None:
        """Name the direction; nothing is made before it is asked for."""
        self.origin = places(origin)
        self.destination = places(destination)
        self.calendar = calendar
        towns = (origin, destination)
        self.remotes = tuple(r for r in elsewhere() if r.municipality not in towns)
        self._key = f"movers/{min(towns)}/{max(towns)}/{seed}/{origin}/{destination}"

    def families(self, people: int) -> Iterator[MovedFamily]:
        """Yield families until they are so many people."""
        found = 0
        for place in count():
            if found >= people:
                return
            family = self.family(place)
            found += len(family.after.people)
            yield family

    def family(self, place: int) -> MovedFamily:
        """Return the family at a place in the row."""
        dice = Dice(self._key, place)
        make = Households(dice, names(), self.remotes, self.calendar)
        today, window = self.calendar.today, self.calendar.moves
        moved_on = window + int(dice.random() * (today - window + 1))
        people = young_family(make)
        _born_before(people, moved_on)
        before = make.settle(people, self.origin.draw(dice))
        before.since = min(before.since, window - 2)
        before.relocated = 0
        before.left = moved_on
        before.protected = place % PROTECTED_OF == PROTECTED_AT
        after = Household(people, self.destination.draw(dice), moved_on)
        after.days_to_notify = before.days_to_notify
        after.protected = before.protected
        after.previous_municipality = self.origin.code
        after.previous_address = _whole_address(before.place)
        return MovedFamily(
            place,
            moved_on,
            before,
            after,
            profiles(people, dice),
            place % NOT_HELD_OF != NOT_HELD_AT,
            slot(self.origin.code) + MOVERS + place * FAMILY,
        )


def _born_before(people: list[Person], moved_on: int) -> None:
    """Make all children older by so many years that the youngest was born before the move."""
    late = people[-1].birth - moved_on
    years = late // 365 + 1 if late >= 0 else 0
    for person in people:
        if person.part == "child":
            person.birth -= years * 365
            person.age += years


def young_family(make: Households) -> list[Person]:
    """Return a couple, or in one of ten a mother, with children of whom one is below six."""
    dice = make.dice
    family = make.family()
    age = dice.between(25, 41)
    if dice.random() < 0.1:
        people = [make.person("世帯主", age, family, 0, "parent", male=False)]
    else:
        people = make.head_and_spouse(family, age)
    mother = mother_of(people)
    youngest = dice.between(0, min(4, max(0, mother.age - 23)))
    ages = [youngest]
    while len(ages) < 3 and mother.age - ages[-1] > 26 and dice.random() < 0.5:
        ages.append(ages[-1] + dice.between(2, 4))
    for child_age in reversed(ages):
        male = dice.random() < 0.512
        people.append(make.person("子", child_age, family, 0, "child", male=male))
    return people


def moved_people(people: int, neighbour_people: int) -> int:
    """Return how many people move each way between towns of these sizes."""
    return int(min(people, neighbour_people) * SHARE)


def movers(
    origin: str,
    destination: str,
    *,
    people: int,
    seed: int,
    day: date = DAY,
    neighbour_people: int | None = None,
) -> Iterator[Move]:
    """Yield every child who moved, as both towns know it, without reading their files.

    `people` is the size of one town and `neighbour_people` of the other, as for `write_town`.
    Protected families are among them (`protected`: both towns hold the 支援措置), and families
    whose income the old town does not hold.
    """
    size = neighbour_people or people
    Request(origin, people, seed, destination, size, day, ()).checked()
    calendar = Calendar(day)
    year = TaxYear(tax_year_in_force(day), calendar)
    total = moved_people(people, size)
    for family in Movers(origin, destination, seed, calendar).families(total):
        assessments = assess(family.before.people, family.profiles, year)
        receiver = recipient(family.before.people, assessments, 0)
        parents = [n for n, p in enumerate(family.before.people) if p.part == "parent"]
        parents.sort(key=lambda n: n != receiver)
        guardians = tuple(_moved(family, n, assessments[n], year) for n in parents)
        for n, person in enumerate(family.before.people):
            if person.part == "child":
                moved_on = date.fromisoformat(calendar.iso[family.moved_on])
                child = _moved(family, n, assessments[n], year)
                yield Move(moved_on, child, guardians, family.before.protected)


def _moved(family: MovedFamily, n: int, assessment: Assessment, year: TaxYear) -> MovedPerson:
    sequence = family.place * FAMILY + n
    # Assessed where the family lived on 1 January: who had left by then is not held.
    lived_there = family.before.since <= year.day < family.moved_on
    held = family.income_held and lived_there and assessment.age >= 15
    return MovedPerson(
        register_number(REGISTER_MOVED_IN + sequence),
        register_number(REGISTER_MOVED_OUT + sequence),
        personal_number(family.index + n),
        held,
        assessment.total if held and assessment.is_filed else None,
    )


def _whole_address(place: Place) -> str:
    return f"{place.address}　{place.building}" if place.building else place.address
