"""A changed list, or changed credentials, holds from the next question and the next connection."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from tests.exchange.serving import serving
from tests.federation.site import (
    AUTHORITY,
    LIMITS,
    A,
    B,
    Site,
    clock,
    desk,
    hello,
    listed,
    membership,
    row,
)

from renkei.federation.channel import Channel, body_of
from renkei.federation.door import door
from renkei.federation.errors import (
    MembersExpired,
    PeerBrokeOff,
    PeerCertificateWrong,
    PeerRefusedCall,
    PeerUnknown,
)
from renkei.federation.listener import server_config
from renkei.federation.member import Member
from renkei.federation.members import Members, read_members, sign_members
from renkei.federation.membership import Membership
from renkei.federation.tls import Credentials, self_signed


@dataclass
class Line:
    """A and B, each with its own view of the list in force, and B's door open."""

    site: Site
    a: Membership
    b: Membership

    @property
    def rows(self) -> tuple[Member, Member]:
        return row(self.site.a), row(self.site.b, self.site.port)

    def put(self, members: Members, *, of: str = "ab", **credentials: Credentials) -> None:
        """Put a list in force on either side."""
        for name in of:
            side: Membership = getattr(self, name)
            mine = credentials.get(name, side.credentials)
            side.change(desk(mine, members), mine)


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    site = Site.create(tmp_path)
    made = Line(site, membership(site.a, site.members), membership(site.b, site.members))
    app = door(hello, membership=made.b, clock=clock, limits=LIMITS)
    config = server_config(app, "127.0.0.1", site.port, membership=made.b, limits=LIMITS)
    with serving(config):
        yield made


async def ask(channel: Channel) -> str:
    reply = await channel.call(B, "GET", "/", at=clock())
    return body_of(B, reply).decode()


@contextmanager
def refused(code: str) -> Iterator[None]:
    with pytest.raises(PeerRefusedCall) as caught:
        yield
    assert caught.value.facts["code"] == code


def both(old: Member, new: Credentials) -> Member:
    """Return a row that names new credentials beside the old ones."""
    fresh = row(new)
    return msgspec.structs.replace(
        old,
        certificates=old.certificates + fresh.certificates,
        signing_keys=old.signing_keys + fresh.signing_keys,
    )


def alone(old: Member, new: Credentials) -> Member:
    fresh = row(new)
    return msgspec.structs.replace(
        old, certificates=fresh.certificates, signing_keys=fresh.signing_keys
    )


@pytest.mark.clause("RK-8.7")
@pytest.mark.parametrize("who", ["a", "b"])
def test_new_credentials_take_over_while_questions_flow(
    line: Line, tmp_path: Path, who: str
) -> None:
    """Whoever is asked meanwhile, and whichever list the other goes by, nothing fails."""
    number = {"a": A, "b": B}[who]
    old = dict(zip("ab", line.rows, strict=True))
    new = Credentials.create(tmp_path / "new", number, at=clock())
    mixed = old | {who: both(old[who], new)}
    last = old | {who: alone(old[who], new)}
    steps = [
        lambda: line.put(listed(*mixed.values(), version=2), of="a"),
        lambda: line.put(listed(*mixed.values(), version=2), of="b"),
        lambda: line.put(listed(*mixed.values(), version=2), of=who, **{who: new}),
        lambda: line.put(listed(*last.values(), version=3), of="a"),
        lambda: line.put(listed(*last.values(), version=3), of="b"),
    ]
    answers: list[str] = []

    async def flow() -> None:
        async with Channel(line.a, connections=4) as channel:
            ending = asyncio.Event()

            async def clerk() -> None:
                while not ending.is_set():
                    answers.append(await ask(channel))

            clerks = [asyncio.create_task(clerk()) for _ in range(4)]
            for step in steps:
                await asyncio.sleep(0.15)
                step()
            await asyncio.sleep(0.3)
            ending.set()
            await asyncio.gather(*clerks)

    asyncio.run(flow())
    assert len(answers) > 100
    assert set(answers) == {f"{A} / 0"}
    assert getattr(line, who).credentials.certificate == new.certificate


@pytest.mark.clause("RK-8.6")
def test_a_caller_that_was_removed_is_refused_at_its_next_question(line: Line) -> None:
    """On the connection that stands, and at the handshake of a new one."""

    async def twice() -> None:
        async with Channel(line.a) as channel:
            assert await ask(channel)
            line.put(listed(line.rows[1], version=2), of="b")
            with refused("certificate-unknown"):
                await ask(channel)
        async with Channel(line.a) as channel:
            with pytest.raises(PeerBrokeOff):
                await ask(channel)

    asyncio.run(twice())


