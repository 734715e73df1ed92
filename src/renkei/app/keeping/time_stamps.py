"""A time stamp (RFC 3161) of the log's checkpoint, once a day, by whom the settings name.

It says that the whole log up to that size existed at that time, in the words of an authority that
knows neither the log nor its witnesses. Nothing waits for it; a day without one is made up for by
the next, which covers all before it.
"""

import asyncio
import logging
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import aiohttp
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from renkei import audit, kit
from renkei.app.errors import FileUnreadable, TimeStampFalse, TimeStampMissing
from renkei.app.keeping.time_stamp_plan import TimeStampPlan
from renkei.app.keeping.turns import EndingThread

log = logging.getLogger("renkei.app")

FOLDER = "timestamps"
SECONDS = 30.0
LARGEST_ANSWER = 256 * 1024
TURN_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 60.0, 3600.0
REQUEST, REPLY = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, slots=True)
class TimeStamp:
    """One that holds: of which day, what it covers, and when the authority says it was."""

    day: date
    checkpoint: audit.Checkpoint
    at: datetime


class TimeStampKeeper(EndingThread):
    """One thread a site that has a plan for time stamps; without one it ends at once."""

    def __init__(
        self,
        plan: TimeStampPlan | None,
        folder: Path,
        key: audit.Verifier,
        clock: Callable[[], datetime],
    ) -> None:
        """Take the plan, the folder of the published log and its key; `start` begins."""
        super().__init__("time stamps")
        self._plan, self._folder, self._key, self._clock = plan, folder, key, clock
        self._again, self._pause = 0.0, FIRST_PAUSE
        self.trouble: kit.NodeError | None = None

    @property
    def newest(self) -> date | None:
        """Return the day of the newest stamp here."""
        return newest_day(self._folder)

    def run(self) -> None:
        """Take turns until told to finish."""
        if self._plan is None:
            return
        while not self._ending.wait(TURN_SECONDS if self.trouble else 1.0):
            if time.monotonic() < self._again:
                continue
            try:
                self.turn()
                self.trouble, self._again, self._pause = None, 0.0, FIRST_PAUSE
            except kit.NodeError as error:
                self._failed(error)
            except Exception as error:  # a full disk: said, and tried again
                log.exception("no time stamp could be kept")
                self._failed(TimeStampMissing(reason=type(error).__name__))

    def turn(self) -> None:
        """Get today's stamp, if there is a checkpoint and none of today yet."""
        day = kit.day_of(self._clock())
        # Of the newest shard, whose beginning names the one before.
        year = audit.published_years(self._folder)[-1]
        folder = audit.shard_folder(self._folder, year)
        if self._plan is None or _stamp(folder, day).exists():
            return
        note = _note(folder)
        if note is None:
            return
        audit.Checkpoint.open(note, [audit.shard_verifier(self._key, year)])
        reply = stamped(self._plan, note.encode())
        audit.keep_beside(folder, f"checkpoint.{day}", note.encode())
        audit.keep_beside(folder / FOLDER, f"{day}.tsr", reply)

    def _failed(self, error: kit.NodeError) -> None:
        log.error("%s: %s", error.code(), error)
        self.trouble, self._again = error, time.monotonic() + self._pause
        self._pause = min(2 * self._pause, LONGEST_PAUSE)


def newest_day(folder: Path) -> date | None:
    """Return the day of the newest stamp beside a log, in whichever shard."""
    years = audit.published_years(folder)
    return max(
        (day for year in years for day in _days(audit.shard_folder(folder, year))), default=None
    )


def stamped(plan: TimeStampPlan, data: bytes) -> bytes:
    """Return the authority's reply for these bytes, verified."""
    request = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    reply = asyncio.run(_asked(plan.url, request.as_bytes()))
    _verify(reply, data, roots(plan.roots), nonce=request.nonce, file=plan.url)
    return reply


def verify_time_stamps(
    folder: Path, key: audit.Verifier, trusted: Sequence[x509.Certificate]
) -> list[TimeStamp]:
    """Return the stamps beside a published log, oldest first; TimeStampFalse for one that fails.

    That their checkpoints are roots of the same log is found where the log is verified: they lie
    beside the newest one.
    """
    found = []
    for year in audit.published_years(folder):
        own = audit.shard_verifier(key, year)
        found += _shard_stamps(audit.shard_folder(folder, year), own, trusted)
    return found


def _shard_stamps(
    folder: Path, key: audit.Verifier, trusted: Sequence[x509.Certificate]
) -> list[TimeStamp]:
    found = []
    for day in sorted(_days(folder)):
        file = _stamp(folder, day)
        try:
            note, reply = _noted(folder, day).read_text(encoding="utf-8"), file.read_bytes()
        except (OSError, UnicodeDecodeError) as error:
            raise TimeStampFalse(file=str(file), reason=type(error).__name__) from error
        at = _verify(reply, note.encode(), trusted, nonce=None, file=str(file))
        found.append(TimeStamp(day, audit.Checkpoint.open(note, [key]), at))
    return found


def roots(file: Path) -> list[x509.Certificate]:
    """Read the certificates time stamps are believed by."""
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise FileUnreadable(file=str(file), reason=type(error).__name__) from error


def _verify(
    reply: bytes,
    data: bytes,
    trusted: Sequence[x509.Certificate],
    *,
    nonce: int | None,
    file: str,
) -> datetime:
    try:
        response = decode_timestamp_response(reply)
        verifier = VerifierBuilder(roots=list(trusted), nonce=nonce).build()
        verifier.verify_message(response, data)
    except (VerificationError, ValueError) as error:
        raise TimeStampFalse(file=file, reason=str(error)[:200] or "form") from error
    return response.tst_info.gen_time


async def _asked(url: str, request: bytes) -> bytes:
    timeout = aiohttp.ClientTimeout(total=SECONDS)
    try:
        async with (
            aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session,
            session.post(
                url, data=request, headers={"Content-Type": REQUEST}, allow_redirects=False
            ) as answer,
        ):
            reply = bytearray()
            async for chunk in answer.content.iter_any():
                reply += chunk
                if len(reply) > LARGEST_ANSWER:
                    raise TimeStampMissing(reason=f"> {LARGEST_ANSWER} bytes")
            if answer.status != 200:
                raise TimeStampMissing(reason=f"HTTP {answer.status}")
            return bytes(reply)
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise TimeStampMissing(reason=type(error).__name__) from error


def _note(folder: Path) -> str | None:
    """Return what is stamped: the newest cosigned checkpoint, else the newest."""
    cosigned = audit.published_cosigned(folder)
    if cosigned is not None:
        return cosigned.note
    try:
        return (folder / "checkpoint").read_text(encoding="utf-8")
    except FileNotFoundError:
        return None


def _noted(folder: Path, day: date) -> Path:
    return folder / f"checkpoint.{day}"


def _stamp(folder: Path, day: date) -> Path:
    return folder / FOLDER / f"{day}.tsr"


def _days(folder: Path) -> list[date]:
    names = [path.stem for path in (folder / FOLDER).glob("*.tsr")]
    return [date.fromisoformat(name) for name in names if re.fullmatch(r"\d{4}-\d\d-\d\d", name)]
