"""The settings of one site: one TOML file, parsed whole or refused with the place of the defect."""

import re
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import psycopg
from psycopg import conninfo

from renkei import audit, backup, exchange, kit, law, store
from renkei.app.bodies.plan import BodiesEntry, BodyPlan, body_plan
from renkei.app.bulk.plan import BulkPlan
from renkei.app.disclosure.cards import VerifierEntry, VerifierPlan, verifier_plan
from renkei.app.disclosure.nats_entry import NatsEntry, stream_plan
from renkei.app.errors import SettingsDefective, SettingsMissing
from renkei.app.keeping.quorum_plan import QuorumEntry, QuorumPlan, WitnessEntry, quorum_plan
from renkei.app.keeping.time_stamp_plan import TimeStampEntry, TimeStampPlan, time_stamp_plan
from renkei.app.operations.log_door_plan import LogDoorEntry
from renkei.app.registrar.plan import RegistrarEntry, RegistrarPlan, registrar_plan
from renkei.app.sign_in.plan import SignInEntry, SignInPlan, sign_in_plan
from renkei.app.sign_in.staff import (
    NOBODY,
    OVERSIGHT_ALONE,
    Staff,
    StaffRole,
    is_password_hash,
    may_go_together,
)
from renkei.app.units.oauth_plan import OAuthEntry, OAuthPlan, oauth_plan
from renkei.kit import NodeError, Tenant, TenantMalformed, tenant

Role = Literal["node", "converter", "registrar", "log"]
Mode = Literal["production", "drill", "test"]

LOOK_SECONDS = 300  # at least so often everybody looks for a newer members list
SETTLE_SECONDS = 600  # so long new keys stand in it before they are used
LONGEST_TURN = 600  # seconds between two looks at a place of files
SHORTEST = 16  # characters of a password two programs share


