"""A case that moves to a version in which nothing runs otherwise is the case it was."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from tests.process.random_models import models
from tests.process.test_core_laws import SLOW, begun, work_at

from renkei.process import bpmn
from renkei.process.bpmn import migrating
from renkei.process.scenarios import bpmn as drawn


@SLOW
@given(models(), st.data())
def test_a_version_that_only_has_another_name_changes_nothing(
    model: str, data: st.DataObject
) -> None:
    player = begun(model)
    work_at(player, data)
    if player.case.status is not bpmn.Status.RUNNING:
        return
    renamed = drawn(model).replace(b'<process id="p"', b'<process name="new" id="p"')
    plan = migrating.Plan.propose(player.definition, bpmn.read(renamed))
    assert migrating.blocked(plan, player.case) == []
    outcome = migrating.migrate(plan, player.case, player.at)
    assert outcome.case == msgspec.structs.replace(player.case, definition=plan.new.hash)
    assert outcome.effects == []
