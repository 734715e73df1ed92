"""What somebody looks for in the access record, as an address of the console says it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from renkei import audit, kit

LONGEST = 255
PARTIES = ("partner", "asker", "holder", "provision")
TEXTS = ("name", "kind", "outcome", "client", "service", *PARTIES)
DAYS = ("since", "until")


@dataclass(frozen=True, slots=True)
class Query:
    """What was filled in, as it was written; what is no kind or no day is left out."""

    said: Mapping[str, str] = field(default_factory=dict)
    before: audit.Place | None = None

    @classmethod
    def of(cls, told: Callable[[str], str]) -> Self:
        """Read what an address tells."""
        said = {name: _line(told(name)) for name in TEXTS}
        said |= {name: told(name) for name in DAYS if read_day(told(name))}
        if said["kind"] not in [kind.value for kind in audit.Kind]:
            said["kind"] = ""
        return cls({name: text for name, text in said.items() if text}, _place(told("before")))

    def __getitem__(self, name: str) -> str:
        return self.said.get(name, "")

    def about_parties(self) -> Self:
        """Return what of it names parties and provision; the rest would leave out ends."""
        return type(self)({name: self.said[name] for name in PARTIES if name in self.said})

    def names(self, entry: audit.Entry) -> bool:
        """Tell whether an entry is of the asker, holder and provision that were filled in."""
        told = {"asker": entry.asker, "holder": entry.holder, "provision": entry.provision}
        return all(self.said.get(name, text) == text for name, text in told.items())

    def search(self) -> audit.Search:
        """Return it as the log is searched; days are those of Japan, both included."""
        kind = self.said.get("kind")
        since, until = read_day(self["since"]), read_day(self["until"])
        return audit.Search(
            name=self.said.get("name"),
            partner=self.said.get("partner"),
            kind=audit.Kind(kind) if kind else None,
            outcome=self.said.get("outcome"),
            client=_address(self["client"]),
            service=_address(self["service"]),
            asker=self.said.get("asker"),
            holder=self.said.get("holder"),
            provision=self.said.get("provision"),
            since=None if since is None else kit.midnight(since),
            until=None if until is None else kit.midnight(until + timedelta(days=1)),
        )

    @staticmethod
    def mark(last: audit.Logged) -> str:
        """Return where a page ended, as the address of the next one says it."""
        return audit.Place.of(last).render()


def outcome_codes() -> list[str]:
    """Return the outcomes that an entry may have and that have a name."""
    found = (code.partition("-") for code in kit.texts_of())
    return [name for head, _, name in found if head == "outcome" and name != "waiting"]


def _line(text: str) -> str:
    """Return a text of a form as far as it can be looked for; nothing for a sign of control."""
    return text[:LONGEST] if text.isprintable() else ""


def _address(text: str) -> str | None:
    return text.strip("/") or None


def read_day(text: str) -> date | None:
    """Return the day of a form, or None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _place(text: str) -> audit.Place | None:
    """Return where the page before ended; anything else begins at the newest."""
    try:
        return audit.Place.parse(text)
    except ValueError:
        return None
