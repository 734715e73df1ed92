"""Decisions of the past decided again, by the table they were decided by.

An entry names the parties, the items, the provision and the table's version. Not the year asked for
and no consent: where a provision wants those, they are taken as given, and that is said.
"""

from dataclasses import dataclass
from typing import Literal

from renkei import audit, federation, kit, law
from renkei.standard import Catalogue, DefinitionUnknown

Verdict = Literal["agrees", "assumed", "differs", "table-unknown", "not-of-table"]
OF_TABLE = frozenset(law.Reason) - {law.Reason.CONSENT_MISSING, law.Reason.YEAR_NOT_NAMED}
TAKEN = frozenset({"consent", "assessed-year"})
"""Conditions whose facts stand in no entry."""


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
    if is_refusal and reason not in OF_TABLE:
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
    request = law.Request(
        asker=kit.tenant(entry.asker),
        asker_kind=federation.KINDS[asker.member_class],
        asker_unit=entry.unit,
        procedure=entry.procedure,
        holder=kit.tenant(entry.holder),
        holder_kind=federation.KINDS[holder.member_class],
        information=information,
        items=entry.items,
        year=on.year,
        consent="-",
    )
    match law.decide(request, table, on):
        case law.Permit() as permit if not is_refusal and permit.provision == entry.provision:
            is_taken = line is not None and TAKEN & set(line.conditions)
            return DecidedAgain(logged, "assumed" if is_taken else "agrees", permit.citation)
        case law.Permit() as permit:
            return DecidedAgain(logged, "differs", permit.provision)
        case law.Refusal() as refusal:
            agrees = is_refusal and refusal.reason == reason
            return DecidedAgain(logged, "agrees" if agrees else "differs", refusal.reason)


def _information(known: Catalogue, entry: audit.Entry) -> str:
    """Return what the service of a refused question is called in the law; nothing if unknown."""
    *_, unit, service = ("", "", *entry.details.get("service", "").split("/"))
    try:
        return known.shared_interface(unit, service).information.code
    except DefinitionUnknown:
        return ""
