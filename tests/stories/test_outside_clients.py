"""Clients that others wrote ask a node as they ask an X-Road server, and are told what REST tells.

docs/clients.md shows how. None of them knows Renkei; what the law asks for besides is said in the
header blocks or headers that each of them lets its user add.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from tests.stories.node_client import NodeClient
from tests.stories.test_soap import Soap
from XRoad import XClient
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

from renkei.app.demo.asker import Asker
from renkei.app.demo.ecosystem import A, B
from renkei.app.demo.scenarios import SCENARIOS, Ask, Scenario, one
from renkei.standard import catalogue
from renkei.standard.generate.xml_names import FAULT, HEADER, item_names, message_name, namespace
from renkei.standard.generate.xroad_wsdl import IDENTIFIERS, OURS, XROAD

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

INCOME = catalogue().interface("06", "income")
NAMES = item_names(catalogue().entity(INCOME.entity))
REQUEST, ANSWER, REFUSED = (message_name(INCOME, part) for part in ("要求", "回答", FAULT))
KINDS = {scenario.name: scenario for scenario in SCENARIOS}
UNIT_15, UNIT_06 = ("JP", "MUN", A.tenant, "15"), ("JP", "MUN", B.tenant, "06")
PARTS = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode", "serviceCode")


class Desk:
    """What each client is given: addresses, tokens, and a person to ask about."""

    def __init__(self, stage, unit) -> None:
        self.stage, self.unit = stage, unit
        self.url = stage.ecosystem.staff(A)
        self.host = self.url.removeprefix("http://")

    def token(self, scenario: Scenario) -> str:
        token: str = self.stage.ecosystem.tokens["a"][scenario.unit]
        return token

    def asked(self, scenario: Scenario, number: int = 0) -> Ask:
        return one(scenario, self.stage.cast, number, self.stage.year, Asker.new_message())

    def row(self, ask: Ask) -> dict[str, str]:
        return {"宛名番号": ask.subject, "課税年度": str(ask.year)}

    def ours(self, scenario: Scenario) -> dict[str, str]:
        """Return what our own header blocks say."""
        said = {
            "procedure": scenario.procedure,
            "purpose": scenario.title("ja"),
            "consent": scenario.consent,
            "mode": "test",
            "items": scenario.items,
        }
        return {name: value for name, value in said.items() if value}

    def told(self, scenario: Scenario, number: int) -> dict[str, str]:
        """Return what REST tells, by the names of the items in the schema."""
        record = self.unit.told(scenario, number).record
        return {NAMES[name]: str(value) for name, value in record.items() if value is not None}


@pytest.fixture
def desk(stage, unit) -> Desk:
    return Desk(stage, unit)


# curl


def test_curl_asks_with_the_name_and_the_token_of_its_unit(desk):
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("curl is not installed")
    scenario = KINDS["statute"]
    ask = desk.asked(scenario, 1)
    headers = ask.headers(desk.stage.members, "")
    del headers["Authorization"]
    lines = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    target = desk.url + ask.target(desk.stage.members)
    login = ["-u", f"15:{desk.token(scenario)}"]
    done = subprocess.run([curl, "-sSf", *login, *lines, target], check=True, capture_output=True)
    assert json.loads(done.stdout)["record"] == desk.unit.told(scenario, 1).record


# pyxroad: the client of Ukraine's exchange


@pytest.fixture
def pyxroad(desk) -> Iterator[Any]:
    opened: list[XClient] = []

    def client(scenario: Scenario) -> XClient:
        wsse = UsernameToken(scenario.unit, desk.token(scenario))
        who, whom = f"JP/MUN/{A.tenant}/{scenario.unit}", "/".join((*UNIT_06, "income"))
        made = XClient(desk.url, client=who, service=whom, wsse=wsse)
        opened.append(made)
        made.set_default_soapheaders(made._default_soapheaders | desk.ours(scenario))
        return made

    yield client
    for one_of_them in opened:
        one_of_them.transport.session.close()


@pytest.mark.clause("RK-14.1", "RK-14.6")
@pytest.mark.parametrize("name", ["statute", "own-use"])
def test_pyxroad_fetches_the_description_and_asks_by_way_of_the_node(desk, pyxroad, name):
    scenario = KINDS[name]
    ask = desk.asked(scenario, 2)
    found = pyxroad(scenario).request(**{REQUEST: desk.row(ask)})
    assert {k: str(v) for k, v in found.items() if v is not None} == desk.told(scenario, 2)


@pytest.mark.clause("RK-14.5")
def test_pyxroad_is_told_of_a_refusal(desk, pyxroad):
    scenario = KINDS["wrong-item"]
    with pytest.raises(Fault) as fault:
        pyxroad(scenario).request(**{REQUEST: desk.row(desk.asked(scenario))})
    inside = fault.value.message  # it wraps the fault in another
    assert inside.code == "server.serverproxy.access_denied"


# Node


@pytest.fixture(scope="module")
def node() -> NodeClient:
    return NodeClient.installed()


def standard_question(desk: Desk, scenario: Scenario, number: int) -> dict[str, object]:
    """Return a question by the WSDL of the standard."""
    said = Soap(desk.stage, desk.unit).header(scenario)
    return {
        "wsdl": f"{desk.url}/soap/{'/'.join(UNIT_06)}?wsdl",
        "operation": "get_income",
        "headers": [{"name": HEADER, "namespace": namespace("06"), "content": said}],
        "row": desk.row(desk.asked(scenario, number)),
    }


def identifier(kind: str, *parts: str) -> dict[str, object]:
    inside = {f"i:{name}": part for name, part in zip(PARTS, parts, strict=False)}
    return {"attributes": {"xmlns:i": IDENTIFIERS, "i:objectType": kind}, **inside}


def xroad_question(desk: Desk, scenario: Scenario, number: int) -> dict[str, object]:
    """Return the same question by the message protocol 4.0."""
    said = {
        "client": identifier("SUBSYSTEM", *UNIT_15[:3], scenario.unit),
        "service": identifier("SERVICE", *UNIT_06, "income"),
        "userId": "JP00000000001",
        "id": f"JP-{uuid4()}",
        "protocolVersion": "4.0",
    }
    blocks = [(name, XROAD, content) for name, content in said.items()]
    blocks += [(name, OURS, content) for name, content in desk.ours(scenario).items()]
    return {
        "wsdl": f"{desk.url}/wsdl?subsystemCode=06",
        "endpoint": desk.url,
        "operation": "income",
        "headers": [{"name": n, "namespace": space, "content": c} for n, space, c in blocks],
        "row": {REQUEST: desk.row(desk.asked(scenario, number))},
    }


@pytest.mark.clause("RK-13.3", "RK-14.2")
@pytest.mark.parametrize("question", [standard_question, xroad_question])
def test_node_asks_by_either_description(desk, node, question):
    scenario = KINDS["statute"]
    login = {"unit": "15", "password": desk.token(scenario), "passwordType": "PasswordText"}
    found = node.ask(**question(desk, scenario, 3), **login)["result"]
    assert found.get(ANSWER, found) == desk.told(scenario, 3)


@pytest.mark.clause("RK-13.5", "RK-14.5")
@pytest.mark.parametrize("question", [standard_question, xroad_question])
def test_node_is_told_of_a_refusal_in_the_words_of_the_standard(desk, node, question):
    scenario = KINDS["wrong-item"]
    login = {"unit": "15", "password": desk.token(scenario), "passwordType": "PasswordText"}
    fault = node.ask(**question(desk, scenario, 3), **login)["fault"]
    assert fault["detail"][REFUSED]["コード"] == "no-provision"


# xrdinfo: the client of the Estonian authority, with which its catalogue of services is collected


@pytest.fixture(scope="module")
def xrdinfo() -> ModuleType:
    """Give the module. It is on no registry: a copy of the authority's repository holds it."""
    shared = Path(__file__).parents[2].parent / "shared" / "data" / "xrdinfo"
    folder = Path(os.environ.get("RENKEI_TEST_XRDINFO", shared))
    file = folder / "xrdinfo" / "__init__.py"
    if not file.exists():
        pytest.skip("xrdinfo is on no registry: RENKEI_TEST_XRDINFO names a folder that holds it")
    spec = importlib.util.spec_from_file_location("xrdinfo", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["xrdinfo"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def address(desk) -> str:
    """Give the node's address with name and token of unit 15, as any URL may have them."""
    return f"http://15:{quote(desk.token(KINDS['statute']), safe='')}@{desk.host}"


@pytest.mark.clause("RK-1.13", "RK-14.6")
@pytest.mark.parametrize("method", ["listMethods", "allowedMethods"])
def test_xrdinfo_lists_what_a_unit_answers_in_both_protocols(xrdinfo, address, method):
    over_soap = list(xrdinfo.methods(address, UNIT_15, UNIT_06, method))
    over_rest = list(xrdinfo.methods_rest(address, UNIT_15, UNIT_06, method))
    assert (*UNIT_06, "income", "") in over_soap
    assert [found[:5] for found in over_soap] == over_rest


@pytest.mark.clause("RK-1.13", "RK-14.6")
def test_xrdinfo_reads_both_descriptions(xrdinfo, address):
    wsdl = xrdinfo.wsdl(address, UNIT_15, (*UNIT_06, "income", ""))
    assert ("income", "") in list(xrdinfo.wsdl_methods(wsdl))
    openapi = xrdinfo.openapi(address, UNIT_15, (*UNIT_06, "income"))
    found = xrdinfo.openapi_endpoints(openapi)
    assert ("get", "/r1/{instance}/{class}/{member}/06/income/{year}") in {
        (one_of_them["verb"], one_of_them["path"]) for one_of_them in found
    }


def test_xrdinfo_is_told_what_it_cannot_have(xrdinfo, address):
    with pytest.raises(xrdinfo.XrdInfoError, match="unknown_service"):
        xrdinfo.openapi(address, UNIT_15, (*UNIT_06, "nonsense"))
    forged = address.replace("http://15:", "http://15:x")
    for ask in (xrdinfo.methods, xrdinfo.methods_rest):
        with pytest.raises(xrdinfo.XrdInfoError):
            list(ask(forged, UNIT_15, UNIT_06))
