"""Six desks in one database: the verbs of every party, without the doors between them.

Rooms are below the application, so keys and members list are made here by the rooms' own means.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from tests.store.rows import Row, file, register_number, resident

from renkei import audit, exchange, federation, identity, kit, law, standard, store
from renkei.federation.channel import Reply
from renkei.federation.door import Caller
from renkei.federation.hub import LogKeys
from renkei.federation.inquiry import Carried, Done, Inquiry, Provided, Receipted, Refused
from renkei.federation.question import Asked, open_question
from renkei.federation.tls import Credentials

Relation = standard.SubjectRelation | None
AT = datetime(2026, 4, 2, 1, 2, 3, tzinfo=UTC)
A, B = kit.tenant("131016"), kit.tenant("131024")
H1, H2 = kit.tenant("4000012090001"), kit.tenant("1000012090004")
R, L = kit.tenant("2000012100001"), kit.tenant("1010001164098")
AUTHORITY = audit.Signer.from_seed("authority.example", bytes(32))
KINDS = {A: "organisation", B: "organisation", H1: "converter", H2: "converter"} | {
    R: "registrar",
    L: "log",
}
ITEMS = "total_income,dependants,taxation"
HELD, PROTECTED, NOT_HELD, UNCODED = 1, 2, 3, 4
YEAR = 2025
PORTAL = "90"  # the unit of A that is a portal


@dataclass(frozen=True)
class Desks:
    """Every party's desk and keys, on one set of tables."""

    desk: dict[kit.Tenant, federation.Desk]
    node: dict[kit.Tenant, federation.NodeKeys]
    converter: dict[kit.Tenant, identity.ConverterKeys]
    log: LogKeys
    credentials: dict[kit.Tenant, Credentials]
    text: bytes

    def signed(
        self, tenant: kit.Tenant, to: kit.Tenant, path: str, body: bytes
    ) -> tuple[exchange.Question, exchange.Signature]:
        """Return a question from one party to another, really signed."""
        client = self.desk[A].members.address(tenant).render()
        fields = (("x-road-client", client), ("x-road-id", "m-1"), ("pf-to", to))
        said = exchange.Question("POST", path, "", fields, body)
        return exchange.sign_question(said, self.credentials[tenant].signing, at=AT)

    def caller(self, tenant: kit.Tenant, nonce: str = "n" * 22) -> Caller:
        """Return a caller as line and signature would prove it."""
        member = self.desk[A].members.by_id(tenant)
        said = exchange.Question("POST", "/")
        client = self.desk[A].members.address(tenant)
        signature = exchange.Signature(f"key-{tenant}", nonce, 0, b"", "")
        return Caller(member, exchange.Envelope(client, "m-1"), said, signature)

    def opened(
        self,
        conn: kit.Connection,
        person: int,
        *,
        message: str = "m-1",
        **changes: str,
    ) -> object:
        """Open a question of A's unit 15 about a person; changes go into headers or path."""
        unit = changes.pop("unit", "15")
        query = changes.pop("query", f"items={ITEMS}")
        client = exchange.client(f"JP/MUN/{A}/{unit}")
        envelope = exchange.Envelope(
            client,
            message,
            procedure=changes.pop("procedure", "JT99000000001501"),
            purpose=changes.pop("purpose", "児童手当の認定"),
            subject=register_number(person),
            mode=audit.Mode(changes.pop("mode", "test")),
            release=changes.pop("release", None),
            consent=changes.pop("consent", None),
            relation=msgspec.convert(changes.pop("relation", None), Relation),
            user_id=changes.pop("user", None),
            second=changes.pop("second", None),
        )
        path = changes.pop("path", f"/r1/JP/MUN/{B}/06/income/{YEAR}")
        own = bool(changes.pop("own_access", ""))
        handed = changes.pop("handed_at", "")
        handed_at = datetime.fromisoformat(handed) if handed else None
        assert not changes
        call = exchange.service_call(path, query)
        asked = Asked(envelope, call, f"inquiry-{message}", is_own_access=own, handed_at=handed_at)
        return open_question(conn, self.desk[A], self.node[A], asked, at=AT)

    def blinded(self, opened: object) -> Carried:
        """Blind an opened question, as A does before it travels."""
        inquiry, nym = opened.inquiry, opened.nym  # type: ignore[attr-defined]
        question = identity.blind(nym, B, self.desk[A].directory, context=inquiry.context)
        return Carried(inquiry, msgspec.Raw(identity.render(question)))

    def converted(self, conn: kit.Connection, carried: Carried) -> Carried:
        """Let both converters convert."""
        for tenant in (H1, H2):
            as_tenant(conn, tenant)
            reply = federation.convert(
                conn,
                self.desk[tenant],
                self.converter[tenant],
                self.caller(A, _nonce(carried)),
                carried,
                at=AT,
            )
            assert isinstance(reply, Done)
            carried = Carried(carried.inquiry, reply.question)
        return carried

    def receipted(self, conn: kit.Connection, carried: Carried) -> Carried:
        """Let the log operator enter it and sign the receipt."""
        as_tenant(conn, L)
        caller = self.caller(A, _nonce(carried))
        reply = federation.receipt(conn, self.desk[L], self.log, caller, carried, at=AT)
        assert isinstance(reply, Receipted)
        return Carried(carried.inquiry, carried.question, reply.receipt)

    def answer(
        self, conn: kit.Connection, carried: Carried, *, caller: kit.Tenant = A
    ) -> Provided | Refused:
        """Let B answer."""
        return self.heard(conn, carried, self.caller(caller, _nonce(carried)))

    def heard(self, conn: kit.Connection, carried: Carried, caller: Caller) -> Provided | Refused:
        """Let B answer a caller whose question may be signed."""
        as_tenant(conn, B)
        reply = federation.answer(conn, self.desk[B], self.node[B], caller, carried, at=AT)
        assert isinstance(reply, Provided | Refused)
        return reply

    def exchanged(self, conn: kit.Connection, carried: Carried) -> tuple[Provided | Refused, Reply]:
        """Let A really sign its question to B and B its answer; return it and what A keeps."""
        question, asked = self.signed(A, B, federation.ANSWER, federation.render(carried))
        caller = replace(self.caller(A), question=question, signature=asked)
        told = self.heard(conn, carried, caller)
        said = exchange.Answer(200, (), federation.render(told))
        key = self.credentials[B].signing
        answer, answered = exchange.sign_answer(said, key, question=asked.header, at=AT)
        return told, Reply(self.desk[A].members.by_id(B), question, answer, asked, answered)

    def travelled(self, conn: kit.Connection, person: int) -> Carried:
        """Take a question about a person up to the holder's door."""
        return self.receipted(conn, self.converted(conn, self.blinded(self.opened(conn, person))))


