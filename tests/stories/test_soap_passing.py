"""A message in SOAP goes to a system behind another node as it was sent, attachments and all."""

import hashlib
import json
import os
from base64 import b64encode
from collections.abc import Iterator
from uuid import uuid4

import pytest
import uvicorn
from lxml import etree
from tests.exchange.serving import serving
from tests.stories.passing import CLIENT, OTHER, Pair, passing_pair
from tests.stories.soap_system import (
    FAULT,
    KINDS,
    SOAP,
    WSDL,
    XML,
    SoapSystem,
    envelope,
    fault_of,
    identifier,
    packed,
    post,
)
from zeep.wsse.username import UsernameToken

from renkei.app.demo.ecosystem import A, B, Ecosystem
from renkei.standard.generate.xroad_wsdl import IDENTIFIERS, XROAD

pytestmark = pytest.mark.xdist_group("soap-passing")

PASSWORD = "a password two programs share"
HASH = f"{{{XROAD}}}requestHash"
ONE = "Content-Type: application/octet-stream\r\nContent-ID: <one>"


@pytest.fixture(scope="module")
def system() -> SoapSystem:
    return SoapSystem()


@pytest.fixture(scope="module")
def pair(system) -> Iterator[Pair]:
    config = uvicorn.Config(system, host="127.0.0.1", port=0, log_config=None, lifespan="off")
    with serving(config) as port:

        def register(eco: Ecosystem) -> None:
            folder = eco.file(B).parent
            (folder / "plans.wsdl").write_text(WSDL, encoding="utf-8")
            for part, kinds in ((B, KINDS), (A, ("echo",))):
                lines = "".join(
                    f'\n[services."31/{kind}"]\nurl = "http://127.0.0.1:{port}/{kind}"\n'
                    f'rights."{CLIENT}" = ["POST /"]\nwsdl = "plans.wsdl"\n'
                    for kind in kinds
                )
                if part == A:
                    lines += f'\n[passwords]\n"15" = "{PASSWORD}"\n'
                with eco.file(part).open("a", encoding="utf-8") as file:
                    file.write(lines)

        with passing_pair(os.environ.get("RENKEI_TEST_BINARIES", ""), register) as found:
            yield found


@pytest.fixture(autouse=True)
def forgetful(system):
    system.asked.clear()


def hash_of(soap: bytes) -> str:
    return b64encode(hashlib.sha512(soap).digest()).decode()


def first_part(kind: str, data: bytes) -> tuple[bytes, bytes]:
    """Return the first part of a package and all that follows it."""
    mark = b"\r\n--" + kind.split('boundary="')[1].split('"')[0].encode()
    head, _, rest = data.partition(mark)
    return head.partition(b"\r\n\r\n")[2], mark + rest


@pytest.mark.clause("RK-14.7")
def test_the_bytes_arrive_as_they_were_sent_and_two_fields_of_http_besides(pair, system):
    """Body, Content-Type and SOAPAction travel, other fields do not."""
    sent = envelope("echo")
    kind = 'text/xml; charset="UTF-8"'
    head, got = post(pair, sent, kind, SOAPAction='"urn:echo"', X_Own="1", Accept_Language="ja")
    ((fields, body),) = system.asked
    assert body == sent
    assert (fields["content-type"], fields["soapaction"]) == (kind, '"urn:echo"')
    assert {"x-own", "accept-language", "authorization"}.isdisjoint(fields)
    assert fields["x-road-client"] == CLIENT
    assert fields["x-road-request-id"] == head["x-road-request-id"]
    assert (head["content-type"], "x-of-the-system" in head) == (XML, False)
    assert etree.fromstring(got).findtext(f".//{HASH}") == hash_of(sent)


@pytest.mark.clause("RK-14.7")
def test_it_is_entered_and_signed_as_any_message(pair):
    """Between the nodes it is a message of RK-17, method POST."""
    sent = envelope("echo")
    head, _ = post(pair, sent)
    number = head["x-road-request-id"]
    asked, answered = pair.entries(number, A)
    received, provided = pair.entries(number, B)
    digest = hashlib.sha256(sent).digest()
    for one in (asked, received):
        assert one.details["question_body"] == b64encode(digest, b"-_").decode().rstrip("=")
        assert one.details["method"] == "POST"
    assert asked.details["question_signature"] == received.details["question_signature"]
    assert answered.details["answer_signature"] == provided.details["answer_signature"]
    assert (answered.outcome, provided.outcome) == ("answered", "answered")


