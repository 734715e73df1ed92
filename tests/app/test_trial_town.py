"""The trial of a whole town does by real commands what it says, and leaves what it promises."""

import os

from renkei import kit, store
from renkei.app.demo.ecosystem import A
from renkei.app.demo.trial_town import CHANGED, SPOILED, run_trial_town
from renkei.app.settings import read_settings
from renkei.app.site import running_database
from renkei.standard import catalogue


def test_a_whole_town_goes_in_and_what_is_wrong_is_found(folder):
    binaries = os.environ.get("RENKEI_TEST_BINARIES", "")
    run_trial_town(folder, people=300, seed=1, once=True, language="ja", binaries=binaries)
    settings = read_settings(folder / A.name / "renkei.toml")
    with (
        running_database(settings) as dsn,
        kit.Database(dsn, size=1) as database,
        database.transaction(A.tenant) as conn,
    ):
        loads = store.last_loads(conn, A.tenant)
        newest = store.last_deliveries(conn, A.tenant)
        compared = store.last_reconciliations(conn, A.tenant)
    assert set(loads) == {entity.name for entity in catalogue().entities if entity.until is None}
    assert newest[SPOILED].outcome == "blocked"
    assert not compared[CHANGED].agrees
    assert settings.deliveries is not None
    assert {number for number, one in settings.staff.items() if "approver" in one.roles} == {"1002"}
