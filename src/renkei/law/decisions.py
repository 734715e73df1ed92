"""The decision: a pure function of the request, the table and the day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

from renkei.kit import Tenant
from renkei.law.provisions import ProvisionTable
from renkei.standard import OWN, Provision


@dataclass(frozen=True, slots=True)
class Request:
    """What an asker wants to know. It names every part a provision must name; no person."""

    asker: Tenant
    asker_kind: str
    asker_unit: str
    procedure: str
    holder: Tenant
    holder_kind: str
    information: str
    items: tuple[str, ...]
    year: int | None = None
    consent: str = ""

    @classmethod
    def in_house(
        cls,
        body: Tenant,
        kind: str,
        unit: str,
        procedure: str,
        *,
        information: str = "",
        items: Iterable[str],
        consent: str = "",
    ) -> Self:
        """Return what a unit asks of its own body (庁内利用)."""
        return cls(
            *(body, kind, unit, procedure, body, OWN, information, tuple(items)), consent=consent
        )


class Reason(StrEnum):
    """Why a request is refused; each has a text in both languages under `refusal-…`."""

    PROCEDURE_NOT_NAMED = "procedure-not-named"
    ASKER_NOT_NAMED = "asker-not-named"
    HOLDER_NOT_NAMED = "holder-not-named"
    INFORMATION_NOT_NAMED = "information-not-named"
    ITEM_NOT_NAMED = "item-not-named"
    NOT_IN_FORCE = "not-in-force"
    OWN_USE_NOT_NOTIFIED = "own-use-not-notified"
    CONSENT_MISSING = "consent-missing"
    YEAR_NOT_NAMED = "year-not-named"


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to read these items for this request, under this provision, on this day.

    Only this room's two decisions make one (a house test holds that).
    """

    request: Request
    provision: str
    citation: str
    table: str
    on: date
    ordinance: str = ""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A lawful no: the reason, the nearest row if one was found, and the table's version."""

    request: Request
    reason: Reason
    table: str
    on: date
    provision: str = ""

    def __bool__(self) -> bool:
        """Read as no, so that `if decision` never lets a refusal through."""
        return False


def decide(request: Request, table: ProvisionTable, on: date) -> Permit | Refusal:
    """Permit the request if a provision in force on that day allows it.

    >>> from renkei.law import provision_table
    >>> bool(decide(Request("131016", "firm", "15", "JT0", "131024", "firm", "TM0", ("x",)),
    ...             provision_table(), on=date(2026, 4, 1)))
    False
    """
    key = (
        request.procedure,
        request.asker_kind,
        request.asker_unit,
        request.holder_kind,
        request.information,
    )
    lines = table.by_key.get(key)
    if request.holder_kind == OWN and request.holder != request.asker:
        # 庁内の利用: a row for use inside one body never lets another body answer.
        return Refusal(request, Reason.HOLDER_NOT_NAMED, table.version, on)
    if not lines:
        return Refusal(request, _part_not_named(request, table), table.version, on)
    current = [line for line in lines if line.in_force(on)]
    if not current:
        return Refusal(request, Reason.NOT_IN_FORCE, table.version, on, lines[-1].row)
    refusals = []
    for line in current:
        reason, ordinance = _judge(request, line, table, on)
        if reason is None:
            return Permit(request, line.row, line.citation, table.version, on, ordinance)
        refusals.append(Refusal(request, reason, table.version, on, line.row))
    return refusals[0]


def _judge(
    request: Request, line: Provision, table: ProvisionTable, on: date
) -> tuple[Reason | None, str]:
    """Return what this row lacks for the request, and the ordinance that completes it."""
    if not request.items or not table.items[line.row].issuperset(request.items):
        return Reason.ITEM_NOT_NAMED, ""
    ordinance = ""
    for condition in line.conditions:
        match condition:
            case "own-use":
                # 番号法 9条2項, 19条9号: the asker's own ordinance, notified to the commission.
                uses = table.own_uses.get((request.asker, request.procedure), ())
                ordinance = next((use.ordinance for use in uses if use.in_force(on)), "")
                if not ordinance:
                    return Reason.OWN_USE_NOT_NOTIFIED, ""
            case "consent":
                if not request.consent:
                    return Reason.CONSENT_MISSING, ""
            case "assessed-year":
                # A tax year is assessed on its 1 January: this year's or the last one's.
                if request.year not in {on.year, on.year - 1}:
                    return Reason.YEAR_NOT_NAMED, ""
    return None, ordinance


def _part_not_named(request: Request, table: ProvisionTable) -> Reason:
    """Name the first part that no row joins to the parts before it."""
    lines = [line for line in table.provisions if line.procedure == request.procedure]
    if not lines:
        return Reason.PROCEDURE_NOT_NAMED
    asker = (request.asker_kind, request.asker_unit)
    lines = [line for line in lines if (line.asker_kind, line.asker_unit) == asker]
    if not lines:
        return Reason.ASKER_NOT_NAMED
    if not any(line.holder_kind == request.holder_kind for line in lines):
        return Reason.HOLDER_NOT_NAMED
    return Reason.INFORMATION_NOT_NAMED
