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

from renkei.exchange.username_token import digest_of
from renkei.standard import catalogue
from renkei.standard.generate import xml_request
from renkei.standard.generate.xml_names import HEADER, namespace

__all__ = ["town"]  # the fixture

SPACE = namespace("06")
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
    moment = "<日付><年>2026</年><月>04</月><日>01</日></日付><時>09</時><分>00</分><秒>00</秒>"
    header = (
        f'<{HEADER} xmlns="{SPACE}"><電文番号>JP-{uuid4()}</電文番号>'
        f"<利用団体コード>{TOWN}</利用団体コード><利用業務ユニット番号>15</利用業務ユニット番号>"
        f"<事務手続コード>{STATUTE}</事務手続コード><運用区分>test</運用区分>"
        f"<作成日時>{moment}</作成日時></{HEADER}>"
    )
    body = xml_request(catalogue().interface("06", "income"), row, catalogue())
    text = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/">'
        f"<e:Header>{proof}{header}</e:Header><e:Body>{body}</e:Body></e:Envelope>"
    )
    url = f"{town.url}/soap/JP/MUN/{TOWN}/06"
    request = urllib.request.Request(url, text.encode(), {"Content-Type": "text/xml"})
    with pytest.raises(urllib.error.HTTPError) as error:
        urllib.request.urlopen(request, timeout=20)
    with error.value as answer:
        said = str(etree.fromstring(answer.read()).findtext(f".//{{{SPACE}}}説明"))
    return said.rpartition("(")[2].rstrip(")")


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
def test_without_a_proof_nothing_is_asked(town: Town) -> None:
    assert ask(town, "") == "token-refused"
