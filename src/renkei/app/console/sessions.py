"""Who is signed in: a signed cookie that ends by itself, and a token for every form.

The key is drawn when the console starts: a restart signs everybody out. Nothing of a session is
kept here but the numbers of those that were signed out before they ended.
"""

import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime, timedelta

import msgspec

from renkei import kit

COOKIE = "renkei-staff"
IDLE = timedelta(minutes=15)
LONGEST = timedelta(hours=8)  # a working day


class Session(msgspec.Struct, frozen=True, array_like=True):
    """One sign-in, or a guest who is about to sign in (`staff` is empty)."""

    id: str
    staff: str
    since: datetime
    seen: datetime


class Sessions:
    """Makes, reads and ends sessions."""

    def __init__(self) -> None:
        """Draw the key."""
        self._key = secrets.token_bytes(32)
        self._ended: dict[str, datetime] = {}

    def begin(self, staff: str, *, at: datetime) -> Session:
        """Begin a session under a number that was never used before."""
        return Session(secrets.token_urlsafe(18), staff, at, at)

    def write(self, session: Session, *, at: datetime) -> str:
        """Return the cookie of a session that was just used."""
        body = msgspec.json.encode(msgspec.structs.replace(session, seen=at))
        return f"{urlsafe_b64encode(body).decode()}.{self._mark('cookie', body)}"

    def read(self, cookie: str, *, at: datetime) -> Session | None:
        """Return the session of a cookie of ours that has not ended."""
        text, _, mark = cookie.partition(".")
        try:
            body = urlsafe_b64decode(text.encode("ascii"))
        except (UnicodeEncodeError, NotBase64, ValueError):
            return None
        if not hmac.compare_digest(self._mark("cookie", body).encode(), mark.encode()):
            return None
        session = kit.read_json(body, Session)
        over = at - session.seen > IDLE or at - session.since > LONGEST
        return None if over or session.id in self._ended else session

    def end(self, session: Session, *, at: datetime) -> None:
        """End a session: its cookie is worth nothing from now on, whoever kept a copy."""
        self._ended = {one: since for one, since in self._ended.items() if at - since < LONGEST}
        self._ended[session.id] = at

    def form_token(self, session: Session) -> str:
        """Return what every form of this session holds."""
        return self._mark("form", session.id.encode())

    def is_form_token(self, session: Session, given: str) -> bool:
        """Tell whether a form is of this session."""
        return hmac.compare_digest(self.form_token(session).encode(), given.encode())

    def _mark(self, use: str, body: bytes) -> str:
        return hmac.digest(self._key, use.encode() + b"\0" + body, "sha256").hex()
