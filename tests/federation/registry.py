"""Registrar, converters and log operator at one table, and what is asked of the registrar."""

import json
import secrets
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec
from tests.federation.desks import AT, A, Desks, R, as_tenant

from renkei import audit, federation, identity, kit
from renkei.federation.issuing import Acquisition, Issued, parse_acquisition, parse_issued

SECRETS = identity.RegistrarSecrets(secrets.token_bytes(32), identity.Seal(secrets.token_bytes(32)))


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def wanted(*numbers: str, acquisition: str = "", id_: str = "JP-a") -> dict[str, object]:
    drawn = [acquisition or text(secrets.token_bytes(16)) for _ in numbers]
    people = [{"acquisition": a, "number": n} for a, n in zip(drawn, numbers, strict=True)]
    return {"id": id_, "people": people}


def read(said: dict[str, object]) -> Acquisition:
    return parse_acquisition(json.dumps(said).encode())


@dataclass
class Hub:
    """Registrar, converters and log operator at one table; what travels between them is kept."""

    conn: kit.Connection
    desks: Desks
    sent: list[tuple[str, str, bytes]] = field(default_factory=list)
    change: Callable[[Issued], Issued] = lambda issued: issued

    def caller(self, tenant: kit.Tenant) -> federation.Caller:
        return self.desks.caller(tenant, secrets.token_hex(11))

    def listed(self, *numbers: str) -> None:
        """Take numbers in that were issued elsewhere."""
        as_tenant(self.conn, R)
        order = identity.Order("o-list", R, "1001", "一覧", AT, audit.Mode.TEST)
        identity.issued.take_in(self.conn, R, numbers, order, secrets=SECRETS)

    def registered(self, said: dict[str, object], caller: kit.Tenant = A):
        as_tenant(self.conn, R)
        asked = read(said)
        desk = self.desks.desk[R]
        return federation.register(self.conn, desk, SECRETS, self.caller(caller), asked, at=AT)

    def call(self, peer: kit.Tenant, path: str, body: bytes, caller: kit.Tenant = R) -> bytes:
        self.sent.append((peer, path, body))
        as_tenant(self.conn, peer)
        issued, desk, who = parse_issued(body), self.desks.desk[peer], self.caller(caller)
        if path == federation.ENROL:
            federation.enrol(self.conn, desk, self.desks.log, who, issued, at=AT)
            return b"{}"
        if path == federation.CLOSE:
            federation.close(self.conn, desk, self.desks.log, who, issued, at=AT)
            return b"{}"
        keys = self.desks.converter[peer]
        done = federation.convert_issued(self.conn, desk, keys, who, issued, at=AT)
        return msgspec.json.encode(self.change(done))

    def issue(self, said: dict[str, object]) -> list[tuple[identity.Pid, identity.Nym]]:
        """Let A ask for codes and open them; return each with the person it is of."""
        people = self.registered(said)
        desk, id_ = self.desks.desk[R], str(said["id"])
        issued = federation.issue(desk, people, id_=id_, organisation=A, call=self.call, at=AT)
        verified = identity.verify_issuance(
            issued.opened(), desk.directory, **issued.header.parties
        )
        opened = dict(identity.open_issuance(verified, self.desks.node[A].decryption))
        return [(pid, opened[number]) for number, pid in people]

    def entries(self, tenant: kit.Tenant) -> list[audit.Entry]:
        as_tenant(self.conn, tenant)
        signer = audit.Signer.from_seed(f"test.example/{tenant}", bytes(32))
        audit.sequence(self.conn, tenant, signer, at=AT)
        return [one.entry for one in audit.entries_for_request(self.conn, tenant, "JP-a")]
