"""The pages for trying exist where nothing is real, and nowhere else."""

import time
from dataclasses import replace

import pytest
from tests.app.seat import AT, staffed_site

from renkei import federation
from renkei.app.operations.running import Running
from renkei.app.site import Site
from renkei.app.units.journal import Journal
from renkei.app.units.questions import Questions
from renkei.app.units.throttle import Throttle
from renkei.app.units.try_door import TryDoor


@pytest.fixture(scope="module")
def site(tmp_path_factory, database):
    with staffed_site(tmp_path_factory.mktemp("trying") / "sites", database) as found:
        yield found


def door(site: Site) -> TryDoor:
    counter = federation.Counter(
        site.membership,
        site.keys.node(),
        site.database,
        federation.Channel(site.membership),
        clock=lambda: AT,
    )
    throttle, running = Throttle({}, time.monotonic), Running.of(site.settings)
    return TryDoor(site, Questions(counter, Journal(), throttle, running))


@pytest.mark.parametrize(("mode", "is_there"), [("test", 1), ("drill", 1), ("production", 0)])
def test_a_node_in_production_has_no_page_that_asks(site, mode, is_there):
    real = replace(site, settings=replace(site.settings, mode=mode))
    assert bool(door(real).routes()) == bool(is_there)
