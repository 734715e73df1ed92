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
    wherever somebody decides.
    """

    shared: law.ProvisionTable
    house: law.ProvisionTable
    overlays: Sequence[Path]

    @classmethod
    def of(
        cls, shared: law.ProvisionTable, known: standard.Catalogue, overlays: Sequence[Path]
    ) -> "Ground":
        """Return the ground of a site that keeps its records by a standard with overlays."""
        return cls(shared, law.table_of(known) if overlays else shared, overlays)

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Return whose tables may be drafted over here."""
        return ("standard", "house") if self.overlays else ("standard",)

    def base(self, scope: Scope) -> law.ProvisionTable:
        """Return the table as it stands."""
        return self.house if scope == "house" else self.shared

    def examine(self, content: Content) -> Examined:
        """Lay a draft upon the table as it stands."""
        overlays: Sequence[Traversable] = ()
        if content.scope == "house":
            if not self.overlays:
                raise HouseWithoutOverlay
            overlays = self.overlays
        base = self.base(content.scope)
        return drafting.examine(content, base, standard.shipped_folder(), overlays)


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