def _nonce(carried: Carried) -> str:
    """Return the nonce of an inquiry's messages: the same where one is sent again."""
    return carried.inquiry.id.ljust(22, "n")[:22]


def as_tenant(conn: kit.Connection, tenant: kit.Tenant) -> None:
    """Turn to another organisation's rows within the test's transaction."""
    conn.execute("SELECT set_config('renkei.tenant', %s, true)", [tenant])


def entries(conn: kit.Connection, tenant: kit.Tenant, inquiry: Inquiry) -> list[audit.Entry]:
    """Sequence a party's log and return its entries about an inquiry."""
    as_tenant(conn, tenant)
    signer = log_signer(tenant)
    audit.sequence(conn, tenant, signer, at=AT)
    assert audit.verify(conn, tenant, signer.verifier) == []
    return [logged.entry for logged in audit.entries_for_request(conn, tenant, inquiry.id)]


def log_signer(tenant: kit.Tenant) -> audit.Signer:
    """Return the key of a party's log."""
    return audit.Signer.from_seed(f"test.example/{tenant}", tenant.encode().ljust(32, b"\0"))


def make_desks(folder: Path, ports: Mapping[kit.Tenant, int] | None = None) -> Desks:
    """Make everybody's keys and the list that joins them; a party with a port can be asked."""
    node = {
        tenant: federation.NodeKeys(identity.DecryptionKey.draw(tenant), identity.Seal(bytes(32)))
        for tenant in (A, B)
    }
    log = LogKeys(identity.DecryptionKey.draw(L), log_signer(L))
    credentials = {tenant: Credentials.create(folder / tenant, tenant, at=AT) for tenant in KINDS}
    converter = {tenant: identity.ConverterKeys.draw(tenant, (A, B, L)) for tenant in (H1, H2)}
    opening = {A: node[A].decryption, B: node[B].decryption, L: log.decryption}
    rows = []
    for tenant, kind in KINDS.items():
        said = identity.Announcement(
            {opening[tenant].dv: opening[tenant].public()} if tenant in opening else {},
            {each: converter[tenant].public(each) for each in (A, B, L)}
            if tenant in converter
            else {},
        )
        rows.append(
            federation.Member(
                id=tenant,
                kind=kind,  # type: ignore[arg-type]
                member_class="MUN" if tenant in (A, B) else "COM",
                ja="試験",
                en="Test",
                url=f"https://127.0.0.1:{(ports or {}).get(tenant, 1)}",
                certificates=(credentials[tenant].certificate,),
                signing_keys=(exchange.public_text(credentials[tenant].signing.public),),
                log_key=str(log_signer(tenant).verifier),
                portals=(PORTAL,) if tenant == A else (),
                identity=msgspec.Raw(identity.render(said)),
            )
        )
    text = federation.sign_members(rows, AUTHORITY, instance="JP", version=1, at=AT)
    members = federation.read_members(text, AUTHORITY.verifier)
    table = law.provision_table()
    desk = {tenant: federation.Desk.of(tenant, "test", members, table) for tenant in KINDS}
    return Desks(desk, node, converter, log, credentials, text)


