"""The key files of a site: made once, mode 0600, read at start; the public part goes to the list.

| file | whose | what for |
|---|---|---|
| tls.pem, signing.pem | everybody | the line between members, and the signature on messages |
| tls.next.pem, signing.next.pem | everybody | those to follow, while they rotate (`rotation`) |
| relay.pem, relay.next.pem | node | opens what others sealed to us; made at an older site's start |
| log.key | everybody | checkpoints of the own log; at the log operator receipts too |
| tokens.pem | node | access tokens of the own units; made at the first start of an older site |
| sign-in.pem, sign-in.next.pem | node | vouches for its staff to other consoles; made so |
| sealing.key | node, registrar | values at rest in the own database |
| decryption.json | node, log | opens the codes addressed to it |
| decryption.former.json | node, log | opens those that others still send to the key before |
| converter.json | converter | its half of every factor |
| index.key | registrar | finds a number without storing it readable |
| backup.key | everybody | seals the backups; keep a copy of it elsewhere, apart from them |

In a locked folder all but the certificates of the line are sealed (`key_lock`).
"""

import os
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from renkei import audit, backup, exchange, federation, identity, kit
from renkei.app.errors import FileExists, FileUnreadable, KeysExposed, KeysMissing
from renkei.app.membership.key_lock import HEAD, LOCKED_BY, KeyLock, lock_folder
from renkei.app.settings import Role

TLS, SIGNING, LOG, SEALING = "tls.pem", "signing.pem", "log.key", "sealing.key"
NEXT_TLS, NEXT_SIGNING = "tls.next.pem", "signing.next.pem"
DECRYPTION, CONVERTER, INDEX = "decryption.json", "converter.json", "index.key"
FORMER_DECRYPTION = "decryption.former.json"
BACKUP, TOKENS = "backup.key", "tokens.pem"
RELAY, NEXT_RELAY = "relay.pem", "relay.next.pem"
SIGN_IN, NEXT_SIGN_IN = "sign-in.pem", "sign-in.next.pem"
FILES = (
    *(TLS, SIGNING, LOG, SEALING, DECRYPTION, CONVERTER, INDEX, BACKUP, TOKENS, RELAY, SIGN_IN),
    *(NEXT_TLS, NEXT_SIGNING, NEXT_RELAY, NEXT_SIGN_IN, FORMER_DECRYPTION),
)
PLAIN = frozenset({TLS, NEXT_TLS})
"""Files that stay plain in a locked folder: the TLS library reads them itself."""
SECRET = 32  # bytes of a key that is written as base64

_K = TypeVar("_K")


def origin(tenant: kit.Tenant) -> str:
    """Return the name of an organisation's log, which its key carries too."""
    return f"renkei.example/{tenant}/access-log"


def file_signer(file: Path, name: str) -> audit.Signer:
    """Read a signing key from a file of its own, made at first use, mode 0600."""
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=0o600)
        file.write_text(secrets.token_hex(SECRET), encoding="ascii")
    if file.stat().st_mode & 0o077:
        raise KeysExposed(file=str(file))
    try:
        return audit.Signer.from_seed(name, bytes.fromhex(file.read_text(encoding="ascii")))
    except ValueError:
        raise FileUnreadable(file=str(file), reason="no key of 32 bytes in hex") from None


def read_backup_key(file: Path) -> backup.BackupKey:
    """Read a site's backup key from wherever a copy of it was kept."""
    return backup.BackupKey(Keys(file.parent, kit.Tenant("")).secret(file.name))


def make_custodian_key(file: Path) -> federation.SealingKey:
    """Make the key that opens kept bodies, wherever its custodian will have it; overwrite none."""
    key = federation.SealingKey.generate()
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        Keys(file.parent, kit.Tenant("")).write(file.name, key.pem())
    except FileExistsError as error:
        raise FileExists(file=str(file)) from error
    return key


def read_custodian_key(file: Path) -> federation.SealingKey:
    """Read the key that opens kept bodies."""
    return Keys(file.parent, kit.Tenant("")).opens(file.name)


