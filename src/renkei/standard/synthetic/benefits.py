"""The rows of 児童手当 and 乳幼児医療: who receives what for which child, since when.

Rules in force since October 2024: no income limit; 15,000 yen up to the third birthday, 10,000 up
to 31 March after the eighteenth, 30,000 from the third child on, counting those up to 22.
"""

from datetime import date

from renkei.standard.synthetic.assessments import Assessment
from renkei.standard.synthetic.days import Calendar, number
from renkei.standard.synthetic.people import Household, Person
from renkei.standard.synthetic.sheets import Sheet, code_values

WIDENED = date(2024, 10, 1)  # 高校生年代 are paid since then
ONCE_TOO_OLD = number(date(2009, 4, 2))  # born before: first paid by the wider rule
FREE_UNTIL_AGE = 3
NO_COPAYMENT_UP_TO = 6_220_000  # of the guardian's income, plus
PER_DEPENDANT = 380_000


class Benefits:
    """Writes `child_allowance.csv` and `child_medical.csv`."""

    def __init__(self, allowances: Sheet, medical: Sheet, calendar: Calendar, year: int) -> None:
        """Take the year whose income counts, and read the codes once."""
        self.allowances = allowances
        self.medical = medical
        self.calendar = calendar
        self.year = year
        allowance = code_values("allowance_class")
        self._first, self._third = allowance["児童手当"], allowance["児童手当(第3子以降)"]
        copayment = code_values("copayment_class")
        self._free, self._fixed = copayment["自己負担なし"], copayment["定額自己負担"]
        self._under_3 = calendar.births[FREE_UNTIL_AGE][0] + calendar.births[FREE_UNTIL_AGE][1]

    def write(
        self, household: Household, assessments: list[Assessment], *, medical: bool = True
    ) -> None:
        """Write a household's children; `medical=False` where that claim is still to be made."""
        people = household.people
        counted: dict[int, int] = {}
        for n, person in enumerate(people):
            if person.part != "child" or person.birth < self.calendar.adult_child:
                continue
            counted[person.unit] = place = counted.get(person.unit, 0) + 1
            if person.birth < self.calendar.school_child:
                continue
            guardian = recipient(people, assessments, person.unit)
            if guardian is None:
                continue
            self._allow(household, guardian, n, place)
            if medical and person.birth >= self.calendar.small_child:
                self._help(household, guardian, n, assessments[guardian])

    def _allow(self, household: Household, guardian: int, child: int, place: int) -> None:
        calendar = self.calendar
        person = household.people[child]
        since = max(person.birth, household.since)
        if person.birth < ONCE_TOO_OLD:
            since = max(since, number(WIDENED))
        claimed = since + household.days_to_notify
        last = household.left or calendar.today
        if claimed > last:
            return
        amount = "15000" if person.birth >= self._under_3 else "10000"
        self.allowances.write(
            {
                "register_number": household.register_numbers[guardian],
                "child_number": household.register_numbers[child],
                "claimed_on": calendar.iso[claimed],
                "paid_since": calendar.next_month(since),
                "allowance_class": self._third if place >= 3 else self._first,
                "monthly_amount": "30000" if place >= 3 else amount,
                "paid_until": calendar.month(household.left) if household.left else "",
                "end_reason": _end_reason(household),
            }
        )

    def _help(self, household: Household, guardian: int, child: int, income: Assessment) -> None:
        calendar = self.calendar
        person = household.people[child]
        limit = NO_COPAYMENT_UP_TO + PER_DEPENDANT * income.dependants
        filed = income.is_filed
        is_free = person.birth >= self._under_3 or (filed and income.total <= limit)
        self.medical.write(
            {
                "child_number": household.register_numbers[child],
                "recipient_number": f"{self.medical.rows + 1:07d}",
                "guardian_number": household.register_numbers[guardian],
                "assessed_year": str(self.year),
                "assessed_income": str(income.total) if filed else "",
                "dependants": str(income.dependants) if filed else "",
                "qualified_since": calendar.iso[max(person.birth, household.since)],
                "qualified_until": calendar.iso[household.left] if household.left else "",
                "copayment_class": self._free if is_free else self._fixed,
            }
        )


def recipient(people: list[Person], assessments: list[Assessment], unit: int) -> int | None:
    """Return the place of the parent who earns most and so receives for the children."""
    parents = [n for n, p in enumerate(people) if p.unit == unit and p.part == "parent"]
    return max(parents, key=lambda n: assessments[n].total) if parents else None


def _end_reason(household: Household) -> str:
    if not household.left:
        return ""
    return "受給者の死亡" if household.dead else "転出"
