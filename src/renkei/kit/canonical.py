"""Canonical bytes: one value, one byte string, so that a digest means one thing (RFC 8785).

Only the subset Renkei writes: objects, arrays, text, whole numbers up to 2^53 - 1, true, false,
null. Fractions are refused, since their shortest form is where implementations differ.
"""

import hashlib
from json.encoder import encode_basestring

from renkei.kit.errors import NotCanonical

LARGEST = 2**53 - 1


def canonical(value: object) -> bytes:
    """Return the RFC 8785 form of a value, in UTF-8.

    >>> canonical({"b": 1, "a": ["髙", None]}).decode()
    '{"a":["髙",null],"b":1}'
    """
    try:
        return _render(value).encode()
    except UnicodeEncodeError:
        raise NotCanonical(kind="str with half a surrogate pair") from None
    except RecursionError:
        raise NotCanonical(kind=f"{type(value).__name__}, nested too deep") from None


def digest(value: object) -> bytes:
    """Return the SHA-256 of the canonical form, 32 bytes."""
    return hashlib.sha256(canonical(value)).digest()


def _render(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return encode_basestring(value)
        case int() if abs(value) <= LARGEST:
            return str(value)
        case list() | tuple():
            return "[" + ",".join(_render(part) for part in value) + "]"
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise NotCanonical(kind="dict with keys that are no text")
            # RFC 8785 3.2.3: members are ordered by their UTF-16 code units.
            is_plain = "".join(value).isascii()
            keys = sorted(value) if is_plain else sorted(value, key=_utf16)
            return "{" + ",".join(f"{_render(k)}:{_render(value[k])}" for k in keys) + "}"
        case _:
            raise NotCanonical(kind=type(value).__name__)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
