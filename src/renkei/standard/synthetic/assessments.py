"""Assessing a household's 個人住民税 of a year: who supports whom, what is deducted and due."""

from datetime import date

import msgspec

from renkei.standard.synthetic import taxes
from renkei.standard.synthetic.days import Calendar, number
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.incomes import NOTHING, Profile, profile
from renkei.standard.synthetic.people import Person

NOT_RELATED = frozenset({"同居人", "縁故者", "妻(未届)", "夫(未届)"})
OLD_PARENTS = frozenset({"父", "母", "妻の父", "妻の母", "夫の父", "夫の母"})
WORKING_AGE = 15
LIABLE_AGE = 15
EARNER_AT_LEAST = 1_000_000
SINGLE_PARENT_LIMIT = 5_000_000
WEAK_LIMIT = 1_350_000  # 障害者, 未成年者, 寡婦, ひとり親: no levy up to here
BASE_YEAR = 2025
GROWTH = 2  # per cent a year, for salaries


class Assessment(msgspec.Struct, gc=False):
    """One person's 所得, 控除 and levies of one tax year."""

    profile: Profile
    salary: int
    salary_income: int
    pension_income: int
    total: int
    age: int  # at the end of the income year
    is_supported: bool = False
    supported_spouse: int = 0
    dependants: int = 0
    dependants_under_16: int = 0
    spouse_deduction: int = 0
    dependant_deduction: int = 0
    single_parent_deduction: int = 0
    social_insurance: int = 0
    medical: int = 0
    basic: int = 0
    tax_base: int = 0
    municipal_levy: int = 0
    prefectural_levy: int = 0
    is_per_capita_due: bool = False

    @property
    def is_filed(self) -> bool:
        """Tell whether the town knows the income; a supported person need not file."""
        return self.profile.is_filed or self.is_supported


class TaxYear:
    """One tax year: its day of assessment, and ages at the end of the income year."""

    __slots__ = ("day", "limit", "year", "years")

    def __init__(self, year: int, calendar: Calendar) -> None:
        """Look the limits up once."""
        self.year = year
        self.years = calendar.years
        self.day = number(date(year, 1, 1))
        self.limit = taxes.dependant_limit(year)

    def age(self, birth: int) -> int:
        """Return the age at the end of the income year; negative for those born later.

        An age is reached on the day before the birthday (年齢計算ニ関スル法律).

        >>> year = TaxYear(2025, Calendar(date(2026, 4, 1)))
        >>> year.age(number(date(1960, 1, 1))), year.age(number(date(1960, 1, 2)))
        (65, 64)
        """
        return self.year - 1 - self.years[birth - 1]


def profiles(people: list[Person], dice: Dice) -> list[Profile]:
    """Return what each of a household earns; nothing for children."""
    return [profile(person, dice) if person.age >= WORKING_AGE else NOTHING for person in people]


def assess(people: list[Person], profiles: list[Profile], year: TaxYear) -> list[Assessment]:
    """Return the assessments of a household's people, in their order, for one year.

    1. incomes; 2. each couple and its children; 3. other relatives; 4. deductions and levies.
    """
    age = year.age
    found = [
        _income(profile, year, age(person.birth))
        for person, profile in zip(people, profiles, strict=True)
    ]
    if len(people) > 1:
        _support_relatives(people, found, year.limit)
    for own in found:
        if own.age >= LIABLE_AGE:
            _levy(own)
    return found


def _income(profile: Profile, year: TaxYear, age: int) -> Assessment:
    if profile is NOTHING or age < LIABLE_AGE:
        return Assessment(NOTHING, 0, 0, 0, 0, age)
    salary, pension = profile.salary, profile.pension
    from_salary = from_pension = 0
    if salary:
        if year.year != BASE_YEAR:
            salary = salary * (100 + GROWTH * (year.year - BASE_YEAR)) // 100
        from_salary = taxes.salary_income(salary, year.year)
    if pension:
        from_pension = taxes.pension_income(pension, is_65=age >= 65)
    total = from_salary + from_pension + profile.business + profile.property + profile.other
    return Assessment(profile, salary, from_salary, from_pension, total, age)


def _support_relatives(people: list[Person], found: list[Assessment], limit: int) -> None:
    """Let each couple's earner support spouse and children, and the head's one the others."""
    first = _support_family(people, found, 0, limit)
    if people[-1].unit == 0:  # the head's own family comes first and is all there is
        return
    for unit in sorted({person.unit for person in people})[1:]:
        _support_family(people, found, unit, limit)
    if first is None or first.total <= EARNER_AT_LEAST:
        return
    for person, own in zip(people, found, strict=True):
        if person.unit and person.relationship not in NOT_RELATED:
            old_parent = person.relationship in OLD_PARENTS
            _support(first, own, limit, is_old_parent=old_parent)


def _support_family(
    people: list[Person], found: list[Assessment], unit: int, limit: int
) -> Assessment | None:
    """Support within one small family and return who earns most in it."""
    parents = [n for n, p in enumerate(people) if p.part == "parent" and p.unit == unit]
    if not parents:
        return None
    earner = found[parents[0]]
    if len(parents) == 2:
        spouse = found[parents[1]]
        if spouse.total > earner.total:
            earner, spouse = spouse, earner
        if spouse.total <= limit and people[parents[1]].relationship not in NOT_RELATED:
            spouse.is_supported = True
            earner.supported_spouse = 1
            is_old = spouse.age >= 70
            earner.spouse_deduction = taxes.spouse_deduction(earner.total, is_old=is_old)
    for person, own in zip(people, found, strict=True):
        if person.part == "child" and person.unit == unit:
            _support(earner, own, limit, is_old_parent=False)
    if len(parents) == 1 and earner.dependants and earner.total <= SINGLE_PARENT_LIMIT:
        earner.single_parent_deduction = 300_000
    return earner


def _support(earner: Assessment, own: Assessment, limit: int, *, is_old_parent: bool) -> None:
    """Count one dependant, if the income is small and nobody else does."""
    supports = own.supported_spouse or own.dependants
    if own is earner or own.is_supported or supports or own.total > limit or own.age < 0:
        return
    own.is_supported = True
    earner.dependants += 1
    earner.dependants_under_16 += own.age < 16
    earner.dependant_deduction += taxes.dependant_deduction(own.age, is_old_parent=is_old_parent)


def _levy(own: Assessment) -> None:
    """Work out deductions, tax base and levies; what was not filed stays zero."""
    profile = own.profile
    if not (profile.is_filed or own.is_supported):
        return
    total = own.total
    insurance = own.salary * 148 // 1000 + profile.pension * 7 // 100
    if profile.business:
        insurance += min(profile.business * 12 // 100 + 200_000, 1_100_000)
    own.social_insurance = insurance
    if profile.medical and total:
        own.medical = max(0, profile.medical - min(100_000, total * 5 // 100))
    own.basic = basic = taxes.basic_deduction(total)
    supported = own.supported_spouse + own.dependants
    is_weak = profile.disability or own.single_parent_deduction or own.age < 18
    if total <= taxes.per_capita_limit(supported) or (is_weak and total <= WEAK_LIMIT):
        return
    own.is_per_capita_due = True
    if total <= taxes.income_levy_limit(supported):
        return
    deductions = (
        insurance
        + profile.life_insurance
        + own.medical
        + profile.disability
        + own.single_parent_deduction
        + own.spouse_deduction
        + own.dependant_deduction
        + basic
    )
    own.tax_base = max(0, total - deductions) // 1000 * 1000
    own.municipal_levy, own.prefectural_levy = taxes.income_levies(own.tax_base)
