"""A member's row of the members list, and what makes one fit to stand there."""

import re
from typing import Literal

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from renkei import audit, exchange, kit
from renkei.exchange import metadata
from renkei.federation.errors import MembersMalformed
from renkei.standard.characters import Charset

Kind = Literal["organisation", "converter", "registrar", "log"]
MemberClass = Literal["MUN", "PREF", "GOV", "COM"]

MOST = 2  # certificates or signing keys of a member: the old one and the new one
MOST_NODES = 8
SEALING_KEYS = 32, 65  # bytes of a raw public key: X25519, or a point of P-256

_UNIT = re.compile(r"[0-9]{2}", re.ASCII)
_SERVICE = re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{0,63}", re.ASCII)
_RELEASE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-]{0,63}", re.ASCII)
_NUMBER = re.compile(r"[0-9]{6}|[0-9]{13}", re.ASCII)
_URL = re.compile(r"https://(?:[A-Za-z0-9.\-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?")

_CONSOLE = re.compile(
    r"https://[a-z0-9](?:[a-z0-9.\-]{0,251}[a-z0-9])?(?::[0-9]{1,5})?"
    r"|http://(?:127\.0\.0\.1|localhost)(?::[0-9]{1,5})?"  # a trial on one machine
)


class Service(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A service of a member's unit that the standard does not know."""

    unit: str
    service: str
    ja: str
    en: str


class Node(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One more node of a member; without certificates of its own it shows those of the first."""

    url: str
    certificates: tuple[str, ...] = ()


class Member(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One member as the list says it: `units` are those it runs and answers for.

    It may stand there with two certificates or signing keys, the old and the new one: either is
    believed. `nodes` are those beside the one at `url`; any of them answers for the member. `via`
    is the member that relays to it, `console` where browsers find its staff console. `releases` are
    those of the standard it takes questions and answers in, `characters` what its systems can hold.
    `succeeds` are organisations whose codes it may take over (合併), `portals` its units that
    may ask other houses for the access record of who is logged in there. `identity` is the part
    that room defines, kept as it is.
    """

    id: str
    kind: Kind
    member_class: MemberClass
    ja: str
    en: str
    url: str
    certificates: tuple[str, ...]
    signing_keys: tuple[str, ...]
    nodes: tuple[Node, ...] = ()
    log_key: str = ""
    sealing_key: str = ""
    via: str = ""
    console: str = ""
    units: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()
    releases: tuple[str, ...] = ()
    characters: Charset = Charset.utf_8
    succeeds: tuple[str, ...] = ()
    portals: tuple[str, ...] = ()
    identity: msgspec.Raw = msgspec.Raw(b"{}")

    @property
    def all_nodes(self) -> tuple[Node, ...]:
        """Return every node with its address and the certificates it shows."""
        first = Node(url=self.url, certificates=self.certificates)
        return (first, *(_whole(node, self.certificates) for node in self.nodes))

    @property
    def all_certificates(self) -> tuple[str, ...]:
        """Return every certificate some node of it shows, each once."""
        return tuple(dict.fromkeys(one for node in self.all_nodes for one in node.certificates))

    def named(self, node: str) -> dict[str, str]:
        """Return what an entry says of the node that was asked: nothing where there is but one."""
        return {"node": node} if self.nodes and node else {}


def _whole(node: Node, shared: tuple[str, ...]) -> Node:
    return node if node.certificates else msgspec.structs.replace(node, certificates=shared)


def fingerprint(certificate: str) -> str:
    """Return the SHA-256 of a PEM certificate's DER form, in hexadecimal."""
    return x509.load_pem_x509_certificate(certificate.encode()).fingerprint(SHA256()).hex()


def check(member: Member, instance: str) -> tuple[exchange.PublicKey, ...]:
    """Return the member's signing keys, or say which part of the member is malformed."""
    try:
        exchange.member(instance, member.member_class, member.id)
        keys = tuple(exchange.public_key(text) for text in member.signing_keys)
        if member.log_key:
            audit.Verifier.parse(member.log_key)
    except kit.NodeError as error:
        raise MembersMalformed(defect=f"{member.id[:20]}: {error.code()}") from error
    certificates = member.certificates
    parts = {
        "url": bool(_URL.fullmatch(member.url)),
        "units": _are_distinct(member.units) and all(map(_UNIT.fullmatch, member.units)),
        "name": bool(member.ja and member.en),
        "certificates": 1 <= len(certificates) <= MOST and all(map(_is_pinnable, certificates)),
        "signing_keys": 1 <= len(keys) <= MOST,
        "nodes": _are_nodes(member),
        "services": _are_services(member),
        "releases": _are_distinct(member.releases)
        and all(map(_RELEASE.fullmatch, member.releases)),
        "succeeds": _are_distinct(member.succeeds)
        and member.id not in member.succeeds
        and all(map(_NUMBER.fullmatch, member.succeeds)),
        "portals": _are_distinct(member.portals)
        and (member.kind == "organisation" or not member.portals)
        and all(map(_UNIT.fullmatch, member.portals)),
        "sealing_key": _is_sealing_key(member.sealing_key),
        "via": member.via != member.id,
        "console": not member.console or bool(_CONSOLE.fullmatch(member.console)),
    }
    for part, is_well in parts.items():
        if not is_well:
            raise MembersMalformed(defect=f"{member.id}: {part}")
    return keys


def _are_distinct(texts: tuple[str, ...]) -> bool:
    return len(set(texts)) == len(texts)


def _are_nodes(member: Member) -> bool:
    """Tell whether the further nodes are few, each with an address of its own, fit to be asked."""
    return (
        len(member.all_nodes) <= MOST_NODES
        and _are_distinct(tuple(node.url for node in member.all_nodes))
        and all(_URL.fullmatch(node.url) for node in member.nodes)
        and all(len(node.certificates) <= MOST for node in member.nodes)
        and all(_is_pinnable(one) for node in member.nodes for one in node.certificates)
    )


def _are_services(member: Member) -> bool:
    """Tell whether each service is of a unit of the member, named once, and no metaservice."""
    named = tuple(f"{one.unit}/{one.service}" for one in member.services)
    return _are_distinct(named) and all(
        one.unit in member.units
        and _SERVICE.fullmatch(one.service) is not None
        and one.service not in metadata.METASERVICES
        and bool(one.ja and one.en)
        for one in member.services
    )


def _is_sealing_key(text: str) -> bool:
    try:
        key = exchange.decode(text)
        if len(key) == SEALING_KEYS[1]:
            ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), key)
    except ValueError:  # no base64url, no point of the curve
        return False
    return not text or len(key) in SEALING_KEYS


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
