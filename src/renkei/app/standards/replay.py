"""Decisions of the past, read back from the log: what was asked, and what the law said.

An entry holds every part of a request but the kinds of the parties, which its addresses tell, and
the information, which its service tells. What cannot be told is counted, not guessed.
"""

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from renkei import audit, federation, kit, law
from renkei.app.standards.entered import entered_request
from renkei.standard import OWN, Catalogue, DefinitionUnknown, Interface

PAGE = 1_000
DECIDED = (audit.Kind.REQUEST, audit.Kind.PROVISION, audit.Kind.REFUSAL, audit.Kind.VIEW)
REASONS = frozenset(reason.value for reason in law.Reason)
NO_DECISION = frozenset({"table-differs", "provision-differs", "handle-unknown"})
"""Refusals that came before the law was asked, or instead of it."""


@dataclass(slots=True)
class Replay:
    """The decisions of a period by one organisation of a kind; `untold` counts what is left out.

    What the law withholds is left out too.
    """

    conn: kit.Connection
    tenant: kit.Tenant
    kind: str
    standard: Catalogue
    since: date
    until: date
    untold: Counter[str] = field(default_factory=Counter)

    def __iter__(self) -> Iterator[law.Past]:
        """Give each decision once, by kind of entry, the newest first."""
        for kind in DECIDED:
            for logged in self._entries(kind):
                past = self._past(logged.entry)
                if past is not None:
                    yield past

    def _entries(self, kind: audit.Kind) -> Iterator[audit.Logged]:
        wanted = audit.Search(
            kind=kind,
            since=kit.midnight(self.since),
            until=kit.midnight(self.until + timedelta(days=1)),
        )
        return audit.search_all(self.conn, self.tenant, wanted, page=PAGE)

    def _past(self, entry: audit.Entry) -> law.Past | None:
        """Return the decision an entry tells of; None for an entry of none, or of part of one."""
        reason = entry.details.get("reason", "")
        by_others = entry.details.get("by", self.tenant) != self.tenant
        if not entry.procedure or "head" in entry.details or by_others or reason in NO_DECISION:
            return None
        if entry.kind is audit.Kind.PROVISION and entry.asker == self.tenant:
            return None  # we asked ourselves: the request stands there as well
        request = self._request(entry)
        if request is None:
            return None
        said = reason if reason in REASONS else ""
        return law.Past(entry.request, request, kit.day_of(entry.at), entry.provision, said)

    def _request(self, entry: audit.Entry) -> law.Request | None:
        interface = self._interface(entry)
        if interface is None:
            self.untold["service"] += 1
            return None
        details = entry.details
        if interface.parameters and "year" not in details and "service" in details:
            self.untold["year"] += 1  # entered by a program that did not tell years yet
            return None
        return entered_request(
            entry, kinds=self._kinds(entry), information=interface.information.code
        )

    def _interface(self, entry: audit.Entry) -> Interface | None:
        name = entry.details.get("interface", "")
        if address := entry.details.get("service"):
            name = "/".join(address.split("/")[-2:])
        try:
            return self.standard.interface(*name.partition("/")[::2])
        except DefinitionUnknown:
            return None

    def _kinds(self, entry: audit.Entry) -> tuple[str, str]:
        """Return the kinds of asker and holder, as the addresses of an inquiry tell them."""
        client, service = entry.details.get("client"), entry.details.get("service")
        if client is None or service is None:
            return self.kind, OWN
        return _kind(client), _kind(service)


def _kind(address: str) -> str:
    """Return the kind of organisation at the beginning of an address."""
    return federation.KINDS[address.split("/")[1]]


@dataclass(frozen=True, slots=True)
class Trial:
    """A table tried on the decisions of a period: what came of it, and what could not be told."""

    table: str
    since: date
    until: date
    law_of: date | None
    found: law.Simulation
    untold: Counter[str]

    def facts(self, words: law.Words) -> dict[str, object]:
        """Return counts, and each kind of difference in words with examples of entries."""
        found = self.found
        return {
            "table": self.table,
            "since": self.since.isoformat(),
            "until": self.until.isoformat(),
            "law_of": None if self.law_of is None else self.law_of.isoformat(),
            "decisions": found.asked,
            "same": found.same,
            "newly_permitted": found.newly_permitted,
            "newly_refused": found.newly_refused,
            "otherwise": found.otherwise,
            "not_told": dict(self.untold),
            "changes": [
                {
                    "count": count,
                    "asker": change.asker,
                    "holder_organisation": change.holder,
                    "procedure": words.procedure(change.procedure),
                    "unit": words.unit(change.unit),
                    "holder": words.kind(change.holder_kind),
                    "information": words.information(change.information),
                    "before": _said(change.before, change.before_reason, words),
                    "after": _said(change.after, change.after_reason, words),
                    "examples": found.examples[change],
                }
                for change, count in found.changes.most_common()
            ],
        }


def try_table(
    conn: kit.Connection,
    desk: federation.Desk,
    known: Catalogue,
    table: law.ProvisionTable,
    period: tuple[date, date],
    *,
    law_of: date | None,
) -> Trial:
    """Take the decisions of a period again by another table; whoever does enters that it was."""
    since, until = period
    kind = federation.KINDS[desk.me.member_class]
    replay = Replay(conn, desk.tenant, kind, known, since, until)
    found = law.simulate(replay, table, law_of=law_of)
    return Trial(table.version, since, until, law_of, found, replay.untold)


def trial_entry(desk: federation.Desk, trial: Trial, *, by: str, at: datetime) -> audit.Entry:
    """Return the entry of a trial: the log was read for it."""
    return audit.Entry(
        kind=audit.Kind.VIEW,
        request=f"law/{uuid.uuid4()}",
        at=at,
        asker=desk.tenant,
        holder=desk.tenant,
        procedure="",
        outcome="seen",
        mode=audit.Mode(desk.mode),
        purpose=kit.say("law-trial", "ja"),
        table=trial.table,
        details={
            "as": "law-simulation",
            "staff": by,
            "since": trial.since.isoformat(),
            "until": trial.until.isoformat(),
            "decisions": str(trial.found.asked),
        },
    )


def _said(provision: str, reason: str, words: law.Words) -> str:
    if not reason:
        return words.text("said-permitted", row=provision)
    return words.text("said-refused", reason=words.reason(reason), row=provision or "–")