class _Doors(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where the site listens."""

    peers: str
    staff: str


class _Staff(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Who may sign in at the console: by a password, or by a token."""

    name: str
    roles: tuple[StaffRole, ...]
    password: str = ""
    token: str = ""
    offices: tuple[str, ...] = (law.EVERY,)
    groups: tuple[str, ...] = ()


class _Backup(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Where backups go, how often a base is taken, and which ones stay."""

    target: str
    every: str = "24h"
    keep: backup.Keep = backup.Keep()
    endpoint: str = ""
    region: str = ""


class _Files(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A folder or bucket where units put files of questions."""

    place: str
    every: str = ""
    days: Annotated[int, msgspec.Meta(ge=1, le=3660)] = 7
    endpoint: str = ""
    region: str = ""


class _Retention(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Whether the site runs retention by itself, and its own rules."""

    run: Literal["by-hand", "daily"] = "by-hand"
    rules: str = ""


class _Usage(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Which units are portals: they show a person who looked at their data."""

    units: tuple[str, ...] = ()


class _Service(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A system that answers a service, and who may use which of its endpoints."""

    url: str
    rights: dict[str, tuple[str, ...]] = {}
    openapi: str = ""
    wsdl: str = ""
    seconds: Annotated[float, msgspec.Meta(gt=0, le=50)] = 30.0


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
    directory: str = ""
    directory_seconds: Annotated[int, msgspec.Meta(ge=1, le=LOOK_SECONDS)] = 60
    directory_settle_seconds: Annotated[int, msgspec.Meta(ge=0, le=86_400)] = SETTLE_SECONDS
    overlays: tuple[str, ...] = ()
    releases: str = ""
    units: dict[str, str] = {}
    passwords: dict[str, str] = {}
    rates: dict[str, Annotated[int, msgspec.Meta(ge=1, le=100_000)]] = {}
    in_flight: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 64
    waiting: Annotated[int, msgspec.Meta(ge=0, le=100_000)] = 256
    drain_seconds: Annotated[int, msgspec.Meta(ge=0, le=3600)] = 30
    callbacks: dict[str, str] = {}
    nats: NatsEntry | None = None
    services: dict[str, _Service] = {}
    fault_types: Literal["7.8", "7.7"] = "7.8"
    oauth: OAuthEntry = OAuthEntry()
    sign_in: SignInEntry = SignInEntry()
    unlocks: dict[str, str] = {}
    staff: dict[str, _Staff] = {}
    office_hours: str = ""
    staff_units: tuple[str, ...] = ()
    rhythm: dict[str, Annotated[int, msgspec.Meta(ge=1, le=3660)]] = {}
    policy: dict[str, store.Policy] = {}
    deliveries: str = ""
    deliveries_days: Annotated[int, msgspec.Meta(ge=0, le=3660)] = 7
    files: tuple[_Files, ...] = ()
    oversight: str = ""
    metrics: str = ""
    backup: _Backup | None = None
    retention: _Retention | None = None
    bodies: BodiesEntry = BodiesEntry()
    bulk: BulkPlan = BulkPlan()
    follow_every: str = "24h"
    usage: _Usage = _Usage()
    registrar: RegistrarEntry = RegistrarEntry()
    log_door: LogDoorEntry = LogDoorEntry()
    verifier: VerifierEntry = VerifierEntry()
    shard_days: Annotated[int, msgspec.Meta(ge=0, le=366)] = 7
    witness: tuple[WitnessEntry, ...] = ()
    witness_quorum: QuorumEntry = "all"
    witness_policy: str = ""
    time_stamp: TimeStampEntry | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a TCP port to listen on."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """What the site does for its backups by itself."""

    target: backup.Target
    every: timedelta
    keep: backup.Keep


@dataclass(frozen=True, slots=True)
class FilePlan:
    """A place of files of questions: how often it is looked at, how long answers lie there."""

    name: str
    place: Path | backup.Target
    seconds: float
    days: int


@dataclass(frozen=True, slots=True)
class RetentionPlan:
    """Whether retention runs daily by itself, and the file of the site's own rules."""

    daily: bool
    rules: Path | None


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
    directory: str | Path | None
    directory_every: timedelta
    directory_settle: timedelta
    overlays: tuple[Path, ...]
    releases: Path | None
    units: dict[str, str]
    passwords: dict[str, str]
    rates: dict[str, int]
    in_flight: int
    waiting: int
    drain_seconds: int
    callbacks: dict[str, str]
    nats: exchange.StreamPlan | None
    services: dict[tuple[str, str], exchange.Provider]
    fault_types: Literal["7.8", "7.7"]
    oauth: OAuthPlan
    sign_in: SignInPlan
    unlocks: dict[str, str]
    staff: dict[str, Staff]
    office_hours: law.OfficeHours
    staff_units: frozenset[str]
    rhythm: dict[str, int]
    policy: dict[str, store.Policy]
    deliveries: Path | None
    deliveries_days: int
    files: tuple[FilePlan, ...]
    oversight: str
    metrics: str
    backup: BackupPlan | None
    retention: RetentionPlan | None
    bodies: BodyPlan
    bulk: BulkPlan
    portals: frozenset[str]
    follow_every: timedelta
    registrar: RegistrarPlan
    log_door: Address | None
    log_door_rate: int
    verifier: VerifierPlan | None
    shard_grace: timedelta
    quorum: QuorumPlan
    time_stamp: TimeStampPlan | None

    @property
    def list_source(self) -> str | Path:
        """Return where the members list comes from: the directory, or the file."""
        return self.directory or self.members

    @property
    def staff_register(self) -> law.StaffRegister:
        """Return who works here, when, and which units ask in their names."""
        officials = {number: one.official for number, one in self.staff.items()}
        return law.StaffRegister(officials, self.office_hours, self.staff_units)


def read_settings(path: Path) -> Settings:
    """Read a settings file; relative paths in it start at the file's folder."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise SettingsMissing(file=str(path), reason=error.strerror or "") from error
    return parse_settings(text, path)


def parse_settings(text: bytes, path: Path) -> Settings:
    """Parse the text of a settings file that stands, or will stand, at a path."""
    try:
        raw = kit.read_toml(text, _File)
    except msgspec.DecodeError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from error
    _check(raw, path)
    folder = path.resolve().parent
    return Settings(
        tenant=Tenant(raw.tenant),
        role=raw.role,
        mode=raw.mode,
        peers_door=_address(path, "doors.peers", raw.doors.peers),
        staff_door=_address(path, "doors.staff", raw.doors.staff),
        authority=raw.authority,
        database=raw.database,
        binaries=folder / raw.binaries if raw.binaries else None,
        state=folder / raw.state,
        keys=folder / raw.keys,
        members=folder / raw.members,
        directory=_directory(raw.directory, folder),
        directory_every=timedelta(seconds=raw.directory_seconds),
        directory_settle=timedelta(seconds=raw.directory_settle_seconds),
        overlays=tuple(folder / overlay for overlay in raw.overlays),
        releases=folder / raw.releases if raw.releases else None,
        units=dict(raw.units),
        passwords=dict(raw.passwords),
        rates=dict(raw.rates),
        in_flight=raw.in_flight,
        waiting=raw.waiting,
        drain_seconds=raw.drain_seconds,
        callbacks=dict(raw.callbacks),
        nats=None if raw.nats is None else _nats(path, raw.nats, raw),
        services={
            (one.unit, one.service): one
            for one in (_provider(path, folder, *pair) for pair in raw.services.items())
        },
        fault_types=raw.fault_types,
        oauth=_oauth(path, raw),
        sign_in=_sign_in(path, raw),
        unlocks=dict(raw.unlocks),
        staff={
            number: _staff(path, number, one, raw.role, is_elsewhere=_is_elsewhere(raw))
            for number, one in raw.staff.items()
        },
        office_hours=_office_hours(path, raw.office_hours),
        staff_units=_staff_units(path, raw),
        rhythm=dict(raw.rhythm),
        policy=dict(raw.policy),
        deliveries=folder / raw.deliveries if raw.deliveries else None,
        deliveries_days=raw.deliveries_days,
        files=tuple(_files(one, path, folder) for one in raw.files),
        oversight=raw.oversight,
        metrics=raw.metrics,
        backup=None if raw.backup is None else _plan(raw.backup, path, folder),
        retention=None if raw.retention is None else _retention(raw.retention, folder),
        bodies=_bodies(path, raw, folder),
        bulk=raw.bulk,
        portals=frozenset(raw.usage.units),
        follow_every=_every(path, "follow_every", raw.follow_every),
        registrar=_registrar(path, raw),
        log_door=_address(path, "log_door.at", raw.log_door.at) if raw.log_door.at else None,
        log_door_rate=raw.log_door.rate,
        verifier=_verifier(path, raw, folder),
        shard_grace=timedelta(days=raw.shard_days),
        quorum=_quorum(path, raw, folder),
        time_stamp=_time_stamp(path, raw, folder),
    )


def _check(raw: _File, path: Path) -> None:
    """Refuse values of the right type that nothing could be done with."""
    try:
        tenant(raw.tenant)
    except TenantMalformed as error:
        raise SettingsDefective(file=str(path), defect=f"tenant: {error}") from error
    try:
        audit.Verifier.parse(raw.authority)
    except audit.VerifierMalformed as error:
        raise SettingsDefective(file=str(path), defect=f"authority: {error}") from error
    if raw.database != "embedded":
        try:
            conninfo.conninfo_to_dict(raw.database)
        except psycopg.Error:
            # Not the error itself: its text may quote the password.
            defect = 'database: "embedded" or a connection string of PostgreSQL is wanted'
            raise SettingsDefective(file=str(path), defect=defect) from None
    if "://" in raw.directory and not re.fullmatch(r"https?://[^\s@]+", raw.directory):
        defect = "directory: a path, or an address that begins with http:// or https:// is wanted"
        raise SettingsDefective(file=str(path), defect=defect)
    for unit, url in raw.callbacks.items():
        if not re.fullmatch(r"https?://[^\s@]+", url):
            defect = f"callbacks.{unit}: an address that begins with http:// or https:// is wanted"
            raise SettingsDefective(file=str(path), defect=defect)
    for unit, password in raw.passwords.items():
        if len(password) < SHORTEST:
            defect = f"passwords.{unit}: at least {SHORTEST} characters"
            raise SettingsDefective(file=str(path), defect=defect)
    named = {f"units.{unit}": token for unit, token in raw.units.items()}
    named |= {f"unlocks.{unit}": token for unit, token in raw.unlocks.items()}
    named |= {f"staff.{number}.token": one.token for number, one in raw.staff.items()}
    named |= {"oversight": raw.oversight, "metrics": raw.metrics}
    for name, token in named.items():
        if token and not re.fullmatch(r"[0-9a-f]{64}", token):
            defect = f"{name}: the SHA-256 of the token in hex is wanted"
            raise SettingsDefective(file=str(path), defect=defect)


def _directory(text: str, folder: Path) -> str | Path | None:
    """Return an address as it is; a path starts at the settings file."""
    if not text:
        return None
    return text if "://" in text else folder / text


def _oauth(path: Path, raw: _File) -> OAuthPlan:
    try:
        return oauth_plan(raw.oauth, f"http://{raw.doors.staff}")
    except ValueError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from None


def _nats(path: Path, entry: NatsEntry, raw: _File) -> exchange.StreamPlan:
    try:
        return stream_plan(entry, path.resolve().parent, tenant=raw.tenant, mode=raw.mode)
    except ValueError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from None


def _sign_in(path: Path, raw: _File) -> SignInPlan:
    try:
        return sign_in_plan(raw.sign_in, path.resolve().parent, f"http://{raw.doors.staff}")
    except ValueError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from None


def _bodies(path: Path, raw: _File, folder: Path) -> BodyPlan:
    try:
        return body_plan(raw.bodies, folder, folder / raw.state)
    except ValueError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from None


def _registrar(path: Path, raw: _File) -> RegistrarPlan:
    try:
        return registrar_plan(raw.registrar, raw.role)
    except ValueError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from None


def _verifier(path: Path, raw: _File, folder: Path) -> VerifierPlan | None:
    try:
        return verifier_plan(raw.verifier, folder)
    except ValueError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from None


def _quorum(path: Path, raw: _File, folder: Path) -> QuorumPlan:
    try:
        return quorum_plan(raw.witness, raw.witness_quorum, raw.witness_policy, folder)
    except ValueError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from None


def _time_stamp(path: Path, raw: _File, folder: Path) -> TimeStampPlan | None:
    try:
        return None if raw.time_stamp is None else time_stamp_plan(raw.time_stamp, folder)
    except ValueError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from None


def _staff(path: Path, number: str, raw: _Staff, role: Role, *, is_elsewhere: bool) -> Staff:
    defect = ""
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,20}", number):
        defect = "the number is 1 to 20 letters and digits"
    elif (raw.password and raw.token) or not (raw.password or raw.token or is_elsewhere):
        defect = "a password or a token is wanted, and not both"
    elif raw.password and not is_password_hash(raw.password):
        defect = "password: what `renkei staff` prints is wanted, not the password itself"
    elif not raw.roles:
        defect = "roles: at least one is wanted"
    elif not may_go_together(raw.roles):
        defect = "roles: oversight goes with no other role"
    elif role == "log" and set(raw.roles) != OVERSIGHT_ALONE:
        defect = "roles: at the log operator oversight is the one there is"
    elif not all(re.fullmatch(r"[0-9]{2}|\*", one) for one in raw.offices):
        defect = "offices: units are wanted, or *"
    elif not all(
        one.strip() == one and one.isprintable() and 0 < len(one) < 101 for one in raw.groups
    ):
        defect = "groups: names of 1 to 100 characters are wanted, or *"
    if defect:
        raise SettingsDefective(file=str(path), defect=f"staff.{number}: {defect}")
    secret = raw.password or raw.token or NOBODY.secret
    offices, groups = frozenset(raw.offices), frozenset(raw.groups)
    return Staff(number, raw.name, frozenset(raw.roles), secret, offices, groups)


def _office_hours(path: Path, text: str) -> law.OfficeHours:
    try:
        return law.OfficeHours.of(text)
    except ValueError:
        defect = "office_hours: days and times are wanted, such as 1-5 08:00-20:00"
        raise SettingsDefective(file=str(path), defect=defect) from None


def _staff_units(path: Path, raw: _File) -> frozenset[str]:
    """Return the units that ask in the names of staff: those that can ask, where there is any."""
    unknown = set(raw.staff_units) - raw.units.keys() - raw.oauth.clients.keys()
    defect = ""
    if unknown:
        defect = f"neither `units` nor `oauth.clients` has {', '.join(sorted(unknown))}"
    elif raw.staff_units and not raw.staff:
        defect = "there is no member of staff in whose name they could ask"
    if defect:
        raise SettingsDefective(file=str(path), defect=f"staff_units: {defect}")
    return frozenset(raw.staff_units)


def _is_elsewhere(raw: _File) -> bool:
    """Tell whether staff of these settings may sign in at a provider instead of here."""
    return any(issuer.accounts for issuer in raw.sign_in.issuers.values())


def _service_key(path: Path, name: str) -> tuple[str, str]:
    unit, _, service = name.partition("/")
    if not re.fullmatch(r"[0-9A-Za-z_-]{1,20}", unit) or not re.fullmatch(
        r"[0-9A-Za-z_.-]{1,64}", service
    ):
        defect = f'services."{name}": a unit and a service are wanted, e.g. "31/shelters"'
        raise SettingsDefective(file=str(path), defect=defect)
    return unit, service


def _provider(path: Path, folder: Path, name: str, raw: _Service) -> exchange.Provider:
    """Parse a registered system: its address, its rights, where its description lies."""
    defect = ""
    if not re.fullmatch(r"https?://[^\s@?#]+", raw.url):
        defect = "url: an address that begins with http:// or https:// is wanted"
    try:
        for client in raw.rights:
            exchange.check_client(client)
        rights = {
            client: tuple(exchange.Endpoint.parse(one) for one in endpoints)
            for client, endpoints in raw.rights.items()
        }
    except NodeError as error:
        defect = f"rights: {error}"
    if raw.openapi and raw.wsdl:
        defect = "wsdl: a service is asked in SOAP or in REST; leave out openapi or wsdl"
    if defect:
        raise SettingsDefective(file=str(path), defect=f'services."{name}".{defect}')
    openapi, wsdl = (_place(folder, one) for one in (raw.openapi, raw.wsdl))
    unit, service = _service_key(path, name)
    return exchange.Provider(unit, service, raw.url, rights, openapi, raw.seconds, wsdl)


def _place(folder: Path, text: str) -> str:
    """Return where a description lies: an address, or a file."""
    is_file = text and not text.startswith(("http://", "https://"))
    return str(folder / text) if is_file else text


def _retention(raw: _Retention, folder: Path) -> RetentionPlan:
    return RetentionPlan(raw.run == "daily", folder / raw.rules if raw.rules else None)


def _plan(raw: _Backup, path: Path, folder: Path) -> BackupPlan:
    """Parse the table `backup`; a folder starts at the settings file, as every path does."""
    every = _every(path, "backup.every", raw.every)
    if raw.keep.days < 1 or raw.keep.weeks < 0:
        raise SettingsDefective(file=str(path), defect="backup.keep: days at least 1, weeks 0")
    place = raw.target if raw.target.startswith("s3://") else str(folder / raw.target)
    target = backup.Target(place, raw.endpoint, raw.region)
    return BackupPlan(target, every, raw.keep)


def _every(path: Path, name: str, text: str) -> timedelta:
    """Parse how often something is done."""
    found = re.fullmatch("([1-9][0-9]{0,3})([mhd])", text)
    if not found:
        raise SettingsDefective(file=str(path), defect=f"{name}: 24h or 1d, not {text}")
    unit = {"m": "minutes", "h": "hours", "d": "days"}[found[2]]
    return timedelta(**{unit: int(found[1])})


def _files(raw: _Files, path: Path, folder: Path) -> FilePlan:
    """Parse one of the tables `files`; whoever puts a file there waits ten minutes at the most."""
    is_bucket = raw.place.startswith(backup.S3)
    every = raw.every or ("60s" if is_bucket else "10s")
    found = re.fullmatch("([1-9][0-9]{0,2})([sm])", every)
    seconds = int(found[1]) * {"s": 1, "m": 60}[found[2]] if found else 0
    if not raw.place or not 0 < seconds <= LONGEST_TURN:
        defect = f"files: a place, and every = 1s to {LONGEST_TURN // 60}m, not {every}"
        raise SettingsDefective(file=str(path), defect=defect)
    target = backup.Target(raw.place, raw.endpoint, raw.region)
    return FilePlan(raw.place, target if is_bucket else folder / raw.place, seconds, raw.days)


def _address(path: Path, name: str, text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise SettingsDefective(file=str(path), defect=f"{name}: host:port is wanted, not {text}")
    return Address(host, int(port))
