"""A site that vouches for its own staff: an OpenID provider for members and for own applications.

Members prove themselves on the line between nodes, by what the list says of them, and bring their
codes there; an application of ours brings them to the staff door, with a client assertion.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from renkei import audit, exchange, federation, kit
from renkei.app.errors import (
    ClientProofNotAlone,
    GrantTypeUnsupported,
    ParameterMalformed,
    SignInClientUnknown,
)
from renkei.app.hub import json_answer
from renkei.app.sign_in.codes import Codes, Grant
from renkei.app.sign_in.entries import sign_in_entry
from renkei.app.sign_in.issuers import console_address
from renkei.app.sign_in.member_issuer import issuer_address, return_address
from renkei.app.sign_in.plan import OwnClient
from renkei.app.site import Site
from renkei.app.units.token_door import NEVER_KEPT, proven_client, token_form
from renkei.exchange import Answer
from renkei.federation import Caller

GRANT = "authorization_code"
PROOFS = ("client_id", "client_assertion_type", "client_assertion")
PARAMETERS = ("grant_type", "code", "redirect_uri", "code_verifier", *PROOFS)
LIFE = timedelta(minutes=5)
ASSERTION_LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Client:
    """To whom we may vouch: a member's console, or an application of ours."""

    id: str
    organisation: str
    ja: str
    en: str
    redirects: tuple[str, ...]


class _Token(msgspec.Struct, frozen=True):
    """A successful answer (OpenID Connect Core, 3.1.3.3); the access token opens nothing."""

    access_token: str
    token_type: str
    expires_in: int
    id_token: str


class StaffProvider:
    """The provider of one site, by the list in force."""

    def __init__(self, site: Site, codes: Codes) -> None:
        """Take the site and the codes that its doors share."""
        self._site = site
        self._plan = site.settings.sign_in
        self._codes = codes

    @property
    def is_open(self) -> bool:
        """Tell whether this site vouches for its staff at all."""
        return self._plan.vouches

    @property
    def issuer(self) -> str:
        """Return our issuer identifier."""
        return issuer_address(console_address(self._site.settings, self._site.desk))

    def client(self, number: str, *, at: datetime) -> Client:
        """Return the client of an id, or raise `SignInClientUnknown`."""
        own = self._plan.clients.get(number)
        if own is not None:
            return Client(own.id, self._site.desk.tenant, own.ja, own.en, own.redirects)
        members = self._site.desk.members
        for member in members.of_kind("organisation"):
            if members.address(member.id).render() == number and at < members.valid_until:
                return self._of_member(member)
        raise SignInClientUnknown(client=number[:80])

    def _of_member(self, member: federation.Member) -> Client:
        is_other = member.id != self._site.desk.tenant
        if not (is_other and member.console and self._plan.vouches_to(member.id)):
            raise SignInClientUnknown(client=member.id)
        number = self._site.desk.members.address(member.id).render()
        redirects = (return_address(member.console),)
        return Client(number, member.id, member.ja, member.en, redirects)

    def vouch(self, grant: Grant, client: Client) -> str:
        """Enter that we vouch for somebody, and return the code for it."""
        site, staff = self._site, grant.staff
        facts = {"staff": staff.number, "client": client.id, "groups": " ".join(staff.groups)}
        entry = sign_in_entry(
            site, "vouched", site.desk.tenant, client.organisation, facts, at=grant.at
        )
        with site.database.transaction(site.desk.tenant) as conn:
            audit.append(conn, site.desk.tenant, entry)
        return self._codes.issue(grant)

    def to_member(self, caller: Caller, at: datetime) -> Answer:
        """Answer a member that brings a code, on the line between nodes."""
        site = self._site
        site.desk.expect(caller.member, kind="organisation")
        mode = caller.envelope.mode.value
        if mode != site.desk.mode:
            raise federation.ModeDiffers(theirs=mode, ours=site.desk.mode)
        client = self._of_member(caller.member)
        form = token_form(caller.question, PARAMETERS)
        if form.get("client_id", client.id) != client.id or "client_assertion" in form:
            raise ClientProofNotAlone
        with site.database.transaction(site.desk.tenant) as conn:
            exchange.first_time(
                conn, site.desk.tenant, caller.signature, request_id=caller.envelope.id, at=at
            )
        return self._token(form, client.id, at)

    def to_own(self, question: exchange.Question, at: datetime) -> Answer:
        """Answer an application of ours that brings a code, at the staff door."""
        form = token_form(question, PARAMETERS)
        audiences = f"{self.issuer}/token", self.issuer
        proven = proven_client(
            form, self._registered, audiences=audiences, longest=ASSERTION_LIFE, at=at
        )
        tenant = self._site.desk.tenant
        with self._site.database.transaction(tenant) as conn:
            exchange.first_time(
                conn, tenant, proven, request_id=str(uuid.uuid4()), at=proven.expires_at
            )
        return self._token(form, proven.client, at)

    def _registered(self, number: str) -> exchange.ClientKeys | None:
        own: OwnClient | None = self._plan.clients.get(number)
        return None if own is None else own.keys

    def _token(self, form: dict[str, str], client: str, at: datetime) -> Answer:
        """Redeem the code and sign what it stands for."""
        for name in ("grant_type", "code", "redirect_uri", "code_verifier"):
            if name not in form:
                raise ParameterMalformed(name=name, wanted="what RFC 6749, 4.1.3, and RFC 7636 say")
        if form["grant_type"] != GRANT:
            raise GrantTypeUnsupported(grant=GRANT)
        grant = self._codes.redeem(
            form["code"],
            client=client,
            redirect=form["redirect_uri"],
            verifier=form["code_verifier"],
            at=at,
        )
        issued = int(at.timestamp())
        token = exchange.IdToken(
            iss=self.issuer,
            sub=grant.staff.number,
            aud=client,
            iat=issued,
            exp=issued + int(LIFE.total_seconds()),
            auth_time=int(grant.signed_in_at.timestamp()),
            nonce=grant.nonce,
            name=grant.staff.name,
            groups=grant.staff.groups,
        )
        signed = exchange.sign_id_token(token, self._site.keys.sign_in()[0])
        opens_nothing = kit.random_bytes(16).hex()
        told = _Token(opens_nothing, "Bearer", int(LIFE.total_seconds()), signed)
        return json_answer(200, msgspec.json.encode(told), *NEVER_KEPT)

    def keys(self) -> Answer:
        """Return the keys that ID tokens are verified by: the one that signs, and its successor."""
        published = exchange.key_set(self._site.keys.sign_in())
        return json_answer(200, msgspec.json.encode(published))

    def description(self) -> Answer:
        """Return what a client needs to know (OpenID Connect Discovery, 3)."""
        issuer = self.issuer
        algorithms = [name for names in exchange.CLIENT_METHODS.values() for name in names]
        told = {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "scopes_supported": ["openid"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [GRANT],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": list(exchange.CLIENT_METHODS),
            "token_endpoint_auth_signing_alg_values_supported": algorithms,
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["sub", "name", "groups", "auth_time", "nonce"],
            "authorization_response_iss_parameter_supported": True,
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
        return json_answer(200, msgspec.json.encode(told))