@dataclass(frozen=True, slots=True)
class Keys:
    """The key files of one site, by its role; a file is read when it is asked for."""

    folder: Path
    tenant: kit.Tenant

    def make(self, role: Role, *, organisations: tuple[kit.Tenant, ...], at: datetime) -> None:
        """Make the keys of a role. A converter draws a scalar for each of the organisations."""
        for name in FILES:
            if (self.folder / name).exists():
                raise FileExists(file=str(self.folder / name))
        federation.Credentials.create(self.folder, self.tenant, at=at)
        self.write(LOG, b64encode(secrets.token_bytes(32)))
        self.write(BACKUP, b64encode(secrets.token_bytes(32)))
        if role == "node":
            self.write(TOKENS, exchange.SigningKey.generate().pem())
            self.write(SIGN_IN, exchange.SigningKey.generate().pem())
            self.write(RELAY, federation.SealingKey.generate().pem())
        if role in ("node", "registrar"):
            self.write(SEALING, b64encode(secrets.token_bytes(32)))
        if role in ("node", "log"):
            key = identity.DecryptionKey.draw(self.tenant)
            self.write(DECRYPTION, identity.secret_text(key).encode())
        if role == "registrar":
            self.write(INDEX, b64encode(secrets.token_bytes(32)))
        if role == "converter":
            drawn = identity.ConverterKeys.draw(self.tenant, organisations)
            self.write(CONVERTER, identity.secret_text(drawn).encode())

    def credentials(self, *, tls: str = TLS, signing: str = SIGNING) -> federation.Credentials:
        """Read what proves us on the line and on messages."""
        self._read(tls)
        key = self._signing(signing)
        return federation.Credentials.read(self.folder, self.tenant, tls=tls, signing=key)

    def next_credentials(self) -> federation.Credentials:
        """Read what is to follow; a part that nothing is to follow is the present one."""
        tls = NEXT_TLS if (self.folder / NEXT_TLS).exists() else TLS
        signing = NEXT_SIGNING if (self.folder / NEXT_SIGNING).exists() else SIGNING
        return self.credentials(tls=tls, signing=signing)

    def make_next(self, *, at: datetime) -> None:
        """Make keys to follow the present ones; keep what waits.

        The key that opens what is sealed follows the certificate: it may take its file sooner, and
        must not be made anew while the certificate waits.
        """
        if (self.folder / RELAY).exists() and not (
            (self.folder / NEXT_TLS).exists() or (self.folder / NEXT_RELAY).exists()
        ):
            self.write(NEXT_RELAY, federation.SealingKey.generate().pem())
        if not (self.folder / NEXT_TLS).exists():
            self.write(NEXT_TLS, federation.new_tls(self.tenant, at=at))
        for name, following in ((SIGNING, NEXT_SIGNING), (SIGN_IN, NEXT_SIGN_IN)):
            if (self.folder / name).exists() and not (self.folder / following).exists():
                self.write(following, exchange.SigningKey.generate().pem())

    def copy(self, name: str, over: str) -> None:
        """Put one key's contents in the place of another, whole or not at all."""
        self.replace(over, self._read(name))

    def replace(self, name: str, contents: bytes) -> None:
        """Write a key file in the place of another, whole or not at all."""
        self._put(name, self._sealed(name, contents))

    @property
    def is_locked(self) -> bool:
        """Tell whether the files are sealed by a key kept elsewhere."""
        return (self.folder / LOCKED_BY).exists()

    def lock(self, where: str) -> tuple[Path, list[str]]:
        """Seal the files by a key kept elsewhere; return its file, and what was sealed now.

        Interrupted it is gone on with by the same call: what is sealed already is let be.
        """
        file = lock_folder(self.folder, where)
        plain = [name for name in self._sealable() if not self._raw(name).startswith(HEAD)]
        for name in plain:
            self.replace(name, self._raw(name))
        return file, plain

    def unlock(self) -> list[str]:
        """Write the files plain again, and then take the lock away; interrupted, call it again."""
        lock = KeyLock.of(self.folder, self.tenant)
        if lock is None:
            return []
        sealed = [name for name in self._sealable() if self._raw(name).startswith(HEAD)]
        for name in sealed:
            self._put(name, lock.open(name, self._raw(name)))
        lock.remove()
        return sealed

    def _sealable(self) -> list[str]:
        return [name for name in FILES if name not in PLAIN and (self.folder / name).exists()]

    def drop(self, name: str) -> None:
        """Delete a key file; again is no harm."""
        (self.folder / name).unlink(missing_ok=True)

    def drop_copy(self, name: str, of: str) -> None:
        """Delete a key file that holds the same as another one; a new key is left alone."""
        copy = self.folder / name
        if copy.exists() and self._read(name) == self._read(of):
            copy.unlink()

    def signer(self) -> audit.Signer:
        """Read the key of our own log."""
        return audit.Signer.from_seed(origin(self.tenant), self.secret(LOG))

    def backup(self, *, make: bool = False) -> backup.BackupKey:
        """Read the key that seals the backups; a site older than it makes it at the first one."""
        if make and not (self.folder / BACKUP).exists():
            self.write(BACKUP, b64encode(secrets.token_bytes(32)))
        return backup.BackupKey(self.secret(BACKUP))

    def opening(self) -> tuple[federation.SealingKey, ...]:
        """Read the keys that open what is sealed to us: the present one, and one to follow."""
        names = [RELAY] + [NEXT_RELAY] * (self.folder / NEXT_RELAY).exists()
        return tuple(map(self.opens, names))

    def make_opening(self) -> None:
        """Make the key that opens what is sealed to us, at a site older than it."""
        if not (self.folder / RELAY).exists():
            self._make_once(RELAY, federation.SealingKey.generate().pem())

    def opens(self, name: str) -> federation.SealingKey:
        """Read a key that opens what is sealed."""
        try:
            return federation.SealingKey.from_pem(self._read(name))
        except ValueError:
            raise FileUnreadable(
                file=str(self.folder / name), reason="no key of X25519 as PEM"
            ) from None

    def tokens(self, *, make: bool = False) -> exchange.SigningKey:
        """Read the key of access tokens; of two processes that make it at once both read one."""
        if make and not (self.folder / TOKENS).exists():
            self._make_once(TOKENS, exchange.SigningKey.generate().pem())
        return self._signing(TOKENS)

    def sign_in(self, *, make: bool = False) -> tuple[exchange.SigningKey, ...]:
        """Read the keys that vouch for our staff: the one that signs, and one to follow it."""
        if make and not (self.folder / SIGN_IN).exists():
            self._make_once(SIGN_IN, exchange.SigningKey.generate().pem())
        names = [SIGN_IN] + [NEXT_SIGN_IN] * (self.folder / NEXT_SIGN_IN).exists()
        return tuple(map(self._signing, names))

    def _signing(self, name: str) -> exchange.SigningKey:
        try:
            return exchange.SigningKey.from_pem(self._read(name))
        except exchange.KeyMalformed:
            raise FileUnreadable(
                file=str(self.folder / name), reason="no key on P-256 as PEM"
            ) from None

    def seal(self) -> identity.Seal:
        """Read the key that seals values at rest."""
        return identity.Seal(self.secret(SEALING))

    def node(self) -> federation.NodeKeys:
        """Read an organisation's keys."""
        return federation.NodeKeys(self.decryption(), self.seal(), self._former())

    def log(self) -> federation.LogKeys:
        """Read the log operator's keys."""
        return federation.LogKeys(self.decryption(), self.signer(), self._former())

    def converter(self) -> identity.ConverterKeys:
        """Read a converter's scalars."""
        return self._parsed(CONVERTER, identity.converter_keys)

    def registrar(self) -> identity.RegistrarSecrets:
        """Read the registrar's keys."""
        return identity.RegistrarSecrets(self.secret(INDEX), self.seal())

    def announcement(self, role: Role) -> msgspec.Raw:
        """Return the identity part of our row in the members list."""
        said = identity.Announcement()
        if role in ("node", "log"):
            opening = (self.decryption(), *self._former())
            said = identity.Announcement({key.dv: key.public() for key in opening})
        if role == "converter":
            keys = self.converter()
            factors = {organisation: keys.public(organisation) for organisation in keys.factors}
            said = identity.Announcement(factors=factors, retiring=keys.retiring)
        return msgspec.Raw(identity.render(said))

    def member(
        self,
        role: Role,
        *,
        member_class: federation.MemberClass,
        ja: str,
        en: str,
        url: str,
        units: tuple[str, ...] = (),
        releases: tuple[str, ...] = (),
    ) -> federation.Member:
        """Return our row for the members list: public parts only."""
        credentials = self.credentials()
        return federation.Member(
            id=self.tenant,
            kind="organisation" if role == "node" else role,
            member_class=member_class,
            ja=ja,
            en=en,
            url=url,
            certificates=(credentials.certificate,),
            signing_keys=(exchange.public_text(credentials.signing.public),),
            log_key=str(self.signer().verifier),
            sealing_key=self.opening()[0].listed if role == "node" else "",
            units=units,
            releases=releases,
            identity=self.announcement(role),
        )

    def decryption(self) -> identity.DecryptionKey:
        """Read the key that opens codes."""
        return self._parsed(DECRYPTION, identity.decryption_key)

    def _former(self) -> tuple[identity.DecryptionKey, ...]:
        """Read the key before it, while others may still send to it."""
        if not (self.folder / FORMER_DECRYPTION).exists():
            return ()
        return (self._parsed(FORMER_DECRYPTION, identity.decryption_key),)

    def secret(self, name: str) -> bytes:
        """Read a key of 32 bytes."""
        try:
            key = b64decode(self._read(name), validate=True)
        except ValueError:
            key = b""
        if len(key) != SECRET:
            raise FileUnreadable(file=str(self.folder / name), reason="no base64 of 32 bytes")
        return key

    def _parsed(self, name: str, parse: Callable[[str], _K]) -> _K:
        """Read a key text of the identity room."""
        try:
            return parse(self._read(name).decode())
        except (identity.MessageMalformed, identity.ScalarRefused, UnicodeDecodeError) as error:
            # Not `from error`: its text may quote what is secret.
            raise FileUnreadable(
                file=str(self.folder / name), reason=type(error).__name__
            ) from None

    def _read(self, name: str) -> bytes:
        data, lock = self._raw(name), self._lock_of(name)
        if lock is not None:
            return lock.open(name, data)
        if data.startswith(HEAD):
            raise FileUnreadable(file=str(self.folder / name), reason="sealed, and no locked-by")
        return data

    def _raw(self, name: str) -> bytes:
        path = self.folder / name
        if not path.is_file():
            raise KeysMissing(file=str(path))
        if path.stat().st_mode & 0o077:
            raise KeysExposed(file=str(path))
        return path.read_bytes()

    def _make_once(self, name: str, contents: bytes) -> None:
        """Write a key that is not there yet; of two processes that do one wins, whole."""
        with suppress(FileExistsError):
            self.write(name, contents)

    def write(self, name: str, contents: bytes) -> None:
        """Write a key file whole, or none: who finds it there may read it. None is overwritten."""
        with self._fresh(name, self._sealed(name, contents)) as fresh:
            os.link(fresh, self.folder / name)

    def _put(self, name: str, data: bytes) -> None:
        with self._fresh(name, data) as fresh:
            fresh.replace(self.folder / name)

    @contextmanager
    def _fresh(self, name: str, data: bytes) -> Iterator[Path]:
        """Give a file beside the others that holds the data, for a moment."""
        fresh = self.folder / f".{name}.{secrets.token_hex(8)}"
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
            yield fresh
        finally:
            fresh.unlink(missing_ok=True)

    def _sealed(self, name: str, contents: bytes) -> bytes:
        lock = self._lock_of(name)
        return contents if lock is None else lock.close(name, contents)

    def _lock_of(self, name: str) -> KeyLock | None:
        return None if name in PLAIN else KeyLock.of(self.folder, self.tenant)
