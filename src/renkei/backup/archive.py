"""The archive: sealed files under names, in a folder or an S3-compatible store, one code path."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, TypeVar

import msgspec
import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import LocalStore, ObjectStore, S3Store

from renkei import kit
from renkei.backup.errors import (
    ArchiveConflict,
    ArchiveUnreachable,
    BackupDamaged,
    TargetMalformed,
)
from renkei.backup.seal import HEAD, BackupKey, Opened, moment_of

S3 = "s3://"
TIMEOUT = "30s"
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Target:
    """Where an archive is: a folder's path, or `s3://bucket/prefix` with its endpoint.

    The credentials of a store come from the environment (AWS_ACCESS_KEY_ID …), never from here.
    """

    place: str
    endpoint: str = ""
    region: str = ""

    def open(self) -> ObjectStore:
        """Return the store; a folder is made, a bucket is not."""
        if not self.place.startswith(S3):
            try:
                return LocalStore(Path(self.place), mkdir=True)
            except (BaseError, OSError, ValueError) as error:
                raise ArchiveUnreachable(target=self.place, reason=_reason(error)) from error
        bucket, _, prefix = self.place.removeprefix(S3).partition("/")
        if not bucket:
            raise TargetMalformed(target=self.place)
        more = {"endpoint": self.endpoint, "region": self.region}
        return S3Store(
            bucket,
            prefix=prefix or None,
            config={name: value for name, value in more.items() if value},  # type: ignore[arg-type]  # a TypedDict of the names above
            client_options={"allow_http": True, "timeout": TIMEOUT},
            retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=20)},
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """A file of the archive: its name and its size as stored."""

    name: str
    size: int


class Archive:
    """The files of one archive under one key. Names are below the target's folder or prefix."""

    def __init__(self, target: Target, key: BackupKey) -> None:
        """Open the target; nothing is written yet."""
        self.target, self._key = target, key
        self._store = target.open()
        self._folder = None if target.place.startswith(S3) else Path(target.place)

    def put(self, name: str, data: bytes, at: datetime, *, replace: bool = False) -> bytes:
        """Seal and keep a file; return its bytes. One that is there already must be the same."""
        sealed = self._key.close(name, data, at)
        with self._reached():
            try:
                mode: Literal["overwrite", "create"] = "overwrite" if replace else "create"
                obstore.put(self._store, name, sealed, mode=mode, use_multipart=False)
                self._sync(name)
            except AlreadyExistsError:
                pass
            else:
                return sealed
        kept = self._bytes(name)
        if self._key.open(name, kept).data != data:
            raise ArchiveConflict(name=name)
        return kept

    def open(self, name: str) -> tuple[Opened, bytes]:
        """Open a file and return its sealed bytes too; a missing one is damage."""
        sealed = self._bytes(name)
        return self._key.open(name, sealed), sealed

    def get(self, name: str) -> Opened:
        """Open a file; a missing one is damage too."""
        return self.open(name)[0]

    def find(self, name: str) -> Opened | None:
        """Open a file, or return None where there is none."""
        try:
            return self._key.open(name, self._bytes(name, missing=FileNotFoundError))
        except FileNotFoundError:
            return None

    def moment(self, name: str, size: int) -> datetime:
        """Return the moment a file says it was true, without reading all of it."""
        if size < HEAD:
            raise BackupDamaged(name=name, reason="it is cut off")
        with self._reached():
            return moment_of(bytes(obstore.get_range(self._store, name, start=0, end=HEAD)))

    def keep(self, name: str, value: msgspec.Struct, at: datetime, *, replace: bool) -> None:
        """Keep a value as a file of JSON."""
        self.put(name, msgspec.json.encode(value), at, replace=replace)

    def value(self, name: str, kind: type[_T]) -> _T | None:
        """Return a value kept as JSON, or None where there is none."""
        opened = self.find(name)
        if opened is None:
            return None
        try:
            return kit.read_json(opened.data, kind)
        except msgspec.DecodeError as error:
            raise BackupDamaged(name=name, reason=str(error)) from error

    def files(self, folder: str) -> list[Stored]:
        """Return the files below a folder, in the order of their names."""
        with self._reached():
            found = [one for many in obstore.list(self._store, folder) for one in many]
        return sorted((Stored(one["path"], one["size"]) for one in found), key=lambda one: one.name)

    def folders(self) -> list[str]:
        """Return the folders of the archive: its lineages."""
        with self._reached():
            return sorted(obstore.list_with_delimiter(self._store)["common_prefixes"])

    def delete(self, names: Iterable[str]) -> int:
        """Delete files, in their order; a missing one was deleted before."""
        done = 0
        for name in names:
            with self._reached():
                try:
                    obstore.delete(self._store, name)
                except FileNotFoundError:
                    continue
            done += 1
        return done

    def _bytes(self, name: str, missing: type[Exception] | None = None) -> bytes:
        try:
            with self._reached():
                try:
                    return bytes(obstore.get(self._store, name).bytes())
                except FileNotFoundError as error:
                    raise _Missing from error
        except _Missing:
            if missing is not None:
                raise missing from None
            raise BackupDamaged(name=name, reason="it is missing") from None

    def _sync(self, name: str) -> None:
        """Put a file of a folder on the disk: the database may then forget its own copy."""
        if self._folder is None:
            return
        path = self._folder / name
        for one in (path, path.parent):
            handle = os.open(one, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (BaseError, OSError, ValueError) as error:
            raise ArchiveUnreachable(target=self.target.place, reason=_reason(error)) from error


class _Missing(Exception):
    """A file is not there."""


def _reason(error: Exception) -> str:
    """Return the first line: the rest is for whoever wrote the driver."""
    return str(error).split("\n", maxsplit=1)[0][:300]
