"""A trial as it is kept with a draft, so that a reviewer sees what its writer saw."""

from collections import Counter
from datetime import date

import msgspec

from renkei import kit, law
from renkei.app.standards.replay import Trial


class KeptChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A kind of difference, how often it was found, and entries it was found in."""

    change: law.Change
    count: int
    examples: tuple[str, ...]


class KeptTrial(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came of a trial; `table` is the version that was tried."""

    table: str
    since: date
    until: date
    law_of: date | None
    same: int
    newly_permitted: int
    newly_refused: int
    otherwise: int
    untold: dict[str, int]
    changes: tuple[KeptChange, ...]


def write_trial(trial: Trial) -> str:
    """Return a trial as text; it names entries, never persons."""
    found = trial.found
    kept = KeptTrial(
        *(trial.table, trial.since, trial.until, trial.law_of),
        *(found.same, found.newly_permitted, found.newly_refused, found.otherwise),
        untold=dict(trial.untold),
        changes=tuple(
            KeptChange(change, count, tuple(found.examples[change]))
            for change, count in found.changes.most_common()
        ),
    )
    return msgspec.json.encode(kept).decode()


def read_trial(text: str) -> Trial:
    """Read what `write_trial` wrote."""
    kept = kit.read_json(text.encode(), KeptTrial)
    found = law.Simulation(kept.same, kept.newly_permitted, kept.newly_refused, kept.otherwise)
    for one in kept.changes:
        found.changes[one.change] = one.count
        found.examples[one.change] = list(one.examples)
    days = (kept.since, kept.until, kept.law_of)
    return Trial(kept.table, *days, found, Counter(kept.untold))
