"""The identities of a town, for its commands: each opens one transaction and reads the clock."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Literal

from renkei import kit
from renkei.app.deliveries.intake import node_settings, site_database
from renkei.app.settings import Settings
from renkei.app.site import now
from renkei.store import people

Facts = dict[str, object]
UNIFIED = "unified_number"


@contextmanager
def opened(file: Path) -> Iterator[tuple[kit.Connection, Settings]]:
    """Give one transaction of the site's town."""
    settings = node_settings(file)
    with site_database(settings) as database, database.transaction(settings.tenant) as conn:
        yield conn, settings


def number(file: Path, *, on: date | None) -> Facts:
    """Give every register number an identity that has none."""
    with opened(file) as (conn, settings):
        at = now()
        issued = people.number_all(conn, settings.tenant, on=on or kit.day_of(at), at=at)
        return {"issued": issued, **asdict(people.census(conn, settings.tenant))}


def match(file: Path, *, on: date | None, whole: bool, quiet: bool) -> Facts:
    """Bring the pairs up to date and merge the certain ones."""
    with opened(file) as (conn, settings), _progress(quiet=quiet) as progress:
        at = now()
        report = people.match(
            conn, settings.tenant, on=on or kit.day_of(at), at=at, whole=whole, progress=progress
        )
        return asdict(report) | asdict(people.census(conn, settings.tenant))


def queue(file: Path, language: kit.Language, *, limit: int, skip: int) -> Facts:
    """Tell what waits for people, the most urgent first."""
    with opened(file) as (conn, settings):
        counted = people.standing(conn, settings.tenant)
        found = people.queue(conn, settings.tenant, limit=limit, skip=skip)
    return {
        "standing": {
            f"{kit.say(f'pair-state-{state}', language)}・"
            f"{kit.say(f'pair-kind-{kind}', language)}": count
            for (state, kind), count in counted.items()
        },
        "pairs": [_line(pair, language) for pair in found],
    }


def decide(
    file: Path,
    numbers: tuple[str, str],
    verdict: Literal["same", "different", "postponed", "undone"],
    *,
    by: str,
    reason: str,
    on: date | None,
) -> Facts:
    """Decide about a pair, or undo what was decided."""
    decision = people.Verdict(verdict)
    with opened(file) as (conn, settings):
        at = now()
        said = {"by": by, "reason": reason}
        decided = people.decide(
            conn, settings.tenant, numbers, decision, on=on or kit.day_of(at), at=at, **said
        )
        identities = people.identities_of(conn, settings.tenant, numbers, on=on or kit.day_of(at))
    return {
        "decision": decided.number,
        "in effect": decided.is_in_effect,
        "state": decided.pair.state.value,
        "moved": decided.moved,
        "identities": [f"{register} → {unified}" for register, unified in identities.items()],
    }


def show(file: Path, given: str, language: kit.Language, *, on: date | None) -> Facts:
    """Tell everything about an identity, by a register number or a unified number."""
    with opened(file) as (conn, settings):
        tenant, day = settings.tenant, on or kit.day_of(now())
        found = people.identity_of(conn, tenant, given, on=day)
        if found is None:
            merged = people.merged_into(conn, tenant, given, on=day)
            found = people.identity(conn, tenant, merged or given, on=day)
        if found is None:
            raise people.IdentityUnknown
        pairs = people.pairs_of(conn, tenant, found.register_numbers)
        histories = {
            register: people.memberships(conn, tenant, register)
            for register in found.register_numbers
        }
        decisions = [
            one for pair in pairs for one in people.decisions_of(conn, tenant, pair.one, pair.other)
        ]
    return {
        UNIFIED: found.unified_number,
        "register numbers": list(found.register_numbers),
        "history": [
            f"{register} → {one.unified_number} {one.valid_from}–{one.valid_to or ''}"
            for register, ones in histories.items()
            for one in ones
        ],
        "pairs": [_line(pair, language) for pair in pairs],
        "decisions": [decision_line(one, language) for one in decisions],
    }


def decision_line(one: people.Decision, language: kit.Language) -> str:
    """Return a decision on one line."""
    proposed = f" ({kit.say('decision-proposed', language)})" if one.is_proposed else ""
    verdict = kit.say(f"verdict-{one.verdict}", language)
    by = kit.say("decision-by-program", language) if one.is_by_program else one.decided_by
    return (
        f"{one.number} {one.decided_at:%Y-%m-%d %H:%M} {one.one} {one.other}"
        f" {verdict}{proposed} {by}: {one.reason}"
    )


def evidence_words(pair: people.Pair, language: kit.Language) -> list[str]:
    """Return what agreed and how, in words: part and level."""
    words = []
    for code in pair.evidence:
        part, level = code.split("-", 1)
        said = kit.say(f"pair-level-{level}", language)
        words.append(f"{kit.say(f'pair-part-{part}', language)}: {said}")
    return words


def _line(pair: people.Pair, language: kit.Language) -> str:
    kind = kit.say(f"pair-kind-{pair.kind}", language)
    state = kit.say(f"pair-state-{pair.state}", language)
    words = ", ".join(evidence_words(pair, language))
    return f"{pair.one} {pair.other} [{state}] {kind} {pair.score:+.1f} ({words})"


@contextmanager
def _progress(*, quiet: bool) -> Iterator[Callable[[people.MatchProgress], None]]:
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    hidden = quiet or not sys.stderr.isatty()
    with Progress(*columns, transient=True, disable=hidden) as bar:
        task = bar.add_task("match", total=None)

        def tell(progress: people.MatchProgress) -> None:
            bar.update(
                task,
                description=f"{progress.records:,} 件 / records, {progress.compared:,} 組 / pairs",
            )

        yield tell
