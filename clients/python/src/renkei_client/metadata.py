"""What a node tells about the others, and what changed in its own store."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Participant:
    """An organisation, or one of its units, as `listClients` names it."""

    address: str
    name: str


@dataclass(frozen=True, slots=True)
class Method:
    """A service of a unit, with its endpoints: method and path, `*` for a part that varies."""

    service: str
    endpoints: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Change:
    """What became of which record, by which load, on which day; its values are asked for apart."""

    position: int
    entity: str
    became: str
    key: Mapping[str, str]
    on: date
    known_at: datetime


@dataclass(frozen=True, slots=True)
class Changes:
    """A page of changes; `next` is where to go on, kept by the unit after it has done its work."""

    changes: tuple[Change, ...]
    next: str
    more: bool
