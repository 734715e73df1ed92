"""A client of the X-Road message protocol 4.0 asks and finds out what it may ask."""

import email
import hashlib
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from uuid import uuid4

import pytest
import requests
import zeep
from lxml import etree
from zeep.transports import Transport

from renkei.app.demo.asker import Asker
from renkei.app.demo.ecosystem import A, B
from renkei.app.demo.scenarios import SCENARIOS, Scenario, one
from renkei.exchange.metadata import METASERVICES
from renkei.standard import catalogue
from renkei.standard.generate import xml_request
from renkei.standard.generate.xml_names import FAULT, item_names, message_name, namespace
from renkei.standard.generate.xroad_wsdl import IDENTIFIERS, OURS, XROAD, xroad_namespace

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

INCOME = catalogue().interface("06", "income")
KINDS = {scenario.name: scenario for scenario in SCENARIOS}
SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
OLDER = "<x:protocolVersion>3.1</x:protocolVersion>"
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
PARTS = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode", "serviceCode")


class Client:
    """A unit of A as a client that knows X-Road only."""

    def __init__(self, stage, unit) -> None:
        self.stage, self.unit = stage, unit
        self.url = stage.ecosystem.staff(A)
        self.sessions: list[requests.Session] = []

    def asked(self, scenario: Scenario, number: int = 0) -> dict[str, str]:
        ready = one(scenario, self.stage.cast, number, self.stage.year, Asker.new_message())
        return {"register_number": ready.subject, "tax_year": str(ready.year)}

    def header(
        self, scenario: Scenario, service: str = "income", **changes: str | None
    ) -> dict[str, str]:
        """Return the header blocks as text, by name."""
        client = ("JP", "MUN", A.tenant, scenario.unit)
        holder = ("JP", "MUN", B.tenant, "06", service)
        said = {
            "client": identifier("client", "SUBSYSTEM", client),
            "service": identifier("service", "SERVICE", holder),
            "id": f"<x:id>JP-{uuid4()}</x:id>",
            "protocolVersion": "<x:protocolVersion>4.0</x:protocolVersion>",
            "userId": "<x:userId>JP00000000001</x:userId>",
            "procedure": f"<o:procedure>{scenario.procedure}</o:procedure>",
            "purpose": f"<o:purpose>{scenario.title('ja')}</o:purpose>",
            "consent": f"<o:consent>{scenario.consent}</o:consent>" if scenario.consent else "",
            "items": f"<o:items>{scenario.items}</o:items>",
            "mode": "<o:mode>test</o:mode>",
        }
        return {k: v or "" for k, v in (said | changes).items()}

    def post(self, header: dict[str, str], body: str, unit: str = "15"):
        """Send an envelope; return the answer's headers and the bytes sent and received."""
        text = (
            f'<e:Envelope xmlns:e="{SOAP[1:-1]}" xmlns:x="{XROAD}" xmlns:i="{IDENTIFIERS}"'
            f' xmlns:o="{OURS}"><e:Header>{"".join(header.values())}</e:Header>'
            f"<e:Body>{body}</e:Body></e:Envelope>"
        ).encode()
        token = self.stage.ecosystem.tokens["a"][unit]
        said = {"Content-Type": "text/xml; charset=utf-8", "Authorization": f"Bearer {token}"}
        request = urllib.request.Request(self.url, text, said)
        with urllib.request.urlopen(request, timeout=20) as answer:
            assert answer.status == 200
            return answer.headers, text, answer.read()

    def wsdl(self) -> zeep.Client:
        session = requests.Session()
        self.sessions.append(session)
        transport = Transport(session=session, timeout=20)
        return zeep.Client(f"{self.url}/wsdl?subsystemCode=06", transport=transport)


def identifier(name: str, kind: str, parts: tuple[str, ...]) -> str:
    inside = "".join(f"<i:{k}>{v}</i:{k}>" for k, v in zip(PARTS, parts, strict=False))
    return f'<x:{name} i:objectType="{kind}">{inside}</x:{name}>'


def question(row: dict[str, str]) -> str:
    inside = xml_request(INCOME, row, catalogue())
    return f'<q:income xmlns:q="{xroad_namespace("06")}">{inside}</q:income>'


def fault(data: bytes) -> etree._Element:
    found = etree.fromstring(data).find(f"{SOAP}Body/{SOAP}Fault")
    assert found is not None
    return found


