"""Balancing the books: every answer a unit got against the entries all parties published.

Offline: it reads the published logs and the verifier keys of the members list, nothing else.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from renkei import audit, exchange, federation, kit

KINDS_OF_ANSWERED = {
    "asker": {audit.Kind.REQUEST, audit.Kind.ANSWER},
    "converter": {audit.Kind.CONVERSION},
    "log": {audit.Kind.REQUEST},
    "holder": {audit.Kind.PROVISION},
}
"""What each party must have entered about a question that was answered."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a unit was told: the inquiry, its outcome, and the receipt if there was one."""

    inquiry: str
    asker: str
    holder: str
    outcome: str
    receipt: str
    holder_entry: str


@dataclass(frozen=True, slots=True)
class Log:
    """A published log, verified: its entries by inquiry, its core hashes, its defects."""

    tenant: str
    size: int
    entries: dict[str, list[audit.Entry]]
    core_hashes: frozenset[bytes]
    defects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Books:
    """The verdict: how much was checked, and everything that does not balance."""

    logs: int
    entries: int
    answered: int
    defects: tuple[str, ...]

    @property
    def balance(self) -> bool:
        """Tell whether nothing is amiss."""
        return not self.defects


def read_log(member: federation.Member, folder: Path) -> Log:
    """Verify a published log against its member's key and read its entries."""
    key = audit.Verifier.parse(member.log_key)
    defects = tuple(
        f"{member.id}: {found.text('en')}" for found in audit.verify_directory(folder, key)
    )
    leaves = []
    try:
        leaves = [audit.Leaf.parse(data) for data in audit.published_entries(folder, key)]
    except kit.NodeError as error:
        defects = (*defects, f"{member.id}: {error}")
    entries: dict[str, list[audit.Entry]] = defaultdict(list)
    for leaf in leaves:
        entry = leaf.entry()
        entries[entry.request].append(entry)
    hashes = frozenset(leaf.core_hash for leaf in leaves)
    return Log(member.id, len(leaves), entries, hashes, defects)


def balance(members: federation.Members, logs: Iterable[Log], claims: Iterable[Claim]) -> Books:
    """Hold every claim against the logs of its asker, its holder and the hub."""
    known = {log.tenant: log for log in logs}
    defects = [defect for log in known.values() for defect in log.defects]
    (operator,) = members.of_kind("log")
    trusted = [audit.Verifier.parse(operator.log_key)]
    answered = 0
    for claim in claims:
        if claim.outcome in ("answered", "not-held"):
            answered += 1
            defects += _answered(members, known, claim)
            defects += _receipted(known[operator.id], trusted, claim)
            if not _kept(known[claim.holder], claim.holder_entry):
                defects.append(f"{claim.inquiry}: the holder did not keep the entry it named")
        elif claim.outcome not in {"failed", *_outcomes(known[claim.asker], claim)}:
            defects.append(f"{claim.inquiry}: {claim.outcome} is not entered at {claim.asker}")
    return Books(len(known), sum(log.size for log in known.values()), answered, tuple(defects))


def _answered(members: federation.Members, known: dict[str, Log], claim: Claim) -> list[str]:
    parties = [("asker", claim.asker), ("holder", claim.holder)]
    parties += [("log", member.id) for member in members.of_kind("log")]
    parties += [("converter", member.id) for member in members.of_kind("converter")]
    return [
        f"{claim.inquiry}: no {kind.value} is entered at the {role} {tenant}"
        for role, tenant in parties
        for kind in sorted(
            KINDS_OF_ANSWERED[role]
            - {entry.kind for entry in known[tenant].entries.get(claim.inquiry, [])}
        )
    ]


def _kept(log: Log, named: str) -> bool:
    try:
        return exchange.decode(named) in log.core_hashes
    except ValueError:  # not even the form of a hash
        return False


def _outcomes(log: Log, claim: Claim) -> set[str]:
    return {entry.outcome for entry in log.entries.get(claim.inquiry, [])}


def _receipted(log: Log, trusted: list[audit.Verifier], claim: Claim) -> list[str]:
    if not claim.receipt:
        return [f"{claim.inquiry}: answered without a receipt"]
    promised = audit.Receipt.read(claim.receipt, trusted)
    if promised.core_hash not in log.core_hashes:
        return [f"{claim.inquiry}: the log operator did not keep its receipt"]
    return []


def passed_defects(
    asker: Log, provider: Log, told: Iterable[str], given: Mapping[str, int]
) -> list[str]:
    """Hold passed messages against the logs of both sides.

    `told` are the numbers of those a unit was told an answer of, `given` counts by message id what
    the provider's system was given. Messages of others in the same logs are left alone.
    """
    defects = [*asker.defects, *provider.defects]
    for number in told:
        ends = {
            log.tenant: {entry.outcome for entry in log.entries.get(number, ())}
            for log in (asker, provider)
        }
        if not {"asked", "answered"} <= ends[asker.tenant]:
            defects.append(f"{number}: told, and not entered at {asker.tenant}")
        if not {"received", "answered"} <= ends[provider.tenant]:
            defects.append(f"{number}: told, and not entered at {provider.tenant}")
    received: set[str] = set()
    for number in provider.entries:
        asked, entries = (_between(asker, provider, log, number) for log in (asker, provider))
        received |= {entry.details["message"] for entry in entries if entry.outcome == "received"}
        if _facts(entries, "question") != _facts(asked, "question"):
            defects.append(f"{number}: not received as it was asked")
        # A fault is no answer: who cannot enter what happened says so, and cannot enter that.
        told_here = [entry for entry in asked if entry.outcome != "failed"]
        if _facts(told_here, "answer") - _facts(entries, "answer"):
            defects.append(f"{number}: not answered as it was told")
    defects += [f"{id_}: reached the system {n} times" for id_, n in given.items() if n > 1]
    defects += [f"{id_}: reached the system without an entry" for id_ in given.keys() - received]
    return defects


def _between(asker: Log, provider: Log, log: Log, number: str) -> list[audit.Entry]:
    """Return what a log holds about a message, if it went from the one to the other."""
    sides = (asker.tenant, provider.tenant)
    return [one for one in log.entries.get(number, ()) if (one.asker, one.holder) == sides]


def _facts(entries: Iterable[audit.Entry], of: str) -> set[tuple[str, str]]:
    """Return the signatures and digests of a question or an answer in some entries."""
    pairs = (pair for entry in entries for pair in entry.details.items())
    return {pair for pair in pairs if pair[0].startswith(of)}
