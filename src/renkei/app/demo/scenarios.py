"""The questions of the demo: each lawful one, and one for every way to be told no."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from typing import Literal
from urllib.parse import quote

from renkei import federation, kit
from renkei.app.demo.ecosystem import H1, A, B, Part
from renkei.standard.synthetic import MovedPerson, movers

STATUTE, OWN_USE, ENDED = "JT99000000001501", "JT99000000001701", "JT99000000002701"
HEALTH = "JT99000000001901"
UNLISTED = "JT99000000009999"
CHILDREN = 150
"""How many of the children who moved the cast is chosen from: enough of every kind."""

FEW_ITEMS = "total_income,dependants,taxation"
LEVY_ITEMS = "total_income,dependants,municipal_income_levy,municipal_per_capita_levy"


Group = Literal["held", "not_held", "protected", "without_code", "unknown", "of_b"]


@dataclass(frozen=True, slots=True)
class Cast:
    """The people the questions are about, by A's register numbers; all of them synthetic."""

    held: tuple[str, ...]
    not_held: tuple[str, ...]
    protected: tuple[str, ...]
    without_code: tuple[str, ...]
    unknown: str
    of_b: tuple[str, ...]
    coded_at_b: tuple[str, ...]

    def group(self, name: Group) -> tuple[str, ...]:
        """Return the people of a group."""
        match name:
            case "held":
                return self.held
            case "not_held":
                return self.not_held
            case "protected":
                return self.protected
            case "without_code":
                return self.without_code
            case "unknown":
                return (self.unknown,)
            case "of_b":
                return self.of_b

    def coded(self) -> tuple[str, ...]:
        """Return the people of A whose linkage codes are fetched beforehand."""
        return self.held + self.not_held + self.protected


def cast_people(people: int, seed: int, day: date) -> Cast:
    """Choose the cast from the families that moved between the towns, without reading files."""
    held: list[str] = []
    not_held: list[str] = []
    protected: list[str] = []
    at_b: list[str] = []
    moves = movers(B.tenant, A.tenant, people=people, seed=seed, day=day)
    for move in islice(moves, CHILDREN):
        for guardian in move.guardians:
            chosen = protected if move.protected else held if _has(guardian) else not_held
            if guardian.register_number not in chosen:
                chosen.append(guardian.register_number)
                at_b.append(guardian.former_register_number)
    back = movers(A.tenant, B.tenant, people=people, seed=seed, day=day)
    of_b = [m.guardians[0].register_number for m in islice(back, 10) if not m.protected]
    spare = len(held) // 10 or 1
    return Cast(
        held=tuple(held[spare:]),
        not_held=tuple(not_held),
        protected=tuple(protected),
        without_code=tuple(held[:spare]),
        unknown="999999999999990",
        of_b=tuple(dict.fromkeys(of_b)),
        coded_at_b=(*at_b, *dict.fromkeys(of_b)),
    )


def _has(person: MovedPerson) -> bool:
    return person.income_held and person.total_income is not None


@dataclass(frozen=True, slots=True)
class Scenario:
    """One kind of question: who asks how, about whom, and what must come of it.

    Its texts stand under `scenario-…` and `scenario-…-lead`.
    """

    name: str
    share: int
    people: Group
    outcome: str
    reason: str = ""
    asker: Part = A
    unit: str = "15"
    holder: Part = B
    service: str = "06/income"
    procedure: str = STATUTE
    consent: str = ""
    items: str = ""
    years_back: int = 0
    relation: str = ""

    def title(self, language: kit.Language) -> str:
        """Return what it is called."""
        return kit.say(f"scenario-{self.name}", language)

    def explanation(self, language: kit.Language) -> str:
        """Return what it shows."""
        return kit.say(f"scenario-{self.name}-lead", language)


_OWN = Scenario(
    "own-use",
    50,
    "held",
    "answered",
    unit="17",
    procedure=OWN_USE,
    consent="C-2026-0001",
    items=LEVY_ITEMS,
)

