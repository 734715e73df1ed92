"""A SOAP client of the market asks by the generated WSDL and is told what REST tells."""

import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from uuid import uuid4

import pytest
import requests
import zeep
from lxml import etree
from zeep.transports import Transport
from zeep.wsse.username import UsernameToken

from renkei import kit
from renkei.app.demo.asker import Asker
from renkei.app.demo.ecosystem import A, B
from renkei.app.demo.scenarios import FEW_ITEMS, SCENARIOS, Scenario, one
from renkei.standard import catalogue
from renkei.standard.generate import read_xml_answer, xml_request
from renkei.standard.generate.xml_names import FAULT, HEADER, item_names, message_name, namespace

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

INCOME = catalogue().interface("06", "income")
ENTITY = catalogue().entity(INCOME.entity)
SPACE = namespace("06")
KINDS = {scenario.name: scenario for scenario in SCENARIOS}
OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


class Soap:
    """A unit of A that speaks SOAP to its node."""

    def __init__(self, stage, unit) -> None:
        self.stage, self.unit = stage, unit
        self.url = f"{stage.ecosystem.staff(A)}/soap/JP/MUN/{B.tenant}/06"
        self.token = stage.ecosystem.tokens["a"]["15"]
        self.sessions: list[requests.Session] = []

    def client(self, token: str | None = None) -> zeep.Client:
        wsse = UsernameToken("15", self.token if token is None else token)
        session = requests.Session()
        self.sessions.append(session)
        transport = Transport(session=session, timeout=20)
        return zeep.Client(f"{self.url}?wsdl", wsse=wsse, transport=transport)

    def header(self, scenario: Scenario, **changes: str | None) -> dict[str, object]:
        at = datetime.now(UTC)
        day = {"年": f"{at:%Y}", "月": f"{at:%m}", "日": f"{at:%d}"}
        said: dict[str, object] = {
            "電文番号": f"JP-{uuid4()}",
            "利用団体コード": A.tenant,
            "利用業務ユニット番号": scenario.unit,
            "事務手続コード": scenario.procedure,
            "利用目的": scenario.title("ja"),
            "同意番号": scenario.consent or None,
            "照会項目": scenario.items or None,
            "運用区分": "test",
            "作成日時": {"日付": day, "時": f"{at:%H}", "分": f"{at:%M}", "秒": f"{at:%S}"},
        }
        said.update(changes)
        return {name: value for name, value in said.items() if value is not None}

    def post(self, body: str, header: str, content_type: str = "text/xml; charset=utf-8"):
        """Send an envelope as it is and return the status and the element of the answer's body."""
        status, _, data = self.told(body, header, content_type)
        return status, etree.fromstring(data)[-1][0]

    def told(self, body: str, header: str, content_type: str = "text/xml; charset=utf-8"):
        """Send an envelope as it is and return the answer's status, headers and body."""
        text = (
            f'<e:Envelope xmlns:e="{SOAP}"><e:Header>{header}</e:Header>'
            f"<e:Body>{body}</e:Body></e:Envelope>"
        )
        request = urllib.request.Request(
            self.url,
            text.encode(),
            {"Content-Type": content_type, "Authorization": f"Bearer {self.token}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()


@pytest.fixture
def soap(stage, unit) -> Iterator[Soap]:
    made = Soap(stage, unit)
    yield made
    for session in made.sessions:
        session.close()


def asked(soap: Soap, scenario: Scenario, number: int = 0):
    ready = one(scenario, soap.stage.cast, number, soap.stage.year, Asker.new_message())
    return {"宛名番号": ready.subject, "課税年度": str(ready.year)}


def block(**parts: str) -> str:
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items())
    return f'<{HEADER} xmlns="{SPACE}">{inside}</{HEADER}>'


def written(said: dict[str, object]) -> str:
    parts = {}
    for name, value in said.items():
        if isinstance(value, dict):
            day = "".join(f"<{k}>{v}</{k}>" for k, v in value.pop("日付").items())
            value = f"<日付>{day}</日付>" + "".join(f"<{k}>{v}</{k}>" for k, v in value.items())
        parts[name] = str(value)
    return block(**parts)


@pytest.mark.clause("RK-13.3", "RK-13.5")
def test_zeep_asks_and_is_told_what_rest_tells(soap):
    for number, name in enumerate(("statute", "own-use")):
        scenario = KINDS[name]
        client = soap.client(soap.stage.ecosystem.tokens["a"][scenario.unit])
        client.wsse.username = scenario.unit
        found = client.service.get_income(
            **asked(soap, scenario, number), _soapheaders={"header": soap.header(scenario)}
        )
        told = soap.unit.told(scenario, number)
        names = item_names(ENTITY)
        over_soap = {item: getattr(found, names[item]) for item in scenario.items.split(",")}
        assert told.record is not None
        assert {k: None if v is None else str(v) for k, v in over_soap.items()} == {
            k: None if v is None else str(v) for k, v in told.record.items()
        }


@pytest.mark.clause("RK-13.5")
@pytest.mark.parametrize(
    ("name", "code"),
    [("not-held", "not-held"), ("protected", "withheld"), ("wrong-procedure", "no-provision")],
)
def test_what_is_not_answered_is_a_fault_of_the_standard(soap, name, code):
    scenario = KINDS[name]
    with pytest.raises(zeep.exceptions.Fault) as fault:
        soap.client().service.get_income(
            **asked(soap, scenario), _soapheaders={"header": soap.header(scenario)}
        )
    told = fault.value.detail[0]
    assert told.tag == f"{{{SPACE}}}{message_name(INCOME, FAULT)}"
    assert told.findtext(f"{{{SPACE}}}コード") == code
    known = {one.id: one.remedy_ja for one in catalogue().faults(INCOME)}
    assert told.findtext(f"{{{SPACE}}}対処") == known[code]


def test_the_wsdl_names_the_address_it_was_asked_at(soap):
    with urllib.request.urlopen(f"{soap.url}?wsdl", timeout=10) as answer:
        assert f'location="{soap.url}"' in answer.read().decode()


@pytest.mark.parametrize("path", ["JP/MUN/131024/99", "JP/MUN/131025/06", "JP/XYZ/131024/06"])
def test_a_unit_that_is_none_has_no_wsdl(soap, path):
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(f"{soap.stage.ecosystem.staff(A)}/soap/{path}?wsdl", timeout=10)
    with error.value:
        assert error.value.code in (400, 404)


def request(soap: Soap, **changes: str) -> str:
    row = asked(soap, KINDS["statute"], 3)
    named = {"register_number": row["宛名番号"], "tax_year": row["課税年度"]} | changes
    return xml_request(INCOME, named, catalogue())


@pytest.mark.clause("RK-13.5")
def test_an_answer_fits_the_schema_and_reads_back(soap):
    status, element = soap.post(request(soap), written(soap.header(KINDS["statute"])))
    assert status == 200
    row = read_xml_answer(INCOME, element, catalogue())
    assert all(row[name] for name in FEW_ITEMS.split(",")[:1])


@pytest.mark.clause("RK-13.3", "RK-13.5")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"運用区分": "production"}, "request-malformed"),
        ({"利用団体コード": "131024"}, "consumer-not-named"),
        ({"利用業務ユニット番号": "17"}, "consumer-not-named"),
        ({"照会項目": "nonsense"}, "request-malformed"),
        ({"電文番号": None}, "request-malformed"),
        ({"電文番号": "あ"}, "request-malformed"),
    ],
)
def test_a_wrong_header_block_is_refused_in_the_form_of_the_interface(soap, change, code):
    status, fault = soap.post(request(soap), written(soap.header(KINDS["statute"], **change)))
    assert status == 500
    told = fault.find("detail")[0]
    assert told.findtext(f"{{{SPACE}}}コード") == code
    assert fault.findtext("faultcode") == "SOAP-ENV:Client"


