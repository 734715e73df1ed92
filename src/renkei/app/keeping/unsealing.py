"""Releasing the entries about one person in one request that the law had withheld."""

from dataclasses import dataclass
from datetime import datetime

from renkei import audit, identity, kit
from renkei.app.errors import ExchangeUnknown, ReleaseIncomplete

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Unsealing:
    """The word on it: who releases, by which document, and why."""

    by: str
    order: str
    purpose: str

    def __post_init__(self) -> None:
        said = {"--by": self.by, "--purpose": self.purpose, "--order": self.order}
        for name, text in said.items():
            if not 0 < len(text) <= LONGEST or not text.isprintable():
                raise ReleaseIncomplete(missing=name)


def unseal(
    conn: kit.Connection,
    tenant: kit.Tenant,
    person: identity.History,
    request: str,
    word: Unsealing,
    *,
    mode: audit.Mode,
    at: datetime,
) -> list[str]:
    """Release the withheld entries of a request that stand in a sealed chain of this person.

    Their places are returned. What is entered now stands in the open chain of this year.
    """
    places = []
    for logged in audit.entries_for_request(conn, tenant, request):
        year = kit.day_of(logged.entry.at).year
        if logged.entry.withheld and person.withholds(logged.entry.label, year):
            audit.release(
                conn,
                tenant,
                logged,
                label=person.current.label(kit.day_of(at).year),
                by=word.by,
                order=word.order,
                purpose=word.purpose,
                mode=mode,
                at=at,
            )
            places.append(logged.place)
    if not places:
        raise ExchangeUnknown(request=request[:80])
    return places
