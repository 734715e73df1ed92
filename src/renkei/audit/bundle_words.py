"""What is said of a bundle, in both languages; the wording belongs to the format's version."""

from collections.abc import Sequence

from renkei import kit
from renkei.audit.encoding import instant
from renkei.audit.epochs import Epoch
from renkei.audit.log import Logged
from renkei.audit.notes import Checkpoint
from renkei.audit.witness_evidence import Accepted, Coverage

Statement = dict[kit.Language, str]


def plain_statement(
    checkpoint: Checkpoint, count: int, chains: int, request: str | None
) -> Statement:
    """Return what is stated without a map."""
    code = "request" if request is not None else "chains" if count else "none"
    return _said(
        f"audit-bundle-v1-{code}",
        origin=checkpoint.origin,
        size=checkpoint.size,
        count=count,
        chains=chains,
        request=request,
    )


def complete_statement(
    checkpoint: Checkpoint, epoch: Epoch, complete: int, newer: int, chains: int
) -> Statement:
    """Return what is stated where the map proves it: that up to its epoch there are no others."""
    code = "newer" if newer else "complete" if complete else "none"
    return _said(
        f"audit-bundle-v2-{code}",
        origin=checkpoint.origin,
        size=checkpoint.size,
        input=epoch.input_size,
        at=instant(epoch.at),
        count=complete,
        newer=newer,
        chains=chains,
    )


def covered_statement(statement: Statement, coverage: Coverage) -> Statement:
    """Return a statement and, behind it, whose cosignatures stand on what."""
    code = "entries" if coverage.has_map is None else "map" if coverage.has_map else "late"
    more = _said(
        f"audit-bundle-v3-{code}",
        witnesses=", ".join(coverage.witnesses),
        mappers=", ".join(coverage.mappers),
        size=coverage.size,
        unwitnessed=coverage.unwitnessed,
    )
    return {language: f"{text} {more[language]}" for language, text in statement.items()}


def accepted_statement(accepted: Accepted, epoch: Epoch | None, **counted: int) -> Statement:
    """Return what is proven where a reader's own policy is met."""
    return _said(
        "audit-policy-entries" if epoch is None else "audit-policy-complete",
        origin=accepted.log.checkpoint.origin,
        input=0 if epoch is None else epoch.input_size,
        at="" if epoch is None else instant(epoch.at),
        witnesses=", ".join(sorted(accepted.log.witnesses)),
        mappers="" if accepted.output is None else ", ".join(sorted(accepted.output.witnesses)),
        size=accepted.log.checkpoint.size,
        **counted,
    )


def pruned_statement(checkpoint: Checkpoint, entry: Logged | None) -> Statement:
    """Return what is stated of a shard whose entries are gone."""
    told = {} if entry is None else entry.entry.details
    return _said(
        "audit-bundle-v4-pruned",
        origin=checkpoint.origin,
        size=checkpoint.size,
        at="" if entry is None else instant(entry.entry.at),
        rule=told.get("rule", ""),
    )


def part_statement(statement: Statement, *, is_closed: bool) -> Statement:
    """Return what is stated of a shard that is kept."""
    if not is_closed:
        return statement
    more = _said("audit-bundle-v4-closed")
    return {language: f"{text} {more[language]}" for language, text in statement.items()}


def joined_statement(said: Sequence[Statement]) -> Statement:
    return {"ja": "\n".join(one["ja"] for one in said), "en": "\n".join(one["en"] for one in said)}


def _said(code: str, **facts: object) -> Statement:
    languages: tuple[kit.Language, ...] = ("ja", "en")
    return {language: kit.say(code, language, **facts) for language in languages}
