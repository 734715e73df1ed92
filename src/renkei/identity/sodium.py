"""The ristretto255 calls of libsodium, and where a libsodium is found.

First the system's library; else the copy that the package `rbcl` carries as data. `rbcl` is never
imported (it would leave a file behind at each import): its data is written once, under its
SHA-256, into a folder only this user can write. `RENKEI_SODIUM=system` or `wheel` allows one only.
"""

import ctypes
import ctypes.util
import hashlib
import os
import re
import stat
import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from renkei.identity.errors import NeutralReached, ScalarRefused, SodiumMissing

NEUTRAL = bytes(32)
SONAMES = ("libsodium.so.26", "libsodium.so.23", "libsodium.26.dylib", "libsodium.23.dylib")

_Buffer = ctypes.c_char * 32
_Call = Callable[..., int]


class Sodium:
    """One loaded libsodium. Points and scalars are 32 bytes that the caller has validated."""

    def __init__(self, path: str) -> None:
        """Load the library; OSError or AttributeError where it is none, or lacks ristretto255."""
        library = ctypes.CDLL(path)

        def bound(name: str, arguments: int) -> _Call:
            function = library[name]
            function.argtypes = [ctypes.c_char_p] * arguments
            function.restype = ctypes.c_int if name not in VOID else None
            return function

        self.path = path
        self._valid = bound("crypto_core_ristretto255_is_valid_point", 1)
        self._from_hash = bound("crypto_core_ristretto255_from_hash", 2)
        self._add = bound("crypto_core_ristretto255_add", 3)
        self._subtract = bound("crypto_core_ristretto255_sub", 3)
        self._multiply = bound("crypto_scalarmult_ristretto255", 3)
        self._multiply_base = bound("crypto_scalarmult_ristretto255_base", 2)
        self._scalar_random = bound("crypto_core_ristretto255_scalar_random", 1)
        self._scalar_reduce = bound("crypto_core_ristretto255_scalar_reduce", 2)
        self._scalar_invert = bound("crypto_core_ristretto255_scalar_invert", 2)
        self._scalar_add = bound("crypto_core_ristretto255_scalar_add", 3)
        self._scalar_subtract = bound("crypto_core_ristretto255_scalar_sub", 3)
        self._scalar_multiply = bound("crypto_core_ristretto255_scalar_mul", 3)
        if library.sodium_init() < 0:
            raise OSError("sodium_init failed")

    def valid(self, point: bytes) -> bool:
        """Tell whether 32 bytes are a canonical encoding; those of the neutral element are."""
        return self._valid(point) == 1

    def from_hash(self, uniform: bytes) -> bytes:
        """Map 64 uniform bytes to a point (RFC 9496, the one-way map)."""
        return _point(self._from_hash, uniform)

    def add(self, left: bytes, right: bytes) -> bytes:
        """Return left + right, or refuse the neutral element."""
        return _point(self._add, left, right)

    def subtract(self, left: bytes, right: bytes) -> bytes:
        """Return left - right, or refuse the neutral element."""
        return _point(self._subtract, left, right)

    def multiply(self, scalar: bytes, point: bytes) -> bytes:
        """Return scalar * point, in constant time, or refuse the neutral element."""
        return _point(self._multiply, scalar, point)

    def multiply_base(self, scalar: bytes) -> bytes:
        """Return scalar * generator, in constant time, or refuse the neutral element."""
        return _point(self._multiply_base, scalar)

    def scalar_random(self) -> bytes:
        """Return a uniform scalar other than zero."""
        return _scalar(self._scalar_random)

    def scalar_reduce(self, uniform: bytes) -> bytes:
        """Return 64 little-endian bytes modulo the group order."""
        return _scalar(self._scalar_reduce, uniform)

    def scalar_invert(self, scalar: bytes) -> bytes:
        """Return 1 / scalar; zero has none and is refused."""
        out = _Buffer()
        if self._scalar_invert(out, scalar) != 0:
            raise ScalarRefused
        return out.raw

    def scalar_add(self, left: bytes, right: bytes) -> bytes:
        """Return left + right."""
        return _scalar(self._scalar_add, left, right)

    def scalar_subtract(self, left: bytes, right: bytes) -> bytes:
        """Return left - right."""
        return _scalar(self._scalar_subtract, left, right)

    def scalar_multiply(self, left: bytes, right: bytes) -> bytes:
        """Return left * right."""
        return _scalar(self._scalar_multiply, left, right)


VOID = {
    f"crypto_core_ristretto255_scalar_{name}" for name in ("random", "reduce", "add", "sub", "mul")
}


def _point(call: _Call, *arguments: bytes) -> bytes:
    out = _Buffer()
    # libsodium refuses the neutral element after a multiplication, but not after an addition.
    if call(out, *arguments) != 0 or (point := out.raw) == NEUTRAL:
        raise NeutralReached
    return point


def _scalar(call: _Call, *arguments: bytes) -> bytes:
    out = _Buffer()
    call(out, *arguments)
    return out.raw


@cache
def sodium() -> Sodium:
    """Return the libsodium of this process, found once."""
    only = os.environ.get("RENKEI_SODIUM")
    if only != "wheel":
        for path in _system_paths():
            try:
                return Sodium(path)
            except (OSError, AttributeError):
                continue
    if only == "system":
        raise SodiumMissing(reason="RENKEI_SODIUM allows the system's library only")
    try:
        return Sodium(str(_wheel_path()))
    except (OSError, AttributeError) as error:
        raise SodiumMissing(reason=f"the copy in rbcl did not load ({error})") from error


def _system_paths() -> Iterator[str]:
    yield from SONAMES
    found = ctypes.util.find_library("sodium")  # starts ldconfig or a compiler, so it comes last
    if found:
        yield found


def _wheel_path() -> Path:
    """Write rbcl's library under its digest, unless it lies there already, whole."""
    spec = find_spec("rbcl")
    folder = spec.submodule_search_locations if spec else None
    if not folder:
        raise SodiumMissing(reason="neither the system nor a package rbcl has one")
    source = (Path(folder[0]) / "_sodium.py").read_text(encoding="ascii")
    data = re.search(r"bytes\.fromhex\(\s*['\"]([0-9a-fA-F]+)['\"]", source)
    if data is None:
        raise SodiumMissing(reason="the package rbcl holds no library that is known here")
    library = bytes.fromhex(data[1])
    digest = hashlib.sha256(library).hexdigest()
    path = _private_folder() / f"libsodium-{digest}.so"
    if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(library)
        Path(draft).replace(path)
    return path


def _private_folder() -> Path:
    """Return this user's cache folder; refuse one that somebody else could write to."""
    base = os.environ.get("XDG_CACHE_HOME")
    folder = (Path(base) if base else Path.home() / ".cache") / "renkei" / "sodium"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    facts = folder.lstat()
    owned = not hasattr(os, "getuid") or facts.st_uid == os.getuid()
    if not stat.S_ISDIR(facts.st_mode) or not owned or facts.st_mode & 0o022:
        raise SodiumMissing(reason=f"others can write to the cache folder {folder}")
    return folder
