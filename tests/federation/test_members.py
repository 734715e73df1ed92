"""The members list is believed because its authority signed it, and for nothing else."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime
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

from renkei import audit, exchange
from renkei.federation.errors import (
    CertificateUnknown,
    MembersMalformed,
    MembersOlder,
    MembersRepeated,
    MembersUnsigned,
    PeerUnknown,
)
from renkei.federation.members import Member, Members, fingerprint, read_members, sign_members

NOW = datetime(2026, 11, 23, tzinfo=UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site.create(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def rows(site: Site) -> tuple[Member, Member]:
    return row(site.a), row(site.b)


def signed(*rows: Member, version: int = 3) -> bytes:
    return sign_members(rows, AUTHORITY, instance="JP", version=version, at=NOW)


def signed_as_is(contents: dict[str, Any]) -> bytes:
    """Sign a list whatever it says, as an authority might that errs."""
    signature = urlsafe_b64encode(AUTHORITY.sign(rfc8785.dumps(contents))).rstrip(b"=").decode()
    return json.dumps({"list": contents, "signature": signature}).encode()


def read(text: bytes, least: int = 0) -> Members:
    return read_members(text, AUTHORITY.verifier, least=least)


def test_a_list_that_was_signed_reads_back_with_its_look_ups(rows: tuple[Member, Member]) -> None:
    members = read(signed(*rows))
    assert (members.instance, members.version, members.all) == ("JP", 3, rows)
    assert members.issued_at == "2026-11-23T00:00:00.000Z"
    assert members.by_id(B) == members.by_fingerprint(fingerprint(rows[1].certificate)) == rows[1]
    name = exchange.key_name(exchange.public_key(rows[0].signing_key))
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
    assert set(said["list"]) == {"type", "instance", "version", "issued_at", "members"}
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
@pytest.mark.parametrize("part", ["id", "certificate", "signing_key"])
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
    plain = msgspec.structs.replace(rows[0], certificate=certificate(key, ca=False))
    assert read(signed(plain)).all == (plain,)
    with pytest.raises(MembersMalformed):
        signed(msgspec.structs.replace(rows[0], certificate=certificate(key, ca=True)))


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
        {"signing_key": "AAAA"},
        {"certificate": "x"},
        {"log_key": "x"},
        {"units": ("15", "15")},
        {"units": ("1",)},
        {"certificate": certificate(rsa.generate_private_key(65537, 2048), ca=False)},
    ],
)
def test_a_member_with_a_malformed_part_is_refused(
    rows: tuple[Member, Member], change: dict[str, str]
) -> None:
    with pytest.raises(MembersMalformed):
        signed(msgspec.structs.replace(rows[0], **change))
