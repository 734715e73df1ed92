"""The lock of a folder of keys (鍵の封): its files are sealed by a key that is kept elsewhere.

A folder is locked once it holds the file `locked-by`, whose one line says where that key is:

    file:PATH           a file, best in memory or on a medium that is taken out after the start
    credential:NAME     what systemd gives a service (LoadCredential=, LoadCredentialEncrypted=)

Whoever copies the disk or its backup has no key then. Whoever rules the running machine has. The
certificate of the line stays plain, since the TLS library reads it from its file.
"""

import os
import secrets
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from renkei import identity, kit
from renkei.app.errors import (
    FileUnreadable,
    KeyNotSealed,
    KeysExposed,
    KeysLocked,
    LockBeside,
    LockKeyMissing,
)

LOCKED_BY = "locked-by"
FILE, CREDENTIAL = "file:", "credential:"
CREDENTIALS = "CREDENTIALS_DIRECTORY"
HEAD = b"renkei-sealed-key/v1\n"
SECRET = 32  # bytes of the key, which its file holds as base64


@dataclass(frozen=True, slots=True)
class KeyLock:
    """What seals and opens the key files of one site."""

    folder: Path
    tenant: kit.Tenant
    seal: identity.Seal

    @classmethod
    def of(cls, folder: Path, tenant: kit.Tenant) -> Self | None:
        """Return the lock of a folder; None where it has none. LockKeyMissing without its key."""
        try:
            where = (folder / LOCKED_BY).read_text(encoding="utf-8").strip()
        except FileNotFoundError:
            return None
        return cls(folder, tenant, identity.Seal(_key(place(where, folder / LOCKED_BY))))

    def close(self, name: str, contents: bytes) -> bytes:
        """Return what is written as the file `name`; under another name it does not open."""
        return HEAD + b64encode(self.seal.close(contents, "keys", *self._bound(name))) + b"\n"

    def open(self, name: str, data: bytes) -> bytes:
        """Return the contents of a file; KeyNotSealed for one that is not sealed."""
        file = str(self.folder / name)
        if not data.startswith(HEAD):
            raise KeyNotSealed(file=file)
        try:
            sealed = b64decode(data.removeprefix(HEAD).strip(), validate=True)
            return self.seal.open(sealed, "keys", *self._bound(name))
        except ValueError:
            raise FileUnreadable(file=file, reason="no base64 after the first line") from None
        except identity.SealBroken:
            raise FileUnreadable(file=file, reason="sealed by another key, or altered") from None

    def remove(self) -> None:
        """Take the lock away; the key itself is left where it is."""
        (self.folder / LOCKED_BY).unlink()

    def _bound(self, name: str) -> tuple[bytes, bytes]:
        return self.tenant.encode(), name.encode()


def lock_folder(folder: Path, where: str) -> Path:
    """Say in a folder what its keys are sealed by, and return the file of that key.

    A key in a file is made if there is none; beside what it seals it would be no lock. A folder
    that is locked by another one raises KeysLocked.
    """
    named = folder / LOCKED_BY
    if named.exists() and (by := named.read_text(encoding="utf-8").strip()) != where:
        raise KeysLocked(by=by)
    file = place(where, named)
    if where.startswith(FILE):
        if file.resolve().is_relative_to(folder.resolve()):
            raise LockBeside(file=str(file))
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            file.touch(mode=0o600)
            file.write_bytes(b64encode(secrets.token_bytes(SECRET)))
    _key(file)
    fresh = folder / f".{LOCKED_BY}.{os.getpid()}"
    fresh.write_text(where + "\n", encoding="utf-8")
    fresh.replace(named)
    return file


def place(where: str, named_in: Path) -> Path:
    """Return the file a line names: `file:` and a path, or `credential:` and a name."""
    if where.startswith(FILE):
        return Path(where.removeprefix(FILE))
    name = where.removeprefix(CREDENTIAL)
    if not where.startswith(CREDENTIAL) or not name or "/" in name:
        raise FileUnreadable(file=str(named_in), reason="file:PATH or credential:NAME is wanted")
    given = os.environ.get(CREDENTIALS)
    if not given:
        raise LockKeyMissing(file=where)
    return Path(given) / name


def _key(file: Path) -> bytes:
    try:
        if file.stat().st_mode & 0o077:
            raise KeysExposed(file=str(file))
        key = b64decode(file.read_bytes().strip(), validate=True)
    except OSError as error:
        raise LockKeyMissing(file=str(file)) from error
    except ValueError:
        key = b""
    if len(key) != SECRET:
        raise FileUnreadable(file=str(file), reason="no base64 of 32 bytes")
    return key
