"""Who signs, by the certificate of a card (公的個人認証): chain, revocation, and a fresh signature.

Only a recognised verifier (署名検証者) is given the list of what is revoked; it and the roots come
from files. Every step must hold: a chain to a root in force now, for each certificate of it a
list of its issuer that is not past its time and does not name it, a key meant for signing, and a
signature by that key under exactly what was asked to be signed. Else nothing is proven, and why is
said; an error is raised only where the verifier's own files are wrong.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from typing import Self

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from renkei.identity.errors import VerifierFilesWrong

LONGEST_CHAIN, LARGEST = 4, 16_384
PERSONAL_DATA = "1.2.392.200149.8.5.5"
"""The arc of the names by which the signing certificate holds the four basic items."""


class Unproven(StrEnum):
    """Why a signature proves nobody."""

    malformed = "malformed"
    chain = "chain"
    revocation_unknown = "revocation-unknown"
    revoked = "revoked"
    signature = "signature"
    items = "items"


@dataclass(frozen=True, slots=True)
class Proven:
    """Who signed, as the certificate has it: the four basic items, days as the standard writes."""

    name: str
    birth_date: str
    sex: str
    address: str


@dataclass(frozen=True)
class CertificateVerifier:
    """The roots that are believed, and the lists of what was revoked."""

    roots: tuple[x509.Certificate, ...]
    lists: tuple[x509.CertificateRevocationList, ...]

    @classmethod
    def read(cls, roots: bytes, lists: Iterable[bytes]) -> Self:
        """Read PEM or DER; at least one root, and lists that may be none yet."""
        try:
            believed = tuple(x509.load_pem_x509_certificates(roots))
            known = tuple(map(_list, lists))
        except ValueError as error:
            raise VerifierFilesWrong(reason=str(error)[:200]) from error
        return cls(believed, known)

    def verify(
        self, certificates: Sequence[bytes], signed: bytes, signature: bytes, *, at: datetime
    ) -> Proven | Unproven:
        """Say who signed, by certificates in DER, the signer's first."""
        try:
            leaf, *others = map(_certificate, certificates[: LONGEST_CHAIN + 1])
        except ValueError:
            return Unproven.malformed
        try:
            found = self._policy(at).verify(leaf, others)
        except (VerificationError, ValueError, UnsupportedAlgorithm):
            return Unproven.chain
        if (wrong := self._revocation(found.chain, at)) is not None:
            return wrong
        if not _signed(leaf, signed, signature):
            return Unproven.signature
        return _items(leaf) or Unproven.items

    def _policy(self, at: datetime) -> x509.verification.ClientVerifier:
        leaf = ExtensionPolicy.permit_all().require_present(
            x509.KeyUsage, Criticality.AGNOSTIC, _for_signing
        )
        return (
            PolicyBuilder()
            .store(Store(list(self.roots)))
            .time(at)
            .max_chain_depth(LONGEST_CHAIN)
            .extension_policies(ca_policy=ExtensionPolicy.webpki_defaults_ca(), ee_policy=leaf)
            .build_client_verifier()
        )

    def _revocation(self, chain: Sequence[x509.Certificate], at: datetime) -> Unproven | None:
        """Look each certificate up in a list of its issuer; without one nothing is known."""
        for certificate, issuer in pairwise(chain):
            current = [
                one
                for one in self.lists
                if one.issuer == issuer.subject
                and _covers(one, certificate)
                and one.is_signature_valid(issuer.public_key())  # type: ignore[arg-type]  # a key that could sign the certificate
                and one.last_update_utc <= at
                and one.next_update_utc is not None
                and at < one.next_update_utc
            ]
            if not current:
                return Unproven.revocation_unknown
            serial = certificate.serial_number
            if any(one.get_revoked_certificate_by_serial_number(serial) for one in current):
                return Unproven.revoked
        return None


def _covers(one: x509.CertificateRevocationList, certificate: x509.Certificate) -> bool:
    """Tell whether a list speaks of a certificate: issuers split theirs by distribution point."""
    if any(
        part.critical and isinstance(part.value, x509.UnrecognizedExtension)
        for part in one.extensions
    ):
        return False
    try:
        point = one.extensions.get_extension_for_class(x509.IssuingDistributionPoint).value
    except x509.ExtensionNotFound:
        return True
    is_authority = _is_authority(certificate)
    if (
        point.indirect_crl
        or point.only_some_reasons
        or point.only_contains_attribute_certs
        or (point.only_contains_ca_certs and not is_authority)
        or (point.only_contains_user_certs and is_authority)
        or point.relative_name is not None
    ):
        return False
    if point.full_name is None:
        return True
    try:
        points = certificate.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    except x509.ExtensionNotFound:
        return False
    return any(name in point.full_name for each in points for name in each.full_name or ())


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def _list(data: bytes) -> x509.CertificateRevocationList:
    if data.startswith(b"-----"):
        return x509.load_pem_x509_crl(data)
    return x509.load_der_x509_crl(data)


def _certificate(data: bytes) -> x509.Certificate:
    if len(data) > LARGEST:
        raise ValueError("too large")
    return x509.load_der_x509_certificate(data)


def _for_signing(_: Policy, __: x509.Certificate, usage: x509.KeyUsage) -> None:
    """Refuse a key that is not for signatures."""
    if not (usage.digital_signature or usage.content_commitment):
        raise ValueError("key usage")


def _signed(leaf: x509.Certificate, signed: bytes, signature: bytes) -> bool:
    """Verify RSA (PKCS #1 v1.5) or ECDSA, both with SHA-256."""
    try:
        match leaf.public_key():
            case rsa.RSAPublicKey() as key:
                key.verify(signature, signed, padding.PKCS1v15(), hashes.SHA256())
            case ec.EllipticCurvePublicKey() as key:
                key.verify(signature, signed, ec.ECDSA(hashes.SHA256()))
            case _:
                return False
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _items(leaf: x509.Certificate) -> Proven | None:
    """Read the four basic items, each of which must stand there once."""
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        held = [
            (one.type_id.dotted_string, asn1.decode_der(str, one.value))
            for one in names
            if isinstance(one, x509.OtherName)
            and one.type_id.dotted_string.startswith(f"{PERSONAL_DATA}.")
        ]
    except (x509.ExtensionNotFound, ValueError):
        return None
    found = dict(held)
    name, sex, born, address = (found.get(f"{PERSONAL_DATA}.{n}", "") for n in (1, 3, 4, 5))
    # The era's digit, then a day of our calendar; what is not known of it stands as zeros.
    day = re.fullmatch("[0-9]([0-9]{4})([0-9]{2})([0-9]{2})", born)
    if len(found) != len(held) or day is None or not (name and sex and address):
        return None
    return Proven(name, "-".join(day.groups()), sex, address)
