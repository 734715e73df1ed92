"""Statistics: per service and per peer how many, how they ended, how long, how the line stands."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from starlette.responses import Response
from starlette.routing import Route

from renkei.app.console.frame import HEADERS, Console, Section, Visit
from renkei.app.operations.operational_records import GOOD, SLOT_SECONDS, Direction, Series, Tally
from renkei.app.sign_in.staff import StaffRole
from renkei.federation import LineState

ROLES: frozenset[StaffRole] = frozenset({"operator"})
BAR, GAP, HEIGHT = 9, 2, 28  # of a chart, in its own units

Windows = dict[Series, tuple[datetime, list[Tally]]]


class Sizes(msgspec.Struct, frozen=True):
    """Bytes of bodies."""

    mean: int
    most: int


class Bar(msgspec.Struct, frozen=True):
    """One minute: how many, and how many of them failed."""

    all: int
    failed: int


class Statistic(msgspec.Struct, frozen=True):
    """One service or peer in one direction, over the last minutes."""

    direction: Direction
    name: str
    count: int
    outcomes: dict[str, int]
    failures: dict[str, int]
    mean_ms: float
    deviation_ms: float
    median_ms: float
    p95_ms: float
    most_ms: float
    question: Sizes
    answer: Sizes
    succeeded_at: datetime | None
    failed_at: datetime | None
    minutes: tuple[Bar, ...]
    lines: tuple[LineState, ...] = ()

    @property
    def failed(self) -> int:
        """Return how many failed."""
        return sum(self.failures.values())

    def bars(self) -> list[tuple[int, int, int, int]]:
        """Return the chart: x, height of all, height of the failed, how many."""
        most = max((one.all for one in self.minutes), default=0) or 1

        def height(count: int) -> int:
            return max(2, round(HEIGHT * count / most)) if count else 0

        return [
            (place * (BAR + GAP), height(one.all), height(one.failed), one.all)
            for place, one in enumerate(self.minutes)
        ]


class Statistics(msgspec.Struct, frozen=True):
    """All of it."""

    since: datetime
    at: datetime
    seconds: int
    services: tuple[Statistic, ...]
    peers: tuple[Statistic, ...]


def statistic(
    direction: Direction, name: str, windows: Windows, lines: tuple[LineState, ...] = ()
) -> Statistic:
    """Join the series of a service or a peer."""
    outcomes: Counter[str] = Counter()
    failures: Counter[str] = Counter()
    joined, minutes, ended = Tally(), list[Bar](), dict[bool, datetime]()
    for series, (last, tallies) in windows.items():
        is_good = series.outcome in GOOD
        ended[is_good] = max(last, ended.get(is_good, last))
        count = sum(one.count for one in tallies)
        if count:
            outcomes[series.outcome] += count
        if count and not is_good:
            failures[series.error] += count
        for one in tallies:
            joined.join(one)
    for minute in zip(*(tallies for _, tallies in windows.values()), strict=True):
        pairs = list(zip(windows, minute, strict=True))
        bad = sum(one.count for series, one in pairs if series.outcome not in GOOD)
        minutes.append(Bar(sum(one.count for one in minute), bad))
    count = joined.count
    return Statistic(
        direction,
        name,
        count,
        dict(outcomes),
        dict(failures.most_common()),
        mean_ms=_ms(joined.seconds.total / count if count else 0),
        deviation_ms=_ms(joined.seconds.deviation(count)),
        median_ms=_ms(joined.quantile(0.5)),
        p95_ms=_ms(joined.quantile(0.95)),
        most_ms=_ms(joined.seconds.most),
        question=_sizes(joined.question.total, joined.question.most, count),
        answer=_sizes(joined.answer.total, joined.answer.most, count),
        succeeded_at=ended.get(True),
        failed_at=ended.get(False),
        minutes=tuple(minutes),
        lines=lines,
    )


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)


def _sizes(total: float, most: float, count: int) -> Sizes:
    return Sizes(round(total / count) if count else 0, round(most))


class StatisticsPages:
    """The endpoints of the section."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console

    def overview(self, visit: Visit) -> Response:
        """Show the tables."""
        found = self.read(visit.at)
        members = {one.id: one for one in self._console.site.desk.members.everyone}
        return self._console.page(
            visit,
            "statistics.html",
            found=found,
            members=members,
            bar=BAR,
            height=HEIGHT,
            minutes=found.seconds // 60,
        )

    def as_json(self, visit: Visit) -> Response:
        """Give the same for a program."""
        return Response(
            msgspec.json.encode(self.read(visit.at)),
            media_type="application/json",
            headers=HEADERS,
        )

    def read(self, at: datetime) -> Statistics:
        """Return everything of the last minutes; who was never asked has no row."""
        running = self._console.running
        windows = running.records.window()
        lines: dict[str, tuple[LineState, ...]] = {}
        for one in () if running.channel is None else running.channel.lines():
            lines[one.peer] = (*lines.get(one.peer, ()), one)
        own = self._console.site.desk.tenant

        def grouped(name: Callable[[Series], str], *, by_peer: bool) -> tuple[Statistic, ...]:
            groups: dict[tuple[Direction, str], Windows] = {}
            for series, window in windows.items():
                groups.setdefault((series.direction, name(series)), {})[series] = window
            ranked = sorted(groups.items(), key=lambda one: one[0])
            return tuple(
                statistic(
                    direction,
                    key,
                    group,
                    lines.get(key, ()) if by_peer and direction == "asked" and key != own else (),
                )
                for (direction, key), group in ranked
            )

        slots = next((len(tallies) for _, tallies in windows.values()), 10)
        return Statistics(
            running.records.since,
            at,
            slots * SLOT_SECONDS,
            services=grouped(lambda one: one.service, by_peer=False),
            peers=grouped(lambda one: one.peer, by_peer=True),
        )


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section."""
    pages = StatisticsPages(console)
    return [
        console.route("/statistics", pages.overview, ROLES),
        console.route("/statistics.json", pages.as_json, ROLES),
    ]


SECTION = Section("statistics", ROLES, routes)