@pytest.fixture
def client(stage, unit) -> Iterator[Client]:
    made = Client(stage, unit)
    yield made
    for session in made.sessions:
        session.close()


@pytest.mark.clause("RK-14.3")
def test_the_answer_repeats_the_header_and_ties_itself_to_the_request(client):
    scenario = KINDS["statute"]
    header = client.header(scenario)
    _, sent, got = client.post(header, question(client.asked(scenario, 5)))
    blocks = etree.fromstring(got)[0]
    names = [etree.QName(block).localname for block in blocks]
    assert names == [*(name for name, text in header.items() if text), "requestHash"]
    assert blocks[-1].text == b64encode(hashlib.sha512(sent).digest()).decode()
    assert blocks.findtext(f"{{{XROAD}}}userId") == "JP00000000001"


@pytest.mark.clause("RK-14.1", "RK-14.2")
@pytest.mark.parametrize(("name", "number"), [("statute", 6), ("own-use", 7)])
def test_what_is_told_is_what_rest_tells(client, name, number):
    scenario = KINDS[name]
    row = client.asked(scenario, number)
    _, _, got = client.post(client.header(scenario), question(row), unit=scenario.unit)
    (element,) = etree.fromstring(got).iter(f"{{*}}{message_name(INCOME, '回答')}")
    told = client.unit.told(scenario, number)
    names = item_names(catalogue().entity(INCOME.entity))
    assert {
        item: element.findtext(f"{{*}}{names[item]}") for item in scenario.items.split(",")
    } == {item: None if value is None else str(value) for item, value in told.record.items()}


@pytest.mark.clause("RK-14.2", "RK-14.6")
def test_zeep_understands_the_description_and_asks(client):
    scenario = KINDS["statute"]
    found = client.wsdl()
    address = {"objectType": "SUBSYSTEM"} | dict(
        zip(PARTS, ("JP", "MUN", A.tenant, scenario.unit), strict=False)
    )
    service = {"objectType": "SERVICE"} | dict(
        zip(PARTS, ("JP", "MUN", B.tenant, "06", "income"), strict=True)
    )
    token = client.stage.ecosystem.tokens["a"]["15"]
    found.transport.session.headers["Authorization"] = f"Bearer {token}"
    binding = f"{{{xroad_namespace('06')}}}individual_municipal_tax_soap"
    port = found.create_service(binding, client.url)
    row = client.asked(scenario, 8)
    names = item_names(catalogue().entity(INCOME.entity))
    told = port.income(
        {names[name]: value for name, value in row.items()},
        _soapheaders={
            "client": address,
            "service": service,
            "id": f"JP-{uuid4()}",
            "protocolVersion": "4.0",
            "userId": "JP00000000001",
            "issue": "1",
            "procedure": scenario.procedure,
            "purpose": scenario.title("ja"),
            "mode": "test",
            "items": scenario.items,
        },
    )
    record = client.unit.told(scenario, 8).record
    first = scenario.items.split(",")[0]
    body = told.body if hasattr(told, "body") else told
    assert str(getattr(body, names[first])) == str(record[first])


@pytest.mark.clause("RK-14.6")
def test_methods_are_listed_and_allowed(client):
    scenario = KINDS["statute"]
    for name in ("listMethods", "allowedMethods"):
        _, _, got = client.post(client.header(scenario, name), f"<x:{name}/>")
        (found,) = etree.fromstring(got).iter(f"{{{XROAD}}}{name}Response")
        codes = {one.findtext(f"{{{IDENTIFIERS}}}serviceCode") for one in found}
        assert "income" in codes
        assert not codes & METASERVICES


@pytest.mark.clause("RK-14.6")
def test_the_description_comes_as_a_second_part(client):
    body = "<x:getWsdl><x:serviceCode>income</x:serviceCode></x:getWsdl>"
    headers, _, got = client.post(client.header(KINDS["statute"], "getWsdl"), body)
    kind = headers["Content-Type"]
    assert "boundary=xroad" in kind
    assert b"content-type:text/xml\r\n" in got
    message = email.message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + got)
    parts = [part.get_payload(decode=True) for part in message.walk() if not part.is_multipart()]
    envelope, wsdl = (part.strip() for part in parts if isinstance(part, bytes))
    assert etree.fromstring(envelope).tag == f"{SOAP}Envelope"
    assert b"http://example.org/xroad-endpoint" in wsdl
    assert etree.fromstring(wsdl).tag.endswith("definitions")
    with urllib.request.urlopen(f"{client.url}/wsdl?subsystemCode=06", timeout=20) as answer:
        assert answer.read().strip() == wsdl


