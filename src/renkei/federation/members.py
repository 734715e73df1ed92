"""The members list: who takes part, and by which certificates and keys each is known.

One signed file, the same for everybody, in force until its stated end or until a newer one comes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Literal, TypeVar

import msgspec

from renkei import audit, exchange, kit
from renkei.federation.anchors import Anchor, Known, taken
from renkei.federation.anchors import check as check_anchors
from renkei.federation.errors import (
    CertificateUnknown,
    DirectoryExpired,
    MembersExpired,
    MembersForked,
    MembersMalformed,
    MembersOlder,
    MembersRepeated,
    MembersUnsigned,
    PeerUnknown,
)
from renkei.federation.member import Kind, Member, check, fingerprint

LARGEST_LIST = 32 << 20
VALID_FOR = timedelta(days=3650)
"""How long a list is valid that was signed without a word about it: as long as a certificate."""


class _List(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the authority signs."""

    type: Literal["renkei-members-2"]
    instance: str
    version: int
    issued_at: str
    valid_until: str
    members: tuple[Member, ...]
    anchors: tuple[Anchor, ...] = ()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The file: the list and the authority's signature over its canonical form."""

    list: msgspec.Raw
    signature: str


@dataclass(frozen=True, slots=True)
class Members:
    """A list, with its look-ups. Made by `read_members`.

    Nobody may go by it after `valid_until`: who was withdrawn since would still be believed. The
    look-ups find those of other directories too, once they were `joined`; `all` are our own.
    """

    instance: str
    version: int
    issued_at: datetime
    valid_until: datetime
    digest: bytes
    all: tuple[Member, ...]
    anchors: tuple[Anchor, ...]
    _by_id: dict[str, Member]
    _by_fingerprint: dict[str, Member]
    _by_key: dict[str, Member]
    _keys: dict[str, exchange.PublicKey]
    _abroad: dict[str, tuple[Anchor, "Members"]] = field(default_factory=dict)
    """Those of other directories, by their numbers: the anchor, and the list each stands in."""

    @property
    def everyone(self) -> tuple[Member, ...]:
        """Return our own members, then those of other directories."""
        return (*self.all, *(self._by_id[number] for number in self._abroad))

    def list_of(self, number: str) -> "Members":
        """Return the list a member stands in: this one, or that of another directory."""
        found = self._abroad.get(number)
        return self if found is None else found[1]

    def directory_of(self, number: str) -> Anchor | None:
        """Return by which directory a member is known; None: by our own."""
        found = self._abroad.get(number)
        return None if found is None else found[0]

    def is_abroad(self, number: str) -> bool:
        """Tell whether a number is of a member of another directory."""
        return number in self._abroad

    @property
    def foreign(self) -> tuple[tuple[Anchor, "Members"], ...]:
        """Return the lists of other directories from which somebody is known, by their anchors."""
        return tuple({found[0].name: found for found in self._abroad.values()}.values())

    @property
    def alone(self) -> "Members":
        """Return this list without those of other directories."""
        abroad = self._abroad
        return replace(
            self,
            _by_id={name: m for name, m in self._by_id.items() if m.id not in abroad},
            _by_fingerprint={n: m for n, m in self._by_fingerprint.items() if m.id not in abroad},
            _by_key={name: m for name, m in self._by_key.items() if m.id not in abroad},
            _keys={n: key for n, key in self._keys.items() if self._by_key[n].id not in abroad},
            _abroad={},
        )

    def joined(self, others: Iterable[tuple[Anchor, "Members"]]) -> "Members":
        """Return this list with those of other directories, each within the scope of its anchor."""
        known = Known(dict(self._by_id), dict(self._by_fingerprint), dict(self._by_key))
        keys, abroad = dict(self._keys), dict[str, tuple[Anchor, Members]]()
        for anchor, members in others:
            for member in taken(anchor, members.instance, members.all, known):
                abroad[member.id] = anchor, members
                known.numbers[member.id] = member
                for certificate in member.all_certificates:
                    known.fingerprints[fingerprint(certificate)] = member
                for text in member.signing_keys:
                    key = exchange.public_key(text)
                    known.keys[exchange.key_name(key)] = member
                    keys[exchange.key_name(key)] = key
        return replace(
            self,
            _by_id=known.numbers,
            _by_fingerprint=known.fingerprints,
            _by_key=known.keys,
            _keys=keys,
            _abroad=abroad,
        )

    def check_of(self, number: str, at: datetime) -> None:
        """Raise where the list a member stands in, or our own, may no longer be gone by."""
        self.check(at)
        found = self._abroad.get(number)
        if found is not None and at >= found[1].valid_until:
            until = _instant(found[1].valid_until)
            raise DirectoryExpired(directory=found[0].title, until=until)

    def check(self, at: datetime) -> None:
        """Raise `MembersExpired` where this list may no longer be gone by."""
        if at >= self.valid_until:
            raise MembersExpired(version=self.version, until=_instant(self.valid_until))

    def check_after(self, before: "Members") -> None:
        """Raise where this list may not follow another one: it is older, or of its version."""
        if self.version < before.version:
            raise MembersOlder(version=self.version, least=before.version)
        if self.version == before.version and self.digest != before.digest:
            raise MembersForked(version=self.version)

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

    @property
    def heirs(self) -> tuple[tuple[str, str], ...]:
        """Return who succeeds whom (合併), as (predecessor, successor)."""
        return tuple((gone, member.id) for member in self.all for gone in member.succeeds)

    def address(self, number: str) -> exchange.Member:
        """Return the address of the member with this number."""
        member = self.by_id(number)
        return exchange.member(self.list_of(number).instance, member.member_class, member.id)


