"""A unit finds out who takes part, what a unit answers, and what it may itself ask there."""

import json
import urllib.error
import urllib.request
from uuid import uuid4

import pytest
from lxml import etree

from renkei.app.demo.demonstration import checkpoint, settle
from renkei.app.demo.ecosystem import PARTS, A, B
from renkei.exchange.metadata import METASERVICES
from renkei.standard import catalogue

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

UNIT_OF_B = f"/r1/JP/MUN/{B.tenant}/06"
IDS = "{http://x-road.eu/xsd/identifiers}"
XROAD = "{http://x-road.eu/xsd/xroad.xsd}"


@pytest.fixture
def get(stage):
    """Ask the node of A as a unit of it; return status, headers and body."""

    def asked(path: str, unit: str = "15", **headers: str):
        said = {
            "X-Road-Client": f"JP/MUN/{A.tenant}/{unit}",
            "X-Road-Id": f"JP-{uuid4()}",
            "Authorization": f"Bearer {stage.ecosystem.tokens['a'][unit]}",
        } | {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(stage.ecosystem.staff(A) + path, headers=said)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    return asked


@pytest.mark.clause("RK-1.13")
def test_all_organisations_and_their_units_are_listed_in_both_forms(get):
    _, _, body = get("/listClients", Accept="application/json")
    told = {tuple(one["id"].values()) for one in json.loads(body)["member"]}
    wanted: set[tuple[str, ...]] = {("MEMBER", "JP", "MUN", part.tenant) for part in (A, B)}
    for part in (A, B):
        wanted |= {("SUBSYSTEM", "JP", "MUN", part.tenant, unit) for unit in part.units}
    assert told == wanted
    _, _, body = get("/listClients?xRoadInstance=JP")
    found = etree.fromstring(body)
    codes = {
        (one.findtext(f"{IDS}memberCode"), one.findtext(f"{IDS}subsystemCode"))
        for one in found.iter(f"{XROAD}id")
    }
    assert codes == {(one[3], one[4] if len(one) == 5 else None) for one in wanted}


def services(body: bytes) -> dict[str, list[dict[str, str]]]:
    return {one["service_code"]: one["endpoint_list"] for one in json.loads(body)["service"]}


@pytest.mark.clause("RK-1.13")
def test_a_unit_lists_what_it_answers_to_other_organisations(get):
    status, headers, body = get(f"{UNIT_OF_B}/listMethods")
    assert (status, headers["X-Road-Service"]) == (200, f"JP/MUN/{B.tenant}/06/listMethods")
    shared = {i.service for i in catalogue().interfaces_of("06") if i.between_organisations}
    found = services(body)
    assert set(found) <= shared
    assert found["income"] == [{"method": "GET", "path": "/*"}]


@pytest.mark.clause("RK-1.13")
def test_what_is_allowed_is_what_some_provision_names(get):
    _, _, body = get(f"{UNIT_OF_B}/allowedMethods")
    assert "income" in services(body)
    _, _, body = get(f"{UNIT_OF_B}/allowedMethods", unit="06")
    assert "income" not in services(body)


@pytest.mark.clause("RK-1.13")
def test_one_service_is_described_without_an_address(get):
    _, _, body = get(f"{UNIT_OF_B}/getOpenAPI?serviceCode=income")
    told = json.loads(body)
    assert told["openapi"].startswith("3.")
    assert {path.split("/")[6] for path in told["paths"]} == {"income"}
    assert {method for path in told["paths"].values() for method in path} == {"get"}
    assert all(server["url"] == "https://node.invalid" for server in told["servers"])


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        (f"{UNIT_OF_B}/getOpenAPI?serviceCode=nonsense", 500, "service-unknown"),
        (f"{UNIT_OF_B}/getWsdl", 500, "path-unknown"),
        ("/r1/JP/MUN/131032/06/listMethods", 500, "peer-unknown"),
        (f"/r1/EE/MUN/{B.tenant}/06/listMethods", 500, "peer-unknown"),
        ("/listClients?xRoadInstance=EE", 400, "instance-unknown"),
    ],
)
def test_what_nobody_knows_is_a_fault(get, path, status, code):
    got, headers, body = get(path)
    assert (got, json.loads(body)["code"]) == (status, code)
    assert headers["X-Road-Error"]


@pytest.mark.clause("RK-1.13")
def test_of_such_a_question_nothing_is_entered_and_nothing_travels(stage, get):
    settle(stage.ecosystem)
    before = {part.tenant: checkpoint(stage.ecosystem, part) for part in PARTS}
    for path in ("listMethods", "allowedMethods", "getOpenAPI?serviceCode=income"):
        assert get(f"{UNIT_OF_B}/{path}")[0] == 200
    settle(stage.ecosystem)
    for part in PARTS:
        after, known = checkpoint(stage.ecosystem, part), before[part.tenant]
        assert after is not None
        assert known is not None
        assert (after.size, after.pending) == (known.size, 0)


@pytest.mark.clause("RK-1.13")
def test_no_service_has_the_name_of_such_a_question():
    assert not {one.service for one in catalogue().interfaces} & METASERVICES


def test_a_unit_without_its_token_is_told_nothing(get):
    assert get(f"{UNIT_OF_B}/listMethods", Authorization="Bearer forged")[0] == 401


def test_a_unit_nobody_runs_answers_nothing(get):
    assert services(get(f"/r1/JP/MUN/{B.tenant}/05/listMethods")[2]) == {}