@pytest.mark.clause("RK-13.3")
def test_without_the_header_block_nothing_is_asked(soap):
    status, fault = soap.post(request(soap), "")
    told = fault.find("detail")[0]
    assert (status, told.findtext(f"{{{SPACE}}}コード")) == (500, "request-malformed")
    assert told.findtext(f"{{{SPACE}}}説明").endswith("(schema-broken)")


@pytest.mark.clause("RK-13.6")
@pytest.mark.parametrize("name", ["statute", "protected", "wrong-procedure"])
def test_the_headers_of_http_say_what_they_say_in_rest(soap, name):
    scenario = KINDS[name]
    row = asked(soap, scenario, 3)
    named = {"register_number": row["宛名番号"], "tax_year": row["課税年度"]}
    said = soap.header(scenario)
    _, headers, _ = soap.told(xml_request(INCOME, named, catalogue()), written(said))
    assert headers["X-Road-Id"] == said["電文番号"]
    assert headers["X-Road-Service"] == f"JP/MUN/{B.tenant}/06/income"
    assert headers["X-Road-Request-Id"]
    assert headers["PF-Outcome"] == scenario.outcome
    by = {"protected": B.tenant, "wrong-procedure": A.tenant}.get(name)
    assert headers["PF-Refused-By"] == by
    assert bool(headers["PF-Provision"]) is (name == "protected")


