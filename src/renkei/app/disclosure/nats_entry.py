"""What the settings say of a NATS server: where it is, and how the node proves itself."""

import re
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import msgspec

from renkei import exchange

_HOST = r"(?:[0-9A-Za-z.-]+|\[[0-9A-Fa-f:.]+\])"
_SERVER = re.compile(rf"(?:tls|nats)://{_HOST}(?::[0-9]{{1,5}})?", re.ASCII)


class NatsEntry(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The table `nats` as written."""

    servers: tuple[str, ...]
    prefix: str = "renkei"
    user: str = ""
    password: str = ""
    ca: str = ""
    certificate: str = ""
    key: str = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=366)] = 7
    replicas: Annotated[int, msgspec.Meta(ge=1, le=5)] = 1


def stream_plan(entry: NatsEntry, folder: Path, *, tenant: str, mode: str) -> exchange.StreamPlan:
    """Parse the table; what nothing could be done with is a `ValueError` that names the place."""
    schemes = {_scheme(server) for server in entry.servers}
    if len(schemes) != 1:
        raise ValueError("nats.servers: one address or several, all of tls:// or all of nats://")
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,40}", entry.prefix):
        raise ValueError("nats.prefix: 1 to 40 letters and digits")
    if bool(entry.user) != bool(entry.password):
        raise ValueError("nats.user and nats.password (a file) go together")
    if bool(entry.certificate) != bool(entry.key):
        raise ValueError("nats.certificate and nats.key (files) go together")
    if (entry.ca or entry.certificate) and schemes == {"nats"}:
        raise ValueError("nats.servers: with ca or certificate tls:// is wanted")
    files = (entry.password, entry.ca, entry.certificate, entry.key)
    password, ca, certificate, key = (folder / name if name else None for name in files)
    return exchange.StreamPlan(
        entry.servers,
        tenant,
        mode,
        prefix=entry.prefix,
        user=entry.user,
        password=password,
        ca=ca,
        certificate=certificate,
        key=key,
        days=entry.days,
        replicas=entry.replicas,
    )


def _scheme(server: str) -> str:
    """Return the scheme of an address; in clear only this machine is spoken to."""
    if not _SERVER.fullmatch(server):
        raise ValueError("nats.servers: tls://host:port is wanted, without a password in it")
    parts = urlsplit(server)
    if parts.scheme == "nats" and not _is_loopback(parts.hostname or ""):
        raise ValueError("nats.servers: letters hold personal data; to another machine tls:// only")
    return parts.scheme


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
