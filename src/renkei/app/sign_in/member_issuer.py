"""An organisation of the members list as issuer: its staff sign in at its own console.

The browser goes by the web; code, token and keys go by the line between the two nodes, where each
side proves itself by what the list says of it. So nothing is registered or pinned by hand.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from renkei import exchange, federation, kit
from renkei.app.errors import IssuerUnreachable
from renkei.app.sign_in.issuer import Redeemed, Where, guest, read_answer, vouched_for
from renkei.app.sign_in.plan import Roles
from renkei.app.sign_in.staff import Staff, Vouched

CONSOLE = "/console"
TOKEN, KEYS = "/sign-in/token", "/sign-in/keys"  # paths at the peers' door
FORM = "application/x-www-form-urlencoded"


def issuer_address(console: str) -> str:
    """Return the issuer identifier of the site whose console has this address."""
    return f"{console}{CONSOLE}"


def return_address(console: str) -> str:
    """Return where browsers come back to the console at this address."""
    return f"{console}{CONSOLE}/sign-in/return"


@dataclass(frozen=True, slots=True)
class MemberIssuer:
    """Another organisation; `client` is our name in the list, `roles` are by its roles."""

    member: federation.Member
    client: str
    roles: Roles
    channel: federation.Channel
    mode: str
    algorithm: exchange.IdAlgorithm = "ES256"

    @property
    def id(self) -> str:
        """Return its number."""
        return self.member.id

    @property
    def address(self) -> str:
        """Return its issuer identifier, which follows from the list."""
        return issuer_address(self.member.console)

    def called(self, language: kit.Language) -> str:
        """Return its name in the list."""
        return self.member.ja if language == "ja" else self.member.en

    async def where(self) -> Where:
        """Return where its staff sign in."""
        return Where(f"{self.address}/authorize", says_issuer=True)

    async def redeem(self, code: str, verifier: str, redirect: str, *, at: datetime) -> Redeemed:
        """Ask its node for the token and for the keys; it signs both answers."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect,
            "code_verifier": verifier,
        }
        try:
            told = await self._ask("POST", TOKEN, urlencode(form).encode(), at)
            keys = await self._ask("GET", KEYS, b"", at)
        except kit.NodeError as error:
            reason = str(error.facts.get("code", error.code()))
            raise IssuerUnreachable(issuer=self.member.id, reason=reason) from error
        return read_answer(self.member.id, told, keys)

    async def _ask(self, method: str, path: str, body: bytes, at: datetime) -> bytes:
        peer, said = kit.tenant(self.member.id), {"pf-mode": self.mode}
        if body:
            said["content-type"] = FORM
        reply = await self.channel.call(peer, method, path, body, said.items(), at=at)
        return federation.body_of(peer, reply)

    def vouched(self, claims: exchange.Claims) -> Vouched:
        """Return number, name and those of their roles there that our settings name."""
        groups = (one for one in claims.texts("groups") if one in self.roles)
        return vouched_for(self.id, claims.subject, claims.text("name"), groups)

    def staff(self, vouched: Vouched) -> Staff | None:
        """Return who that is here: a guest with the roles of the settings."""
        return guest(vouched, self.roles)
