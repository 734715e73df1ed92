"""A node whose units fetch tokens: each of four ways, over HTTP, with a restart in between."""

import http.client
import json
import tempfile
import time
import urllib.parse
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey, RSAKey
from tests.app.conftest import AT, AUTHORITY, plan
from tests.app.test_viewing import REGISTRAR, fill, serving
from tests.store.rows import TOWN, register_number

from renkei.app.membership.initiation import found_site, write_members
from renkei.app.settings import read_settings
from renkei.app.site import Site, open_site
from renkei.exchange import ASSERTION_TYPE, Algorithm, draw_client_key

ISSUER = "https://node.example"
ENDPOINT = f"{ISSUER}/token"
SECRET = 'a "secret" that unit 15 and its node share'
ALGORITHMS: dict[str, Algorithm] = {"15": "HS256", "01": "ES256", "06": "PS256", "17": "RS256"}
SCOPES = {"17": ("06/income", "tasks")}


def client_id(unit: str) -> str:
    return f"JP/MUN/{TOWN}/{unit}"


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    headers: dict[str, str]
    data: bytes

    @property
    def body(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.data)
        return found


@dataclass
class Node:
    """A node that runs, and what its units hold."""

    folder: Path
    settings: Path
    units: dict[str, str]
    keys: dict[str, str] = field(default_factory=dict)
    site: Site = field(init=False)
    url: str = ""

    def assertion(self, unit: str, by: str = "", /, **changes: Any) -> str:
        """Return an assertion of a unit, by its own key or another's; None takes a claim out."""
        now = int(time.time())
        said = {"iss": client_id(unit), "sub": client_id(unit), "aud": ENDPOINT, "exp": now + 60}
        said |= {"jti": str(uuid.uuid4()), "iat": now}
        claims = {name: value for name, value in (said | changes).items() if value is not None}
        algorithm = ALGORITHMS[by or unit]
        kinds: dict[str, Any] = {"HS256": OctKey, "ES256": ECKey}
        key = kinds.get(algorithm, RSAKey).import_key(self.keys[by or unit])
        return jwt.encode({"alg": algorithm}, claims, key, algorithms=[algorithm])

    def form(self, assertion: str, **more: str) -> dict[str, str]:
        """Return the parameters of a request that is in order."""
        return {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": assertion,
        } | more

    def fetch(self, unit: str, **more: str) -> Answered:
        """Fetch a token as a unit."""
        return self.post(self.form(self.assertion(unit), **more))

    def token(self, unit: str, **more: str) -> str:
        """Fetch a token and return it."""
        found = self.fetch(unit, **more)
        assert found.status == 200, found.data
        return str(found.body["access_token"])

    def post(self, form: dict[str, str], **headers: str) -> Answered:
        body = urllib.parse.urlencode(form).encode()
        return self.send("POST", "/token", body, **headers)

    def send(self, method: str, path: str, body: bytes = b"", /, **headers: str) -> Answered:
        said = {"content_type": "application/x-www-form-urlencoded"} | headers
        there = urllib.parse.urlsplit(self.url)
        line = http.client.HTTPConnection(there.hostname or "", there.port or 0, timeout=20)
        try:
            named = {name.replace("_", "-"): value for name, value in said.items()}
            line.request(method, path, body, named)
            got = line.getresponse()
            fields = {name.lower(): value for name, value in got.getheaders()}
            return Answered(got.status, fields, got.read())
        finally:
            line.close()

    def ask(self, unit: str, token: str, path: str = "", **more: str) -> Answered:
        """Ask a question about somebody whom nobody knows: its end is told, and nothing travels."""
        said = {
            "x_road_client": client_id(unit),
            "x_road_id": f"JP-{uuid.uuid4()}",
            "authorization": f"Bearer {token}",
            "pf_procedure": "JT99000000001501",
            "pf_subject": register_number(7),
            "pf_mode": "test",
        } | more
        target = path or f"/r1/JP/MUN/{TOWN}/06/income/2026?items=total_income"
        return self.send("GET", target, **said)

    @contextmanager
    def running(self) -> Iterator["Node"]:
        """Run the node; again is a restart."""
        with open_site(read_settings(self.settings)) as site, serving(site) as url:
            self.site, self.url = site, url
            yield self


def found_node(folder: Path, more: str = "") -> Node:
    """Found a node, and register its units' clients."""
    founded = found_site(folder / "a", plan(units=tuple(ALGORITHMS)), at=AT)
    lines, keys = [f'[oauth]\nissuer = "{ISSUER}"\n{more}'], {}
    for unit, algorithm in ALGORITHMS.items():
        kind = "secrets" if algorithm == "HS256" else "keys"
        keys[unit], text = (SECRET, SECRET) if algorithm == "HS256" else draw_client_key(algorithm)
        lines += [f'[oauth.clients."{unit}"]', f'alg = "{algorithm}"']
        lines += [f"{kind} = {json.dumps([text])}", f"scope = {json.dumps(SCOPES.get(unit, ()))}"]
    with founded.settings.open("a", encoding="utf-8") as settings:
        settings.write("\n" + "\n".join(lines))
    rows = [founded.public]
    hub = {"log": "4000012090001", "converter": "1000012090004", "registrar": REGISTRAR}
    for role, number in hub.items():
        peers = f"127.0.0.1:{len(rows) + 2}"
        other = plan(role=role, tenant=number, member_class="COM", peers=peers, units=())
        rows.append(found_site(folder / role, other, at=AT).public)
    write_members(rows, folder / "a" / "members.json", AUTHORITY, version=1, at=AT)
    return Node(folder, founded.settings, founded.tokens, keys)


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """Give a node that runs, with a few residents."""
    with tempfile.TemporaryDirectory(prefix="renkei-oauth-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        with found_node(folder).running() as node:
            fill(node.site)
            yield node