def fill(conn: kit.Connection, desks: Desks) -> None:
    """Load four people at both towns, one of them protected at B, and issue the codes of three."""
    people = (HELD, PROTECTED, NOT_HELD, UNCODED)
    for tenant in (A, B):
        as_tenant(conn, tenant)
        rows = [
            resident(n, protected="1" if (tenant, n) == (B, PROTECTED) else "0") for n in people
        ]
        _load(conn, tenant, "resident", rows)
    as_tenant(conn, B)
    _load(conn, B, "income", [income(n) for n in (HELD, PROTECTED)])
    pids = {n: identity.Pid.random() for n in (HELD, PROTECTED, NOT_HELD)}
    for tenant in (A, B, L):
        codes = _issue(desks, tenant, list(pids.values()))
        as_tenant(conn, tenant)
        if tenant == L:
            identity.enrol(conn, L, codes)
        else:
            named = [(register_number(n), nym) for n, nym in zip(pids, codes, strict=True)]
            identity.keep_codes(conn, tenant, named, seal=desks.node[tenant].seal)


def _issue(desks: Desks, tenant: kit.Tenant, pids: list[identity.Pid]) -> list[identity.Nym]:
    directory, context = desks.desk[A].directory, bytes(32)
    wanted = [(identity.AcquisitionNumber.random(), pid) for pid in pids]
    issuance = identity.encrypt_persons(wanted, tenant, directory)
    for keys in desks.converter.values():
        issuance = identity.convert_issuance(
            issuance, keys, directory, organisation=tenant, context=context
        )
    verified = identity.verify_issuance(issuance, directory, organisation=tenant, context=context)
    key = desks.log.decryption if tenant == L else desks.node[tenant].decryption
    return [nym for _, nym in identity.open_issuance(verified, key)]


def _load(conn: kit.Connection, tenant: kit.Tenant, entity: str, rows: list[Row]) -> None:
    kind = standard.catalogue().entity(entity)
    source = file(kind, rows)
    report = store.load(conn, tenant, kind, source, on=AT.date(), at=AT)
    assert report.outcome is store.Outcome.loaded, report.findings


def income(person: int) -> dict[str, str]:
    """Return a valid income of the asked year."""
    zero = {item.name: "0" for item in standard.catalogue().entity("income").items}
    return zero | {
        "register_number": register_number(person),
        "tax_year": str(YEAR),
        "assessment_municipality": B,
        "filing": "1",
        "total_income": "4321000",
        "gross_income": "4321000",
        "collection": "1",
        "taxation": "3",
        "corrected_on": "",
    }
