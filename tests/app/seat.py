"""A seat at the console: a browser that keeps its cookies, and a site to sit at."""

import html
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path

from renkei import kit
from renkei.app.demo.ecosystem import A, Part, ecosystem
from renkei.app.membership.keys import Keys
from renkei.app.sign_in.staff import Staff, StaffRole, password_hash
from renkei.app.site import Site, read_desk
from renkei.federation import Membership

AT = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)  # half past nine in Japan

CHEAP = 2**4  # of scrypt: what a try costs is tried elsewhere (test_settings.py)
PEOPLE: tuple[tuple[str, str, StaffRole, str], ...] = (
    ("1001", "運用　見本", "operator", "the operator's"),
    ("1002", "業務　見本", "officer", "the officer's"),
    ("1003", "承認　見本", "approver", "the approver's"),
    ("1004", "監査　見本", "auditor", "the auditor's"),
    ("1005", "監督　見本", "oversight", "the overseer's"),
    ("1006", "起案　見本", "law-drafter", "the drafter's"),
    ("1007", "審査　見本", "law-reviewer", "the reader's"),
    ("1008", "決裁　見本", "law-approver", "the head's"),
)
PASSWORDS = {number: password for number, _, _, password in PEOPLE}
STAFF = {
    number: Staff(number, name, frozenset({role}), password_hash(password, cost=CHEAP))
    for number, name, role, password in PEOPLE
}
EDGE = b"----edge-of-a-part"


@dataclass
class Clock:
    """A clock that a test sets."""

    at: datetime = AT

    def __call__(self) -> datetime:
        return self.at

    def wait(self, **how_long: float) -> None:
        self.at += timedelta(**how_long)


@dataclass(frozen=True)
class Answer:
    """What a door said."""

    status: int
    text: str
    headers: Mapping[str, str]
    body: bytes = b""

    @property
    def form_token(self) -> str:
        found = re.search('name="form-token" value="([^"]+)"', self.text)
        assert found, self.text
        return found[1]

    @property
    def plain(self) -> str:
        """Return the text as a person reads it."""
        return " ".join(html.unescape(re.sub("<[^>]+>", " ", self.text)).split())


@dataclass
class Seat:
    """A browser without JavaScript at a port of this machine."""

    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    set_cookies: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, body: bytes = b"", /, **headers: str) -> Answer:
        line = HTTPConnection("127.0.0.1", self.port, timeout=30)
        said = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            said["cookie"] = "; ".join(f"{n}={v}" for n, v in self.cookies.items())
        line.request(method, path, body or None, said)
        got = line.getresponse()
        data = got.read()
        self.set_cookies = got.msg.get_all("set-cookie", [])
        for one in self.set_cookies:
            for name, morsel in SimpleCookie(one).items():
                self.cookies[name] = morsel.value
        line.close()
        text = data.decode(errors="replace")
        return Answer(got.status, text, {k.lower(): v for k, v in got.getheaders()}, data)

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, b"", **headers)

    def post(self, path: str, **fields: str) -> Answer:
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        body = urllib.parse.urlencode(named).encode()
        return self.ask("POST", path, body, content_type="application/x-www-form-urlencoded")

    def send(self, path: str, file: tuple[str, bytes], **fields: str) -> Answer:
        """Send a form with a file in its field `file`."""
        named = {name.replace("_", "-"): value for name, value in fields.items()}
        parts = [
            b'Content-Disposition: form-data; name="%b"\r\n\r\n%b' % (name.encode(), text.encode())
            for name, text in named.items()
        ]
        head = f'Content-Disposition: form-data; name="file"; filename="{file[0]}"\r\n'
        parts.append(head.encode() + b"Content-Type: text/csv\r\n\r\n" + file[1])
        body = b"".join(b"--" + EDGE + b"\r\n" + part + b"\r\n" for part in parts)
        kind = f"multipart/form-data; boundary={EDGE.decode()}"
        return self.ask("POST", path, body + b"--" + EDGE + b"--\r\n", content_type=kind)

    def sign_in(self, number: str, password: str | None = None, **more: str) -> Answer:
        token = self.get("/console/sign-in").form_token
        said = PASSWORDS.get(number, "") if password is None else password
        return self.post("/console/sign-in", form_token=token, number=number, password=said, **more)

    def signed_in(self, number: str) -> "Seat":
        assert self.sign_in(number).status == 303
        return self

    def copy(self) -> "Seat":
        return replace(self, cookies=dict(self.cookies))


@contextmanager
def staffed_site(folder: Path, database: kit.Database, part: Part = A) -> Iterator[Site]:
    """Give a site, A市's by default, with its staff on a given database; its doors stay closed."""
    with ecosystem(folder, at=AT) as founded:
        settings = replace(founded.settings[part.name], staff=STAFF)
        keys = Keys(settings.keys, settings.tenant)
        desk = read_desk(settings)
        yield Site(
            settings,
            keys,
            Membership(desk, keys.credentials()),
            keys.signer(),
            database,
            dsn=database._dsn,
        )
