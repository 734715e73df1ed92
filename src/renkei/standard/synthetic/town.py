"""Writing one town, household by household, and the pair of towns that people move between."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from renkei.standard.synthetic.addresses import Places, elsewhere, places, postal_table_version
from renkei.standard.synthetic.assessments import TaxYear, assess, profiles
from renkei.standard.synthetic.benefits import Benefits
from renkei.standard.synthetic.days import Calendar, tax_year_in_force
from renkei.standard.synthetic.dice import Dice
from renkei.standard.synthetic.households import Households
from renkei.standard.synthetic.incomes import Profile
from renkei.standard.synthetic.kinds import next_household
from renkei.standard.synthetic.levies import Levies
from renkei.standard.synthetic.movers import MovedFamily, Movers, moved_people
from renkei.standard.synthetic.names import names
from renkei.standard.synthetic.numbers import (
    FAMILY,
    REGISTER_MOVED_IN,
    REGISTER_MOVED_OUT,
    resident_index,
)
from renkei.standard.synthetic.people import Household
from renkei.standard.synthetic.request import DAY, Request
from renkei.standard.synthetic.residents import Residents
from renkei.standard.synthetic.sheets import FILES, open_sheet
from renkei.standard.synthetic.units import write_units
from renkei.standard.synthetic.unregistered import SHARE as UNREGISTERED_SHARE
from renkei.standard.synthetic.unregistered import Unregistered

GONE = 0.025  # of households: left for somewhere else since last year
OLD = 75
GONE_IF_OLD_AND_ALONE = 0.14  # and of those who are so old and alone
DEAD = 0.9  # most died
PROGRESS_EVERY = 1_000
# Households that go through each step together: a third faster than one after the other, since
# the processor stays with one piece of work.
TOGETHER = 50

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class TownReport:
    """What was written: rows per file, and how many of the special cases are among them."""

    code: str
    name: str
    rows: dict[str, int]
    residents: int
    former_residents: int
    moved_in: int
    moved_out: int
    protected: int
    foreign: int
    uncertain_births: int
    outside_jis_x_0208: int


def write_town(
    code: str,
    *,
    people: int,
    seed: int,
    out: Path,
    neighbour: str | None = None,
    neighbour_people: int | None = None,
    day: date = DAY,
    tax_years: Sequence[int] = (),
    units: Sequence[str] = (),
    progress: Progress | None = None,
) -> TownReport:
    """Write a town's files into a folder and report what they hold.

    Five files come from the models of households, incomes and moves; the records of `units` (their
    numbers) are added from the catalogue alone.

    `people` live there on the day; former residents come on top. With a neighbour, people moved
    both ways since 2 January of last year, and the neighbour's own call agrees on each of them;
    if the towns differ in size, both calls must know both sizes. Without `tax_years` the year
    whose levies are fixed on the day is written.
    """
    request = Request(
        code, people, seed, neighbour, neighbour_people or people, day, tuple(tax_years)
    )
    town = _Town(request)
    report = town.write(out, progress)
    if units:
        report.rows.update(write_units(out, units, request, town.heading()))
    return report


def write_pair(
    code_a: str,
    code_b: str,
    *,
    people: int,
    seed: int,
    out: Path,
    day: date = DAY,
    progress: Progress | None = None,
) -> tuple[TownReport, TownReport]:
    """Write two towns of one size that people move between, each into a folder of its code."""
    reports = [
        write_town(
            code,
            people=people,
            seed=seed,
            out=out / code,
            neighbour=other,
            day=day,
            progress=progress,
        )
        for code, other in ((code_a, code_b), (code_b, code_a))
    ]
    return reports[0], reports[1]


class _Town:
    """One town while it is written."""

    def __init__(self, request: Request) -> None:
        self.request = request.checked()
        self.places: Places = places(request.code)
        self.calendar = Calendar(request.day)
        in_force = tax_year_in_force(request.day)
        self.in_force = TaxYear(in_force, self.calendar)
        self.years = [TaxYear(y, self.calendar) for y in request.tax_years or (in_force,)]
        self.dice = Dice("town", request.code, request.seed)
        self.earnings = Dice("earnings", request.code, request.seed)
        self.numbered = self.people_numbered = 0
        remotes = tuple(r for r in elsewhere() if r.municipality != request.code)
        self.remotes = remotes
        self.households = Households(self.dice, names(), remotes, self.calendar)

    def heading(self) -> tuple[str, ...]:
        request = self.request
        return (
            f"作成 / made by: {request.command()}",
            f"団体 / town: {request.code} {self.places.name}",
            f"乱数の種 / seed: {request.seed}",
            f"基準日 / day: {request.day.isoformat()}",
            f"郵便番号データ / postal table: {postal_table_version()}",
        )

    def write(self, out: Path, progress: Progress | None) -> TownReport:
        request = self.request
        out.mkdir(parents=True, exist_ok=True)
        heading = self.heading()
        with ExitStack() as stack:
            sheets = {name: stack.enter_context(open_sheet(name, out, heading)) for name in FILES}
            self.residents = Residents(sheets["resident"], self.calendar)
            self.levies = Levies(sheets["income"], request.code, self.calendar)
            self.benefits = Benefits(
                sheets["child_allowance"],
                sheets["child_medical"],
                self.calendar,
                self.in_force.year,
            )
            unregistered = Unregistered(
                sheets["unregistered_person"],
                request.code,
                Dice("unregistered", request.code, request.seed),
                names(),
                self.remotes,
                self.calendar,
            )
            # 1. who came from the neighbour, 2. who lives here, 3. who went to the neighbour
            moved_in = self._moved_in()
            self._locals(request.people - moved_in, progress)
            moved_out = self._moved_out()
            for number in range(int(request.people * UNREGISTERED_SHARE)):
                unregistered.write(number)
        residents = self.residents
        return TownReport(
            code=request.code,
            name=self.places.name,
            rows={name: sheet.rows for name, sheet in sheets.items()},
            residents=request.people,
            former_residents=sheets["resident"].rows - request.people,
            moved_in=moved_in,
            moved_out=moved_out,
            protected=residents.protected + unregistered.protected,
            foreign=residents.foreign,
            uncertain_births=residents.uncertain,
            outside_jis_x_0208=residents.outside,
        )

    def _moved_in(self) -> int:
        """Write the families that came from the neighbour; their income is not held here."""
        people = 0
        for family in self._movers(self.request.neighbour, self.request.code):
            place = family.place
            first = REGISTER_MOVED_IN + place
            sequence = REGISTER_MOVED_IN + place * FAMILY
            self.residents.number(family.after, sequence, family.index, first)
            self._write([family.after], [family.profiles], medical=False)
            people += len(family.after.people)
        return people

    def _moved_out(self) -> int:
        """Write the families that went to the neighbour."""
        people = 0
        for family in self._movers(self.request.code, self.request.neighbour):
            place = family.place
            first = REGISTER_MOVED_OUT + place
            sequence = REGISTER_MOVED_OUT + place * FAMILY
            self.residents.number(family.before, sequence, family.index, first)
            self._write([family.before], [family.profiles], income_held=family.income_held)
            people += len(family.before.people)
        return people

    def _movers(self, origin: str | None, destination: str | None) -> Iterator[MovedFamily]:
        if origin is None or destination is None:
            return iter(())
        request = self.request
        row = Movers(origin, destination, request.seed, self.calendar)
        return row.families(moved_people(request.people, request.neighbour_people))

    def _locals(self, people: int, progress: Progress | None) -> None:
        """Write so many people who live here, and now and then a household that no longer does."""
        living = told = 0
        total = self.request.people
        while living < people:
            households: list[Household] = []
            while living < people and len(households) < TOGETHER:
                household = self._next(people - living)
                households.append(household)
                living += 0 if household.left else len(household.people)
            self._number(households)
            earned = [profiles(household.people, self.earnings) for household in households]
            self._write(households, earned)
            if progress is not None and living - told >= PROGRESS_EVERY:
                told = living
                progress(total - people + living, total)
        if progress is not None:
            progress(total, total)

    def _next(self, most: int) -> Household:
        """Return one more household; no more people live in it than are wanted."""
        dice = self.dice
        household = next_household(self.households, self.places)
        members = household.people
        is_old = len(members) == 1 and members[0].age >= OLD
        if dice.random() < (GONE_IF_OLD_AND_ALONE if is_old else GONE):
            self._leave(household, dead=is_old and dice.random() < DEAD)
        else:
            del members[most:]
            self.residents.blur(household)
        return household

    def _number(self, households: list[Household]) -> None:
        """Give households and people the next numbers."""
        for household in households:
            self.numbered += 1
            people = self.people_numbered
            index = resident_index(self.request.code, people)
            self.residents.number(household, people + 1, index, self.numbered)
            self.people_numbered += len(household.people)

    def _leave(self, household: Household, *, dead: bool) -> None:
        """Let a household be gone since last year: to some other town, or by death."""
        window, today = self.calendar.moves, self.calendar.today
        household.left = left = window + self.dice.below(today - window + 1)
        household.dead = dead
        household.since = min(household.since, left - 1)
        household.relocated = 0
        household.people[:] = [person for person in household.people if person.birth < left]

    def _write(
        self,
        households: list[Household],
        earned: list[list[Profile]],
        *,
        income_held: bool = True,
        medical: bool = True,
    ) -> None:
        """Write households into all files, one step for all of them, then the next."""
        for household in households:
            self.residents.write(household)
        now = [assess(h.people, e, self.in_force) for h, e in zip(households, earned, strict=True)]
        for year in self.years if income_held else ():
            same = year.year == self.in_force.year
            for n, household in enumerate(households):
                if household.since <= year.day and not 0 < household.left <= year.day:
                    own = now[n] if same else assess(household.people, earned[n], year)
                    self.levies.write(household, own, year)
        for household, own in zip(households, now, strict=True):
            self.benefits.write(household, own, medical=medical)
