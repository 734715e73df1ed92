"""The public row of a site (public.json): what it hands to the authority for the members list."""

from pathlib import Path

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from renkei import federation, kit
from renkei.app.errors import FileUnreadable
from renkei.federation import Member, Node

INSTANCE = "JP"


def read_row(file: Path) -> Member:
    """Read a row."""
    try:
        return kit.read_json(file.read_bytes(), Member)
    except (OSError, msgspec.DecodeError) as error:
        raise FileUnreadable(file=str(file), reason=str(error)) from error


def write_row(row: Member, file: Path) -> None:
    """Write a row, as the authority wants it."""
    file.write_bytes(msgspec.json.format(msgspec.json.encode(row)))


def name_node(file: Path, url: str, certificate: Path | None = None) -> Member:
    """Name one more node in a row, or give one that stands there another certificate."""
    row = read_row(file)
    shown = () if certificate is None else (_certificate(certificate),)
    if set(shown) <= set(row.certificates):
        shown = ()  # the one of the first node is no certificate of its own
    others = tuple(node for node in row.nodes if node.url != url)
    return _written(row, (*others, Node(url=url, certificates=shown)), file)


def drop_node(file: Path, url: str) -> Member:
    """Leave a node out of a row; the first one stays."""
    row = read_row(file)
    others = tuple(node for node in row.nodes if node.url != url)
    if others == row.nodes:
        raise FileUnreadable(file=str(file), reason=f"no node at {url}")
    return _written(row, others, file)


def _written(row: Member, nodes: tuple[Node, ...], file: Path) -> Member:
    row = msgspec.structs.replace(row, nodes=nodes)
    federation.check_member(row, INSTANCE)
    write_row(row, file)
    return row


def _certificate(file: Path) -> str:
    """Return the certificate of a PEM file, which may hold its private key besides."""
    try:
        found = x509.load_pem_x509_certificate(file.read_bytes())
    except (OSError, ValueError) as error:
        raise FileUnreadable(file=str(file), reason=str(error)) from error
    return found.public_bytes(Encoding.PEM).decode()
