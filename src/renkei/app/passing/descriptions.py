"""The OpenAPI descriptions of registered systems: read from a file or an address, told to clients.

A description says which endpoints a service has; the rights say who may use them. Addresses in it
are those of the hall and stay there.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import msgspec
import yaml

from renkei import exchange
from renkei.app.errors import DescriptionDefective

LONGEST = 4 << 20
SECONDS = 10
METHODS = tuple(method.lower() for method in exchange.METHODS)
ELSEWHERE = "https://example.org/r1"


@dataclass(frozen=True, slots=True)
class Description:
    """A description that was read: OpenAPI 3, as text in JSON, and the endpoints it names."""

    json: bytes
    endpoints: tuple[tuple[str, str], ...]


def parse(text: bytes, service: str) -> Description:
    """Read a description in YAML or JSON; its server addresses are left out.

    >>> parse(b'{"openapi": "3.1.0", "paths": {"/a/{n}": {"get": {}}}}', "31/x").endpoints
    (('GET', '/a/*'),)
    """
    try:
        # JSON is YAML; the safe loader makes plain values only.
        whole = yaml.safe_load(text)
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise DescriptionDefective(service=service, defect=type(error).__name__) from error
    version = str(whole.get("openapi", "")) if isinstance(whole, dict) else ""
    if not version.startswith("3.") or not isinstance(whole.get("paths"), dict):
        raise DescriptionDefective(service=service, defect="openapi: 3.…, paths")
    try:
        told = msgspec.json.encode(whole | {"servers": [{"url": ELSEWHERE}]})
    except (TypeError, RecursionError) as error:  # a date, say, or an alias of itself
        raise DescriptionDefective(service=service, defect=str(error)[:80]) from error
    return Description(told, tuple(_endpoints(whole["paths"])))


async def read(provider: exchange.Provider) -> Description | None:
    """Read a provider's description anew, or None where it has none."""
    service = f"{provider.unit}/{provider.service}"
    if not provider.description:
        return None
    text = await text_at(provider.description, service)
    return await asyncio.to_thread(parse, text, service)


async def text_at(place: str, service: str) -> bytes:
    """Read the description of a service from a file or an address."""
    try:
        if place.startswith(("http://", "https://")):
            text = await _fetched(place)
        else:
            text = await asyncio.to_thread(_file, Path(place))
    except (OSError, aiohttp.ClientError, TimeoutError) as error:
        raise DescriptionDefective(service=service, defect=type(error).__name__) from error
    if len(text) > LONGEST:
        raise DescriptionDefective(service=service, defect=f"> {LONGEST} bytes")
    return text


async def _fetched(url: str) -> bytes:
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    async with (
        aiohttp.ClientSession(timeout=timeout, raise_for_status=True) as session,
        session.get(url, allow_redirects=False) as answer,
    ):
        return await answer.content.read(LONGEST + 1)


def _file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LONGEST + 1)


def _endpoints(paths: dict[object, object]) -> Iterator[tuple[str, str]]:
    for path, methods in paths.items():
        parts = str(path).split("/")
        plain = "/".join("*" if "{" in part else part for part in parts)
        for method in methods if isinstance(methods, dict) else ():
            if str(method) in METHODS:
                yield str(method).upper(), plain
