"""The members list is believed because its authority signed it, and for nothing else."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from tests.federation.site import AUTHORITY, A, B, Site, row

from renkei import audit, exchange, kit
from renkei.federation.errors import (
    CertificateUnknown,
    MembersExpired,
    MembersForked,
    MembersMalformed,
    MembersOlder,
    MembersRepeated,
    MembersUnsigned,
    PeerUnknown,
)
from renkei.federation.member import Member, Service, fingerprint
from renkei.federation.members import Members, read_members, sign_members
from renkei.standard.characters import Charset

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def rows(site: Site) -> tuple[Member, Member]:
    return row(site.a), row(site.b)


def signed(*rows: Member, version: int = 3) -> bytes:
    return sign_members(
        rows,
        AUTHORITY,
        instance="JP",
        version=version,
        at=NOW,
        valid_for=timedelta(days=30),
    )


def signed_as_is(contents: dict[str, Any]) -> bytes:
    """Sign a list whatever it says, as an authority might that errs."""
    signature = urlsafe_b64encode(AUTHORITY.sign(rfc8785.dumps(contents))).rstrip(b"=").decode()
    return json.dumps({"list": contents, "signature": signature}).encode()


def read(text: bytes, least: int = 0) -> Members:
    return read_members(text, AUTHORITY.verifier, least=least)


def test_a_list_that_was_signed_reads_back_with_its_look_ups(rows: tuple[Member, Member]) -> None:
    members = read(signed(*rows))
    assert (members.instance, members.version, members.all) == ("JP", 3, rows)
    assert (members.issued_at, members.valid_until) == (NOW, NOW + timedelta(days=30))
    assert (
        members.by_id(B) == members.by_fingerprint(fingerprint(rows[1].certificates[0])) == rows[1]
    )
    name = exchange.key_name(exchange.public_key(rows[0].signing_keys[0]))
    assert members.by_key(name) == rows[0]
    assert members.address(A).render() == "JP/MUN/131016"
    assert members.of_kind("organisation") == rows
    assert members.of_kind("log") == ()


def test_the_same_list_has_one_digest_however_it_is_written(rows: tuple[Member, Member]) -> None:
    text = signed(*rows)
    again = json.dumps(json.loads(text), indent=2, sort_keys=True).encode()
    assert read(again).digest == read(text).digest


def test_the_identity_part_is_kept_as_it_is(rows: tuple[Member, Member]) -> None:
    part = msgspec.Raw(b'{"receivers":{"1":"AAAA"}}')
    member = msgspec.structs.replace(rows[0], identity=part)
    assert json.loads(bytes(read(signed(member)).all[0].identity)) == json.loads(bytes(part))


def test_who_is_not_on_the_list_is_unknown(rows: tuple[Member, Member]) -> None:
    members = read(signed(*rows))
    with pytest.raises(PeerUnknown):
        members.by_id("131032")
    with pytest.raises(CertificateUnknown):
        members.by_fingerprint("0" * 64)
    assert members.by_key("x") is None
    assert members.key("x") is None


@pytest.mark.clause("RK-8.1", "RK-8.2")
def test_the_authority_signs_the_canonical_form_of_exactly_these_members(
    rows: tuple[Member, Member],
) -> None:
    said = json.loads(signed(*rows))
    key = AUTHORITY.verifier.public
    Ed25519PublicKey.from_public_bytes(key).verify(
        urlsafe_b64decode(said["signature"] + "=="), rfc8785.dumps(said["list"])
    )
    assert set(said) == {"list", "signature"}
    times = {"issued_at", "valid_until"}
    assert set(said["list"]) == {"type", "instance", "version", "members", "anchors"} | times
    with pytest.raises(MembersMalformed):
        read(signed_as_is(said["list"] | {"more": 1}))
    for change in ({"more": ""}, {"kind": "guest"}):
        first, second = said["list"]["members"]
        with pytest.raises(MembersMalformed):
            read(signed_as_is(said["list"] | {"members": [first | change, second]}))


@pytest.mark.clause("RK-8.1")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"version":3', b'"version":4'),
        (b"127.0.0.1:1", b"127.0.0.1:2"),
        (b'"signature":"', b'"signature":"A'),
    ],
)
def test_a_list_changed_after_signing_is_refused(
    rows: tuple[Member, Member], old: bytes, new: bytes
) -> None:
    with pytest.raises(MembersUnsigned):
        read(signed(*rows).replace(old, new, 1))


@pytest.mark.clause("RK-8.1")
def test_a_list_of_another_authority_is_refused(rows: tuple[Member, Member]) -> None:
    other = audit.Signer.from_seed("authority.example", b"1" * 32)
    with pytest.raises(MembersUnsigned):
        read(sign_members(rows, other, instance="JP", version=3, at=NOW))


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b"\xff", b'{"list":{},"signature":"","x":1}'])
def test_what_is_no_list_is_refused(text: bytes) -> None:
    with pytest.raises(MembersMalformed):
        read(text)


@pytest.mark.clause("RK-8.4")
def test_a_list_older_than_one_that_was_in_force_is_refused(rows: tuple[Member, Member]) -> None:
    assert read(signed(*rows), least=3).version == 3
    with pytest.raises(MembersOlder):
        read(signed(*rows), least=4)


@pytest.mark.clause("RK-8.4")
@pytest.mark.parametrize("part", ["id", "certificates", "signing_keys"])
def test_what_tells_members_apart_stands_once(rows: tuple[Member, Member], part: str) -> None:
    first, second = rows
    twin = msgspec.structs.replace(second, **{part: getattr(first, part)})
    with pytest.raises(MembersRepeated):
        signed(first, twin)


def certificate(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, *, ca: bool) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW)
        .not_valid_after(NOW.replace(year=2030))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    return made.public_bytes(Encoding.PEM).decode()


@pytest.mark.clause("RK-8.2")
def test_a_certificate_that_could_vouch_for_others_is_refused(rows: tuple[Member, Member]) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    plain = msgspec.structs.replace(rows[0], certificates=(certificate(key, ca=False),))
    assert read(signed(plain)).all == (plain,)
    with pytest.raises(MembersMalformed):
        signed(msgspec.structs.replace(rows[0], certificates=(certificate(key, ca=True),)))


@pytest.mark.clause("RK-8.2")
@pytest.mark.parametrize(
    "change",
    [
        {"id": "131017"},
        {"member_class": "PREF"},
        {"url": "http://127.0.0.1"},
        {"url": "https://127.0.0.1/path"},
        {"url": "https://user@127.0.0.1"},
        {"ja": ""},
        {"signing_keys": ("AAAA",)},
        {"certificates": ("x",)},
        {"log_key": "x"},
        {"certificates": ()},
        {"signing_keys": ()},
        {"units": ("6",)},
        {"units": ("06", "06")},
        {"units": ("1",)},
        {"services": (Service(unit="06", service="x", ja="x", en="x"),)},
        {"units": ("06",), "services": (Service(unit="06", service="getWsdl", ja="x", en="x"),)},
        {"units": ("06",), "services": (Service(unit="06", service="a/b", ja="x", en="x"),)},
        {"units": ("06",), "services": (Service(unit="06", service="x", ja="", en="x"),)},
        {"units": ("06",), "services": (Service(unit="06", service="x", ja="x", en="x"),) * 2},
        {"releases": ("2026 4",)},
        {"releases": ("2026.4", "2026.4")},
        {"sealing_key": "A"},
        {"sealing_key": "AAAA"},
        {"sealing_key": "BA" + "A" * 85},
        {"via": "131016"},
        {"via": "131032"},
        *(
            {"console": text}
            for text in (
                "https://a.example/",
                "https://A.example",
                "http://a.example",
                "https://u@a.example",
                "javascript:x",
            )
        ),
        {"certificates": (certificate(rsa.generate_private_key(65537, 2048), ca=False),)},
    ],
)
def test_a_member_with_a_malformed_part_is_refused(
    rows: tuple[Member, Member], change: dict[str, str]
) -> None:
    with pytest.raises(MembersMalformed):
        signed(msgspec.structs.replace(rows[0], **change))


@pytest.mark.clause("RK-8.2")
def test_a_member_is_listed_with_all_it_offers(rows: tuple[Member, Member]) -> None:
    """Services of its units, releases, a sealing key, the member that relays to it."""
    first, second = rows
    offered = msgspec.structs.replace(
        second,
        units=("06",),
        services=(Service(unit="06", service="tax_notice", ja="通知", en="Notice"),),
        releases=("2026.4",),
        characters=Charset.windows_31j,
        sealing_key=exchange.encode(bytes(32)),
        via=first.id,
        console="https://console.b.example:8443",
    )
    assert read(signed(first, offered)).by_id(B) == offered
    with pytest.raises(MembersMalformed, match="latin-1"):
        read(signed(msgspec.structs.replace(second, characters="latin-1")))
    same = msgspec.structs.replace(first, console=offered.console)
    with pytest.raises(MembersRepeated):  # whose staff would sign in there?
        signed(same, offered)
    relayed = msgspec.structs.replace(first, via=second.id)
    with pytest.raises(MembersMalformed, match="via"):
        signed(relayed, offered)


@pytest.mark.clause("RK-8.4", "RK-8.7")
def test_of_two_certificates_and_keys_either_is_the_members(
    site: Site, rows: tuple[Member, Member]
) -> None:
    """And a third, or one of somebody else, is refused."""
    spare = row(site.c)

    def with_more(member: Member, *others: Member) -> Member:
        return msgspec.structs.replace(
            member,
            certificates=member.certificates + tuple(o.certificates[0] for o in others),
            signing_keys=member.signing_keys + tuple(o.signing_keys[0] for o in others),
        )

    members = read(signed(with_more(rows[0], spare), rows[1]))
    for one in (rows[0], spare):
        assert members.by_fingerprint(fingerprint(one.certificates[0])).id == A
        name = exchange.key_name(exchange.public_key(one.signing_keys[0]))
        found = members.by_key(name)
        assert found is not None
        assert found.id == A
    with pytest.raises(MembersRepeated):
        signed(with_more(rows[0], spare), with_more(rows[1], spare))
    with pytest.raises(MembersRepeated):
        signed(with_more(rows[0], rows[0]), rows[1])
    with pytest.raises(MembersMalformed):
        signed(with_more(rows[0], spare, rows[1]))


@pytest.mark.clause("RK-8.1", "RK-8.5")
@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("valid_until", "2026-11-23T00:00:00.000Z"),
        ("valid_until", "2026-12-23T00:00:00Z"),
        ("valid_until", "2026-12-23"),
        ("issued_at", "yesterday"),
        ("issued_at", ""),
        ("type", "renkei-members-1"),
        ("version", "3"),
    ],
)
def test_a_list_whose_dates_or_form_are_wrong_is_refused_though_it_is_signed(
    rows: tuple[Member, Member], part: str, said: str
) -> None:
    """A signature makes nothing well-formed."""
    contents = json.loads(signed(*rows))["list"] | {part: said}
    signature = exchange.encode(AUTHORITY.sign(kit.canonical(contents)))
    with pytest.raises(MembersMalformed):
        read(json.dumps({"list": contents, "signature": signature}).encode())


def test_a_list_holds_until_its_end_and_another_of_its_version_does_not_follow(
    rows: tuple[Member, Member],
) -> None:
    """RK-8.4, RK-8.5."""
    members = read(signed(*rows))
    members.check(NOW + timedelta(days=30) - timedelta(milliseconds=1))
    with pytest.raises(MembersExpired):
        members.check(NOW + timedelta(days=30))
    read(signed(*rows)).check_after(members)
    read(signed(rows[0], version=4)).check_after(members)
    with pytest.raises(MembersForked):
        read(signed(rows[0])).check_after(members)
    with pytest.raises(MembersOlder):
        read(signed(*rows, version=2)).check_after(members)