def sign_members(
    members: Iterable[Member],
    authority: audit.Signer,
    *,
    instance: str,
    version: int,
    at: datetime,
    valid_for: timedelta = VALID_FOR,
    anchors: Iterable[Anchor] = (),
) -> bytes:
    """Return the file of a members list, signed by the authority. The list is checked first."""
    dates = _instant(at), _instant(at + valid_for)
    contents = _List("renkei-members-2", instance, version, *dates, tuple(members), tuple(anchors))
    _look_ups(contents, b"")
    text = kit.canonical(kit.read_json(msgspec.json.encode(contents), object))
    signature = exchange.encode(authority.sign(text))
    return msgspec.json.encode(_File(msgspec.Raw(text), signature))


def read_members(text: bytes, authority: audit.Verifier, *, least: int = 0) -> Members:
    """Read a members list; `least` is the highest version that was in force here before.

    Whether it is still valid is a question of the time: `Members.check`.
    """
    if len(text) > LARGEST_LIST:
        raise MembersMalformed(defect=f"longer than {LARGEST_LIST} bytes")
    file = _decode(text, _File)
    signed = _canonical(file.list)
    try:
        signature = exchange.decode(file.signature)
    except ValueError:
        raise MembersUnsigned from None
    if not authority.fits(signed, signature):
        raise MembersUnsigned
    contents = _decode(signed, _List)
    if contents.version < least:
        raise MembersOlder(version=contents.version, least=least)
    return _look_ups(contents, sha256(signed).digest())


_T = TypeVar("_T")


def _decode(text: bytes, kind: type[_T]) -> _T:
    try:
        return kit.read_json(text, kind)
    except msgspec.DecodeError as error:
        raise MembersMalformed(defect=str(error)) from error


def _canonical(text: msgspec.Raw) -> bytes:
    try:
        return kit.canonical(_decode(bytes(text), object))
    except (kit.NotCanonical, RecursionError) as error:  # a fraction, half a surrogate pair
        raise MembersMalformed(defect=type(error).__name__) from error


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _read_instant(text: str, part: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None and _instant(at) == text:
            return at
    except (ValueError, OverflowError):
        pass
    raise MembersMalformed(defect=part)


def _look_ups(contents: _List, digest: bytes) -> Members:
    """Check every member and that no two share what tells members apart."""
    by_id: dict[str, Member] = {}
    by_fingerprint: dict[str, Member] = {}
    by_key: dict[str, Member] = {}
    by_console: dict[str, Member] = {}
    keys: dict[str, exchange.PublicKey] = {}
    issued_at = _read_instant(contents.issued_at, "issued_at")
    valid_until = _read_instant(contents.valid_until, "valid_until")
    if valid_until <= issued_at:
        raise MembersMalformed(defect="valid_until")
    for member in contents.members:
        for key in check(member, contents.instance):
            name = exchange.key_name(key)
            _enter(by_key, name, member, "signing key")
            keys[name] = key
        _enter(by_id, member.id, member, "number")
        of_nodes = (one for node in member.nodes for one in node.certificates)
        for certificate in (*member.certificates, *of_nodes):
            _enter(by_fingerprint, fingerprint(certificate), member, "certificate")
        if member.console:  # who signs in there is of this member
            _enter(by_console, member.console, member, "console")
    check_anchors(contents.anchors, contents.instance)
    for member in contents.members:
        _check_relay(member, by_id)
    return Members(
        instance=contents.instance,
        version=contents.version,
        issued_at=issued_at,
        valid_until=valid_until,
        digest=digest,
        all=contents.members,
        anchors=contents.anchors,
        _by_id=by_id,
        _by_fingerprint=by_fingerprint,
        _by_key=by_key,
        _keys=keys,
    )


def _enter(known: dict[str, Member], name: str, member: Member, part: str) -> None:
    if name in known:
        raise MembersRepeated(part=part, member=member.id)
    known[name] = member


def _check_relay(member: Member, by_id: dict[str, Member]) -> None:
    """Refuse a relay that is no organisation's or itself relayed to, and one without a seal."""
    if not member.via:
        return
    relay = by_id.get(member.via)
    if relay is None or relay.via or relay.kind != "organisation" or not member.sealing_key:
        raise MembersMalformed(defect=f"{member.id}: via")
