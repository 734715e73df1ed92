"""A relay's passages, held against the logs of the two it carried between.

The relay is told no message's id, so its passages are matched by time: on one clock, and where
nothing but messages passed, each has its place between what the one and what the other entered.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from renkei import audit
from renkei.app.proofs.books import Log

EVER = datetime.max.replace(tzinfo=UTC)
LONGEST = timedelta(seconds=70)
"""How long a passage may take that an outage of the relay broke off: its wait and some more."""

ENDS = {"passed-on", "failed"}

Window = tuple[datetime, datetime]
Found = dict[str, dict[str, datetime]]
"""What a log holds of messages from one to another: number → outcome → when."""


def passage_defects(
    relay: Log, asker: Log, holder: Log, *, outages: Sequence[datetime] = ()
) -> Iterator[str]:
    """Yield what does not agree; `outages` are when the relay was killed."""
    sides = (asker.tenant, holder.tenant)
    yield from relay.defects
    yield from _twice(relay, sides)
    carried, asked, received = (_found(log, sides) for log in (relay, asker, holder))
    # 1. What was asked, and what the holder received, against what the relay took.
    taken = _times(carried, "received")
    asking = [(one["asked"], one.get("answered", EVER)) for one in asked.values()]
    if more := len(taken) - matched(asking, taken):
        yield f"{relay.tenant}: {more} passages from {sides[0]} that it did not ask"
    arrived = [
        (asked[number]["asked"], one["received"])
        for number, one in received.items()
        if number in asked and "received" in one
    ]
    if lost := len(arrived) - matched(arrived, taken):
        yield f"{relay.tenant}: {lost} messages reached {sides[1]} without a passage"
    # 2. What the holder answered, and what the asker told, against what the relay passed on.
    passed = _times(carried, "passed-on")
    answers = [(at, EVER) for at in _times(received, "answered", "refused", "failed")]
    if more := len(passed) - matched(answers, passed):
        yield f"{relay.tenant}: {more} answers passed on that {sides[1]} did not give"
    told = [
        (received.get(number, {}).get("answered", EVER), one["answered"])
        for number, one in asked.items()
        if "answered" in one
    ]
    if lost := len(told) - matched(told, passed):
        yield f"{relay.tenant}: {lost} answers reached {sides[0]} that it did not pass on"
    # 3. A passage without an end was broken off by an outage.
    for number, one in carried.items():
        if ENDS & one.keys():
            continue
        begun = one.get("received", EVER)
        if not any(begun <= outage <= begun + LONGEST for outage in outages):
            yield f"{number}: a passage without an end"


def matched(windows: Iterable[Window], times: Iterable[datetime]) -> int:
    """Return how many of the windows can each have a time of its own within them.

    >>> day = [datetime(2026, 1, n, tzinfo=UTC) for n in range(1, 5)]
    >>> matched([(day[0], day[3]), (day[0], day[1])], [day[1], day[2]])
    2
    >>> matched([(day[0], day[1])] * 2, [day[1], day[2]])
    1
    """
    waiting = sorted(windows, reverse=True)
    ends: list[datetime] = []
    count = 0
    for time in sorted(times):
        while waiting and waiting[-1][0] <= time:
            heapq.heappush(ends, waiting.pop()[1])
        while ends and ends[0] < time:
            heapq.heappop(ends)
        if ends:  # the one that ends first can wait least
            heapq.heappop(ends)
            count += 1
    return count


def _between(log: Log, sides: tuple[str, str]) -> Iterator[tuple[str, list[audit.Entry]]]:
    for number, entries in log.entries.items():
        if found := [one for one in entries if (one.asker, one.holder) == sides]:
            yield number, found


def _found(log: Log, sides: tuple[str, str]) -> Found:
    between = _between(log, sides)
    return {number: {one.outcome: one.at for one in entries} for number, entries in between}


def _times(found: Found, *outcomes: str) -> list[datetime]:
    return [at for one in found.values() for name, at in one.items() if name in outcomes]


def _twice(relay: Log, sides: tuple[str, str]) -> Iterator[str]:
    """Yield what is no passage: one begins once and ends once, or fails before it begins."""
    for number, entries in _between(relay, sides):
        outcomes = [one.outcome for one in entries]
        ends = sum(one in ENDS for one in outcomes)
        if outcomes != ["failed"] and (outcomes.count("received") != 1 or ends > 1):
            yield f"{number}: a passage entered as {', '.join(outcomes)}"
