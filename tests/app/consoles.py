"""Two consoles with real doors: staff of A市 may sign in at B市's; B市 believes a provider too."""

import html
import re
import secrets
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import msgspec
import uvicorn
from joserfc.jwk import ECKey
from starlette.applications import Starlette
from tests.app.identity_provider import Provider, Registered, provider_running
from tests.app.seat import STAFF, Answer, Seat
from tests.exchange.serving import serving

from renkei import audit, federation, kit
from renkei.app.console import console
from renkei.app.demo.ecosystem import A, B, Ecosystem, Part, found_ecosystem, free_port
from renkei.app.membership.initiation import authority_signer, write_members
from renkei.app.membership.keys import Keys
from renkei.app.node import node_handler
from renkei.app.operations.running import Running
from renkei.app.settings import read_settings
from renkei.app.site import Site, read_desk
from renkei.federation import Channel, Member, Membership

SECRET = "what B and its provider share: +/% é"
NOWHERE = "http://localhost:9/back"  # of an application of A that nobody runs
B_ID = f"JP/MUN/{B.tenant}"


@dataclass
class Hands:
    """A clock that runs, and that a test may put forward or back."""

    shift: timedelta = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.shift


@dataclass
class Window(Seat):
    """A browser behind a proxy: failures are counted by its own address."""

    host: str = field(default_factory=lambda: f"10.0.0.{secrets.token_hex(4)}")

    def ask(self, method: str, path: str, body: bytes = b"", /, **headers: str) -> Answer:
        return super().ask(method, path, body, x_forwarded_for=self.host, **headers)


@dataclass
class Consoles:
    """Both sites, their ports, the provider B believes, and the key of A's application."""

    folder: Path
    clock: Hands
    provider: Provider
    application: ECKey
    eco: Ecosystem
    sites: dict[str, Site] = field(default_factory=dict)
    running: dict[str, Running] = field(default_factory=dict)

    def window(self, part: Part) -> "Window":
        """Return a browser's window at a console, of somebody at an address of their own."""
        return Window(self.eco.settings[part.name].staff_door.port)

    def address(self, part: Part) -> str:
        return self.sites[part.name].desk.me.console

    def issuer(self, part: Part) -> str:
        return f"{self.address(part)}/console"

    def entries(self, part: Part) -> list[audit.Entry]:
        """Return the entries of sign-ins at a site, in their order."""
        site = self.sites[part.name]
        with site.database.transaction(site.desk.tenant) as conn:
            audit.sequence(conn, site.desk.tenant, site.signer, at=self.clock())
            found = audit.search(conn, site.desk.tenant, audit.Search(), before=None, limit=500)
        placed = sorted(found, key=lambda one: one.index)  # a test's clock goes to and fro
        return [one.entry for one in placed if one.entry.kind is audit.Kind.SIGN_IN]

    def relist(self, part: Part, **changes: object) -> None:
        """Let a newer list come into force at both, in which the row of a part is another."""
        for site in self.sites.values():
            rows = [
                self.row(one, changes if one.id == part.tenant else {})
                for one in site.desk.members.all
            ]
            signer = authority_signer(self.folder / "authority.key")
            version = site.desk.members.version + 1
            text = federation.sign_members(
                rows, signer, instance="JP", version=version, at=self.clock()
            )
            members = federation.read_members(text, signer.verifier)
            desk = federation.Desk.of(
                site.desk.tenant, site.desk.mode, members, site.desk.provisions
            )
            site.membership.change(desk, site.credentials)

    def row(self, member: Member, changes: dict[str, object]) -> Member:
        return msgspec.structs.replace(member, **changes)


def onward(answer: Answer) -> str:
    """Return where a page leads a browser by itself."""
    assert answer.status == 200, answer.plain
    found = re.search('http-equiv="refresh" content="0; url=([^"]+)"', answer.text)
    assert found, answer.plain
    return html.unescape(found[1])


def inner(url: str) -> str:
    """Return the path and query of an address."""
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def said(url: str) -> dict[str, str]:
    """Return the parameters of an address."""
    return {name: texts[0] for name, texts in parse_qs(urlsplit(url).query).items()}


def begin(seat: Window, issuer: str, **more: str) -> str:
    """Press the button of an issuer; return where the browser is sent."""
    query = "".join(f"?{name}={text}" for name, text in more.items())
    answer = seat.get(f"/console/sign-in/with/{issuer}{query}")
    assert answer.status == 303, answer.plain
    return answer.headers["location"]


