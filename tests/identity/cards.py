"""A made-up authority of signing certificates, and the cards it issues; nobody real is on them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.x509.oid import NameOID

from renkei.identity.certificates import PERSONAL_DATA

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
ITEMS = {1: "見本　花子", 3: "2", 4: "319800229", 5: "見本町一丁目1番1号"}
YEAR = timedelta(days=365)
POINT = "http://crl.example/one.crl"


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def utf8(text: str) -> bytes:
    data = text.encode()
    assert len(data) < 128
    return bytes([12, len(data)]) + data


@dataclass
class Authority:
    """One authority: its key and certificate, and what it has revoked."""

    at: datetime
    name: str = "見本認証局"
    key: Key = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    above: "Authority | None" = None
    certificate: x509.Certificate = field(init=False)

    def __post_init__(self) -> None:
        usage = self._usage(key_cert_sign=True, crl_sign=True)
        self.certificate = self._made(
            self.name,
            self.key,
            self.above or self,
            [(x509.BasicConstraints(ca=True, path_length=None), True), (usage, True)],
        )

    @property
    def root(self) -> bytes:
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def card(
        self,
        items: dict[int, str] | None = None,
        *,
        key: Key | None = None,
        signs: bool = True,
        since: timedelta = -YEAR,
        until: timedelta = YEAR,
        points: tuple[str, ...] = (),
        twice: bool = False,
    ) -> "Card":
        """Issue a card with these items."""
        key = key or rsa.generate_private_key(65537, 2048)
        held = [
            x509.OtherName(x509.ObjectIdentifier(f"{PERSONAL_DATA}.{n}"), utf8(text))
            for n, text in (ITEMS if items is None else items).items()
        ]
        if twice:
            held.append(held[0])
        extensions: list[tuple[x509.ExtensionType, bool]] = [
            (self._usage(digital_signature=signs, key_encipherment=not signs), True)
        ]
        if held:
            extensions.append((x509.SubjectAlternativeName(held), False))
        if points:
            places = [
                x509.DistributionPoint([x509.UniformResourceIdentifier(one)], None, None, None)
                for one in points
            ]
            extensions.append((x509.CRLDistributionPoints(places), False))
        made = self._made("card", key, self, extensions, since=since, until=until)
        return Card(made, key)

    def revoked(
        self,
        *cards: "Card",
        since: timedelta = -timedelta(days=1),
        until: timedelta = timedelta(days=1),
        point: str = "",
        by: Key | None = None,
    ) -> bytes:
        """Return a list of what is revoked."""
        made = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(self.at + since)
            .next_update(self.at + until)
        )
        for card in cards:
            one = x509.RevokedCertificateBuilder(
                card.certificate.serial_number, self.at - timedelta(days=2)
            )
            made = made.add_revoked_certificate(one.build())
        if point:
            names = [x509.UniformResourceIdentifier(point)]
            limits = x509.IssuingDistributionPoint(names, None, False, False, None, False, False)
            made = made.add_extension(limits, critical=True)
        return made.sign(by or self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)

    def _made(
        self,
        name: str,
        key: Key,
        issuer: "Authority",
        extensions: list[tuple[x509.ExtensionType, bool]],
        *,
        since: timedelta = -YEAR,
        until: timedelta = YEAR,
    ) -> x509.Certificate:
        def named(text: str) -> x509.Name:
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

        made = (
            x509.CertificateBuilder()
            .subject_name(named(name))
            .issuer_name(named(issuer.name))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.at + since)
            .not_valid_after(self.at + until)
        )
        above = issuer.key.public_key()
        extensions = [
            *extensions,
            (x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False),
            (x509.AuthorityKeyIdentifier.from_issuer_public_key(above), False),
        ]
        for extension, critical in extensions:
            made = made.add_extension(extension, critical=critical)
        return made.sign(issuer.key, hashes.SHA256())

    def _usage(self, **uses: bool) -> x509.KeyUsage:
        every = (
            *("digital_signature", "content_commitment", "key_encipherment", "data_encipherment"),
            *("key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
        )
        return x509.KeyUsage(**{use: uses.get(use, False) for use in every})


@dataclass
class Card:
    """A card: its certificate, and the key that never leaves it."""

    certificate: x509.Certificate
    key: Key

    def sign(self, text: bytes) -> bytes:
        match self.key:
            case rsa.RSAPrivateKey() as key:
                return key.sign(text, padding.PKCS1v15(), hashes.SHA256())
            case key:
                return key.sign(text, ec.ECDSA(hashes.SHA256()))
