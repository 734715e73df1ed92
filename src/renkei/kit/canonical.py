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
    # The commonest kinds first: every entry of a log passes here.
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, dict):
        if not all([isinstance(key, str) for key in value]):  # noqa: C419  # a list is faster
            raise NotCanonical(kind="dict with keys that are no text")
        # RFC 8785 3.2.3: members are ordered by their UTF-16 code units.
        is_plain = "".join(value).isascii()
        keys = sorted(value) if is_plain else sorted(value, key=_utf16)
        parts = [f"{encode_basestring(key)}:{_render(value[key])}" for key in keys]
        return "{" + ",".join(parts) + "}"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int) and abs(value) <= LARGEST:
        return str(value)
    if isinstance(value, list | tuple):
        return "[" + ",".join([_render(part) for part in value]) + "]"
    raise NotCanonical(kind=type(value).__name__)


def _utf16(key: str) -> bytes:
    return key.encode("utf-16-be")
