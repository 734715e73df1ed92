"""Comparing the logs of a day, as two towns do, with what other tests left in them set aside."""

from datetime import UTC, datetime

from renkei import audit, kit
from renkei.app.demo.demonstration import Stage, settle
from renkei.app.demo.ecosystem import A, B, Part
from renkei.app.keeping.findings_told import lacks_of
from renkei.app.keeping.reconciliation import reconcile_at
from renkei.app.proofs.three_ways import Lack


class Comparing:
    """How the logs of today agree, but for what a test had killed before this began.

    A town that was killed over a question never heard its answer: the logs tell so for ever.
    """

    def __init__(self, stage: Stage) -> None:
        """Look what was left; anything but an answer that was never heard is a fault."""
        self._stage = stage
        assert settle(stage.ecosystem) == []
        found = {one for part in (A, B) for one in lacks_of(self._today(part)) if not one.by}
        assert {(one.part, one.fault) for one in found} <= {("answer", "lacks")}
        self._unheard = found

    def __call__(self, part: Part) -> tuple[audit.Reconciliation, list[Lack]]:
        """Let a party compare; return what it kept, and what it found itself."""
        found = self._today(part)
        own = [one for one in lacks_of(found) if not one.by]
        return found, [one for one in own if one not in self._unheard]

    def _today(self, part: Part) -> audit.Reconciliation:
        return reconcile_at(
            self._stage.ecosystem.settings[part.name], kit.day_of(datetime.now(UTC))
        )
