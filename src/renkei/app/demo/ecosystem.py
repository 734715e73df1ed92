"""A whole ecosystem on this machine: its sites in one folder, their processes, and a way to ask.

For the demo, the benchmarks and the stories in the tests; every part is the real program, started
by its command line, with its own database, keys and log, and nothing is shared but the list of
members. Addresses are of the loopback interface, or of network namespaces that the caller made.
"""

import os
import random
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from urllib.request import Request, urlopen

import msgspec

from renkei import federation, kit
from renkei.app.errors import SiteNotStarted
from renkei.app.membership.initiation import (
    Founded,
    Plan,
    authority_signer,
    found_site,
    write_members,
)
from renkei.app.settings import Role, Settings, read_settings

START_SECONDS = 60
STOP_SECONDS = 20
SETTLE_SECONDS = 4  # on one machine a changed list is known everywhere within a second
PORTS = 20_000, 32_000
_given = set[int]()
"""Of these ports, those given before."""
MODE = "test"
OVERSEER = "2001"  # the number the oversight body signs in with at the log operator
FREE: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Part:
    """One party of the ecosystem: name of its folder, number, role, names."""

    name: str
    tenant: kit.Tenant
    role: Role
    member_class: federation.MemberClass
    ja: str
    en: str
    units: tuple[str, ...] = ()
    via: str = ""
    """The number of the relay that the others ask it through, if they do."""

    def title(self, language: kit.Language) -> str:
        """Return its name."""
        return self.ja if language == "ja" else self.en


def _number(body: str) -> kit.Tenant:
    """Return a synthetic 法人番号 (no such corporation is registered) with its check digit."""
    for first in "123456789":
        with suppress(kit.TenantMalformed):
            return kit.tenant(first + body)
    raise kit.TenantMalformed(number=body)


A = Part("a", kit.tenant("131016"), "node", "MUN", "A市", "City A", ("06", "15", "17", "19", "27"))
B = Part("b", kit.tenant("131024"), "node", "MUN", "B市", "City B", ("06", "15", "17", "27"))
C = Part("c", kit.tenant("131032"), "node", "MUN", "C市", "City C", ("06", "15", "17", "27"))
H1 = Part("h1", _number("990000000001"), "converter", "COM", "変換機関1", "Converter 1")
H2 = Part("h2", _number("990000000002"), "converter", "COM", "変換機関2", "Converter 2")
R = Part("r", _number("990000000003"), "registrar", "GOV", "付番機関", "Registrar")
L = Part("l", _number("990000000004"), "log", "GOV", "記録機関", "Log operator")
P = Part("p", kit.tenant("130001"), "node", "PREF", "P県", "Prefecture P")
PARTS = (A, B, H1, H2, R, L)
"""The six whom a lawful question concerns; messages that are passed on need no more than nodes."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a site runs: its address, and the words before its command line that enter there."""

    host: str = "127.0.0.1"
    enter: tuple[str, ...] = ()


HERE = Place()
LOOPBACK: Mapping[str, Place] = MappingProxyType({})


@dataclass(slots=True)
class Ecosystem:
    """The sites in a folder, their tokens, and the processes that run."""

    folder: Path
    tokens: dict[str, dict[str, str]]
    settings: dict[str, Settings]
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)

    def file(self, part: Part) -> Path:
        """Return a site's settings file."""
        return self.folder / part.name / "renkei.toml"

    def staff(self, part: Part) -> str:
        """Return the address of a site's staff door."""
        door = self.settings[part.name].staff_door
        return f"http://{door.host}:{door.port}"

    def command(self, part: Part, *words: str) -> list[str]:
        """Return a command line of the program for a site."""
        return [*self.program(part), *words, "--settings", str(self.file(part))]

    def program(self, part: Part) -> list[str]:
        """Return the words that begin every command line at the place of a site."""
        return [*self.places.get(part.name, HERE).enter, sys.executable, "-m", "renkei"]

    def run(self, part: Part, *words: str) -> dict[str, object]:
        """Run a command of a site and return its facts; raise what it said if it failed."""
        done = subprocess.run(
            [*self.command(part, *words), "--json"], capture_output=True, check=False, text=True
        )
        if done.returncode != 0:
            raise SiteNotStarted(site=part.name, said=(done.stderr or done.stdout).strip()[-500:])
        facts: dict[str, object] = kit.read_json(done.stdout, dict[str, object])
        return facts

    def start(self, *parts: Part) -> None:
        """Start sites and return when all answer."""
        for part in parts:
            command = "node" if part.role == "node" else "hub"
            with (self.folder / part.name / "site.log").open("ab") as said:
                self.processes[part.name] = subprocess.Popen(
                    self.command(part, command, "--with-parent"),
                    stdin=subprocess.DEVNULL,
                    stdout=said,
                    stderr=said,
                    start_new_session=True,  # Ctrl-C is for us; we stop them in order
                    env=os.environ | {"RENKEI_LANG": "en"},
                )
        self.await_health(*parts)

    def await_health(self, *parts: Part) -> None:
        """Return when the sites answer and reach their databases."""
        for part in parts:
            self._await(part)

    def _await(self, part: Part) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            with suppress(OSError), urlopen(f"{self.staff(part)}/health", timeout=2):  # noqa: S310
                return
            ended = self.processes[part.name].poll() is not None
            if ended or time.monotonic() > deadline:
                said = (self.folder / part.name / "site.log").read_text(errors="replace")
                raise SiteNotStarted(site=part.name, said=said.strip()[-500:])
            time.sleep(0.05)

    def stop(self, *parts: Part) -> None:
        """Stop sites in good order; without names all of them."""
        names = [part.name for part in parts] or list(self.processes)
        running = [self.processes.pop(name) for name in names if name in self.processes]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def kill(self, part: Part, *, database: bool = False) -> None:
        """Kill a site, or its database server alone, as a power cut would: with SIGKILL."""
        if database:
            pids = self.settings[part.name].state / "database" / "data" / "postmaster.pid"
            os.kill(int(pids.read_text(encoding="ascii").split()[0]), signal.SIGKILL)
        else:
            process = self.processes.pop(part.name)
            process.kill()
            process.wait()

    def oversight(self, part: Part, path: str) -> bytes:
        """Ask a site's staff door as the oversight body."""
        token = self.tokens[part.name]["oversight"]
        request = Request(f"{self.staff(part)}/oversight/{path}")  # noqa: S310 # loopback
        request.add_header("Authorization", f"Bearer {token}")
        with urlopen(request, timeout=30) as answer:  # noqa: S310 # loopback
            body: bytes = answer.read()
        return body


