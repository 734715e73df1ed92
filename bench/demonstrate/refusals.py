"""Every reason for which the law says no: reached by a real question, told, entered, decided again.

The program is that of `python -m bench law_refusals`. Its control is the lawful question beside
them, which is answered: a house that refuses everything would reach every reason too.
"""

import asyncio
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from bench import law_refusals
from bench.demonstrate.verdict import Verdict
from renkei.app.demo.asker import Asker
from renkei.app.demo.demonstration import Narrator, Stage, ask_many, set_stage
from renkei.app.demo.scenarios import SCENARIOS, one


def demonstrate(size: int) -> Verdict:
    """Found two towns of so many people and a hub, and be refused for every reason."""
    with tempfile.TemporaryDirectory(prefix="renkei-refusals-") as made:
        folder = Path(made)
        folder.chmod(0o711)
        at, narrator = datetime.now(UTC), Narrator("en", quiet=True)
        with set_stage(folder / "sites", people=size, seed=7, at=at, narrator=narrator) as stage:
            return judged(stage)


def judged(stage: Stage) -> Verdict:
    """Ask a question for each reason, and one that is lawful; return what stands on record."""
    verdict = Verdict()
    lawful = one(SCENARIOS[0], stage.cast, 0, stage.year, Asker.new_message())
    (answered,) = asyncio.run(ask_many(stage, [lawful]))
    verdict.add(
        f"適法な照会: {answered.outcome}(対照)",
        f"a lawful question: {answered.outcome} (control)",
        holds=answered.as_expected,
    )
    for each in law_refusals.reached(stage):
        verdict.add(
            f"{each.reason}: {each.defect or '到達し、記録され、記録から同じ判断になる'}",
            f"{each.reason}: {each.defect or 'reached, recorded, decided again alike'}",
            holds=not each.defect,
        )
    return verdict
