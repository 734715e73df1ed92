"""What nears its end: our certificate, those of the peers, and the members list itself.

Said by the doctor, at `/health`, and daily in the log, so that nothing ends unnoticed.
"""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Literal

from cryptography import x509

from renkei import kit
from renkei.federation import Credentials, Member, Members

log = logging.getLogger("renkei.app")

Verdict = Literal["good", "warning", "bad"]

SOON, LATE = timedelta(days=30), timedelta(days=7)
SOON_SHARE, LATE_SHARE = 3, 10
"""A list of a short term nears its end with the last third of it, and is late with a tenth."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long something still holds: `doctor-{code}` says it."""

    code: str
    verdict: Verdict
    facts: dict[str, object] = field(default_factory=dict)


def expiries(members: Members, credentials: Credentials, *, at: datetime) -> Iterator[Expiry]:
    """Yield on our certificate, the list, and every peer whose certificate nears its end."""
    yield of_certificates("own-certificate", (credentials.certificate,), {}, at=at)
    yield of_list(members, at=at)
    for anchor, theirs in members.foreign:
        found = of_list(theirs, at=at, directory=anchor.title)
        if found.verdict != "good":
            yield found
    for member in members.everyone:
        facts: dict[str, object] = {"peer": member.id, "name": member.ja}
        found = of_certificates("peer-certificate", _first(member), facts, at=at)
        if found.verdict != "good" and member.id != credentials.id:
            yield found


def ends(member: Member) -> datetime:
    """Return when the first of a member's nodes is without a certificate that holds."""
    return _end(_first(member))


def of_certificates(
    code: str, certificates: tuple[str, ...], facts: dict[str, object], *, at: datetime
) -> Expiry:
    """Say how long the last of a member's certificates still holds."""
    until = _end(certificates)
    return _expiry(code, until, SOON, LATE, facts, at)


def of_list(members: Members, *, at: datetime, directory: str = "") -> Expiry:
    """Say how long a list still holds: ours, or that of another directory."""
    until, term = members.valid_until, members.valid_until - members.issued_at
    soon, late = min(SOON, term / SOON_SHARE), min(LATE, term / LATE_SHARE)
    facts: dict[str, object] = {"version": members.version}
    if directory:
        return _expiry("foreign-list", until, soon, late, facts | {"directory": directory}, at)
    return _expiry("list", until, soon, late, facts, at)


def say(found: Iterator[Expiry]) -> None:
    """Say in the log what nears its end."""
    for one in found:
        if one.verdict != "good":
            level = logging.ERROR if one.verdict == "bad" else logging.WARNING
            log.log(level, "%s", kit.say(f"doctor-{one.code}", "en", **one.facts))


def _expiry(
    code: str,
    until: datetime,
    soon: timedelta,
    late: timedelta,
    facts: dict[str, object],
    at: datetime,
) -> Expiry:
    left = until - at
    verdict: Verdict = "good" if left > soon else "warning" if left > late else "bad"
    said = facts | {"until": kit.day_of(until).isoformat(), "days": max(left.days, 0)}
    return Expiry(f"{code}-{'holds' if left > timedelta() else 'expired'}", verdict, said)


def _first(member: Member) -> tuple[str, ...]:
    """Return the certificates of the node that is the first to be without one."""
    return min((node.certificates for node in member.all_nodes), key=_end)


def _end(certificates: tuple[str, ...]) -> datetime:
    return max(map(_ends, certificates))


@lru_cache(maxsize=8192)
def _ends(certificate: str) -> datetime:
    return x509.load_pem_x509_certificate(certificate.encode()).not_valid_after_utc
