"""One interface answers the same over every binding, item by item, and fails alike."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest
import zeep
from lxml import etree
from tests.stories.dropping import Files
from tests.stories.test_soap import Soap, asked
from tests.stories.test_xroad_soap import Client, question

from renkei.app.demo.ecosystem import B
from renkei.app.demo.scenarios import SCENARIOS, Scenario
from renkei.standard import catalogue
from renkei.standard.generate.xml_names import item_names, message_name

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

INCOME = catalogue().interface("06", "income")
ENTITY = catalogue().entity(INCOME.entity)
NAMES = item_names(ENTITY)
KINDS = {scenario.name: scenario for scenario in SCENARIOS}
UNKNOWN_ITEM = replace(KINDS["statute"], items="nonsense")
CODE = re.compile(r"\(([a-z-]+)\)$")


@dataclass(frozen=True)
class Ended:
    """How a question ended: answered or the code of why not, and the items as texts."""

    code: str
    items: dict[str, str]


def texts(scenario: Scenario, value: Callable[[str], object]) -> dict[str, str]:
    """Return what was told of each item asked for; no value is an empty text."""
    found = {name: value(name) for name in scenario.items.split(",")}
    return {name: "" if one is None else str(one) for name, one in found.items()}


class Bindings:
    """The four ways of a unit of A."""

    def __init__(self, soap: Soap, client: Client, files: Files) -> None:
        self.soap, self.client, self.files = soap, client, files

    def rest(self, scenario: Scenario, number: int) -> Ended:
        told = self.soap.unit.told(scenario, number)
        record = told.record
        if record is None:
            return Ended(told.reason or told.outcome, {})
        assert sorted(record) == sorted(scenario.items.split(","))
        return Ended(told.outcome, texts(scenario, record.get))

    def wsdl(self, scenario: Scenario, number: int) -> Ended:
        """Ask with zeep, by the WSDL of the unit."""
        client = self.soap.client(self.soap.stage.ecosystem.tokens["a"][scenario.unit])
        client.wsse.username = scenario.unit
        header = {"header": self.soap.header(scenario)}
        try:
            found = client.service.get_income(
                **asked(self.soap, scenario, number), _soapheaders=header
            )
        except zeep.exceptions.Fault as fault:
            return Ended(code_of(fault.detail), {})
        return Ended("answered", texts(scenario, lambda name: getattr(found, NAMES[name])))

    def xroad(self, scenario: Scenario, number: int) -> Ended:
        header = self.client.header(scenario)
        row = self.client.asked(scenario, number)
        _, _, got = self.client.post(header, question(row), scenario.unit)
        tree = etree.fromstring(got)
        answers = list(tree.iter(f"{{*}}{message_name(INCOME, '回答')}"))
        if not answers:
            return Ended(code_of(tree), {})
        return Ended(
            "answered", texts(scenario, lambda name: answers[0].findtext(f"{{*}}{NAMES[name]}"))
        )

    def file(self, scenario: Scenario, number: int, **said: object) -> Ended:
        dropper = self.files.dropper(scenario, **said)
        name = dropper.drop(self.files.row(self.files.ready(scenario, number)))
        self.files.await_end(dropper, name)
        if f"{name}.error.json" in dropper.answers():
            (code,) = dropper.codes(name)
            return Ended(code, {})
        (row,) = dropper.answer(name)
        if row["結果"] != "answered":
            return Ended(row["理由"] or row["結果"], {})
        headers = {item.name: item.ja for item in ENTITY.items}
        return Ended("answered", texts(scenario, lambda name: row[headers[name]]))


def code_of(tree) -> str:
    """Return our code of a fault: in the standard's description, or in an element of its own."""
    for element in tree.iter("{*}説明"):
        (code,) = CODE.findall(str(element.text))
        return str(code)
    (code,) = tree.iter("{urn:renkei:fault}code")
    return str(code.text)


@pytest.fixture
def bindings(stage, unit, places) -> Iterator[Bindings]:
    made = Bindings(Soap(stage, unit), Client(stage, unit), places["folder"])
    yield made
    for session in (*made.soap.sessions, *made.client.sessions):
        session.close()


@pytest.mark.clause("RK-16.12")
@pytest.mark.parametrize(
    ("scenario", "code"),
    [
        (KINDS["statute"], "answered"),
        (KINDS["own-use"], "answered"),
        (KINDS["not-held"], "not-held"),
        (KINDS["protected"], "automatic-answer-withheld"),
        (KINDS["wrong-procedure"], "procedure-not-named"),
        (KINDS["wrong-item"], "item-not-named"),
        (KINDS["no-consent"], "consent-missing"),
        (KINDS["wrong-year"], "year-not-named"),
        (KINDS["not-in-force"], "not-in-force"),
        (KINDS["unknown-person"], "subject-unknown"),
        (KINDS["no-code"], "code-not-issued"),
        (UNKNOWN_ITEM, "item-not-in-entity"),
    ],
    ids=lambda one: "" if isinstance(one, Scenario) else one,
)
def test_every_binding_tells_the_same(bindings, scenario, code):
    """The same question ends alike by REST, SOAP, X-Road SOAP and file."""
    told = bindings.rest(scenario, 2)
    assert (told.code, bool(told.items)) == (code, code == "answered")
    for way in (bindings.wsdl, bindings.xroad, bindings.file):
        assert way(scenario, 2) == told, way.__name__


@pytest.mark.clause("RK-16.12")
def test_a_holder_that_is_away_is_told_alike(bindings):
    """Who waits is told so at once; a file is told when it expires, as a task is."""
    eco, scenario = bindings.soap.stage.ecosystem, KINDS["statute"]
    eco.stop(B)
    try:
        for way in (bindings.rest, bindings.wsdl, bindings.xroad):
            assert way(scenario, 3) == Ended("peer-unreachable", {}), way.__name__
        until = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
        assert bindings.file(scenario, 3, expires=until) == Ended("task-expired", {})
    finally:
        eco.start(B)
    assert bindings.file(scenario, 3) == bindings.rest(scenario, 3)
