"""Why a request is permitted or refused: what rows near it lack, and what would complete it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from renkei.law.decisions import Permit, Reason, Refusal, Request, decide
from renkei.law.provisions import ProvisionTable
from renkei.standard import OWN, OwnUse, Provision

MOST = 3  # rows that are told of


@dataclass(frozen=True, slots=True)
class Lack:
    """One part in which a row and a request differ; `wanted` is what the row would take."""

    reason: Reason
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Near:
    """A row, and all in which the request does not meet it; nothing where it permits."""

    provision: Provision
    lacks: tuple[Lack, ...]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The decision, the row it rests on, and the rows that come next, nearest first."""

    decision: Permit | Refusal
    on: date
    near: tuple[Near, ...]


def explain(request: Request, table: ProvisionTable, on: date) -> Explanation:
    """Decide, and say of the nearest rows what they lack for the request.

    A row is near if it names the procedure, or lets this kind of unit have this information, and
    leaves something to ask for.
    """
    decision = decide(request, table, on)
    near = [Near(row, tuple(_lacks(request, row, table.own_uses, on))) for row in table.provisions]
    ranked = sorted(
        (one for one in near if _is_near(request, one)),
        key=lambda one: (one.provision.row != decision.provision, *_distance(one)),
    )
    return Explanation(decision, on, tuple(ranked[:MOST]))


def _is_near(request: Request, one: Near) -> bool:
    row = one.provision
    if request.items and Lack(Reason.ITEM_NOT_NAMED, request.items) in one.lacks:
        return False
    if row.procedure == request.procedure:
        return True
    parties = (row.asker_kind, row.asker_unit, row.information)
    return parties == (request.asker_kind, request.asker_unit, request.information)


_FAR = (
    Reason.ASKER_NOT_NAMED,
    Reason.PROCEDURE_NOT_NAMED,
    Reason.HOLDER_NOT_NAMED,
    Reason.INFORMATION_NOT_NAMED,
)
"""No slips in a form: a row that lacks one of these is further away than one with conditions."""


def _distance(one: Near) -> tuple[int, int]:
    return sum(lack.reason in _FAR for lack in one.lacks), len(one.lacks)


def _lacks(request: Request, row: Provision, uses: tuple[OwnUse, ...], on: date) -> Iterator[Lack]:
    """Give everything in which a request does not meet a row, the parties first."""
    yield from _parties(request, row)
    if not row.in_force(on):
        until = "" if row.until is None else row.until.isoformat()
        yield Lack(Reason.NOT_IN_FORCE, (row.since.isoformat(), until))
    named = row.items_on(on)
    beyond = tuple(item for item in request.items if item not in named)
    if beyond or not request.items:
        yield Lack(Reason.ITEM_NOT_NAMED, beyond)
    yield from _conditions(request, row, uses, on)


def _parties(request: Request, row: Provision) -> Iterator[Lack]:
    if row.procedure != request.procedure:
        yield Lack(Reason.PROCEDURE_NOT_NAMED, (row.procedure,))
    if (row.asker_kind, row.asker_unit) != (request.asker_kind, request.asker_unit):
        yield Lack(Reason.ASKER_NOT_NAMED, (row.asker_kind, row.asker_unit))
    elsewhere = row.holder_kind == OWN and request.holder != request.asker
    if row.holder_kind != request.holder_kind or elsewhere:
        yield Lack(Reason.HOLDER_NOT_NAMED, (row.holder_kind,))
    if row.information != request.information:
        yield Lack(Reason.INFORMATION_NOT_NAMED, (row.information,))


def _conditions(
    request: Request, row: Provision, uses: tuple[OwnUse, ...], on: date
) -> Iterator[Lack]:
    if row.persons and request.relation not in row.persons:
        yield Lack(Reason.PERSON_NOT_NAMED, row.persons)
    if "own-use" in row.conditions and not _is_noted(request, row, uses, on):
        yield Lack(Reason.OWN_USE_NOT_NOTIFIED, tuple(_ordinances(request, row, uses)))
    if not request.consent:
        if "consent" in row.conditions:
            yield Lack(Reason.CONSENT_MISSING, ())
        elif "guardian-consent" in row.conditions and request.relation == "minor":
            yield Lack(Reason.GUARDIAN_CONSENT_MISSING, ())
    years = row.named_years(on)
    if years is not None and request.year not in years:
        yield Lack(Reason.YEAR_NOT_NAMED, tuple(map(str, years)))


def _is_noted(request: Request, row: Provision, uses: tuple[OwnUse, ...], on: date) -> bool:
    return any(
        use.in_force(on) and (use.organisation, use.procedure) == (request.asker, row.procedure)
        for use in uses
    )


def _ordinances(request: Request, row: Provision, uses: tuple[OwnUse, ...]) -> Iterator[str]:
    """Give the asker's ordinances that do not count on the day, with the days they do."""
    for use in uses:
        if (use.organisation, use.procedure) == (request.asker, row.procedure):
            until = "" if use.until is None else use.until.isoformat()
            yield f"{use.ordinance} ({use.first.isoformat()}–{until})"
