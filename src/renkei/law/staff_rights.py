"""May this member of staff do this now? The second decision, after what the law lets the unit have.

The first decision is about organisations and units; this one about a person at a desk: in which
role, for which office, for what purpose, at what time, and, where the one it is about is under a
protection measure (支援措置), with whose eyes beside their own. Either no is a no: a permit of the
law opens nothing to somebody without the right, and a right nothing that the law does not permit.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time
from enum import StrEnum
from types import MappingProxyType
from typing import Self

EVERY = "*"  # as office: all units of the house


class StaffReason(StrEnum):
    """Why a member of staff is refused; each has a text under `staff-refusal-…`.

    And one under `refusal-staff-…`, for the units that name their staff.
    """

    NOT_NAMED = "not-named"
    UNKNOWN = "unknown"
    ACT_UNKNOWN = "act-unknown"
    ROLE_MISSING = "role-missing"
    OFFICE_ELSEWHERE = "office-elsewhere"
    PURPOSE_MISSING = "purpose-missing"
    OUTSIDE_HOURS = "outside-hours"
    SECOND_MISSING = "second-missing"
    SECOND_IS_SAME = "second-is-same"
    SECOND_WITHOUT_RIGHT = "second-without-right"


@dataclass(frozen=True, slots=True)
class Official:
    """Somebody at a desk: their number, their roles, and the units they work for.

    Whom a unit names and nobody knows is one without any.
    """

    number: str
    roles: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    is_known: bool = True

    def works_for(self, office: str) -> bool:
        """Tell whether they work for a unit."""
        return bool(self.offices & {office, EVERY})


@dataclass(frozen=True, slots=True)
class StaffRequest:
    """What somebody wants to do at a desk; it names nobody it is about.

    `at` is the time at the desk. `is_restricted` says that somebody under a protection measure is
    concerned; `second` is who looks along, after they proved who they are.
    """

    official: Official
    act: str
    office: str
    purpose: str
    at: datetime
    is_restricted: bool = False
    second: Official | None = None

    def facts(self) -> dict[str, str]:
        """Return what an entry says of it: who asked for which right, and who looked along."""
        second = "" if self.second is None else self.second.number
        said = {"staff": self.official.number, "act": self.act, "second": second}
        return {name: text for name, text in said.items() if text}


@dataclass(frozen=True, slots=True)
class StaffRight:
    """Which roles may do something, and whether they must say what for."""

    roles: frozenset[str]
    wants_purpose: bool = True


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """The days of the week (1 is Monday) and the times at which a house works."""

    days: frozenset[int] = frozenset(range(1, 8))
    begin: time = time.min
    end: time = time.max

    @classmethod
    def of(cls, text: str) -> Self:
        """Read `1-5 08:00-20:00`; nothing means always. ValueError for anything else.

        >>> from datetime import datetime
        >>> OfficeHours.of("1-5 08:00-20:00").are_at(datetime(2026, 4, 4, 9, 0))
        False
        """
        if not text:
            return cls()
        found = re.fullmatch(r"([1-7])-([1-7]) ([0-9:]{5})-([0-9:]{5})", text)
        if found is None:
            raise ValueError(text)
        first, last, begin, end = found.groups()
        days = frozenset(range(int(first), int(last) + 1))
        hours = cls(days, time.fromisoformat(begin), time.fromisoformat(end))
        if not days or hours.begin >= hours.end:
            raise ValueError(text)
        return hours

    def are_at(self, at: datetime) -> bool:
        """Tell whether the house works at a time of its own clocks; the end is no more part."""
        return at.isoweekday() in self.days and self.begin <= at.time() < self.end


RIGHTS: Mapping[str, StaffRight] = MappingProxyType(
    {
        "review": StaffRight(frozenset({"officer", "approver"}), wants_purpose=False),
        "look": StaffRight(frozenset({"officer", "approver"})),
        "extract": StaffRight(frozenset({"officer"})),
        "inquire": StaffRight(frozenset({"officer"})),
        "code": StaffRight(frozenset({"officer", "approver"})),
        "case": StaffRight(frozenset({"officer", "approver"})),
    }
)
"""review: records side by side (名寄せ); look: the same of somebody restricted, or a view in the
house (庁内の閲覧); extract: a file; inquire: another organisation, about one or many; code: whose a
linkage code (符号) is, and which ones somebody has; case: what a case (案件) knows."""


@dataclass(frozen=True, slots=True)
class StaffPermit:
    """Leave for a member of staff to do this; only `decide_staff` makes one."""

    request: StaffRequest


@dataclass(frozen=True, slots=True)
class StaffRefusal:
    """A no to a member of staff, and why."""

    request: StaffRequest
    reason: StaffReason

    def __bool__(self) -> bool:
        """Read as no."""
        return False

    @property
    def code(self) -> str:
        """Return the reason as a unit is told it, among those of the law."""
        return f"staff-{self.reason}"


def decide_staff(
    asked: StaffRequest, hours: OfficeHours, rights: Mapping[str, StaffRight] = RIGHTS
) -> StaffPermit | StaffRefusal:
    """Permit it if role, office, purpose, time and, for the restricted, a second person allow it.

    What no right names is refused, whoever asks.
    """
    right = rights.get(asked.act)
    if right is None:
        return StaffRefusal(asked, StaffReason.ACT_UNKNOWN)
    if lack := _lack(asked.official, asked, right):
        return StaffRefusal(asked, lack)
    if right.wants_purpose and not asked.purpose.strip():
        return StaffRefusal(asked, StaffReason.PURPOSE_MISSING)
    if not hours.are_at(asked.at):
        return StaffRefusal(asked, StaffReason.OUTSIDE_HOURS)
    if asked.is_restricted:
        if asked.second is None:
            return StaffRefusal(asked, StaffReason.SECOND_MISSING)
        if asked.second.number == asked.official.number:
            return StaffRefusal(asked, StaffReason.SECOND_IS_SAME)
        if _lack(asked.second, asked, right):
            return StaffRefusal(asked, StaffReason.SECOND_WITHOUT_RIGHT)
    return StaffPermit(asked)


def _lack(official: Official, asked: StaffRequest, right: StaffRight) -> StaffReason | None:
    if not official.number:
        return StaffReason.NOT_NAMED
    if not official.is_known:
        return StaffReason.UNKNOWN
    if not official.roles & right.roles:
        return StaffReason.ROLE_MISSING
    if not official.works_for(asked.office):
        return StaffReason.OFFICE_ELSEWHERE
    return None
