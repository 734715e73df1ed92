"""The drafts of one site: over which table they are written, and how each step is entered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from importlib.resources.abc import Traversable
from pathlib import Path

from renkei import audit, kit, law, standard
from renkei.app.errors import HouseWithoutOverlay
from renkei.law import drafting
from renkei.law.drafting import Content, Draft, Examined, Scope
from renkei.standard.amending import amended

OUTCOMES: Mapping[drafting.Act, str] = {
    "save": "drafted",
    "try": "tried",
    "submit": "submitted",
    "return": "returned",
    "review": "reviewed",
    "approve": "approved",
    "reject": "rejected",
    "withdraw": "withdrawn",
    "enact": "enacted",
}


@dataclass(frozen=True, slots=True)
class Ground:
    """What a site drafts over: the table between organisations, or that of its uppermost overlay.

    Own uses of the house stand in its overlay, and hold in the house; those of the standard hold
    wherever somebody decides. An overlay is read anew each time: a draft that was folded in while
    the node runs has moved it, whatever the node still decides by.
    """

    shared: law.ProvisionTable
    overlays: Sequence[Path]

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Return whose tables may be drafted over here."""
        return ("standard", "house") if self.overlays else ("standard",)

    def base(self, scope: Scope) -> law.ProvisionTable:
        """Return the table as it stands."""
        if scope == "standard":
            return self.shared
        found = amended(standard.shipped_folder(), self.overlays, "")
        return law.compiled(found.provisions, found.own_uses)

    def examine(self, content: Content, base: law.ProvisionTable | None = None) -> Examined:
        """Lay a draft upon the table as it stands; who has that table already gives it."""
        overlays: Sequence[Traversable] = self.overlays if content.scope == "house" else ()
        if content.scope == "house" and not overlays:
            raise HouseWithoutOverlay
        under = base or self.base(content.scope)
        return drafting.examine(content, under, standard.shipped_folder(), overlays)


def step_entry(tenant: kit.Tenant, mode: str, draft: Draft, *, at: datetime) -> audit.Entry:
    """Return the entry of the newest step of a draft."""
    step = draft.steps[-1]
    details = {
        "staff": step.by,
        "draft": str(draft.number),
        "step": str(step.number),
        "scope": draft.content.scope,
        "digest": step.digest,
        "before": step.base,
        "in_force_from": draft.content.since.isoformat(),
    }
    if draft.content.since < kit.day_of(at):
        details["retroactive"] = "1"
    return audit.Entry(
        kind=audit.Kind.AMENDMENT,
        request=f"law-draft/{draft.number}/{step.number}",
        at=at,
        asker=tenant,
        holder=tenant,
        procedure="",
        outcome=OUTCOMES[step.act],
        mode=audit.Mode(mode),
        purpose=kit.say("law-draft-purpose", "ja"),
        table=step.result,
        details=details,
    )
