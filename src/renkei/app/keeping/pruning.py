"""The shards of a site's log, and pruning those whose time is over by the rules of retention."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from renkei import audit, kit, store
from renkei.app.membership.keys import Keys
from renkei.app.settings import Settings
from renkei.app.site import site_standard


@dataclass(frozen=True, slots=True)
class ShardState:
    """How it stands with one shard; by which rule its entries go, and since when they may."""

    shard: audit.Shard
    name: str
    size: int
    entries: int
    withheld: int
    holds: tuple[str, ...]
    rule: store.Rule | None
    is_due: bool

    def facts(self) -> dict[str, object]:
        """Return what to print."""
        shard = self.shard
        closed, pruned = shard.closing, shard.pruning
        return {
            "year": shard.through,
            "name": self.name,
            "size": self.size,
            "entries": self.entries,
            "withheld": self.withheld,
            "closed": "" if closed is None else kit.in_japan(closed.at).isoformat(),
            "pruned": "" if pruned is None else kit.in_japan(pruned.at).isoformat(),
            "holds": list(self.holds),
            "rule": "" if self.rule is None else self.rule.id,
            "due": self.is_due,
        }


def log_rules(settings: Settings) -> tuple[store.Rule, ...]:
    """Return the rules of retention, the site's own in the place of the shipped ones."""
    own = settings.retention.rules if settings.retention else None
    return store.retention_rules(site_standard(settings), own)


def shard_states(
    conn: kit.Connection, settings: Settings, rules: Sequence[store.Rule], *, on: date
) -> Iterator[ShardState]:
    """Yield how it stands with each shard on a day, the oldest first; nothing is changed.

    Of several rules in force the longest counts; one that says `keep` keeps all.
    """
    tenant, origin = settings.tenant, Keys(settings.keys, settings.tenant).signer().name
    ours = [one for one in rules if one.kind is store.RuleKind.log and one.is_in_force(on)]
    rule = max(ours, key=lambda one: (one.then is store.Then.keep, one.years), default=None)
    deletes = rule is not None and rule.then is store.Then.delete
    for shard in audit.shards(conn, tenant):
        found = audit.contents(conn, tenant, shard.year)
        newest = audit.newest(conn, tenant, shard.year)
        is_over = (
            rule is not None
            and deletes
            and shard.closing is not None
            and kit.day_of(shard.closing.at) < rule.before(on)
        )
        name = audit.shard_name(origin, shard.year)
        is_due = is_over and not found.holds and (shard.pruning is None or found.entries > 0)
        size = 0 if newest is None else newest.size
        contents = (found.entries, found.withheld, found.holds)
        yield ShardState(shard, name, size, *contents, rule, is_due)


@dataclass(frozen=True, slots=True)
class Pruner:
    """A site's log with its key and its folder."""

    settings: Settings
    database: kit.Database
    signer: audit.Signer

    @classmethod
    def of(cls, settings: Settings, database: kit.Database) -> "Pruner":
        """Take what the settings name."""
        return cls(settings, database, Keys(settings.keys, settings.tenant).signer())

    @property
    def folder(self) -> Path:
        """Return where the log is published."""
        return self.settings.state / "log"

    def states(self, at: datetime) -> list[ShardState]:
        """Return how it stands with each shard."""
        rules = log_rules(self.settings)
        with self.database.transaction(self.settings.tenant) as conn:
            return list(shard_states(conn, self.settings, rules, on=kit.day_of(at)))

    def prune(self, by: str, clock: Callable[[], datetime]) -> list[ShardState]:
        """Prune what is due; return what that was. Safe to kill and to repeat.

        Word by word: it is entered, that takes its place in the log, and only then entries go.
        """
        due = [one for one in self.states(clock()) if one.is_due and one.rule is not None]
        for one in due:
            rule = "" if one.rule is None else one.rule.id
            with self.database.transaction(self.settings.tenant) as conn:
                audit.prune(
                    conn,
                    self.settings.tenant,
                    self.signer.name,
                    one.shard.year,
                    word=audit.Word(by, rule),
                    mode=audit.Mode(self.settings.mode),
                    at=clock(),
                )
            self._sequence(clock)
            while self._remove(one.shard.year):
                pass
        if due:
            with self.database.transaction(self.settings.tenant) as conn:
                audit.publish(conn, self.settings.tenant, self.folder)
        return due

    def hold(self, year: int, word: audit.Word, at: datetime, *, lift: bool) -> None:
        """Keep the shard that takes the deeds of a year, or lift that."""
        tenant = self.settings.tenant
        step = audit.lift_hold if lift else audit.hold
        with self.database.transaction(tenant) as conn:
            found = [one for one in audit.shards(conn, tenant) if year <= one.through]
            if not found:
                raise audit.ShardUnknown(year=year)
            mode = audit.Mode(self.settings.mode)
            step(conn, tenant, self.signer.name, found[0].year, word=word, mode=mode, at=at)

    def _sequence(self, clock: Callable[[], datetime]) -> None:
        while True:
            with self.database.transaction(self.settings.tenant) as conn:
                if audit.sequence(conn, self.settings.tenant, self.signer, at=clock()) is None:
                    return

    def _remove(self, year: int) -> int:
        with self.database.transaction(self.settings.tenant) as conn:
            return audit.remove_pruned(conn, self.settings.tenant, year)
