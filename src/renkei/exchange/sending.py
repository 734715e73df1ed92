"""Posting letters of the outbox over HTTP: what became of one, and how long to wait after it.

Asynchronous, since it waits on a socket; what follows from an answer is decided by pure functions.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from renkei.exchange.addresses import Member
from renkei.exchange.keys import SigningKey
from renkei.exchange.messages import Question
from renkei.exchange.outbox import Claim, Letter
from renkei.exchange.signatures import sign_question

ID_FIELD = "x-road-id"
POST_SECONDS = 10.0  # for one letter, connecting included
MOST_TRIES = 20  # of a letter that reached its receiver and was not taken
FIRST_WAIT = timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=10)


class Fate(StrEnum):
    """What became of a letter that was posted."""

    taken = "taken"
    failed = "failed"  # it reached its receiver, who could not take it this time
    away = "away"  # there is no receiver, or none that lets us in: not the letter's fault
    refused = "refused"  # it will never be taken as it is


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a letter, and why; the reason names nothing of its contents."""

    fate: Fate
    reason: str = ""


def fate_of(status: int) -> Fate:
    """Return what an answer's status means for the letter.

    Who is not let in (401, 403), or knocks at the wrong door (404, a redirect), has a letter that
    will be taken once the address or the token is right.

    >>> fate_of(204).value, fate_of(503).value, fate_of(404).value, fate_of(422).value
    ('taken', 'failed', 'away', 'refused')
    """
    if 200 <= status < 300:
        return Fate.taken
    if 300 <= status < 400 or status in {401, 403, 404, 405, 407, 421, 429}:
        return Fate.away
    if 400 <= status < 500 and status not in {408, 425}:
        return Fate.refused
    return Fate.failed


def wait_after(tries: int, chance: float) -> timedelta:
    """Return how long a letter waits after that many failures: doubled each time, up to a bound.

    `chance`, from 0 to 1, spreads those who failed together over half of it.

    >>> [wait_after(tries, 1.0).total_seconds() for tries in (1, 2, 5, 40)]
    [1.0, 2.0, 16.0, 600.0]
    >>> wait_after(5, 0.0).total_seconds()
    8.0
    """
    doubled = min(FIRST_WAIT * float(2 ** min(tries - 1, 20)), LONGEST_WAIT)
    return doubled * (0.5 + 0.5 * chance)


class Carrier(Protocol):
    """What brings letters to their destinations, one at a time and in order."""

    async def carry(self, claim: Claim, letter: Letter) -> Posted:
        """Bring one letter of a claim and return what became of it; nothing is raised."""


def signed_letter(
    letter: Letter, path: str, query: str, *, sender: Member, key: SigningKey, at: datetime
) -> Question:
    """Return a letter as its receiver reads it: a signed POST, whatever carries it."""
    fields = (
        ("content-type", "application/json"),
        ("x-road-client", sender.render()),
        ("pf-to", sender.code),
        (ID_FIELD, letter.id),
    )
    question, _ = sign_question(Question("POST", path, query, fields, letter.body), key, at=at)
    return question


class Poster:
    """Posts letters of an organisation to its own units, each signed and under its id."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        signing: Callable[[], SigningKey],
        clock: Callable[[], datetime],
        *,
        sender: Member,
        seconds: float = POST_SECONDS,
    ) -> None:
        """Take an open session; `seconds` bounds each letter."""
        self._session = session
        self._sender = sender
        self._signing = signing
        self._clock = clock
        self._timeout = aiohttp.ClientTimeout(total=seconds)

    async def carry(self, claim: Claim, letter: Letter) -> Posted:
        """Post one letter and return what became of it; nothing is raised."""
        where = URL(claim.url)
        question = signed_letter(
            letter,
            where.raw_path,
            where.raw_query_string,
            sender=self._sender,
            key=self._signing(),
            at=self._clock(),
        )
        try:
            async with self._session.post(
                where,
                data=question.body,
                headers=CIMultiDict(question.fields),
                timeout=self._timeout,
                allow_redirects=False,
            ) as answer:
                # What the receiver says beside the status is not read: it may be of any length.
                return Posted(fate_of(answer.status), f"HTTP {answer.status}")
        except (aiohttp.ClientConnectorError, aiohttp.InvalidURL) as error:
            return Posted(Fate.away, type(error).__name__)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return Posted(Fate.failed, type(error).__name__)