@pytest.mark.clause("RK-14.7")
def test_the_version_of_a_service_is_told_to_the_system_and_no_matter_of_rights(pair, system):
    """ServiceVersion is optional."""
    address = f"JP/MUN/{B.tenant}/31/echo"
    sent = envelope("echo", service=identifier("service", address, "v2"))
    _, got = post(pair, sent)
    assert etree.fromstring(got).findtext(f".//{{{IDENTIFIERS}}}serviceVersion") == "v2"
    assert system.asked[0][1] == sent


@pytest.mark.clause("RK-14.8")
def test_attachments_go_both_ways_untouched_and_the_hash_is_put_into_the_first_part(pair, system):
    """Of a package the first part alone is read and written."""
    soap = envelope("attached")
    plan = os.urandom(3 << 20)
    sent, kind = packed(soap, (ONE, plan), ("Content-Type: text/plain", b"second"))
    head, got = post(pair, sent, kind)
    ((fields, body),) = system.asked
    assert (body == sent, fields["content-type"]) == (True, kind)
    told, rest = first_part(head["content-type"], got)
    root = etree.fromstring(told)
    assert root[0][-1].tag == HASH
    assert root[0][-1].text == hash_of(soap)
    assert (
        hashlib.sha256(bytes(range(256)) * (12 << 10)).digest()
        == hashlib.sha256(rest.split(b"\r\n\r\n", 1)[1].rsplit(b"\r\n--", 1)[0]).digest()
    )
    for part in (A, B):
        assert not list((pair.eco.settings[part.name].state / "passing").iterdir())


@pytest.mark.clause("RK-14.8")
def test_a_package_of_mtom_is_passed_on_and_answered(pair, system):
    """Application/xop+xml before what it includes."""
    xop = 'application/xop+xml; charset=utf-8; type="text/xml"'
    sent, kind = packed(envelope("mtom"), (ONE, b"\x00\x01"), kind=xop)
    head, got = post(pair, sent, kind)
    assert system.asked[0][1] == sent
    told, rest = first_part(head["content-type"], got)
    assert b"cid:one" in told
    assert b"\x00\xffraw\r\n\r\n--" in rest


@pytest.mark.clause("RK-14.9")
def test_a_hash_that_stood_there_is_replaced_and_all_else_stays(pair):
    """The node writes requestHash, in place of any."""
    sent = envelope("hashed")
    _, got = post(pair, sent)
    found = list(etree.fromstring(got).iter(HASH))
    assert [one.text for one in found] == [hash_of(sent)]
    assert b"<!-- kept -->" in got
    assert b"<![CDATA[a<b]]>" in got


@pytest.mark.clause("RK-14.9")
@pytest.mark.parametrize(
    ("service", "kind", "code"),
    [
        ("other", "service_failed.inconsistent_headers", "headers-inconsistent"),
        ("bare", "service_failed.inconsistent_headers", "headers-inconsistent"),
        ("headless", "service_failed.inconsistent_headers", "headers-inconsistent"),
        ("page", "service_failed.http_error", "provider-status-wrong"),
        ("nothing", "service_failed.invalid_soap", "provider-not-soap"),
        ("doctype", "service_failed.invalid_soap", "provider-not-soap"),
        ("cut", "service_failed.invalid_soap", "provider-not-soap"),
        ("none", "unknown_service", "service-unknown"),
    ],
)
def test_an_answer_that_is_none_is_a_fault_and_entered_as_a_failure(pair, service, kind, code):
    """The header is repeated by value, or nothing of the answer is told."""
    _, got = post(pair, envelope(service))
    found, said = fault_of(got)
    assert (found.partition("proxy.")[2], said) == (kind, code)
    number = etree.fromstring(got).findtext(".//faultDetail", "")
    last = pair.entries(number, A)[-1]
    assert (last.kind.value, last.details["error"]) == ("failure", code)
    assert {"answer_body", "answer_signature"} <= last.details.keys()


@pytest.mark.clause("RK-14.9")
def test_a_fault_of_the_system_stays_as_it_is(pair):
    """A fault of the system's own is told unchanged, with status 200."""
    head, got = post(pair, envelope("fault"))
    assert (head["content-type"], got) == (XML, FAULT)
    assert pair.outcomes(head["x-road-request-id"], A)[-1] == ("answer", "answered")


@pytest.mark.clause("RK-14.7")
def test_who_has_no_right_is_refused(pair, system):
    """The right is to POST and the path /."""
    _, got = post(pair, envelope("echo", client=identifier("client", OTHER)), unit="17")
    assert fault_of(got) == ("server.serverproxy.access_denied", "right-missing")
    number = etree.fromstring(got).findtext(".//faultDetail", "")
    assert pair.outcomes(number, B) == [("refusal", "refused")]
    assert not system.asked


