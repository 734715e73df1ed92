"""The line between nodes: TLS 1.3, each side known by the very certificate in the members list.

No authority vouches for anybody and no host name is believed: a server trusts exactly the
members' certificates, a client exactly those of the peer it calls.
"""

import asyncio
import os
import ssl
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from renkei import exchange
from renkei.federation.errors import (
    CertificateMissing,
    CredentialsThere,
    CredentialsUnreadable,
)
from renkei.federation.member import Member, Node
from renkei.federation.members import Members
from renkei.kit import NodeError, Tenant

TLS_FILE, SIGNING_FILE = "tls.pem", "signing.pem"
VALID_DAYS = 3650


@dataclass(frozen=True, slots=True)
class Credentials:
    """What an organisation proves itself with: its certificate on the line, its signing key."""

    id: Tenant
    certificate: str
    signing: exchange.SigningKey
    tls_file: Path

    @classmethod
    def create(cls, directory: Path, number: Tenant, *, at: datetime) -> Self:
        """Make new credentials in a directory, readable by this account alone."""
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(directory / TLS_FILE, new_tls(number, at=at))
        _write(directory / SIGNING_FILE, exchange.SigningKey.generate().pem())
        return cls.read(directory, number)

    @classmethod
    def read(
        cls,
        directory: Path,
        number: Tenant,
        *,
        tls: str = TLS_FILE,
        signing: exchange.SigningKey | None = None,
    ) -> Self:
        """Read the credentials kept in a directory; a signing key that is given is not read."""
        tls_file, signing_file = directory / tls, directory / SIGNING_FILE
        try:
            certificate = x509.load_pem_x509_certificate(tls_file.read_bytes())
        except (OSError, ValueError) as error:
            raise CredentialsUnreadable(file=str(tls_file)) from error
        try:
            signing = signing or exchange.SigningKey.from_pem(signing_file.read_bytes())
        except (OSError, NodeError) as error:
            raise CredentialsUnreadable(file=str(signing_file)) from error
        return cls(number, certificate.public_bytes(Encoding.PEM).decode(), signing, tls_file)


def new_tls(number: Tenant, *, at: datetime) -> bytes:
    """Return a new certificate of an organisation and its private key, in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return self_signed(key, number, at=at).public_bytes(Encoding.PEM) + private


def self_signed(
    key: ec.EllipticCurvePrivateKey, number: Tenant, *, at: datetime
) -> x509.Certificate:
    """Return a certificate for this key alone: it can vouch for no other one."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, number)])
    uses = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(days=1))
        .not_valid_after(at + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage(uses), critical=False)
        .sign(key, SHA256())
    )


def server_context(credentials: Credentials, members: Members) -> ssl.SSLContext:
    """Return the server's side: only a member's certificate gets through the handshake."""
    context = _context(ssl.PROTOCOL_TLS_SERVER, credentials)
    for member in members.everyone:
        for certificate in member.all_certificates:
            context.load_verify_locations(cadata=certificate)
    context.num_tickets = 0  # every connection shows its certificate
    return context


def client_context(credentials: Credentials, peer: Member | Node) -> ssl.SSLContext:
    """Return the client's side: only the certificates of this peer, or of this node, are right."""
    context = _context(ssl.PROTOCOL_TLS_CLIENT, credentials)
    for certificate in peer.certificates:
        context.load_verify_locations(cadata=certificate)
    return context


def _context(side: ssl._SSLMethod, credentials: Credentials) -> ssl.SSLContext:
    context = ssl.SSLContext(side)
    context.check_hostname = False  # the certificate itself is pinned, whatever host shows it
    context.verify_mode = ssl.CERT_REQUIRED
    # Two certificates of one member may have the same name: look for the very one that is shown.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        context.load_cert_chain(credentials.tls_file)
    except (OSError, ssl.SSLError) as error:
        raise CredentialsUnreadable(file=str(credentials.tls_file)) from error
    return context


class PeerProtocol(exchange.GuardedProtocol):
    """HTTP that tells the application by which certificate the caller came.

    uvicorn 0.54 does not hand the client certificate on; here its SHA-256 stands in
    `scope["extensions"]["tls"]["fingerprint"]`.
    """

    _fingerprint: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as in uvicorn
        """Read the certificate once for the whole connection."""
        line = transport.get_extra_info("ssl_object")
        shown = line.getpeercert(binary_form=True) if line is not None else None
        self._fingerprint = sha256(shown).hexdigest() if shown else None
        super().connection_made(transport)

    def on_message_begin(self) -> None:
        """Put the fingerprint beside every request."""
        super().on_message_begin()
        self.scope["extensions"] = {"tls": {"fingerprint": self._fingerprint}}


def caller_fingerprint(scope: exchange.Scope) -> str:
    """Return the fingerprint of the caller's certificate, or raise `CertificateMissing`."""
    found = scope.get("extensions", {}).get("tls", {}).get("fingerprint")
    if not isinstance(found, str):
        raise CertificateMissing
    return found


def _write(path: Path, contents: bytes) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise CredentialsThere(file=str(path)) from None
    with os.fdopen(handle, "wb") as file:
        file.write(contents)
