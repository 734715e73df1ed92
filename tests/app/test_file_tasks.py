"""The questions of a file go at the pace the site allows, and are told in the file alone."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.app.drop import Dropper, FolderOfUnit
from tests.app.seat import staffed_site
from tests.app.test_viewing import serving
from tests.store.rows import register_number

from renkei import kit
from renkei.app.files.folder_place import FolderPlace
from renkei.app.files.sweep import FileOffice, FileSweep
from renkei.app.site import Site
from renkei.exchange import outbox
from renkei.standard.synthetic import tax_year_in_force

SECONDS, RATE = 60, 4


def clock() -> datetime:
    return datetime.now(UTC)


@pytest.fixture(scope="module")
def site(tmp_path_factory, database) -> Iterator[Site]:
    """Give a node that limits the unit, and would tell it the answers of its tasks."""
    with staffed_site(tmp_path_factory.mktemp("files"), database) as made:
        url = {"15": "http://127.0.0.1:9/answers"}
        limited = replace(made.settings, rates={"15": RATE}, callbacks=url)
        found = replace(made, settings=limited)
        with serving(found):
            yield found


@pytest.mark.clause("RK-16.8")
def test_a_file_waits_where_a_unit_would_be_told_too_many(site, tmp_path):
    """The limit of RK-1.17 slows a file down and fails none of its questions."""
    place = FolderPlace("files", tmp_path)
    place.prepare(("15",))
    office = FileOffice(lambda: site.desk, site.database, site.keys.node().seal, clock)
    sweep, unit = FileSweep(office, place), Dropper(FolderOfUnit(tmp_path))
    year = str(tax_year_in_force(kit.day_of(clock())))
    rows = [("", "", register_number(n), year) for n in range(3 * RATE)]
    name = unit.drop(*rows)
    begun = time.monotonic()
    while f"{name}.answer.manifest.json" not in unit.answers():
        assert time.monotonic() < begun + SECONDS
        sweep.turn()
        time.sleep(0.1)
    assert time.monotonic() - begun > 1.5  # one second's worth at once, two seconds' after it
    assert {row["結果"] for row in unit.answer(name)} == {"subject-unknown"}
    with site.database.transaction(site.desk.tenant) as conn:
        assert outbox.backlog(conn, site.desk.tenant) == []
