"""The pages for trying exist where nothing is real, and nowhere else."""

import time
from dataclasses import replace

import pytest
from lxml import etree
from tests.app.seat import AT, staffed_site
from tests.store.rows import TOWN, register_number

from renkei import federation
from renkei.app.operations.running import Running
from renkei.app.site import Site
from renkei.app.units.journal import Journal
from renkei.app.units.questions import Questions
from renkei.app.units.soap_questions import check, schema_of
from renkei.app.units.throttle import Throttle
from renkei.app.units.try_door import TryDoor
from renkei.app.units.try_question import TryQuestion
from renkei.standard import catalogue
from renkei.standard.generate.xml_names import HEADER, namespace
from renkei_client import Question
from renkei_client.records import Income


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


def test_in_whose_name_it_is_asked_is_spelled_in_every_way():
    """curl, the client package, and SOAP by the schema of the unit."""
    form = {"unit": ["15"], "procedure": ["JT99000000001501"], "subject": [register_number(1)]}
    form |= {"parameter-year": ["2026"], "user": ["1002"], "second": ["1003"]}
    interface = catalogue().interface("06", "income")
    asked = TryQuestion.of_form(interface, form, mode="test", town=f"JP/MUN/{TOWN}")
    node, said = "http://127.0.0.1:8041", {"X-Road-UserId": "1002", "PF-Second": "1003"}
    assert all(f"'{name}: {number}'" in asked.curl(node) for name, number in said.items())
    assert "user='1002',\n    second='1003'," in asked.python(node, catalogue())
    named = Question(Income, "JP/MUN/131024", "x", "1", "x", ("2026",), user="1002", second="1003")
    assert said.items() <= named.headers().items()
    envelope = etree.fromstring(asked.soap(catalogue(), tenant=TOWN, at=AT))
    (header,) = envelope.iter(f"{{{namespace('06')}}}{HEADER}")
    check(schema_of("06", catalogue()), header)
    numbers = [header.findtext(f"{{*}}{name}") for name in ("職員番号", "立会職員番号")]
    assert numbers == ["1002", "1003"]
