"""The settings of one site: one TOML file, parsed whole or refused with the place of the defect."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import msgspec

from renkei.app.errors import SettingsDefective, SettingsMissing
from renkei.kit import Tenant, TenantMalformed, tenant

Role = Literal["node", "converter", "registrar", "log"]
Mode = Literal["production", "drill", "test"]


class _Doors(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where the site listens."""

    peers: str
    staff: str


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The file as written; `Settings` is what the program uses."""

    tenant: str
    role: Role
    mode: Mode
    doors: _Doors
    authority: str
    database: str = "embedded"
    binaries: str = ""
    state: str = "state"
    keys: str = "keys"
    members: str = "members.json"
    units: dict[str, str] = {}
    oversight: str = ""


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port to listen on."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Settings:
    """What one process needs to know before it starts. Paths are absolute."""

    tenant: Tenant
    role: Role
    mode: Mode
    peers_door: Address
    staff_door: Address
    authority: str
    database: str
    binaries: Path | None
    state: Path
    keys: Path
    members: Path
    units: dict[str, str]
    oversight: str


def read_settings(path: Path) -> Settings:
    """Read a settings file; relative paths in it start at the file's folder."""
    try:
        raw = msgspec.toml.decode(path.read_bytes(), type=_File)
    except OSError as error:
        raise SettingsMissing(file=str(path), reason=error.strerror or "") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from error
    try:
        number = tenant(raw.tenant)
    except TenantMalformed as error:
        raise SettingsDefective(file=str(path), defect=f"tenant: {error}") from error
    for unit, token in [*raw.units.items(), ("oversight", raw.oversight)]:
        if token and not re.fullmatch(r"[0-9a-f]{64}", token):
            raise SettingsDefective(
                file=str(path), defect=f"units.{unit}: the SHA-256 of the token in hex is wanted"
            )
    folder = path.resolve().parent
    return Settings(
        tenant=number,
        role=raw.role,
        mode=raw.mode,
        peers_door=_address(path, "doors.peers", raw.doors.peers),
        staff_door=_address(path, "doors.staff", raw.doors.staff),
        authority=raw.authority,
        database=raw.database,
        binaries=Path(raw.binaries) if raw.binaries else None,
        state=folder / raw.state,
        keys=folder / raw.keys,
        members=folder / raw.members,
        units=dict(raw.units),
        oversight=raw.oversight,
    )


def _address(path: Path, name: str, text: str) -> Address:
    host, colon, port = text.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise SettingsDefective(file=str(path), defect=f"{name}: host:port is wanted, not {text}")
    return Address(host, int(port))
