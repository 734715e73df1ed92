"""What is asked for: the arguments a town's files depend on, and the command that says them."""

from dataclasses import dataclass
from datetime import date

from renkei.kit import tenant
from renkei.standard.synthetic.errors import NeighbourRefused, PeopleOutOfRange

DAY = date(2026, 4, 1)
SMALLEST, LARGEST = 100, 1_200_000
LARGEST_DESIGNATED = 3_800_000  # of a designated city (政令指定都市)


@dataclass(frozen=True, slots=True)
class Request:
    """What a town's files depend on, and nothing else."""

    code: str
    people: int
    seed: int
    neighbour: str | None
    neighbour_people: int
    day: date
    tax_years: tuple[int, ...]

    def checked(self) -> "Request":
        """Refuse what cannot be written."""
        tenant(self.code)
        _check_size(self.code, self.people)
        if self.neighbour is not None:
            _check_size(self.neighbour, self.neighbour_people)
        if self.neighbour is not None and tenant(self.neighbour) == self.code:
            raise NeighbourRefused(municipality=self.code)
        return self

    def command(self) -> str:
        """Return the command that writes the same bytes."""
        parts = [
            f"renkei simulate town --code {self.code} --people {self.people} --seed {self.seed}",
            f"--day {self.day.isoformat()}",
        ]
        if self.neighbour is not None:
            parts.append(f"--neighbour {self.neighbour}")
            if self.neighbour_people != self.people:
                parts.append(f"--neighbour-people {self.neighbour_people}")
        parts += [f"--tax-year {year}" for year in self.tax_years]
        return " ".join(parts)


def _check_size(code: str, people: int) -> None:
    largest = LARGEST_DESIGNATED if code[4] == "0" else LARGEST
    if not SMALLEST <= people <= largest:
        raise PeopleOutOfRange(people=people, smallest=SMALLEST, largest=largest)