def vouched(seat: Window, url: str, number: str = "1001", *, answer: str = "yes") -> str:
    """Follow a browser through A's console: sign in there if need be, say yes, come back."""
    path = onward(seat.get(inner(url)))
    page = seat.get(path)
    if page.status == 303:
        assert seat.sign_in(number, next=path).headers["location"] == path
        page = seat.get(path)
    assert page.status == 200, page.plain
    told = seat.post(path, form_token=page.form_token, answer=answer)
    assert told.status == 303, told.plain
    return told.headers["location"]


TABLES = {
    A.name: """
[sign_in]
provide = ["{b}"]

[sign_in.clients.intra]
ja = "庁内ポータル"
en = "Intranet"
redirects = ["{nowhere}"]
alg = "ES256"
keys = ['''{application}''']
""",
    B.name: """
[sign_in]
provide = ["*"]

[sign_in.members."{a}".roles]
operator = ["operator", "auditor"]
officer = ["operator"]

[sign_in.issuers.prefecture]
address = "{provider}"
client = "renkei-b"
secret = "{secret}"
ja = "県の認証基盤"
en = "Prefecture"
number = "employee"
roles = {{ tax = ["officer"] }}

[sign_in.issuers.accounts]
address = "{provider}"
client = "renkei-b-accounts"
key = "sign-in-client.pem"
ja = "庁内の認証基盤"
en = "Town"
accounts = true
""",
}


@contextmanager
def open_consoles(folder: Path, database: kit.Database) -> Iterator[Consoles]:
    """Found the sites, give each a console in the list, and open the doors of A and B."""
    with ExitStack() as stack:
        provider = stack.enter_context(provider_running())
        clock = Hands()
        eco = found_ecosystem(folder, at=clock(), doors={A.name: free_port(), B.name: free_port()})
        application, client = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
        hosts = {A.name: "localhost", B.name: "127.0.0.1"}  # two sites to a browser
        _list_consoles(eco, hosts, clock())
        key = folder / B.name / "sign-in-client.pem"
        key.write_bytes(client.as_pem(private=True))
        key.chmod(0o600)
        facts = {
            "a": A.tenant,
            "b": B.tenant,
            "nowhere": NOWHERE,
            "application": application.as_pem(private=False).decode(),
            "provider": provider.url,
            "secret": SECRET,
        }
        consoles = Consoles(folder, clock, provider, application, eco)
        for part in (A, B):
            with eco.file(part).open("a", encoding="utf-8") as file:
                file.write(TABLES[part.name].format(**facts))
            _open(stack, consoles, part, database)
        back = f"{consoles.issuer(B)}/sign-in/return"
        provider.clients |= {
            one.client_id: one
            for one in (
                Registered("renkei-b", back, "client_secret_basic", secret=SECRET),
                Registered("renkei-b-accounts", back, "client_assertion_jwt", key=client),
            )
        }
        yield consoles


def _list_consoles(eco: Ecosystem, hosts: dict[str, str], at: datetime) -> None:
    """Put the addresses of the consoles into the list."""
    for part in (A, B):
        public = eco.folder / part.name / "public.json"
        row = msgspec.json.decode(public.read_bytes(), type=Member)
        port = eco.settings[part.name].staff_door.port
        row = msgspec.structs.replace(row, console=f"http://{hosts[part.name]}:{port}")
        public.write_bytes(msgspec.json.encode(row))
    rows = sorted(eco.folder.glob("*/public.json"))
    signer = authority_signer(eco.folder / "authority.key")
    write_members(rows, eco.folder / "members.json", signer, version=2, at=at)


def _open(stack: ExitStack, consoles: Consoles, part: Part, database: kit.Database) -> None:
    """Open both doors of a site."""
    settings = replace(read_settings(consoles.eco.file(part)), staff=STAFF)
    keys = Keys(settings.keys, settings.tenant)
    desk = read_desk(settings)
    membership = Membership(desk, keys.credentials())
    site = Site(settings, keys, membership, keys.signer(), database, dsn=database._dsn)
    channel = Channel(membership)
    running = Running.of(settings, channel)
    consoles.sites[part.name], consoles.running[part.name] = site, running

    @asynccontextmanager
    async def line(_: Starlette) -> AsyncIterator[None]:
        async with channel:  # closed in the loop it lives in
            yield

    routes = [console(site, consoles.clock, running=running)]
    app = Starlette(routes=routes, lifespan=line)
    door = settings.staff_door
    stack.enter_context(serving(uvicorn.Config(app, door.host, door.port, log_config=None)))
    peers = federation.door(
        node_handler(site, running), membership=membership, clock=consoles.clock
    )
    at = settings.peers_door
    config = federation.server_config(peers, at.host, at.port, membership=membership)
    stack.enter_context(serving(config))
