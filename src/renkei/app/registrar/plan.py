"""The table `registrar` of the settings: where numbers come from, and the public door."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

import msgspec


class RegistrarEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table as written."""

    numbers: Literal["elsewhere", "here"] = "elsewhere"
    door: str = ""
    rate: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 5


@dataclass(frozen=True, slots=True)
class RegistrarPlan:
    """What a registrar's site does.

    `draws`: it draws personal numbers itself. Else somebody else does, and the list of what they
    issued is taken in. A number that was neither drawn nor listed is nobody's, either way.
    """

    draws: bool
    door: tuple[str, int] | None
    rate: int


def registrar_plan(entry: RegistrarEntry, role: str) -> RegistrarPlan:
    """Return the plan, or a `ValueError` with the place of the defect."""
    if role != "registrar" and entry != RegistrarEntry():
        raise ValueError("registrar: only a site of the role `registrar` has this table")
    door = None
    if entry.door:
        host, _, port = entry.door.rpartition(":")
        if not host or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
            raise ValueError(f"registrar.door: host:port is wanted, not {entry.door}")
        door = (host, int(port))
    return RegistrarPlan(entry.numbers == "here", door, entry.rate)
