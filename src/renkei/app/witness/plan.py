"""The settings of a witness: one TOML file, its keys beside it."""

import re
import secrets
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from renkei import audit, kit
from renkei.app.errors import (
    FileExists,
    KeysExposed,
    KeysMissing,
    SettingsDefective,
    SettingsMissing,
)

AlgorithmName = Literal["ml-dsa-44", "ed25519"]
ALGORITHMS: dict[AlgorithmName, audit.Algorithm] = {
    "ml-dsa-44": audit.Algorithm.ML_DSA_44,
    "ed25519": audit.Algorithm.ED25519,
}
SEED = 32
TEMPLATE = """\
# A witness of logs (C2SP tlog-witness). Its keys stand beside this file, in `keys`.
name = "{name}"
listen = "{listen}"
state = "witness.db"
keys = "keys"

# One table for each log: its verifier key, two while it is changed; `origin` where the key is named
# otherwise than the log's first line.
# [[log]]
# keys = ["log.example/a+…"]
"""


class _Log(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A log that is witnessed."""

    keys: Annotated[tuple[str, ...], msgspec.Meta(min_length=1, max_length=8)]
    origin: str = ""


class _File(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The file as written."""

    name: str
    listen: str
    state: str = "witness.db"
    keys: str = "keys"
    algorithms: Annotated[tuple[AlgorithmName, ...], msgspec.Meta(min_length=1)] = (
        "ml-dsa-44",
        "ed25519",
    )
    log: tuple[_Log, ...] = ()


@dataclass(frozen=True, slots=True)
class WitnessPlan:
    """What a witness needs to know before it starts. Paths are absolute."""

    name: str
    host: str
    port: int
    state: Path
    keys: Path
    algorithms: tuple[AlgorithmName, ...]
    logs: dict[str, tuple[audit.NoteKey, ...]]

    def keys_of(self, origin: str) -> tuple[audit.NoteKey, ...] | None:
        """Return the keys of a log, or of a yearly shard of one; None for what is not witnessed.

        A shard, and its output log, is a log of its own whose key follows from the log's (RK-42).
        """
        if origin in self.logs:
            return self.logs[origin]
        base = origin.removesuffix(audit.OUTPUT_NAME)
        for name, keys in self.logs.items():
            year = audit.shard_year(name, base)
            if year and not name.endswith(audit.OUTPUT_NAME):
                own = [audit.shard_verifier(k, year) for k in keys if isinstance(k, audit.Verifier)]
                return tuple(own if base == origin else map(audit.output_verifier, own)) or None
        return None

    def cosigners(self) -> tuple[audit.Cosigner, ...]:
        """Read the keys, one file for each algorithm."""
        return tuple(
            audit.Cosigner(self.name, ALGORITHMS[name], _secret(self.keys / f"{name}.key"))
            for name in self.algorithms
        )


def read_plan(path: Path) -> WitnessPlan:
    """Read the settings of a witness; relative paths start at the file's folder."""
    try:
        raw = kit.read_toml(path.read_bytes(), _File)
    except OSError as error:
        raise SettingsMissing(file=str(path), reason=error.strerror or "") from error
    except msgspec.DecodeError as error:
        raise SettingsDefective(file=str(path), defect=str(error)) from error
    host, _, port = raw.listen.rpartition(":")
    if not host or not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) < 65536:
        raise SettingsDefective(file=str(path), defect="listen: host:port is wanted")
    folder = path.resolve().parent
    return WitnessPlan(
        name=raw.name,
        host=host,
        port=int(port),
        state=folder / raw.state,
        keys=folder / raw.keys,
        algorithms=tuple(dict.fromkeys(raw.algorithms)),
        logs=_logs(path, raw.log),
    )


def found_witness(folder: Path, name: str, listen: str) -> Path:
    """Make the settings and the keys of a witness; overwrite none."""
    keys, file = folder / "keys", folder / "witness.toml"
    text = TEMPLATE.format(name=name, listen=listen)
    for algorithm in ALGORITHMS.values():  # a name no key may have is refused before any file
        audit.Cosigner(name, algorithm, bytes(SEED))
    for path in (file, *(keys / f"{one}.key" for one in ALGORITHMS)):
        if path.exists():
            raise FileExists(file=str(path))
    keys.mkdir(parents=True, exist_ok=True)
    for one in ALGORITHMS:
        path = keys / f"{one}.key"
        path.touch(mode=0o600, exist_ok=False)
        path.write_bytes(b64encode(secrets.token_bytes(SEED)))
    file.write_text(text, encoding="utf-8")
    return file


def _logs(path: Path, raw: Sequence[_Log]) -> dict[str, tuple[audit.NoteKey, ...]]:
    """Return the logs as they are named, and the output log of each that can have one of ours."""
    named = dict(_log(path, one) for one in raw)
    outputs = {
        f"{origin}{audit.OUTPUT_NAME}": outputs
        for origin, keys in named.items()
        if (
            outputs := tuple(
                audit.output_verifier(k) for k in keys if isinstance(k, audit.Verifier)
            )
        )
    }
    return outputs | named


def _log(path: Path, raw: _Log) -> tuple[str, tuple[audit.NoteKey, ...]]:
    try:
        keys = tuple(audit.log_key(text) for text in raw.keys)
    except kit.NodeError as error:
        raise SettingsDefective(file=str(path), defect=f"log.keys: {error}") from error
    return raw.origin or keys[0].name, keys


def _secret(file: Path) -> bytes:
    try:
        mode, data = file.stat().st_mode, file.read_bytes()
    except OSError as error:
        raise KeysMissing(file=str(file)) from error
    if mode & 0o077:
        raise KeysExposed(file=str(file))
    try:
        return b64decode(data.strip(), validate=True)
    except ValueError as error:
        raise KeysMissing(file=str(file)) from error
