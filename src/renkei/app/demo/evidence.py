"""What the parties hold about one question: their entries, and the person's list at each."""

import time
from dataclasses import dataclass

from renkei import audit, federation, kit
from renkei.app.demo.asker import Told
from renkei.app.demo.demonstration import checkpoint
from renkei.app.demo.ecosystem import PARTS, Ecosystem, L, Part

SEQUENCED_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Side:
    """One party's bundle: what it entered, and the bytes that prove it."""

    part: Part
    key: audit.Verifier
    data: bytes
    entries: tuple[audit.Logged, ...]

    def verdict(self) -> audit.Verdict:
        """Verify the bytes anew, offline, against the key in the members list."""
        return audit.verify_bundle(self.data, [self.key])


@dataclass(frozen=True, slots=True)
class Evidence:
    """Both sides and the log operator about the question; and the person's list at each."""

    sides: tuple[Side, ...]
    lists: tuple[Side, ...]

    def list_of(self, tenant: str) -> Side | None:
        """Return the person's list at one party."""
        return next((side for side in self.lists if side.part.tenant == tenant), None)


def gather(eco: Ecosystem, members: federation.Members, told: Told) -> Evidence:
    """Ask asker, holder and log operator; a party that is away or has nothing has no bundle."""
    scenario = told.ask.scenario
    holder = [scenario.holder] if scenario.holder in PARTS else []
    parties = (scenario.asker, *holder, L)
    for part in parties:
        _await_sequenced(eco, part)
    return Evidence(
        tuple(_side(eco, members, part, f"requests/{told.inquiry}") for part in parties),
        tuple(_side(eco, members, part, f"chains/{told.inquiry}") for part in parties),
    )


def _await_sequenced(eco: Ecosystem, part: Part) -> None:
    """Wait a moment for what was promised but has no place in the log yet."""
    until = time.monotonic() + SEQUENCED_SECONDS
    while (found := checkpoint(eco, part)) and found.pending and time.monotonic() < until:
        time.sleep(0.05)


def _side(eco: Ecosystem, members: federation.Members, part: Part, path: str) -> Side:
    key = audit.Verifier.parse(members.by_id(part.tenant).log_key)
    try:
        data = eco.oversight(part, path)
        return Side(part, key, data, audit.verify_bundle(data, [key]).entries)
    except (OSError, kit.NodeError):  # urllib's errors are OSErrors
        return Side(part, key, b"", ())
