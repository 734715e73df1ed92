"""The line to a witness: one checkpoint to it, its lines back, within bounds of size and time.

A witness is believed in nothing but its signature; so the line need not be of TLS.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import aiohttp

from renkei import audit
from renkei.app.errors import (
    WitnessLineFalse,
    WitnessRefused,
    WitnessSawFork,
    WitnessSilent,
)

SECONDS = 10.0
LARGEST_ANSWER = 64 * 1024
MOST_SAID = 200  # characters of a refusal that are told on


@dataclass(frozen=True, slots=True)
class KnownSize:
    """The size a witness cosigned last, where it is not the one we went by."""

    size: int


async def submit(
    session: aiohttp.ClientSession,
    url: str,
    witnesses: Sequence[audit.PolicyWitness],
    submission: audit.Submission,
) -> list[audit.Cosignature] | KnownSize:
    """Ask a witness, which may have several keys, to cosign; raise why it did not."""
    name = ", ".join(one.name for one in witnesses)
    address = f"{url.rstrip('/')}/add-checkpoint"
    try:
        async with session.post(address, data=submission.render(), allow_redirects=False) as answer:
            said = await _read(answer)
            status, kind = answer.status, answer.headers.get("Content-Type", "")
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise WitnessSilent(witness=name, reason=type(error).__name__) from error
    checkpoint = audit.Checkpoint.parse(submission.note)
    if status == 409 and kind.partition(";")[0].strip() == "text/x.tlog.size":
        size = said.removesuffix("\n")
        if size.isascii() and size.isdigit() and len(size) < 19:
            return KnownSize(int(size))
    if status == 422:
        raise WitnessSawFork(witness=name, log=checkpoint.origin, size=checkpoint.size)
    if status != 200:
        raise WitnessRefused(witness=name, status=status, said=_plain(said))
    try:
        found = list(audit.cosignatures(submission.note + said, [one.key for one in witnesses]))
    except (audit.NoteForged, audit.NoteMalformed) as error:
        raise WitnessLineFalse(witness=name) from error
    if not found:
        raise WitnessLineFalse(witness=name)
    return found


async def shown(session: aiohttp.ClientSession, url: str, origin_hash: str, name: str) -> str:
    """Return the checkpoint a witness shows of a log; nothing where it has cosigned none."""
    address = f"{url.rstrip('/')}/{origin_hash}/checkpoint"
    try:
        async with session.get(address, allow_redirects=False) as answer:
            said = await _read(answer)
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as error:
        raise WitnessSilent(witness=name, reason=type(error).__name__) from error
    if status == 404:
        return ""
    if status != 200:
        raise WitnessRefused(witness=name, status=status, said=_plain(said))
    return said


def session() -> aiohttp.ClientSession:
    """Return what the line is used with."""
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    return aiohttp.ClientSession(timeout=timeout, auto_decompress=False)


async def _read(answer: aiohttp.ClientResponse) -> str:
    """Read an answer; ValueError for one that is too long, or no text."""
    text = bytearray()
    async for chunk in answer.content.iter_any():
        text += chunk
        if len(text) > LARGEST_ANSWER:
            raise ValueError("longer than an answer can be")
    return text.decode()


def _plain(said: str) -> str:
    """Return what a stranger said, fit for a line of ours."""
    return "".join(sign if sign.isprintable() else " " for sign in said[:MOST_SAID]).strip() or "-"
