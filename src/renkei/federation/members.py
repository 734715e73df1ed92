"""The members list: who takes part, and by which certificate and keys each is known.

One signed file, the same for everybody. A node reads it at its start: a new list takes effect
with a restart.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, TypeVar

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from renkei import audit, exchange, kit
from renkei.federation.errors import (
    CertificateUnknown,
    MembersMalformed,
    MembersOlder,
    MembersRepeated,
    MembersUnsigned,
    PeerUnknown,
)

LARGEST_LIST = 32 << 20

Kind = Literal["organisation", "converter", "registrar", "log"]
MemberClass = Literal["MUN", "PREF", "GOV", "COM"]

_UNIT = re.compile(r"[0-9]{2}", re.ASCII)
_URL = re.compile(r"https://(?:[A-Za-z0-9.\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One member as the list says it: `units` are those it runs and answers for.

    `identity` is the part that room defines, kept as it is.
    """

    id: str
    kind: Kind
    member_class: MemberClass
    ja: str
    en: str
    url: str
    certificate: str
    signing_key: str
    log_key: str = ""
    units: tuple[str, ...] = ()
    identity: msgspec.Raw = msgspec.Raw(b"{}")


class _List(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the authority signs."""

    type: Literal["renkei-members-1"]
    instance: str
    version: int
    issued_at: str
    members: tuple[Member, ...]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: the list and the authority's signature over its canonical form."""

    list: msgspec.Raw
    signature: str


@dataclass(frozen=True, slots=True)
class Members:
    """The list in force, with its look-ups. Made by `read_members`."""

    instance: str
    version: int
    issued_at: str
    digest: bytes
    all: tuple[Member, ...]
    _by_id: dict[str, Member]
    _by_fingerprint: dict[str, Member]
    _by_key: dict[str, Member]
    _keys: dict[str, exchange.PublicKey]

    def by_id(self, number: str) -> Member:
        """Return the member with this number, or raise `PeerUnknown`."""
        try:
            return self._by_id[number]
        except KeyError:
            raise PeerUnknown(peer=number[:20]) from None

    def by_fingerprint(self, fingerprint: str) -> Member:
        """Return the member with this certificate, or raise `CertificateUnknown`."""
        try:
            return self._by_fingerprint[fingerprint]
        except KeyError:
            raise CertificateUnknown(fingerprint=fingerprint[:64]) from None

    def by_key(self, name: str) -> Member | None:
        """Return the member who signs with the key of this name, or None."""
        return self._by_key.get(name)

    def key(self, name: str) -> exchange.PublicKey | None:
        """Return the public key of this name, or None: what verifying asks for."""
        return self._keys.get(name)

    def of_kind(self, kind: Kind) -> tuple[Member, ...]:
        """Return the members of a kind, in the order of the list."""
        return tuple(member for member in self.all if member.kind == kind)

    def address(self, number: str) -> exchange.Member:
        """Return the address of the member with this number."""
        member = self.by_id(number)
        return exchange.member(self.instance, member.member_class, member.id)


def fingerprint(certificate: str) -> str:
    """Return the SHA-256 of a PEM certificate's DER form, in hexadecimal."""
    return x509.load_pem_x509_certificate(certificate.encode()).fingerprint(SHA256()).hex()


def sign_members(
    members: Iterable[Member],
    authority: audit.Signer,
    *,
    instance: str,
    version: int,
    at: datetime,
) -> bytes:
    """Return the file of a members list, signed by the authority. The list is checked first."""
    issued_at = at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    contents = _List("renkei-members-1", instance, version, issued_at, tuple(members))
    _look_ups(contents)
    text = kit.canonical(msgspec.json.decode(msgspec.json.encode(contents)))
    signature = exchange.encode(authority.sign(text))
    return msgspec.json.encode(_File(msgspec.Raw(text), signature))


def read_members(text: bytes, authority: audit.Verifier, *, least: int = 0) -> Members:
    """Read a members list; `least` is the highest version that was in force here before."""
    if len(text) > LARGEST_LIST:
        raise MembersMalformed(defect=f"longer than {LARGEST_LIST} bytes")
    file = _decode(text, _File)
    signed = kit.canonical(_decode(bytes(file.list), object))
    try:
        signature = exchange.decode(file.signature)
    except ValueError:
        raise MembersUnsigned from None
    if not authority.fits(signed, signature):
        raise MembersUnsigned
    contents = _decode(signed, _List)
    if contents.version < least:
        raise MembersOlder(version=contents.version, least=least)
    return _look_ups(contents)


_T = TypeVar("_T")


def _decode(text: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(text, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise MembersMalformed(defect=str(error)) from error


def _look_ups(contents: _List) -> Members:
    """Check every member and that no two share what tells members apart."""
    by_id: dict[str, Member] = {}
    by_fingerprint: dict[str, Member] = {}
    by_key: dict[str, Member] = {}
    keys: dict[str, exchange.PublicKey] = {}
    for member in contents.members:
        key = _check(member, contents.instance)
        name = exchange.key_name(key)
        for part, found, known in (
            ("number", member.id, by_id),
            ("certificate", fingerprint(member.certificate), by_fingerprint),
            ("signing key", name, by_key),
        ):
            if found in known:
                raise MembersRepeated(part=part, member=member.id)
            known[found] = member
        keys[name] = key
    return Members(
        instance=contents.instance,
        version=contents.version,
        issued_at=contents.issued_at,
        digest=kit.digest(msgspec.json.decode(msgspec.json.encode(contents))),
        all=contents.members,
        _by_id=by_id,
        _by_fingerprint=by_fingerprint,
        _by_key=by_key,
        _keys=keys,
    )


def _check(member: Member, instance: str) -> exchange.PublicKey:
    """Return the member's signing key, or say which part of the member is malformed."""
    try:
        exchange.member(instance, member.member_class, member.id)
        key = exchange.public_key(member.signing_key)
        if member.log_key:
            audit.Verifier.parse(member.log_key)
    except kit.NodeError as error:
        raise MembersMalformed(defect=f"{member.id[:20]}: {error.code()}") from error
    if not _URL.fullmatch(member.url):
        raise MembersMalformed(defect=f"{member.id}: url")
    if len(set(member.units)) != len(member.units) or not all(map(_UNIT.fullmatch, member.units)):
        raise MembersMalformed(defect=f"{member.id}: units")
    if not (member.ja and member.en):
        raise MembersMalformed(defect=f"{member.id}: name")
    if not _is_pinnable(member.certificate):
        raise MembersMalformed(defect=f"{member.id}: certificate")
    return key


def _is_pinnable(text: str) -> bool:
    """Tell whether this is one P-256 certificate that can vouch for nobody else."""
    try:
        certificates = x509.load_pem_x509_certificates(text.encode())
        limits = certificates[0].extensions.get_extension_for_class(x509.BasicConstraints).value
        key = certificates[0].public_key()
    except (ValueError, x509.ExtensionNotFound):
        return False
    return (
        len(certificates) == 1
        and not limits.ca
        and isinstance(key, ec.EllipticCurvePublicKey)
        and isinstance(key.curve, ec.SECP256R1)
    )