@pytest.mark.clause("RK-14.12")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ""),
        ({"client": identifier("client", OTHER)}, "envelope-differs"),
        ({"client": identifier("client", CLIENT.replace(A.tenant, B.tenant))}, "envelope-differs"),
        ({"service": identifier("service", f"JP/MUN/{B.tenant}/31/mtom")}, "envelope-differs"),
        ({"id": "<x:id>another</x:id>"}, "envelope-differs"),
    ],
)
@pytest.mark.parametrize("holder", [A, B])
def test_nobody_asks_a_system_in_another_s_name_by_way_of_rest(pair, system, holder, changes, code):
    number = f"r-{uuid4()}"
    address = identifier("service", f"JP/MUN/{holder.tenant}/31/echo")
    blocks = {"id": f"<x:id>{number}</x:id>", "service": address} | changes
    target = f"/r1/JP/MUN/{holder.tenant}/31/echo"
    more = {"target": target, "Content_Type": XML, "X_Road_Id": number}
    status, _, got = pair.send("POST", "", envelope("echo", **blocks), **more)
    if code:
        fault = json.loads(got)
        assert (status, fault["code"]) == (500, code)
        assert fault["type"].endswith("proxy.inconsistent_headers")
    assert len(system.asked) == (0 if code else 1)


@pytest.mark.clause("RK-14.12")
@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (envelope("echo", "<shelterPlan/>", id="<x:id>one</x:id>"), XML, "wrapper-differs"),
        (b"{}", "application/json", "soap-type-wrong"),
        (b"", "", "soap-type-wrong"),
    ],
)
def test_what_is_no_envelope_for_it_reaches_no_system_in_soap(pair, system, body, kind, code):
    number = "one" if code == "wrapper-differs" else f"r-{uuid4()}"
    more = {"Content_Type": kind} if kind else {}
    target = f"/r1/JP/MUN/{B.tenant}/31/echo"
    _, _, got = pair.send("POST", "", body, target=target, X_Road_Id=number, **more)
    assert json.loads(got)["code"] == code
    assert not system.asked


WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
TOKEN = (
    f'<w:Security xmlns:w="{WSSE}"><w:UsernameToken><w:Username>15</w:Username>'
    "<w:Password>{}</w:Password></w:UsernameToken></w:Security>"
)


@pytest.mark.clause("RK-14.10")
@pytest.mark.parametrize(
    ("changes", "more", "code"),
    [
        ({}, {"Authorization": "Bearer no"}, "token-refused"),
        ({}, {"Authorization": ""}, "token-refused"),
        ({"client": identifier("client", OTHER)}, {}, "token-refused"),
        ({"security": TOKEN}, {"Authorization": ""}, "password-would-travel"),
        ({"mode": ""}, {}, "mode-differs"),
        ({"id": ""}, {}, "header-block-wrong"),
        ({"id": "<x:id><x:id>1</x:id></x:id>"}, {}, "header-block-wrong"),
        (
            {"client": identifier("client", CLIENT, "17").replace("serviceCode", "subsystemCode")},
            {},
            "header-block-wrong",
        ),
        ({"userId": "<x:userId>a</x:userId><x:userId>b</x:userId>"}, {}, "soap-malformed"),
        (
            {"service": identifier("service", f"JP/MUN/{B.tenant}/31/attached")},
            {},
            "wrapper-differs",
        ),
        ({}, {"Content_Type": "application/soap+xml"}, "soap-type-wrong"),
        ({}, {"Content_Type": 'application/xop+xml; type="text/xml"'}, "soap-type-wrong"),
    ],
)
def test_what_may_not_be_passed_on_reaches_nobody(pair, system, changes, more, code):
    """Who asks is proven, and for one service, before anything goes on."""
    changes = {name: text.format(pair.eco.tokens["a"]["15"]) for name, text in changes.items()}
    kind = more.pop("Content_Type", XML) if "Content_Type" in more else XML
    _, got = post(pair, envelope("echo", **changes), kind, **more)
    assert fault_of(got)[1] == code
    assert not system.asked


@pytest.mark.clause("RK-14.10")
def test_a_block_the_system_must_understand_is_left_to_it(pair, system):
    """No node understands for the system."""
    block = '<k xmlns="urn:k" e:mustUnderstand="1">1</k>'
    _, got = post(pair, envelope("echo", other=block))
    assert b"echoResponse" in got
    assert block.encode() in system.asked[0][1]


