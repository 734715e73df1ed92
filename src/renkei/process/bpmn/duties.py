"""What a model says of people's tasks and of time beyond BPMN, in a namespace of our own.

It is read as it stands; what cannot be is not heeded, and a finding of the linter. What a task was
given stands with the task: a model that changes later changes no task under way.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from renkei.process import feel
from renkei.process.bpmn.document import OURS, our_children, ours

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml

LONGEST = 3_660
"""Working days of a period at most, and of a step before or after the day due."""
LONGEST_NAME = 200
"""Letters of a group's name."""
_WHOLE = re.compile(r"[+-]?[0-9]{1,5}")


def whole(text: str, least: int, most: int) -> int | None:
    """Return a whole number within limits; None for anything else.

    >>> whole("-3", -9, 9), whole("10", 1, 9), whole("1.5", 1, 9)
    (-3, None, None)
    """
    number = int(text) if _WHOLE.fullmatch(text) else None
    return number if number is not None and least <= number <= most else None


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a ladder, so many working days from the day due: whom it brings in."""

    at: str
    remind: str = ""
    """A group that is told, and may look."""
    add: str = ""
    """A group that may do the task too."""
    priority: str = ""

    @classmethod
    def read(cls, xml: "Xml") -> "Step":
        """Read a step."""
        return cls(
            *(str(xml.get(name, "")).strip() for name in ("at", "remind", "add", "priority"))
        )

    @property
    def days(self) -> int | None:
        """Return how many working days after the day due; negative ones before it."""
        return whole(self.at, -LONGEST, LONGEST)

    @property
    def is_fit(self) -> bool:
        """Tell whether it says when, and does something."""
        if self.days is None or (self.priority and whole(self.priority, 0, 100) is None):
            return False
        longest = max(len(self.remind), len(self.add))
        return 0 < longest <= LONGEST_NAME or (not longest and bool(self.priority))

    def value(self) -> feel.Value:
        """Return it as a task keeps it."""
        said = {"remind": self.remind, "add": self.add, "priority": self.priority}
        return {"at": Decimal(self.at), **{name: text for name, text in said.items() if text}}


FIELD = ("name", "ja", "en", "type", "digits", "decimals", "list", "required")
"""What a field of a form says of itself; `list` is a code list of the standard."""


@dataclass(frozen=True, slots=True)
class Duties:
    """What stands at one element; most say nothing."""

    period: str = ""
    """Of a process: working days within which its cases are to be done (標準処理期間)."""
    stops_clock: bool = False
    """Whether that time stands still while it is waited for here (補正)."""
    four_eyes: bool = False
    due_days: str = ""
    """Of a task: working days after it began."""
    article: str = ""
    ladder: tuple[Step, ...] = ()
    fields: tuple[tuple[str, ...], ...] = ()
    """Of its form: what `FIELD` names, of each."""
    into: str = ""
    """The name of the one variable that the form's values go into; without one each is its own."""

    @classmethod
    def read(cls, xml: "Xml") -> "Duties":
        """Read what stands at an element."""
        steps = tuple(Step.read(one) for one in our_children(xml, "step"))
        fields = tuple(
            tuple(str(one.get(name, "")).strip() for name in FIELD)
            for one in our_children(xml, "field")
        )
        if not steps and not fields and not any(f"{{{OURS}}}" in str(name) for name in xml.attrib):
            return NONE
        return cls(
            ours(xml, "period"),
            ours(xml, "stopsClock") == "true",
            ours(xml, "fourEyes") == "true",
            ours(xml, "dueDays"),
            ours(xml, "article"),
            steps,
            fields,
            ours(xml, "into"),
        )

    @property
    def days(self) -> int | None:
        """Return the working days of the period, if one that can be is said."""
        return whole(self.period, 1, LONGEST)

    def facts(self, process: "Duties") -> Iterator[tuple[str, feel.Value]]:
        """Yield what a task keeps of it, and of what its process says of all its tasks."""
        if self.four_eyes:
            yield "four_eyes", True
        if (days := whole(self.due_days, 0, LONGEST)) is not None:
            yield "due_days", Decimal(days)
        if article := self.article or process.article:
            yield "article", article
        if ladder := [one.value() for one in self.ladder or process.ladder if one.is_fit]:
            yield "ladder", ladder
        if self.fields:
            yield "fields", [dict(zip(FIELD, one, strict=True)) for one in self.fields]
        if self.into:
            yield "into", self.into


NONE = Duties()