@pytest.mark.clause("RK-13.3")
def test_one_message_number_is_asked_once(soap):
    header = soap.header(KINDS["statute"])
    again = dict(header, 作成日時=dict(header["作成日時"]))
    assert soap.post(request(soap), written(header))[0] == 200
    status, fault = soap.post(request(soap), written(again))
    assert (status, fault.find("detail")[0].findtext(f"{{{SPACE}}}コード")) == (500, "repeated")


@pytest.mark.clause("RK-13.5")
@pytest.mark.parametrize(
    ("body", "faultcode"),
    [
        ("<unknown/>", "SOAP-ENV:Client"),
        (f'<{message_name(INCOME, "要求")} xmlns="{SPACE}"/>', "SOAP-ENV:Client"),
        ("<a/><b/>", "SOAP-ENV:Client"),
        ("", "SOAP-ENV:Client"),
    ],
)
def test_a_wrong_body_is_refused(soap, body, faultcode):
    status, fault = soap.post(body, written(soap.header(KINDS["statute"])))
    assert (status, fault.findtext("faultcode")) == (500, faultcode)
    assert fault.findtext("faultstring")
    (told,) = fault.find("detail")
    known = told.tag == f"{{{SPACE}}}{message_name(INCOME, FAULT)}"
    assert known or [part.tag for part in told] == [
        f"{{urn:renkei:fault}}{name}" for name in ("code", "message", "detail")
    ]


@pytest.mark.clause("RK-13.2")
def test_a_block_that_must_be_understood_is_a_fault_of_its_own(soap):
    strange = f'<s xmlns="urn:x" xmlns:e="{SOAP}" e:mustUnderstand="1"/>'
    _, fault = soap.post(request(soap), strange + written(soap.header(KINDS["statute"])))
    assert fault.findtext("faultcode") == "SOAP-ENV:MustUnderstand"


@pytest.mark.clause("RK-13.4")
def test_a_password_that_is_another_is_refused(soap):
    with pytest.raises(zeep.exceptions.Fault) as fault:
        soap.client("forged").service.get_income(
            **asked(soap, KINDS["statute"], 4),
            _soapheaders={"header": soap.header(KINDS["statute"])},
        )
    who, header = f"JP/MUN/{A.tenant}/15", "Authorization: Bearer"
    assert fault.value.message == kit.say("token-refused", "ja", who=who, header=header)
