"""A unit is registered by the command, fetches a token, and asks with it in every binding."""

import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from authlib.integrations.requests_client import OAuth2Session
from lxml import etree
from tests.app.test_oauth_clients import Private
from tests.stories.test_soap import Soap, request, written
from tests.stories.test_tasks import Later
from tests.stories.test_xroad_soap import Client, question

from renkei.app.demo.ecosystem import A
from renkei.app.demo.scenarios import SCENARIOS
from renkei.app.membership.keys import Keys
from renkei.app.settings import read_settings
from renkei.exchange import TokenIssuer
from renkei.standard import catalogue
from renkei.standard.generate.xml_names import message_name

pytestmark = pytest.mark.xdist_group("ecosystem-doors")

KINDS = {scenario.name: scenario for scenario in SCENARIOS}
INCOME = catalogue().interface("06", "income")
UNIT = "15"


def fetched(stage, key: str, **more: str) -> str:
    """Fetch a token as a client that knows the node's address only."""
    method = Private(alg="ES256")
    session = OAuth2Session(
        f"JP/MUN/{A.tenant}/{UNIT}", key, token_endpoint_auth_method=method.name, **more
    )
    session.register_client_auth_method(method)
    with session:
        endpoint = f"{stage.ecosystem.staff(A)}/token"
        told = session.fetch_token(endpoint, grant_type="client_credentials")
        return str(told["access_token"])


@pytest.fixture(scope="module")
def key(stage, tmp_path_factory) -> Iterator[str]:
    """Register unit 15 as the command says, start A's node again, and undo it at the end."""
    eco, drawn = stage.ecosystem, tmp_path_factory.mktemp("unit") / "key.pem"
    words = ["client", UNIT, "--alg", "ES256", "--out", str(drawn), "--json"]
    command = [sys.executable, "-m", "renkei", *words]
    made = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    file = eco.file(A)
    before = file.read_text(encoding="utf-8")
    for text in (f"{before}\n{made['settings']}\n", before):
        eco.stop(A)
        file.write_text(text, encoding="utf-8")
        eco.start(A)
        if text != before:
            yield drawn.read_text(encoding="ascii")


@pytest.fixture(scope="module")
def token(stage, key) -> object:
    return fetched(stage, key)


@pytest.fixture
def shown(stage, token, monkeypatch):
    """Have the unit show what it fetched instead of what the settings gave it."""
    monkeypatch.setitem(stage.ecosystem.tokens["a"], UNIT, token)
    return token


@pytest.mark.clause("RK-15.1")
def test_a_question_by_a_token_is_answered(shown, unit):
    told = unit.told(KINDS["statute"], 9)
    assert (told.outcome, bool(told.record)) == ("answered", True)


@pytest.mark.clause("RK-15.1")
def test_the_same_in_soap(shown, stage, unit):
    soap = Soap(stage, unit)
    assert soap.token == shown
    status, element = soap.post(request(soap), written(soap.header(KINDS["statute"])))
    assert (status, etree.QName(element).localname) == (200, message_name(INCOME, "回答"))


@pytest.mark.clause("RK-15.1")
def test_the_same_by_the_message_protocol_of_x_road(shown, stage, unit):
    client = Client(stage, unit)
    scenario = KINDS["statute"]
    _, _, got = client.post(client.header(scenario), question(client.asked(scenario, 10)))
    assert list(etree.fromstring(got).iter(f"{{*}}{message_name(INCOME, '回答')}"))


@pytest.mark.clause("RK-15.1")
def test_a_question_nobody_waits_for_is_fetched_with_it(shown, stage, unit):
    later = Later(stage, unit)
    number, _, headers = later.hand_over("statute", 11)
    status, _, body = later.fetch(number, headers)
    assert (status, body["outcome"]) == (200, "answered")


@pytest.mark.clause("RK-15.10")
def test_a_token_for_another_service_is_refused_in_every_binding(stage, key, unit, monkeypatch):
    narrow = fetched(stage, key, scope="test 06/other")
    monkeypatch.setitem(stage.ecosystem.tokens["a"], UNIT, narrow)
    scenario = KINDS["statute"]
    ready = unit.ready(scenario, 12)
    headers = ready.headers(stage.members, narrow)
    status, _, body = Later(stage, unit).send(ready.target(stage.members), headers)
    assert (status, body["code"]) == (403, "scope-insufficient")
    soap = Soap(stage, unit)
    _, fault = soap.post(request(soap), written(soap.header(scenario)))
    assert "scope-insufficient" in etree.tostring(fault, encoding="unicode")
    client = Client(stage, unit)
    _, _, got = client.post(client.header(scenario), question(client.asked(scenario, 12)))
    assert b"scope-insufficient" in got


@pytest.mark.clause("RK-15.12")
def test_a_token_that_is_past_is_told_apart_in_soap_too(stage, key, unit, monkeypatch):
    """Whoever holds the node's key may issue; what is issued ends all the same."""
    settings = read_settings(stage.ecosystem.file(A))
    issuer = TokenIssuer(Keys(settings.keys, A.tenant).tokens(), settings.oauth.issuer)
    past, life = datetime.now(UTC) - timedelta(seconds=301), timedelta(seconds=300)
    name = f"JP/MUN/{A.tenant}/{UNIT}"
    ended = issuer.issue(name, ("test",), token_id="one", at=past, life=life)
    monkeypatch.setitem(stage.ecosystem.tokens["a"], UNIT, ended)
    soap, client, scenario = Soap(stage, unit), Client(stage, unit), KINDS["statute"]
    status, fault = soap.post(request(soap), written(soap.header(scenario)))
    assert status == 500
    assert "access-token-expired" in etree.tostring(fault, encoding="unicode")
    _, _, got = client.post(client.header(scenario), question(client.asked(scenario, 13)))
    assert b'<code xmlns="urn:renkei:fault">access-token-expired</code>' in got
