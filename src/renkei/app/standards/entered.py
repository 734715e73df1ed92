"""What the law was asked, as an entry of the log keeps it."""

from collections.abc import Mapping

from renkei import audit, kit, law
from renkei.standard import SubjectRelation


def entered_request(
    entry: audit.Entry,
    *,
    kinds: tuple[str, str],
    information: str,
    year: int | None = None,
    consent: str = "",
) -> law.Request:
    """Return the request an entry tells of.

    An entry does not name the kinds of asker and holder, nor the information. `year` and `consent`
    stand for what an entry of an earlier program does not keep.
    """
    details = entry.details
    told = details.get("year")
    return law.Request(
        asker=kit.tenant(entry.asker),
        asker_kind=kinds[0],
        asker_unit=entry.unit,
        procedure=entry.procedure,
        holder=kit.tenant(entry.holder),
        holder_kind=kinds[1],
        information=information,
        items=entry.items,
        year=int(told) if told else year,
        consent=details.get("consent", consent),
        relation=kit.read_value(details.get("relation", "applicant"), SubjectRelation),
    )


def is_told(details: Mapping[str, str]) -> bool:
    """Tell whether an entry keeps what the law looked at besides its parties and items."""
    return "relation" in details
