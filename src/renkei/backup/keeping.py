"""Which backups stay: the newest of each of the last days and weeks, and the log they need."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from renkei.backup.archive import Archive
from renkei.backup.holdings import PRUNED, Base, Holding, PrunedMark, holdings
from renkei.kit import day_of

STRAY_DAYS = 2  # parts without a manifest may belong to a base that is being taken


class Keep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The rule: any moment of the last days, and one base of each of the last weeks."""

    days: int = 7
    weeks: int = 4


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was removed, and the oldest moment that can still be restored."""

    bases: int
    files: int
    oldest: datetime | None


def kept(bases: Iterable[Base], keep: Keep, *, at: datetime) -> list[Base]:
    """Return the bases the rule keeps, oldest first; the newest one stays whatever the rule."""
    ordered = sorted(bases, key=lambda base: base.ended_at)
    staying = set(ordered[-1:])
    staying.update(ordered[_anchor(ordered, keep, at) :][:1])
    staying.update(_newest_of(ordered, _day, since=at - timedelta(days=keep.days)))
    staying.update(_newest_of(ordered, _week, since=at - timedelta(weeks=keep.weeks)))
    return [base for base in ordered if base in staying]


def prune(archive: Archive, keep: Keep, *, at: datetime) -> Pruned:
    """Remove what the rule does not keep: manifests first, so that no half backup looks whole."""
    found = holdings(archive)
    everything = [base for one in found for base in one.bases]
    staying = kept(everything, keep, at=at)
    going = [base for base in everything if base not in staying]
    anchor = _anchor(staying, keep, at)
    files = archive.delete(base.name for base in going)
    files += archive.delete(part.name for base in going for part in base.parts)
    for one in found:
        files += archive.delete(name for name in one.strays if _is_old(name, at))
        own = [base for base in staying if base.lineage == one.lineage]
        if own or one.bases:  # a lineage without any base is about to get its first
            files += _prune_log(one, own, [base for base in own if base in staying[anchor:]], at)
    return Pruned(len(going), files, staying[0].ended_at if staying else None)


def _prune_log(one: Holding, own: list[Base], open_ended: list[Base], at: datetime) -> int:
    """Remove the log no kept base needs; say from where on a gap is a loss."""
    since = min((base.first.number for base in open_ended), default=None)
    if since is not None and since > one.kept_since:
        mark = PrunedMark(since)
        one.archive.keep(f"{one.lineage}/{PRUNED}", mark, at, replace=True)

    def is_needed(number: int) -> bool:
        after = since is not None and number >= since
        return after or any(base.first.number <= number <= base.last.number for base in own)

    return one.archive.delete(log.name for log in one.logs if not is_needed(log.segment.number))


def _anchor(ordered: list[Base], keep: Keep, at: datetime) -> int:
    """Return the place of the base from which any moment of the last days is reached."""
    before = [base for base in ordered if base.ended_at <= at - timedelta(days=keep.days)]
    return max(len(before) - 1, 0)


def _newest_of(
    ordered: list[Base], period: Callable[[date], object], *, since: datetime
) -> Iterable[Base]:
    return {
        period(day_of(base.ended_at)): base for base in ordered if base.ended_at > since
    }.values()


def _day(day: date) -> object:
    return day


def _week(day: date) -> object:
    return day.isocalendar()[:2]


def _is_old(stray: str, at: datetime) -> bool:
    """Tell whether a part was written so long ago that nobody is still writing its base."""
    began = stray.split("/")[2][:8]
    return began < (at - timedelta(days=STRAY_DAYS)).strftime("%Y%m%d")
