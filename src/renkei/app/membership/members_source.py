"""Where the members list comes from: a file, or an address that serves one.

Whoever serves it is believed in nothing: the list is signed. So it need not be of TLS, and what it
sends is bounded in size and time before it is looked at.
"""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from renkei.app.errors import MembersMissing
from renkei.federation import LARGEST_LIST

SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the source holds now, and the tag that names this state of it."""

    text: bytes
    tag: str


def fetch(source: str | Path, tag: str = "", *, seconds: float = SECONDS) -> Fetched | None:
    """Return what the source holds, or None where it is still what had the tag.

    One byte more than the longest list is read at most: who reads it refuses it by its length.
    """
    try:
        if isinstance(source, Path):
            return _read(source, tag)
        return asyncio.run(_get(source, tag, seconds))
    except (aiohttp.ClientError, TimeoutError) as error:
        raise MembersMissing(file=str(source), reason=type(error).__name__) from error
    except OSError as error:
        raise MembersMissing(file=str(source), reason=error.strerror or str(error)) from error


def _read(file: Path, tag: str) -> Fetched | None:
    found = file.stat()
    now = f"{found.st_ino}-{found.st_size}-{found.st_mtime_ns}"
    if now == tag:
        return None
    with file.open("rb") as opened:
        return Fetched(opened.read(LARGEST_LIST + 1), now)


async def _get(url: str, tag: str, seconds: float) -> Fetched | None:
    timeout = aiohttp.ClientTimeout(total=seconds)
    headers = {"If-None-Match": tag} if tag else {}
    async with (
        aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
        session.get(url, headers=headers, allow_redirects=False) as answer,
    ):
        if answer.status == 304 and tag:
            return None
        if answer.status != 200:
            raise MembersMissing(file=url, reason=f"HTTP {answer.status}")
        text = bytearray()
        async for chunk in answer.content.iter_any():
            text += chunk
            if len(text) > LARGEST_LIST:
                break
        return Fetched(bytes(text), answer.headers.get("etag", ""))