@pytest.mark.clause("RK-8.6", "RK-8.7")
def test_a_withdrawn_certificate_opens_no_line_and_a_withdrawn_key_signs_nothing(
    line: Line, tmp_path: Path
) -> None:
    """A dropped certificate or key is nobody's."""
    other = Credentials.create(tmp_path / "other", A, at=clock())
    certificate = msgspec.structs.replace(line.rows[0], signing_keys=row(other).signing_keys)

    async def once(code: str) -> None:
        async with Channel(line.a) as channel:
            with refused(code):
                await ask(channel)

    line.put(listed(certificate, line.rows[1], version=2), of="b")
    asyncio.run(once("signature-key-unknown"))
    key = msgspec.structs.replace(line.rows[0], certificates=row(other).certificates)

    async def none() -> None:
        async with Channel(line.a) as channel:
            with pytest.raises(PeerBrokeOff):
                await ask(channel)

    line.put(listed(key, line.rows[1], version=3), of="b")
    asyncio.run(none())


@pytest.mark.clause("RK-8.6")
def test_a_peer_that_was_removed_is_asked_no_more(line: Line) -> None:
    """The connection to it stands, and nothing is sent on it."""

    async def twice() -> None:
        async with Channel(line.a) as channel:
            assert await ask(channel)
            line.put(listed(line.rows[0], version=2), of="a")
            with pytest.raises(PeerUnknown):
                await ask(channel)

    asyncio.run(twice())


def test_a_peer_whose_certificate_was_withdrawn_is_not_believed_on_the_old_line(
    line: Line, tmp_path: Path
) -> None:
    new = Credentials.create(tmp_path / "new", B, at=clock())

    async def twice() -> None:
        async with Channel(line.a) as channel:
            assert await ask(channel)
            line.put(listed(line.rows[0], alone(line.rows[1], new), version=2), of="a")
            with pytest.raises(PeerCertificateWrong):
                await ask(channel)

    asyncio.run(twice())


@pytest.mark.clause("RK-8.5")
@pytest.mark.parametrize("side", ["a", "b"])
def test_after_the_end_of_the_list_nothing_is_asked_and_nobody_answered(
    line: Line, side: str
) -> None:
    """On either side, and until a newer list is there."""
    text = sign_members(
        line.rows,
        AUTHORITY,
        instance="JP",
        version=2,
        at=clock() - timedelta(days=2),
        valid_for=timedelta(days=1),
    )

    async def thrice() -> None:
        async with Channel(line.a) as channel:
            assert await ask(channel)
            line.put(read_members(text, AUTHORITY.verifier), of=side)
            if side == "a":
                with pytest.raises(MembersExpired):
                    await ask(channel)
            else:
                reply = await channel.call(B, "GET", "/", at=clock())
                assert reply.answer.status == 503
                fault = reply.fault
                assert fault is not None
                assert fault.type == "server.serverproxy.global_conf_outdated"
                assert fault.code == "members-expired"
            line.put(listed(*line.rows, version=3))
            assert await ask(channel)

    asyncio.run(thrice())


@pytest.mark.clause("RK-2.1")
def test_a_listed_certificate_vouches_for_no_other_one(line: Line, tmp_path: Path) -> None:
    """What a member's key signs is not the member's certificate."""
    other = Credentials.create(tmp_path / "other", A, at=clock())
    signer = load_pem_private_key(line.site.a.tls_file.read_bytes(), password=None)
    holder = load_pem_private_key(other.tls_file.read_bytes(), password=None)
    issuer = x509.load_pem_x509_certificate(line.site.a.certificate.encode())
    plain = self_signed(holder, A, at=clock())  # type: ignore[arg-type]  # it is of P-256
    builder = x509.CertificateBuilder(
        issuer_name=issuer.subject,
        subject_name=plain.subject,
        public_key=plain.public_key(),
        serial_number=plain.serial_number,
        not_valid_before=plain.not_valid_before_utc,
        not_valid_after=plain.not_valid_after_utc,
    )
    vouched = builder.sign(signer, SHA256())  # type: ignore[arg-type]  # it is of P-256
    private = holder.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file = tmp_path / "vouched.pem"
    file.write_bytes(vouched.public_bytes(Encoding.PEM) + private)
    false = membership(replace(line.site.a, tls_file=file), line.site.members)

    async def once() -> None:
        async with Channel(false) as channel:
            with pytest.raises(PeerBrokeOff):
                await ask(channel)

    asyncio.run(once())


@pytest.mark.clause("RK-8.6")
def test_a_question_under_way_ends_though_the_list_changes(line: Line, tmp_path: Path) -> None:
    """What is under way is not dropped, its connection is closed after it."""
    new = Credentials.create(tmp_path / "new", A, at=clock())
    mixed = listed(both(line.rows[0], new), line.rows[1], version=2)

    async def slowly() -> None:
        async with Channel(line.a, connections=1) as channel:
            await ask(channel)
            late = [asyncio.create_task(ask(channel)) for _ in range(20)]
            await asyncio.sleep(0)
            line.put(mixed, of="b")
            line.put(mixed, of="a", a=new)
            assert await ask(channel)
            assert set(await asyncio.gather(*late)) == {f"{A} / 0"}
            await ask(channel)
            assert channel._lines._old == []

    asyncio.run(slowly())
