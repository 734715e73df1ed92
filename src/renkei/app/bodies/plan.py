"""Which bodies of messages a site keeps, for how long, and whose key they are sealed to.

By default none: entries hold digests. A policy names whose messages to which services are kept;
the first that fits a body counts, so that an exception stands above its rule.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Annotated

import msgspec

from renkei import exchange, federation
from renkei.app.bodies.sealed_body import BodyKind

FOLDER = "bodies"
X25519 = 32  # bytes of a raw public key


class PolicyEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """One of the tables `bodies.keep` as written."""

    name: str
    days: Annotated[int, msgspec.Meta(ge=0, le=36_600)]
    services: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    kinds: tuple[BodyKind, ...] = ("question", "answer")
    must: bool = True
    seal_to: str = ""


class BodiesEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `bodies` as written; without policies nothing new is kept."""

    keep: tuple[PolicyEntry, ...] = ()
    seal_to: str = ""
    place: str = ""


@dataclass(frozen=True, slots=True)
class BodyPolicy:
    """One rule: which bodies, how long, sealed to whom, and whether none may go unkept."""

    name: str
    days: int
    services: tuple[str, ...]
    clients: tuple[str, ...]
    kinds: frozenset[BodyKind]
    is_must: bool
    custodian: bytes

    def fits(self, client: str, service: str) -> bool:
        """Tell whether messages of a client to a service are meant: addresses, or their front."""
        return _within(client, self.clients) and _within(service, self.services)

    def until(self, on: date) -> date:
        """Return the last day a body of this day is kept."""
        return on + timedelta(days=self.days)


@dataclass(frozen=True, slots=True)
class BodyPlan:
    """The policies of a site in their order, and the folder of what they keep."""

    place: Path
    policies: tuple[BodyPolicy, ...]

    def policy(self, client: str, service: str, kind: BodyKind) -> BodyPolicy | None:
        """Return the policy a body falls under, if there is one."""
        fitting = (one for one in self.policies if kind in one.kinds)
        return next((one for one in fitting if one.fits(client, service)), None)


def body_plan(raw: BodiesEntry, folder: Path, state: Path) -> BodyPlan:
    """Parse the table `bodies`, or raise `ValueError` with its defect."""
    names = [one.name for one in raw.keep]
    if len(set(names)) != len(names):
        raise ValueError("bodies.keep: each name once")
    place = folder / raw.place if raw.place else state / FOLDER
    return BodyPlan(place, tuple(_policy(one, raw.seal_to) for one in raw.keep))


def _policy(raw: PolicyEntry, seal_to: str) -> BodyPolicy:
    if not re.fullmatch("[a-z0-9][a-z0-9_-]{0,39}", raw.name):
        raise ValueError(f"bodies.keep: a name is 1 to 40 of a-z 0-9 _ -, not {raw.name[:60]}")
    where = f"bodies.keep {raw.name}"
    if not raw.kinds:
        raise ValueError(f'{where}: kinds are "question" and "answer"; at least one is wanted')
    for text in (*raw.services, *raw.clients):
        if not re.fullmatch("[^/*\\s]+(/[^/*\\s]+)*", text):
            raise ValueError(f"{where}: an address or its front is wanted, not {text[:60]}")
    try:
        key = exchange.decode(raw.seal_to or seal_to)
        federation.seal(b"", key[:X25519], b"", step=1)  # a point that hides nothing is refused now
    except (federation.SealedUnreadable, ValueError):
        key = b""
    if len(key) != X25519:
        raise ValueError(f"{where}: seal_to is what `renkei keys custodian` prints")
    kinds = frozenset(raw.kinds)
    return BodyPolicy(raw.name, raw.days, raw.services, raw.clients, kinds, raw.must, key)


def _within(address: str, fronts: tuple[str, ...]) -> bool:
    return not fronts or any(f"{address}/".startswith(f"{front}/") for front in fronts)
