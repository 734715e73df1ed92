"""A proposal in words: what would change, how it stands, who decided."""

from datetime import datetime

from renkei import kit
from renkei.process import cases, feel
from renkei.process.cases.proposals import Fate, Proposal, differences


def state(proposal: Proposal, at: datetime | None = None) -> str:
    """Return how a proposal stands: its fate, or that the case went on, or that its time is over.

    It is the end of a code of the texts, `proposal-is-…`.
    """
    if proposal.fate is not Fate.OPEN:
        return proposal.fate.value
    if proposal.is_stale:
        return "stale"
    return "expired" if at is not None and at >= proposal.expires_at else "open"


def what(proposal: Proposal, reader: kit.Language) -> str:
    """Return what is proposed, without a value."""
    names = "、".join(sorted(proposal.variables or {})) or "–"
    code = f"proposal-kind-{proposal.kind}"
    return kit.say(code, reader, names=names, target=proposal.target)


def line(proposal: Proposal, reader: kit.Language) -> str:
    """Return a proposal on one line."""
    stands = kit.say(f"proposal-is-{state(proposal)}", reader)
    who = proposal.by if proposal.decided_by is None else f"{proposal.by} → {proposal.decided_by}"
    said = (str(proposal.id), str(proposal.case), what(proposal, reader), stands, who)
    return " ".join((*said, proposal.remarks or proposal.reason))


def facts(
    proposal: Proposal, row: cases.CaseRow, reader: kit.Language, *, has_looked: bool
) -> dict[str, object]:
    """Return a proposal; its values, and the digest that confirms it, only after a look at them."""
    changed = [
        f"{one.name}: {'–' if one.is_new else feel.literal(one.before)} → {feel.literal(one.after)}"
        for one in differences(row.case, proposal)
    ]
    is_told = has_looked or proposal.kind != "change"
    return {
        "proposal": str(proposal.id),
        "case": str(proposal.case),
        "what": what(proposal, reader),
        "values": changed if is_told else sorted(proposal.variables or {}),
        "reason": proposal.reason,
        "by": proposal.by,
        "state": kit.say(f"proposal-is-{state(proposal)}", reader),
        "until": kit.in_japan(proposal.expires_at).isoformat(timespec="minutes"),
        "digest": proposal.digest if is_told else "",
    }
