"""本人確認 by a card: what is to be signed, once, and the files of the recognised verifier."""

import secrets
from base64 import b64decode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import msgspec

from renkei import exchange, identity, kit
from renkei.app.disclosure.views import Prove
from renkei.app.errors import ChallengeWrong, FileUnreadable, VerifierMissing

LIFE = timedelta(minutes=3)
SEALED = "challenge"  # what the seal of a challenge is bound to, with the tenant and the unit


class VerifierEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `verifier` as written."""

    name: str = ""
    roots: str = ""
    revoked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VerifierPlan:
    """Who the site is as a recognised verifier, and the files it was given as one."""

    name: str
    roots: Path
    revoked: tuple[Path, ...]


def verifier_plan(entry: VerifierEntry, folder: Path) -> VerifierPlan | None:
    """Return the plan, None where nothing is set, or a `ValueError` with the place."""
    if entry == VerifierEntry():
        return None
    if not (entry.name and entry.roots and entry.revoked):
        raise ValueError("verifier: name, roots and revoked are wanted, all three")
    revoked = tuple(folder / one for one in entry.revoked)
    return VerifierPlan(entry.name, folder / entry.roots, revoked)


class Recognised:
    """The recognised verifier (署名検証者) of one site; files that were replaced are read again."""

    def __init__(self, plan: VerifierPlan | None) -> None:
        """Take the plan; the files are read with the first card."""
        self._plan = plan
        self._read: tuple[object, identity.CertificateVerifier] | None = None

    @property
    def name(self) -> str:
        """Return who verifies, or say that nobody does."""
        if self._plan is None:
            raise VerifierMissing
        return self._plan.name

    def verifier(self) -> identity.CertificateVerifier:
        """Return the verifier by the files as they are now."""
        if self._plan is None:
            raise VerifierMissing
        files = (self._plan.roots, *self._plan.revoked)
        try:
            stamp = tuple((one.stat().st_mtime_ns, one.stat().st_size) for one in files)
            if self._read is None or self._read[0] != stamp:
                roots, *lists = (one.read_bytes() for one in files)
                self._read = stamp, identity.CertificateVerifier.read(roots, lists)
        except OSError as error:
            raise FileUnreadable(file=str(error.filename), reason=error.strerror or "") from error
        return self._read[1]


@dataclass(frozen=True, slots=True)
class Challenges:
    """What is to be signed: drawn by the node, sealed by it, for one unit and a few minutes."""

    tenant: kit.Tenant
    seal: identity.Seal
    clock: Callable[[], datetime]

    def new(self, unit: str) -> tuple[str, datetime]:
        """Draw one; return it, and until when it counts."""
        until = self.clock() + LIFE
        said = [secrets.token_hex(16), int(until.timestamp())]
        sealed = self.seal.close(msgspec.json.encode(said), SEALED, *self._row(unit))
        return exchange.encode(sealed), until

    def opened(self, challenge: str, unit: str) -> str:
        """Return the number of one that still counts; whoever uses it lets it count once."""
        try:
            sealed = exchange.decode(challenge)
            text = self.seal.open(sealed, SEALED, *self._row(unit))
            number, until = kit.read_json(text, tuple[str, int])
        except (ValueError, identity.SealBroken, msgspec.DecodeError) as error:
            raise ChallengeWrong from error
        if self.clock().timestamp() > until:
            raise ChallengeWrong
        return number

    def _row(self, unit: str) -> tuple[bytes, bytes]:
        return self.tenant.encode(), unit.encode()


def prove(
    verifier: identity.CertificateVerifier, asked: Prove, *, at: datetime
) -> identity.Proven | identity.Unproven:
    """Say who signed the challenge, as a text in ASCII."""
    try:
        given = [b64decode(one, validate=True) for one in asked.certificates]
        signature = b64decode(asked.signature, validate=True)
    except ValueError:
        return identity.Unproven.malformed
    return verifier.verify(given, asked.challenge.encode(), signature, at=at)
