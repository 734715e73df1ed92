"""What a site tells Prometheus: read when it is asked, from the sums in memory and the database.

The names are documented in docs/operations.md; a test compares. No label names a person, a message
or a path.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from importlib.metadata import version

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    SummaryMetricFamily,
)
from prometheus_client.registry import Collector

from renkei import audit, exchange, kit, standard
from renkei.app.keeping.findings_told import lacks_of
from renkei.app.keeping.time_stamps import newest_day
from renkei.app.membership.expiry import ends
from renkei.app.operations.operational_records import BOUNDS, Tally
from renkei.app.operations.readiness import unready
from renkei.app.operations.running import Running
from renkei.app.site import Site, now
from renkei.exchange import outbox

Family = (
    CounterMetricFamily
    | GaugeMetricFamily
    | HistogramMetricFamily
    | InfoMetricFamily
    | SummaryMetricFamily
)

LINE = {"closed": 0, "half-open": 1, "open": 2}


class SiteCollector(Collector):
    """The figures of one process."""

    def __init__(self, site: Site, running: Running) -> None:
        """Take what is told of."""
        self._site = site
        self._running = running
        self._version = version("renkei")

    def describe(self) -> Iterable[Family]:
        """Name nothing in advance: to register asks no database."""
        return ()

    def collect(self) -> Iterator[Family]:
        """Give the figures as they are now."""
        yield self._info()
        yield from self._exchanges()
        yield from self._under_way()
        yield from self._letters()
        yield from self._kept()
        yield from self._lines()
        yield from self._witnesses()

    def _info(self) -> Family:
        site = self._site
        said = {
            "version": self._version,
            "standard": standard.catalogue().version[:12],
            "table": site.desk.provisions.version[:12],
            "tenant": str(site.desk.tenant),
            "role": site.settings.role,
            "mode": site.settings.mode,
        }
        return InfoMetricFamily("renkei_build", "Program, standard and mode", said)

    def _exchanges(self) -> Iterator[Family]:
        labels = ["direction", "service", "peer", "unit", "outcome", "error"]
        ended = CounterMetricFamily(
            "renkei_exchanges", "Questions and messages that ended", labels=labels
        )
        joined: dict[tuple[str, str], Tally] = {}
        for series, tally in self._running.records.totals().items():
            ended.add_metric(list(series), tally.count)
            joined.setdefault((series.direction, series.service), Tally()).join(tally)
        lasted = HistogramMetricFamily(
            "renkei_exchange_seconds",
            "How long they took, the answer of the other side included",
            labels=["direction", "service"],
        )
        weighed = SummaryMetricFamily(
            "renkei_exchange_bytes",
            "Bytes of the bodies of questions and of answers",
            labels=["direction", "service", "of"],
        )
        for key, tally in joined.items():
            seen, buckets = 0, []
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), tally.buckets, strict=True):
                seen += count
                buckets.append((bound, float(seen)))
            lasted.add_metric(list(key), buckets, tally.seconds.total)
            for of, spread in (("question", tally.question), ("answer", tally.answer)):
                weighed.add_metric([*key, of], tally.count, spread.total)
        yield from (ended, lasted, weighed)

    def _under_way(self) -> Iterator[Family]:
        running = self._running
        turns = {"units": running.units, "peers": running.peers}
        yield _gauge(
            "renkei_in_flight",
            "Questions and messages under way",
            {(door,): one.under_way for door, one in turns.items()},
            "door",
        )
        yield _gauge(
            "renkei_waiting",
            "Questions and messages that wait for their turn",
            {(door,): one.waiting for door, one in turns.items()},
            "door",
        )
        yield _gauge("renkei_draining", "Whether it stops", {(): running.drain.is_draining})
        reasons = unready(self._site, running)
        yield _gauge("renkei_ready", "Whether it takes questions", {(): not reasons})
        if running.ledger is not None:
            ledger = running.ledger
            yield CounterMetricFamily(
                "renkei_ledger_entries", "Entries kept by the ledger", ledger.kept
            )
            yield CounterMetricFamily(
                "renkei_ledger_batches", "Transactions they were kept in", ledger.batches
            )
            yield _gauge("renkei_ledger_waiting", "Entries that wait for one", {(): ledger.waiting})

    def _letters(self) -> Iterator[Family]:
        """Tell what became of letters, by what carried them."""
        if self._running.courier is None:
            return
        sent = CounterMetricFamily(
            "renkei_letters", "Attempts to send a letter, and their end", labels=["by", "fate"]
        )
        for (by, fate), count in self._running.courier.sent.copy().items():
            sent.add_metric([by.rstrip(":"), fate.value], count)
        yield sent

    def _kept(self) -> Iterator[Family]:
        """Tell what the database holds; while it is away, that it is."""
        tenant = self._site.desk.tenant
        try:
            with self._site.database.transaction(tenant) as conn:
                found = list(_of_database(conn, tenant, self._site.settings.role))
        except kit.DatabaseUnreachable:
            yield _gauge("renkei_database_up", "Whether the database answers", {(): 0})
            return
        yield _gauge("renkei_database_up", "Whether the database answers", {(): 1})
        yield from found

    def _witnesses(self) -> Iterator[Family]:
        keeper, at = self._running.witnesses, now()
        standing = [] if keeper is None else keeper.standing
        yield _gauge(
            "renkei_witness_size",
            "The size of the log a witness cosigned last",
            {(one.witness.name, one.log): one.size for one in standing},
            *("witness", "log"),
        )
        yield _gauge(
            "renkei_witness_seconds",
            "How long ago it did",
            {
                (one.witness.name, one.log): (at - one.at).total_seconds()
                for one in standing
                if one.at is not None
            },
            *("witness", "log"),
        )
        yield _gauge(
            "renkei_witness_trouble",
            "What is wrong with a witness now; always 1",
            {
                (one.witness.name, one.log, one.trouble.code()): 1
                for one in standing
                if one.trouble is not None
            },
            *("witness", "log", "code"),
        )
        day = newest_day(self._site.tiles)
        yield _gauge(
            "renkei_time_stamp_days",
            "Days since the day of the newest time stamp",
            {} if day is None else {(): (kit.day_of(at) - day).days},
        )
        cosigned = {} if keeper is None else keeper.all_cosigned
        yield _gauge(
            "renkei_log_cosigned",
            "The size of the log that as many witnesses cosigned as the policy wants",
            {(log,): 0 if one is None else one.size for log, one in cosigned.items()},
            "log",
        )

    def _lines(self) -> Iterator[Family]:
        if self._running.channel is not None:
            lines = {(one.peer, one.node): one for one in self._running.channel.lines()}
            yield _gauge(
                "renkei_peer_line",
                "How the line to a node of a peer stands: 0 closed (good), 1 half-open, 2 paused",
                {key: LINE[one.state] for key, one in lines.items()},
                *("peer", "node"),
            )
            yield _gauge(
                "renkei_peer_seconds",
                "How long a node of a peer lately took to begin its answer",
                {key: one.seconds for key, one in lines.items() if one.seconds is not None},
                *("peer", "node"),
            )
            answers = CounterMetricFamily(
                "renkei_peer_answers", "Answers of a node of a peer", labels=["peer", "node"]
            )
            for key, one in lines.items():
                answers.add_metric(list(key), one.answers)
            yield answers
        at = now()
        yield _gauge(
            "renkei_certificate_days",
            "Days until the certificate of a member ends",
            {
                (one.id,): round((ends(one) - at).total_seconds() / 86400, 2)
                for one in self._site.desk.members.everyone
            },
            "member",
        )


def _of_database(conn: kit.Connection, tenant: kit.Tenant, role: str) -> Iterator[Family]:
    size = audit.signed_size(conn, tenant)
    yield _gauge("renkei_log_entries", "Entries in the log that is signed", {(): size})
    pending = audit.pending(conn, tenant)
    yield _gauge("renkei_log_pending", "Entries that wait for their place in it", {(): pending})
    compared = audit.reconciliations(conn, tenant, kit.day_of(now()) - timedelta(days=7))
    yield _gauge(
        "renkei_exchanges_disagreeing",
        "Exchanges of the last 7 days in which logs disagree, as found here or told us",
        {(): sum(map(_disagreeing, compared))},
    )
    if role != "node":
        return
    yield _gauge(
        "renkei_days_unreconciled",
        "Of the last 7 days, those not compared with everybody concerned",
        {(): 7 - sum(not one.unreached for one in compared)},
    )
    waiting = exchange.tasks.waiting(conn, tenant, at=now())
    yield _gauge("renkei_tasks_waiting", "Questions nobody waits for", {(): waiting})
    backlog = outbox.backlog(conn, tenant)
    figures: tuple[tuple[str, str, Callable[[outbox.Backlog], int]], ...] = (
        ("renkei_outbox_letters", "Letters that wait", lambda one: one.waiting),
        ("renkei_dead_letters", "Letters put aside", lambda one: one.dead),
    )
    for name, says, of in figures:
        yield _gauge(name, says, {(one.destination,): of(one) for one in backlog}, "destination")


def _disagreeing(day: audit.Reconciliation) -> int:
    """Return in how many exchanges of a day logs disagree; in one that was left, none does."""
    return len({lack.request for lack in lacks_of(day) if lack.fault != "left"})


def _gauge(
    name: str, says: str, values: Mapping[tuple[str, ...], float], *labels: str
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=labels)
    for key, value in values.items():
        family.add_metric(list(key), float(value))
    return family
