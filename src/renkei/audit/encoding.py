"""Bytes and times as text: one value, one spelling, so that no altered spelling passes."""

import base64
import re
from datetime import UTC, datetime

INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", re.ASCII)


def base64url(data: bytes) -> str:
    r"""Return base64url without padding.

    >>> base64url(b"\xfb\xff")
    '-_8'
    """
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def from_base64url(text: str) -> bytes:
    """Return the bytes, or raise ValueError for any spelling `base64url` would not write."""
    data = base64.urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if base64url(data) != text:
        raise ValueError("not base64url")
    return data


def base64std(data: bytes) -> str:
    """Return RFC 4648 base64 with padding, as signed notes write it."""
    return base64.b64encode(data).decode()


def from_base64std(text: str) -> bytes:
    """Return the bytes, or raise ValueError for any spelling `base64std` would not write."""
    data = base64.b64decode(text.encode("ascii"))
    if base64std(data) != text:
        raise ValueError("not base64")
    return data


def instant(at: datetime) -> str:
    """Return RFC 3339 in UTC, to the millisecond.

    >>> instant(datetime(2026, 11, 23, 1, 2, 3, 456789, tzinfo=UTC))
    '2026-11-23T01:02:03.456Z'
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds")[:-6] + "Z"


def from_instant(text: str) -> datetime:
    """Return the time, or raise ValueError for any spelling `instant` would not write."""
    if not INSTANT.fullmatch(text):
        raise ValueError("not a time")
    return datetime.fromisoformat(text)


def whole_number(text: str) -> int:
    """Return a number written without sign or leading zero, or raise ValueError.

    >>> whole_number("40")
    40
    """
    if not re.fullmatch(r"0|[1-9][0-9]{0,17}", text, re.ASCII):
        raise ValueError("not a whole number")
    return int(text)