@contextmanager
def ecosystem(
    folder: Path,
    *,
    at: datetime,
    database: str = "embedded",
    binaries: str = "",
    parts: Sequence[Part] = PARTS,
    places: Mapping[str, Place] = LOOPBACK,
) -> Iterator[Ecosystem]:
    """Found the sites anew in a folder and stop whatever was started at the end."""
    if folder.exists():
        shutil.rmtree(folder)
    found = found_ecosystem(
        folder, at=at, database=database, binaries=binaries, parts=parts, places=places
    )
    try:
        yield found
    finally:
        found.stop()


def found_ecosystem(
    folder: Path,
    *,
    at: datetime,
    database: str = "embedded",
    binaries: str = "",
    parts: Sequence[Part] = PARTS,
    doors: Mapping[str, int] = FREE,
    places: Mapping[str, Place] = LOOPBACK,
) -> Ecosystem:
    """Found the sites of some parts in a folder and start none.

    `doors` is a port for the units of a part, by name, `places` where a part runs if not here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    authority = authority_signer(folder / "authority.key")
    ports: set[int] = set()
    taken = set(doors.values())
    while len(ports) < 2 * len(parts):
        ports |= {free_port()} - taken
    tokens, rows = {}, []
    for part in parts:
        host = places.get(part.name, HERE).host
        pair = f"{host}:{ports.pop()}", f"{host}:{doors.get(part.name) or ports.pop()}"
        founded = found_part(folder, part, pair, at=at, database=database, binaries=binaries)
        tokens[part.name] = founded.tokens
        if part.via:
            _relay(founded.public, part.via)
        rows.append(founded.public)
    write_members(rows, folder / "members.json", authority, version=1, at=at)
    return reopened(folder, tokens, parts=parts, places=places)


def found_part(
    folder: Path,
    part: Part,
    doors: tuple[str, str],
    *,
    at: datetime,
    database: str = "embedded",
    binaries: str = "",
) -> Founded:
    """Found the site of one part, beside the others of a folder; no list names it yet."""
    organisations = (A.tenant, B.tenant, L.tenant) if part.role == "converter" else ()
    plan = Plan(
        tenant=part.tenant,
        role=part.role,
        mode=MODE,
        member_class=part.member_class,
        ja=part.ja,
        en=part.en,
        peers=doors[0],
        staff=doors[1],
        authority=str(authority_signer(folder / "authority.key").verifier),
        members="../members.json",
        directory_seconds=1,
        directory_settle_seconds=SETTLE_SECONDS,
        database=database.format(part=part.name),
        binaries=binaries,
        units=part.units,
        organisations=organisations,
    )
    founded = found_site(folder / part.name, plan, at=at)
    if part.role != "log":
        return founded
    token = _admit_overseer(founded.settings)
    return replace(founded, tokens={**founded.tokens, "overseer": token})


def _admit_overseer(settings: Path) -> str:
    """Give the oversight body an account at the console of a site; return its token."""
    token = secrets.token_urlsafe(12)
    digest = sha256(token.encode()).hexdigest()
    with settings.open("a", encoding="utf-8") as file:
        file.write(f'\n[staff."{OVERSEER}"]\nname = "監督機関の担当(見本)"\n')
        file.write(f'roles = ["oversight"]\ntoken = "{digest}"\n')
    return token


def _relay(file: Path, via: str) -> None:
    """Name in a public row who relays to its member, as whoever issues the list would."""
    row = kit.read_json(file.read_bytes(), federation.Member)
    file.write_bytes(msgspec.json.encode(msgspec.structs.replace(row, via=via)))


def reopened(
    folder: Path,
    tokens: dict[str, dict[str, str]],
    *,
    parts: Sequence[Part] = PARTS,
    places: Mapping[str, Place] = LOOPBACK,
) -> Ecosystem:
    """Return the ecosystem founded in a folder before, as its settings are now."""
    settings = {part.name: read_settings(folder / part.name / "renkei.toml") for part in parts}
    return Ecosystem(folder, tokens, settings, places=places)


def free_port() -> int:
    """Return a port of the loopback that is free, and that no outgoing connection takes later.

    The system gives outgoing connections, and servers that leave it the choice, higher ones. No
    port is given twice, since who was given one may not listen there yet.
    """
    first, end = PORTS
    if len(_given) > (end - first) // 2:
        _given.clear()
    while True:
        port = random.randrange(first, end)  # noqa: S311  # no secret
        if port in _given:
            continue
        with suppress(OSError), socket.create_server(("127.0.0.1", port)):
            _given.add(port)
            return port
