"""Authorisation codes: each is good once, for a minute, for one client, address and verifier.

They live in the memory of the process that made them. After a restart none is good: who was on the
way begins anew, and no code can be used twice.
"""

import hashlib
import hmac
import secrets
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from renkei import exchange
from renkei.app.errors import SignInCodeWrong
from renkei.app.sign_in.staff import Vouched

LIFE = timedelta(seconds=60)
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Grant:
    """What a code stands for: who signed in, and to whom that may be said."""

    client: str
    redirect: str
    challenge: str
    nonce: str
    staff: Vouched
    signed_in_at: datetime
    at: datetime


class Codes:
    """The codes that were given out and not yet brought back."""

    def __init__(self) -> None:
        """Begin with none."""
        self._grants: dict[str, Grant] = {}
        self._lock = threading.Lock()

    def issue(self, grant: Grant) -> str:
        """Return a new code."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._drop(grant.at)
            self._grants[code] = grant
        return code

    def redeem(
        self, code: str, *, client: str, redirect: str, verifier: str, at: datetime
    ) -> Grant:
        """Return what a code stands for, once; whoever brings it, it is spent."""
        with self._lock:
            grant = self._grants.pop(code, None)
        if grant is None:
            raise SignInCodeWrong
        holds = (
            timedelta() <= at - grant.at < LIFE,
            grant.client == client,
            grant.redirect == redirect,
            hmac.compare_digest(challenge_of(verifier).encode(), grant.challenge.encode()),
        )
        if not all(holds):
            raise SignInCodeWrong
        return grant

    def _drop(self, at: datetime) -> None:
        """Forget what is past; of too many the oldest."""
        while self._grants:
            code, grant = next(iter(self._grants.items()))
            if at - grant.at < LIFE and len(self._grants) < MOST:
                return
            del self._grants[code]


def challenge_of(verifier: str) -> str:
    """Return the challenge of a verifier by S256 (RFC 7636, 4.2), by its example.

    >>> challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
    'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return exchange.encode(hashlib.sha256(verifier.encode()).digest())
