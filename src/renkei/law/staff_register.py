"""In whose name a unit asks: the second decision where the one at the desk signs in elsewhere.

Who uses a business system signs in there, not here. Units that the house sets down so ask in the
names of members of staff alone: each question names one, and about somebody under a protection
measure (支援措置) a second one who looks along. The names are the unit's word; what those named may
do, the house's own register says.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from renkei.kit import in_japan
from renkei.law.staff_rights import (
    OfficeHours,
    Official,
    StaffPermit,
    StaffRefusal,
    StaffRequest,
    decide_staff,
)


@dataclass(frozen=True, slots=True)
class Stated:
    """Whom a unit names by their numbers: who asks, and who looks along; empty is nobody."""

    official: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class StaffRegister:
    """The members of staff of a house by number, its hours, and the units that name them."""

    officials: Mapping[str, Official] = field(default_factory=dict, hash=False)
    hours: OfficeHours = field(default_factory=OfficeHours)
    units: frozenset[str] = frozenset()

    def official(self, number: str) -> Official:
        """Return a member of staff; of a number that is nobody's, one who may do nothing."""
        return self.officials.get(number) or Official(number, is_known=False)


def decide_stated(
    register: StaffRegister,
    stated: Stated,
    act: str,
    *,
    unit: str,
    purpose: str,
    at: datetime,
    is_restricted: bool,
) -> StaffPermit | StaffRefusal | None:
    """Decide as for somebody at a desk of the house; None for a unit that names nobody.

    Who looks along counts where somebody has to: otherwise the second name is not looked at.
    """
    if unit not in register.units:
        return None
    second = register.official(stated.second) if is_restricted and stated.second else None
    asked = StaffRequest(
        register.official(stated.official),
        act,
        unit,
        purpose,
        in_japan(at),
        is_restricted,
        second,
    )
    return decide_staff(asked, register.hours)
