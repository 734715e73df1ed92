"""The sandbox: a vendor's own node, a partner town that answers from synthetic people, and the hub.

Founded once in a folder and opened again as it was: the tokens, the numbers of the people and the
addresses stay, so that what a vendor wrote against it yesterday runs today. Mode `test` only.
"""

import os
import shutil
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import msgspec

from renkei import kit
from renkei.app.demo.demonstration import Narrator, Stage, fill, stage_of
from renkei.app.demo.ecosystem import PARTS, A, B, Ecosystem, Part, found_ecosystem, reopened
from renkei.app.errors import PortTaken, SandboxDiffers, SandboxFolderTaken
from renkei.app.membership.initiation import add_unit, authority_signer, next_version, write_members
from renkei.app.sandbox.systems import Systems
from renkei.app.site import read_desk

UNITS = ("06", "15", "17", "28")
"""Units that ask others under some provision, and one that only answers."""

PARTNERS = ("01", "06", "15", "17", "27", "28")
"""The units the partner runs: what they answer at once is filled with synthetic records."""

PORT = 8041
NOTE = "sandbox.json"
NO_SYSTEMS = Systems({}, {})


class Founded(msgspec.Struct, frozen=True):
    """What a sandbox was founded with; it is whole once its towns are loaded."""

    people: int
    seed: int
    day: date
    whole: bool = False


@contextmanager
def open_sandbox(
    folder: Path,
    *,
    units: Sequence[str],
    people: int,
    seed: int,
    port: int | None,
    at: datetime,
    narrator: Narrator,
    systems: Systems = NO_SYSTEMS,
    binaries: str = "",
) -> Iterator[Stage]:
    """Found the sandbox of a folder, or open the one that is there; stop it at the end."""
    note = _note(folder)
    if note is not None and note.whole:
        if (note.people, note.seed) != (people, seed):
            raise SandboxDiffers(folder=str(folder), people=note.people, seed=note.seed)
        eco = _with_systems(_opened(folder, units, port, at), systems, units)
        try:
            with narrator.part("starting"):
                eco.start(*PARTS)
            yield stage_of(eco, people=people, seed=seed, day=note.day)
        finally:
            eco.stop()
        return
    with narrator.part("founding"):
        eco = _with_systems(_founded(folder, units, port, at, binaries), systems, units)
    try:
        note = Founded(people, seed, kit.day_of(at))
        _write(folder / NOTE, note)
        fill(eco, people=people, seed=seed, at=at, narrator=narrator)
        _write(folder / NOTE, msgspec.structs.replace(note, whole=True))
        yield stage_of(eco, people=people, seed=seed, day=note.day)
    finally:
        eco.stop()


def _with_systems(eco: Ecosystem, systems: Systems, units: Sequence[str]) -> Ecosystem:
    return systems.register(eco, read_desk(eco.settings[A.name]).members, units)


def token_file(eco: Ecosystem, unit: str) -> Path:
    """Return the file that holds the token of one of the vendor's units, and nothing else."""
    return eco.folder / "tokens" / A.name / unit


def _note(folder: Path) -> Founded | None:
    try:
        return kit.read_json((folder / NOTE).read_bytes(), Founded)
    except OSError:
        return None


def _founded(
    folder: Path, units: Sequence[str], port: int | None, at: datetime, binaries: str
) -> Ecosystem:
    """Found the sites; what an interrupted founding left is removed, nobody else's files are."""
    if port is not None:
        _check_free(port)
    if folder.exists() and any(folder.iterdir()):
        if _note(folder) is None:
            raise SandboxFolderTaken(folder=str(folder), note=NOTE)
        shutil.rmtree(folder)
    door = port or Stage.port(PORT)
    eco = found_ecosystem(
        folder,
        at=at,
        binaries=binaries,
        parts=[_synthetic(part, units) for part in PARTS],
        doors={A.name: door},
    )
    for part, tokens in eco.tokens.items():
        for name, token in tokens.items():
            _keep(folder / "tokens" / part / name, token)
    return eco


def _synthetic(part: Part, units: Sequence[str]) -> Part:
    """Return a part under a name that says what it is, with the units it has here."""
    own = {A.name: tuple(units), B.name: PARTNERS}
    ja, en = f"{part.ja}(合成)", f"{part.en} (synthetic)"
    return replace(part, ja=ja, en=en, units=own.get(part.name, part.units))


def _opened(folder: Path, units: Sequence[str], port: int | None, at: datetime) -> Ecosystem:
    """Open the sites as they are, with units and a port that were not there before."""
    tokens = {
        part.name: {
            file.name: file.read_text(encoding="ascii").strip()
            for file in (folder / "tokens" / part.name).iterdir()
        }
        for part in PARTS
    }
    eco = reopened(folder, tokens)
    if added := [unit for unit in units if unit not in eco.settings[A.name].units]:
        _add(eco, added, at)
    door = eco.settings[A.name].staff_door
    if port is not None and port != door.port:
        file = eco.file(A)
        before, after = f'staff = "{door.host}:{door.port}"', f'staff = "{door.host}:{port}"'
        file.write_text(file.read_text(encoding="utf-8").replace(before, after), encoding="utf-8")
    eco = reopened(folder, tokens)
    _check_free(eco.settings[A.name].staff_door.port)
    return eco


def _check_free(port: int) -> None:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        raise PortTaken(port=port) from error


def _add(eco: Ecosystem, units: Sequence[str], at: datetime) -> None:
    """Give the vendor's town more units: a token each, and a new version of the members list."""
    site = eco.file(A).parent
    for unit in units:
        token = add_unit(site, unit)
        eco.tokens[A.name][unit] = token
        _keep(token_file(eco, unit), token)
    authority = authority_signer(eco.folder / "authority.key")
    rows = [eco.folder / part.name / "public.json" for part in PARTS]
    members = eco.folder / "members.json"
    version = next_version(members, authority.verifier)
    write_members(rows, members, authority, version=version, at=at)


def _keep(file: Path, token: str) -> None:
    """Write a token where only its owner reads it."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(file, "w", encoding="ascii", opener=_private) as out:  # its mode
        out.write(token)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _write(file: Path, note: Founded) -> None:
    file.write_bytes(msgspec.json.format(msgspec.json.encode(note)))
