"""A question, as the unit puts it, and the task it becomes where nobody waits for it."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Generic, TypeVar
from urllib.parse import quote, urlencode
from uuid import uuid4

from renkei_client.record import Record

R = TypeVar("R", bound=Record)


def _new_id() -> str:
    return f"JP-{uuid4()}"


@dataclass(frozen=True, slots=True)
class Question(Generic[R]):
    """What a unit wants to know about one person, under which procedure and why.

    `holder` is the organisation that holds it (`JP/MUN/131024`), `subject` the asker's own number
    for the person, `parameters` what the service asks for besides (the year). Without `items` all
    of the service are asked for. `relation` says whom it is about where that is not who applies:
    `household`, `guardian` or `minor`. `id` has one effect: a new question has a new one.
    `purpose`, `consent` (its reference) and `id` stand in the asker's own log and go no further. So
    do, of a unit that names its staff, `user` (who asks) and `second` (who looks along).
    """

    record: type[R]
    holder: str
    procedure: str
    subject: str
    purpose: str
    parameters: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    consent: str = ""
    relation: str = ""
    on: date | None = None
    release: str = ""
    user: str = ""
    second: str = ""
    id: str = field(default_factory=_new_id)

    def __post_init__(self) -> None:
        """Refuse what would only be found wrong at the node."""
        wanted = self.record.PARAMETERS
        if len(self.parameters) != len(wanted):
            named = ", ".join(wanted) or "none"
            raise ValueError(f"{self.record.SERVICE} takes these parameters: {named}")

    def target(self) -> str:
        """Return path and query."""
        parts = (self.holder, self.record.UNIT, self.record.SERVICE)
        path = "/".join(quote(part, safe="/") for part in parts)
        more = "".join(f"/{quote(value, safe='')}" for value in self.parameters)
        query = urlencode({"items": ",".join(self.items)}, safe=",") if self.items else ""
        return f"/r1/{path}{more}" + (f"?{query}" if query else "")

    def headers(self) -> dict[str, str]:
        """Return what it says about itself."""
        said = {
            "X-Road-Id": self.id,
            "PF-Procedure": self.procedure,
            "PF-Subject": self.subject,
            "PF-Purpose": quote(self.purpose, safe=""),
            "PF-Consent": self.consent,
            "PF-Relation": self.relation,
            "PF-On": self.on.isoformat() if self.on else "",
            "PF-Release": self.release,
            "X-Road-UserId": self.user,
            "PF-Second": self.second,
        }
        return {name: text for name, text in said.items() if text}


@dataclass(frozen=True, slots=True)
class Task(Generic[R]):
    """A question the node has accepted and asks on its own, until it expires."""

    question: Question[R]
    number: str
    accepted_at: datetime
    expires_at: datetime
