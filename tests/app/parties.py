"""One exchange between A and B, really signed, entered at both and at the log operator."""

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from tests.federation.desks import (
    AT,
    AUTHORITY,
    HELD,
    A,
    B,
    Desks,
    L,
    as_tenant,
    fill,
    log_signer,
    make_desks,
)

from renkei import audit, federation, kit
from renkei.app.proofs import offline_verifier
from renkei.app.proofs.exchange_evidence import Exporter, _zipped
from renkei.app.settings import Settings, parse_settings
from renkei.federation import Channel, Counter
from renkei.federation.asking import Ended
from renkei.federation.channel import Reply
from renkei.federation.inquiry import Provided, Refused

KEY = str(AUTHORITY.verifier)
OTHER_KEY = str(audit.Signer.from_seed("authority.example", bytes(31) + b"\1").verifier)


@dataclass(frozen=True)
class Parties:
    """Who took part, the database they share here, and what they kept."""

    desks: Desks
    database: kit.Database
    folder: Path
    request: str
    reply: Reply

    def settings(self, tenant: kit.Tenant) -> Settings:
        """Return a party's settings, as far as its evidence needs them."""
        text = f'tenant = "{tenant}"\nrole = "node"\nmode = "test"\nauthority = "{KEY}"\n'
        doors = '[doors]\npeers = "127.0.0.1:1"\nstaff = "127.0.0.1:2"\n'
        return parse_settings((text + doors).encode(), self.folder / "renkei.toml")

    def exporter(self, tenant: kit.Tenant) -> Exporter:
        """Return what a party gives its evidence by."""
        members = self.desks.desk[tenant].members
        return Exporter(self.settings(tenant), log_signer(tenant).verifier, members)

    def pack(self, tenant: kit.Tenant, **how: bool) -> bytes:
        """Return a party's evidence."""
        exporter = self.exporter(tenant)
        with self.database.transaction(tenant) as conn:
            return exporter.pack(conn, self.request, **how)


def exchanged(folder: Path, database: kit.Database, person: int = HELD) -> Parties:
    """Let A ask B about a person, over the hub, and enter everything in committed logs."""
    desks = make_desks(folder)
    (folder / "members.json").write_bytes(desks.text)
    with database.transaction(A) as conn:
        fill(conn, desks)
        as_tenant(conn, A)
        opened = desks.opened(conn, person)
        carried = desks.receipted(conn, desks.converted(conn, desks.blinded(opened)))
        told, reply = desks.exchanged(conn, carried)
    ours = federation.Membership(desks.desk[A], desks.credentials[A])
    counter = Counter(ours, desks.node[A], database, Channel(ours), lambda: AT)
    fact = fact_of(carried, told)
    counter._close(ours.desk, opened, Ended(fact, reply))  # type: ignore[arg-type] # it may travel
    for tenant in (A, B, L):
        with database.transaction(tenant) as conn:
            audit.sequence(conn, tenant, log_signer(tenant), at=AT)
    return Parties(desks, database, folder, carried.inquiry.id, reply)


def fact_of(carried: Any, told: Provided | Refused) -> federation.Fact:
    """Return how it ended, as the asker's node tells it."""
    receipt, inquiry = carried.receipt, carried.inquiry.id
    if isinstance(told, Refused):
        return federation.Fact(inquiry, "refused", told.by, told.reason, receipt=receipt)
    return federation.Fact(
        inquiry, "answered", B, record=told.record, receipt=receipt, entry=told.entry
    )


Change = Callable[[dict[str, Any]], object]


def unzipped(data: bytes) -> dict[str, bytes]:
    """Return the files of a bundle."""
    with zipfile.ZipFile(BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(contents: Mapping[str, bytes]) -> bytes:
    """Return a zip of any files."""
    return _zipped(dict(contents))


def changed(data: bytes, file: str, change: Change) -> bytes:
    """Return the bundle with one of its JSON files changed, in its one spelling."""
    contents = unzipped(data)
    value = json.loads(contents[file])
    change(value)
    return zipped(contents | {file: kit.canonical(value)})


def lying(parties: Parties, data: bytes, change: Change, *, place: int = -1) -> bytes:
    """Return the bundle of an A that entered something false, in a log that is in order.

    Its log holds one entry: the one at this place of the true bundle, changed.
    """
    contents = unzipped(data)
    core = json.loads(contents["bundle.json"])["entries"][place]["leaf"]["core"]
    change(core)
    leaf = audit.Leaf(kit.canonical(core))
    signer = log_signer(A)
    root = audit.Checkpoint.sign(signer, 1, _leaf_hash(leaf.render()))
    facts = {"origin": signer.name, "size": 1, "count": 1, "chains": 0}
    said = {
        language: kit.say("audit-bundle-v1-request", language, **facts, request=core["request"])
        for language in ("ja", "en")
    }
    bundle = {
        "chains": [],
        "checkpoint": root.note,
        "entries": [{"index": 0, "leaf": json.loads(leaf.render()), "proof": []}],
        "format": "renkei-bundle/v1",
        "request": core["request"],
        "statement": said,
        "vkey": str(signer.verifier),
    }
    return zipped(contents | {"bundle.json": kit.canonical(bundle)})


def _leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\0" + data).digest()


def verified(*bundles: bytes, authority: str = KEY, **bodies: bytes) -> offline_verifier.Report:
    """Verify bundles, with bodies if there are any."""
    named = [(f"{n}.zip", data) for n, data in enumerate(bundles)]
    digests = {which: hashlib.sha256(body).digest() for which, body in bodies.items()}
    return offline_verifier.verify(named, [authority] if authority else [], digests)


def codes(found: Iterable[offline_verifier.Said]) -> set[str]:
    """Return what was said, by its codes."""
    return {one.code for one in found}


def flip(text: str) -> str:
    """Return a base64 text with one bit of its first byte changed."""
    return ("A" if text[0] != "A" else "B") + text[1:]


def entry(value: Any, place: int = 0) -> Any:
    """Return an entry of a bundle."""
    return value["entries"][place]


def set_in(found: Any, key: str | int, to: Any) -> None:
    """Put a value, or what a function makes of the present one, in its place."""
    found[key] = to(found[key]) if callable(to) else to
