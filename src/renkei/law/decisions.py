"""The decision: a pure function of the request, the table and the day."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Self

import msgspec

from renkei.kit import Tenant
from renkei.law.provisions import Key, ProvisionTable, Ruling
from renkei.standard import OWN, Provision, SubjectRelation


@dataclass(frozen=True, slots=True)
class Request:
    """What an asker wants to know. It names every part a provision must name; no person.

    `relation` says whom it is about as the procedure sees them, not who that is.
    """

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
    relation: SubjectRelation = "applicant"

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
        relation: SubjectRelation = "applicant",
    ) -> Self:
        """Return what a unit asks of its own body (庁内利用)."""
        return cls(
            *(body, kind, unit, procedure, body, OWN, information, tuple(items)),
            consent=consent,
            relation=relation,
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
    GUARDIAN_CONSENT_MISSING = "guardian-consent-missing"
    PERSON_NOT_NAMED = "person-not-named"
    YEAR_NOT_NAMED = "year-not-named"


class Permit(msgspec.Struct, frozen=True, gc=False):
    """Leave to read these items for this request, under this provision, on this day.

    Only this room's two decisions make one (a house test holds that).
    """

    request: Request
    provision: str
    citation: str
    table: str
    on: date
    ordinance: str = ""


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A lawful no: the reason, the nearest row if one was found, and the table's version."""

    request: Request
    reason: Reason
    table: str
    on: date
    provision: str = ""

    def __bool__(self) -> bool:
        """Read as no, so that `if decision` never lets a refusal through."""
        return False


def decide(
    request: Request, table: ProvisionTable, on: date, *, law_of: date | None = None
) -> Permit | Refusal:
    """Permit the request if a provision in force on that day allows it.

    A simulation may take what is in force on another day (`law_of`); no party to a request does.

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
    rulings = table.rulings(law_of or on).get(key)
    if rulings is None or (request.holder_kind == OWN and request.holder != request.asker):
        return _nothing_said(request, key, table, on)
    refusal = None
    for ruling in rulings:
        if ruling.is_plain and request.items and ruling.items.issuperset(request.items):
            return Permit(request, ruling.row, ruling.citation, table.version, on)
        lack, ordinance = _lacking(request, ruling, on)
        if lack is None:
            return Permit(request, ruling.row, ruling.citation, table.version, on, ordinance)
        refusal = refusal or (lack, ruling.row)
    reason, row = refusal or (Reason.NOT_IN_FORCE, "")
    return Refusal(request, reason, table.version, on, row)


def _lacking(request: Request, ruling: Ruling, on: date) -> tuple[Reason | None, str]:
    """Return what a row that fits lacks for the request, and the ordinance that completes it."""
    if not request.items or not ruling.items.issuperset(request.items):
        return Reason.ITEM_NOT_NAMED, ""
    if ruling.is_plain:
        return None, ""
    ordinance = ""
    if ruling.persons and request.relation not in ruling.persons:
        return Reason.PERSON_NOT_NAMED, ""
    if ruling.ordinances is not None:
        # 番号法 9条2項, 19条9号: the asker's own ordinance, notified to the commission.
        ordinance = ruling.ordinances.get(request.asker, "")
        if not ordinance:
            return Reason.OWN_USE_NOT_NOTIFIED, ""
    if not request.consent:
        if ruling.wants_consent:
            return Reason.CONSENT_MISSING, ""
        if ruling.wants_guardian and request.relation == "minor":
            return Reason.GUARDIAN_CONSENT_MISSING, ""
    if ruling.years is not None and request.year not in ruling.years.years(on):
        return Reason.YEAR_NOT_NAMED, ""
    return None, ordinance


def _nothing_said(request: Request, key: Key, table: ProvisionTable, on: date) -> Refusal:
    """Refuse what no row in force says anything of."""
    if request.holder_kind == OWN and request.holder != request.asker:
        # 庁内の利用: a row for use inside one body never lets another body answer.
        return Refusal(request, Reason.HOLDER_NOT_NAMED, table.version, on)
    if lines := table.by_key.get(key):
        return Refusal(request, Reason.NOT_IN_FORCE, table.version, on, lines[-1].row)
    return Refusal(request, _part_not_named(request, table), table.version, on)


def _part_not_named(request: Request, table: ProvisionTable) -> Reason:
    """Name the first part that no row joins to the parts before it."""
    lines: Sequence[Provision] = table.by_procedure.get(request.procedure, ())
    if not lines:
        return Reason.PROCEDURE_NOT_NAMED
    asker = (request.asker_kind, request.asker_unit)
    lines = [line for line in lines if (line.asker_kind, line.asker_unit) == asker]
    if not lines:
        return Reason.ASKER_NOT_NAMED
    if not any(line.holder_kind == request.holder_kind for line in lines):
        return Reason.HOLDER_NOT_NAMED
    return Reason.INFORMATION_NOT_NAMED