@pytest.mark.clause("RK-14.10")
def test_a_digest_proves_the_unit_since_no_password_travels(pair, system):
    token = UsernameToken("15", PASSWORD, use_digest=True)
    sent = etree.fromstring(envelope("echo"))
    token.apply(sent, {})
    _, got = post(pair, etree.tostring(sent), Authorization="")
    assert b"echoResponse" in got
    assert PASSWORD.encode() not in system.asked[0][1]
    _, got = post(pair, etree.tostring(sent), Authorization="")
    assert fault_of(got)[1] == "replayed"
    wrong = etree.fromstring(envelope("echo"))
    UsernameToken("15", f"{PASSWORD}?", use_digest=True).apply(wrong, {})
    _, got = post(pair, etree.tostring(wrong), Authorization="")
    assert fault_of(got)[1] == "token-refused"
    assert len(system.asked) == 1


def test_a_message_id_has_one_effect(pair, system):
    sent = envelope("echo")
    post(pair, sent)
    _, got = post(pair, sent)
    assert fault_of(got) == ("client.invalid_request", "request-id-reused")
    assert len(system.asked) == 1


@pytest.mark.clause("RK-14.8")
def test_a_package_that_ends_before_its_last_mark_reaches_no_system(pair, system):
    """Nothing of it goes on before all of it is there."""
    sent, kind = packed(envelope("echo"), (ONE, bytes(1 << 20)))
    _, got = post(pair, sent[:-20], kind)
    assert fault_of(got) == ("client.invalid_body", "package-malformed")
    assert not system.asked


def test_a_system_of_our_own_is_reached_without_a_line(pair, system):
    own = identifier("service", f"JP/MUN/{A.tenant}/31/echo")
    head, got = post(pair, envelope("echo", service=own))
    assert b"echoResponse" in got
    wanted = [("request", "asked"), ("answer", "answered")]
    assert pair.outcomes(head["x-road-request-id"], A) == wanted


def codes(pair: Pair, name: str, unit: str = "15") -> set[str]:
    client = identifier("client", f"JP/MUN/{A.tenant}/{unit}")
    service = identifier("service", f"JP/MUN/{B.tenant}/31/{name}")
    sent = envelope("", f"<x:{name}/>", client=client, service=service)
    _, got = post(pair, sent, unit=unit)
    found = etree.fromstring(got).iter(f"{{{IDENTIFIERS}}}serviceCode")
    return {one.text or "" for one in list(found)[1:]}


@pytest.mark.clause("RK-14.11")
def test_each_list_has_what_its_clients_can_ask(pair):
    """Services in SOAP stand in the lists of SOAP alone."""
    assert codes(pair, "listMethods") >= set(KINDS)
    assert codes(pair, "allowedMethods") >= set(KINDS)
    assert codes(pair, "allowedMethods", "17").isdisjoint(KINDS)
    _, _, rest = pair.send("GET", "/listMethods", target=f"/r1/JP/MUN/{B.tenant}/31")
    assert b'"shelters"' in rest
    assert b'"echo"' not in rest
    assert "shelters" not in codes(pair, "listMethods")


@pytest.mark.clause("RK-14.11")
def test_the_description_is_the_provider_s_with_an_address_of_nobody(pair):
    """GetWsdl of a registered system."""
    service = identifier("service", f"JP/MUN/{B.tenant}/31/getWsdl")
    asked = "<x:getWsdl><x:serviceCode>mtom</x:serviceCode></x:getWsdl>"
    _, got = post(pair, envelope("", asked, service=service))
    assert b"http://example.org/xroad-endpoint" in got
    assert b"mtomResponse" in got
    assert b"10.0.0.7" not in got
    none = asked.replace("mtom", "none")
    _, got = post(pair, envelope("", none, service=service))
    assert fault_of(got)[1] == "operation-unknown"


@pytest.mark.clause("RK-14.8")
def test_a_metaservice_comes_in_a_package_as_well(pair):
    """What the node answers itself may come in a package, without attachments."""
    service = identifier("service", f"JP/MUN/{B.tenant}/31/listMethods")
    soap = envelope("", "<x:listMethods/>", service=service)
    for kind in (XML, 'application/xop+xml; charset=utf-8; type="text/xml"'):
        changed = soap.replace(b"</x:id>", f"{len(kind)}</x:id>".encode())
        _, got = post(pair, *packed(changed, kind=kind))
        assert etree.fromstring(got).findtext(f".//{HASH}") == hash_of(changed)
    sent, kind = packed(soap, (ONE, b"1"))
    assert fault_of(post(pair, sent, kind)[1])[1] == "package-malformed"
    assert SOAP in got.decode()
