"""Decisions of the past decided again, by the table they were decided by.

An entry names the parties, the items, the provision and the table's version, and what else the law
looked at: year, consent, relation. Entries of before those were kept lack them: where a provision
wants one, it is taken as given, and that is said.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from renkei import audit, federation, kit, law
from renkei.app.standards.entered import entered_request, is_told
from renkei.standard import Catalogue, DefinitionUnknown, Provision

Verdict = Literal["agrees", "assumed", "differs", "table-unknown", "not-of-table"]
OF_TABLE = frozenset(law.Reason)
LOOKED_AT = frozenset(
    {
        law.Reason.CONSENT_MISSING,
        law.Reason.GUARDIAN_CONSENT_MISSING,
        law.Reason.PERSON_NOT_NAMED,
        law.Reason.YEAR_NOT_NAMED,
    }
)
"""Reasons that lie in what entries did not always keep."""


@dataclass(frozen=True, slots=True)
class DecidedAgain:
    """An entry, whether the table says the same today, and what it says."""

    logged: audit.Logged
    verdict: Verdict
    said: str = ""


def replay(desk: federation.Desk, known: Catalogue, logged: audit.Logged) -> DecidedAgain | None:
    """Decide an entry again; None for one that no provision decided."""
    entry = logged.entry
    if not (entry.items and entry.procedure and entry.table and entry.asker != entry.holder):
        return None
    is_refusal = entry.kind is audit.Kind.REFUSAL
    reason = entry.details.get("reason", "")
    if is_refusal and reason not in (OF_TABLE if is_told(entry.details) else OF_TABLE - LOOKED_AT):
        return DecidedAgain(logged, "not-of-table", reason)
    on = kit.day_of(entry.at)
    table = desk.table(entry.table, on)
    if table is None:
        return DecidedAgain(logged, "table-unknown", entry.table[:12])
    line = next((one for one in table.provisions if one.row == entry.provision), None)
    information = line.information if line is not None else _information(known, entry)
    try:
        asker, holder = (desk.members.by_id(one) for one in (entry.asker, entry.holder))
    except federation.PeerUnknown as error:  # it has left the list since
        return DecidedAgain(logged, "table-unknown", str(error.facts.get("peer", "")))
    details = entry.details
    request = entered_request(
        entry,
        kinds=(federation.KINDS[asker.member_class], federation.KINDS[holder.member_class]),
        information=information,
        year=_newest_year(line, on),
        consent="" if is_told(details) else "-",
    )
    if entry.procedure == law.OWN_ACCESS:
        request = replace(request, information=law.ACCESS_RECORD)
        decided = law.decide_own_access(request, asker.portals, table, on)
    else:
        decided = law.decide(request, table, on)
    match decided:
        case law.Permit() as permit if not is_refusal and permit.provision == entry.provision:
            is_taken = line is not None and _wants(line) and not is_told(details)
            return DecidedAgain(logged, "assumed" if is_taken else "agrees", permit.citation)
        case law.Permit() as permit:
            return DecidedAgain(logged, "differs", permit.provision)
        case law.Refusal() as refusal:
            agrees = is_refusal and refusal.reason == reason
            return DecidedAgain(logged, "agrees" if agrees else "differs", refusal.reason)


def _wants(line: Provision) -> bool:
    """Tell whether a row looks at a year, a consent or a person."""
    return bool(line.years or line.persons or set(line.conditions) - {"own-use"})


def _newest_year(line: Provision | None, on: date) -> int:
    """Return a year a row lets be asked that day, where the entry keeps none."""
    named = None if line is None else line.named_years(on)
    return named[-1] if named else on.year


def _information(known: Catalogue, entry: audit.Entry) -> str:
    """Return what the service of a refused question is called in the law; nothing if unknown."""
    *_, unit, service = ("", "", *entry.details.get("service", "").split("/"))
    try:
        return known.shared_interface(unit, service).information.code
    except DefinitionUnknown:
        return ""
