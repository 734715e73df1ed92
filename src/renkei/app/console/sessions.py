"""Who is signed in: a signed cookie that ends by itself, and a token for every form.

The key is drawn when the console starts: a restart signs everybody out. Nothing of a session is
kept here but the numbers of those that were signed out before they ended.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from renkei import exchange, kit
from renkei.app.sign_in.staff import Vouched

COOKIE = "renkei-staff"
IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)  # a working day

_T = TypeVar("_T", bound=msgspec.Struct)


class Session(msgspec.Struct, frozen=True, array_like=True):
    """One sign-in, or a guest who is about to sign in (`staff` is empty).

    Of whom another issuer vouched for, `vouched` is what it said; what that is good for here is
    asked anew at every page.
    """

    id: str
    staff: str
    since: datetime
    seen: datetime
    vouched: Vouched | None = None


class Sessions:
    """Makes, reads and ends sessions."""

    def __init__(self) -> None:
        """Draw the key."""
        self._key = secrets.token_bytes(32)
        self._ended: dict[str, datetime] = {}

    def begin(self, staff: str, *, at: datetime, vouched: Vouched | None = None) -> Session:
        """Begin a session under a number that was never used before."""
        return Session(secrets.token_urlsafe(18), staff, at, at, vouched)

    def write(self, session: Session, *, at: datetime) -> str:
        """Return the cookie of a session that was just used."""
        return self.seal("cookie", msgspec.structs.replace(session, seen=at))

    def read(self, cookie: str, *, at: datetime) -> Session | None:
        """Return the session of a cookie of ours that has not ended."""
        session = self.opened("cookie", cookie, Session)
        if session is None:
            return None
        over = at - session.seen > IDLE or at - session.since > LONGEST
        return None if over or session.id in self._ended else session

    def end(self, session: Session, *, at: datetime) -> None:
        """End a session: its cookie is worth nothing from now on, whoever kept a copy."""
        self._end(session.id, at)

    def form_token(self, session: Session) -> str:
        """Return what every form of this session holds."""
        return self._mark("form", session.id.encode())

    def is_form_token(self, session: Session, given: str) -> bool:
        """Tell whether a form is of this session."""
        return hmac.compare_digest(self.form_token(session).encode(), given.encode())

    def seal(self, use: str, value: msgspec.Struct) -> str:
        """Return a text that only we can have made; whoever holds it can read it."""
        body = msgspec.json.encode(value)
        return f"{exchange.encode(body)}.{self._mark(use, body)}"

    def opened(self, use: str, given: str, kind: type[_T]) -> _T | None:
        """Return what we sealed for this use, or None."""
        text, _, mark = given.partition(".")
        try:
            body = exchange.decode(text)
        except ValueError:
            return None
        if not hmac.compare_digest(self._mark(use, body).encode(), mark.encode()):
            return None
        return kit.read_json(body, kind)

    def once(self, text: str, *, at: datetime) -> bool:
        """Tell whether something of ours is used for the first time; from now on it is not."""
        is_first = text not in self._ended
        self._end(text, at)
        return is_first

    def derive(self, use: str, text: str) -> str:
        """Return a secret for a use that belongs to a text, and that nobody else can make."""
        return self._mark(use, text.encode())

    def _end(self, number: str, at: datetime) -> None:
        self._ended = {one: since for one, since in self._ended.items() if at - since < LONGEST}
        self._ended[number] = at

    def _mark(self, use: str, body: bytes) -> str:
        return hmac.digest(self._key, use.encode() + b"\0" + body, "sha256").hex()
