"""A unit proves itself to the SOAP door by a digest, once and in time; else nothing is asked."""

import urllib.error
import urllib.request
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from lxml import etree
from tests.app.test_viewing import ABSENT, PASSWORD, Town, town
from tests.store.rows import TOWN, register_number
from tests.stories.node_client import NodeClient

from renkei.exchange.username_token import digest_of
from renkei.standard import catalogue
from renkei.standard.generate import xml_request
from renkei.standard.generate.xml_names import HEADER, namespace

__all__ = ["town"]  # the fixture

OASIS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-"
STATUTE = "JT99000000001501"
KNOWN = "item-not-named"
"""How the question ends for whoever is let in: no provision names every item."""


def security(nonce: bytes, created: str, *, password: str = PASSWORD, name: str = "15") -> str:
    digest = digest_of(nonce, created, password)
    return (
        f'<s:Security xmlns:s="{OASIS}wssecurity-secext-1.0.xsd"'
        f' xmlns:u="{OASIS}wssecurity-utility-1.0.xsd"><s:UsernameToken>'
        f"<s:Username>{name}</s:Username>"
        f'<s:Password Type="{OASIS}username-token-profile-1.0#PasswordDigest">{digest}</s:Password>'
        f"<s:Nonce>{b64encode(nonce).decode()}</s:Nonce><u:Created>{created}</u:Created>"
        "</s:UsernameToken></s:Security>"
    )


def ask(town: Town, proof: str) -> str:
    """Ask one question and return the code its fault ends with."""
    row = {"register_number": register_number(ABSENT), "tax_year": "2026"}
    return fault_of(town, proof, "06", "income", row)[1]


def fault_of(
    town: Town, proof: str, unit: str, service: str, row: dict[str, str], named: str = ""
) -> tuple[str, str]:
    """Ask one question and return the standard's code of its fault, and ours."""
    space = namespace(unit)
    moment = "<日付><年>2026</年><月>04</月><日>01</日></日付><時>09</時><分>00</分><秒>00</秒>"
    header = (
        f'<{HEADER} xmlns="{space}"><電文番号>JP-{uuid4()}</電文番号>'
        f"<利用団体コード>{TOWN}</利用団体コード><利用業務ユニット番号>15</利用業務ユニット番号>"
        f"<事務手続コード>{STATUTE}</事務手続コード>{named}<運用区分>test</運用区分>"
        f"<作成日時>{moment}</作成日時></{HEADER}>"
    )
    body = xml_request(catalogue().interface(unit, service), row, catalogue())
    text = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<e:Header>{proof}{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
    url = f"{town.url}/soap/JP/MUN/{TOWN}/{unit}"
    request = urllib.request.Request(url, text.encode(), {"Content-Type": "text/xml"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=20)
    with error.value as answer:
        found = etree.fromstring(answer.read())
    said = str(found.findtext(f".//{{{space}}}説明"))
    return str(found.findtext(f".//{{{space}}}コード")), said.rpartition("(")[2].rstrip(")")


def created(minutes: int = 0) -> str:
    return f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.clause("RK-13.4")
def test_the_right_digest_is_let_in_once(town: Town) -> None:
    proof = security(b"0123456789abcdef", created())
    assert ask(town, proof) == KNOWN
    assert ask(town, proof) == "replayed"
    assert ask(town, security(b"another nonce 16", created())) == KNOWN


@pytest.mark.clause("RK-13.4")
@pytest.mark.parametrize(
    ("change", "minutes", "code"),
    [
        ({"password": "what nobody shares"}, 0, "token-refused"),
        ({"name": "01"}, 0, "token-refused"),
        ({}, -6, "username-token-expired"),
        ({}, 6, "username-token-expired"),
        ({"created": "now"}, 0, "username-token-malformed"),
    ],
)
def test_another_digest_is_refused(
    town: Town, change: dict[str, str], minutes: int, code: str
) -> None:
    said = {"created": created(minutes)} | change
    assert ask(town, security(b"0123456789abcde" + code[-1:].encode(), **said)) == code


@pytest.mark.clause("RK-13.4")
@pytest.mark.parametrize(("password", "code"), [(PASSWORD, KNOWN), ("forged", "token-refused")])
def test_the_digest_of_a_client_of_node_is_understood(town: Town, password: str, code: str) -> None:
    day = {"年": "2026", "月": "04", "日": "01"}
    said = {
        "電文番号": f"JP-{uuid4()}",
        "利用団体コード": TOWN,
        "利用業務ユニット番号": "15",
        "事務手続コード": STATUTE,
        "運用区分": "test",
        "作成日時": {"日付": day, "時": "09", "分": "00", "秒": "00"},
    }
    told = NodeClient.installed().ask(
        wsdl=f"{town.url}/soap/JP/MUN/{TOWN}/06?wsdl",
        operation="get_income",
        unit="15",
        password=password,
        passwordType="PasswordDigest",
        headers=[{"name": HEADER, "namespace": namespace("06"), "content": said}],
        row={"宛名番号": register_number(ABSENT), "課税年度": "2026"},
    )
    (detail,) = told["fault"]["detail"].values()
    assert detail["説明"].endswith(f"({code})")


@pytest.mark.clause("RK-1.17")
def test_one_question_too_many_is_told_the_node_is_busy(town: Town) -> None:
    row = {"register_number": register_number(ABSENT)}
    proofs = (security(f"nonce number {n} of 2".encode(), created()) for n in (1, 2))
    told = [fault_of(town, proof, "01", "resident", row) for proof in proofs]
    assert told[0][1] != "questions-too-many"
    assert told[1] == ("busy", "questions-too-many")


@pytest.mark.clause("RK-13.4")
def test_without_a_proof_nothing_is_asked(town: Town) -> None:
    assert ask(town, "") == "token-refused"