SCENARIOS = (
    Scenario("statute", 50, "held", "answered", items=FEW_ITEMS),
    _OWN,
    Scenario("not-held", 12, "not_held", "not-held", items=FEW_ITEMS),
    Scenario("protected", 10, "protected", "refused", "automatic-answer-withheld", items=FEW_ITEMS),
    replace(
        _OWN, name="no-consent", share=6, consent="", outcome="refused", reason="consent-missing"
    ),
    replace(
        _OWN,
        name="no-ordinance",
        share=6,
        people="of_b",
        asker=B,
        holder=A,
        outcome="refused",
        reason="own-use-not-notified",
    ),
    Scenario("wrong-procedure", 6, "held", "refused", "procedure-not-named", procedure=UNLISTED),
    Scenario("wrong-asker", 6, "held", "refused", "asker-not-named", unit="06"),
    Scenario("wrong-holder", 6, "held", "refused", "holder-not-named", holder=H1),
    Scenario(
        "wrong-information", 6, "held", "refused", "information-not-named", service="01/resident"
    ),
    Scenario("wrong-item", 6, "held", "refused", "item-not-named", items="salary_receipts"),
    Scenario("not-in-force", 6, "held", "refused", "not-in-force", unit="27", procedure=ENDED),
    Scenario("wrong-year", 6, "held", "refused", "year-not-named", items=FEW_ITEMS, years_back=3),
    Scenario(
        "wrong-person", 3, "held", "refused", "person-not-named", items=FEW_ITEMS, relation="minor"
    ),
    Scenario(
        "no-guardian",
        3,
        "held",
        "refused",
        "guardian-consent-missing",
        unit="19",
        service="19/health_history",
        procedure=HEALTH,
        relation="minor",
    ),
    Scenario("unknown-person", 5, "unknown", "subject-unknown", items=FEW_ITEMS),
    Scenario("no-code", 3, "without_code", "code-not-issued", items=FEW_ITEMS),
)

DOWN = Scenario("peer-down", 5, "held", "failed", "peer-unreachable", items=FEW_ITEMS)
UP_AGAIN = Scenario("peer-up-again", 5, "held", "answered", items=FEW_ITEMS)

ALL = (*SCENARIOS, DOWN, UP_AGAIN)
WHOLE = sum(scenario.share for scenario in ALL)


def shares(questions: int) -> dict[str, int]:
    """Return how often each scenario is asked: its share, at least once, in all so many.

    >>> sum(shares(200).values()), shares(200)["statute"]
    (200, 50)
    """
    counts = {s.name: max(1, s.share * questions // WHOLE) for s in ALL}
    counts["statute"] += max(0, questions - sum(counts.values()))
    return counts


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, ready to be sent by a unit."""

    scenario: Scenario
    message: str
    subject: str
    year: int

    def target(self, members: federation.Members) -> str:
        """Return path and query."""
        holder = members.address(self.scenario.holder.tenant).render()
        service, path = self.scenario.service, f"/{self.year}"
        query = f"?items={self.scenario.items}" if self.scenario.items else ""
        return f"/r1/{holder}/{service}{path if service == '06/income' else ''}{query}"

    def headers(self, members: federation.Members, token: str) -> dict[str, str]:
        """Return what the unit says about its question."""
        scenario = self.scenario
        said = {
            "Authorization": f"Bearer {token}",
            "X-Road-Client": f"{members.address(scenario.asker.tenant).render()}/{scenario.unit}",
            "X-Road-Id": self.message,
            "PF-Procedure": scenario.procedure,
            "PF-Purpose": quote(scenario.title("ja"), safe=""),
            "PF-Subject": self.subject,
            "PF-Mode": "test",
        }
        more = {"PF-Consent": scenario.consent, "PF-Relation": scenario.relation}
        return said | {name: text for name, text in more.items() if text}


def asks(
    scenarios: Sequence[Scenario], counts: dict[str, int], cast: Cast, year: int, prefix: str
) -> Iterator[Ask]:
    """Yield the questions, the kinds mixed, the people taken in turn."""
    left = {scenario.name: counts[scenario.name] for scenario in scenarios}
    number = 0
    while any(left.values()):
        for scenario in scenarios:
            if not left[scenario.name]:
                continue
            left[scenario.name] -= 1
            number += 1
            yield one(scenario, cast, number, year, f"{prefix}-{number}")


def one(scenario: Scenario, cast: Cast, number: int, year: int, message: str) -> Ask:
    """Return one question of a kind; the number chooses the person."""
    people = cast.group(scenario.people)
    subject = people[number % len(people)]
    return Ask(scenario, message, subject, year - scenario.years_back)