@pytest.mark.clause("RK-14.1", "RK-14.2", "RK-14.5")
@pytest.mark.parametrize(
    ("change", "body", "code"),
    [
        ({"client": None}, None, "header-block-wrong"),
        ({"id": None}, None, "header-block-wrong"),
        (
            {"protocolVersion": "<x:protocolVersion>3.1</x:protocolVersion>"},
            None,
            "header-block-wrong",
        ),
        ({"mode": "<o:mode>production</o:mode>"}, None, "mode-differs"),
        ({}, "<wrong/>", "operation-unknown"),
        ({}, f'<q:income xmlns:q="{xroad_namespace("06")}"/>', "operation-unknown"),
        ({}, "<a/><b/>", "soap-malformed"),
        ({"more": '<s xmlns="urn:x" e:mustUnderstand="1"/>'}, None, "soap-header-unknown"),
        ({"more": "<x:id>again</x:id>"}, None, "soap-malformed"),
    ],
)
def test_what_is_wrong_is_a_fault_with_its_number(client, change, body, code):
    scenario = KINDS["statute"]
    asked = question(client.asked(scenario, 9)) if body is None else body
    _, _, got = client.post(client.header(scenario, **change), asked)
    found = fault(got)
    assert found.findtext("detail/{urn:renkei:fault}code") == code
    assert found.findtext("detail/faultDetail")
    assert str(found.findtext("faultcode")).startswith(("client.", "server."))


@pytest.mark.clause("RK-14.5")
def test_a_refusal_by_law_is_access_denied(client):
    scenario = KINDS["wrong-procedure"]
    _, _, got = client.post(client.header(scenario), question(client.asked(scenario, 9)))
    assert fault(got).findtext("faultcode") == "server.serverproxy.access_denied"


@pytest.mark.clause("RK-14.5")
@pytest.mark.parametrize(
    ("name", "faultcode"),
    [("protected", "server.serverproxy.access_denied"), ("not-held", "SOAP-ENV:Client")],
)
def test_a_fault_says_what_the_standard_says_of_it(client, name, faultcode):
    scenario = KINDS[name]
    _, _, got = client.post(client.header(scenario), question(client.asked(scenario, 9)))
    found = fault(got)
    assert found.findtext("faultcode") == faultcode
    (told,) = found.iter(f"{{{namespace('06')}}}{message_name(INCOME, FAULT)}")
    assert str(told.findtext("{*}説明")).endswith(f"({scenario.reason or scenario.outcome})")
    assert found.findtext("detail/faultDetail")


def security(username: str, password: str) -> str:
    return (
        f'<s:Security xmlns:s="{OASIS}wssecurity-secext-1.0.xsd"><s:UsernameToken>'
        f"<s:Username>{username}</s:Username>"
        f'<s:Password Type="{OASIS}username-token-profile-1.0#PasswordText">{password}</s:Password>'
        "</s:UsernameToken></s:Security>"
    )


@pytest.mark.clause("RK-14.4")
def test_the_unit_proves_itself_by_either_of_two_ways(client):
    tokens, header = client.stage.ecosystem.tokens["a"], client.header(KINDS["statute"])
    body = question(client.asked(KINDS["statute"], 9))
    refused = (
        client.post(header, body, unit="17"),
        client.post(header | {"security": security("15", "forged")}, body),
        client.post(header | {"security": security("17", tokens["15"])}, body),
    )
    for _, _, got in refused:
        assert fault(got).findtext("detail/{urn:renkei:fault}code") == "token-refused"
    _, _, got = client.post(header | {"security": security("15", tokens["15"])}, body, unit="17")
    assert f"{message_name(INCOME, '回答')}".encode() in got


def test_a_client_behind_a_proxy_reaches_the_same_door(client):
    header = client.header(KINDS["statute"], "listMethods")
    client.url += "/xroad-endpoint"
    assert b"listMethodsResponse" in client.post(header, "<x:listMethods/>")[2]
