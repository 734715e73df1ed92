"""A unit learns what went wrong in the form it asked for, with a number to find it by."""

import json
from xml.etree import ElementTree as ET

import pytest

from renkei.exchange import (
    Answer,
    BodyTooLarge,
    Fault,
    HeaderMissing,
    HeaderUnknown,
    MemberCodeWrong,
    read_fault,
)
from renkei.kit import NodeError


@pytest.mark.clause("RK-1.11")
def test_a_missing_client_is_a_server_fault_as_units_expect() -> None:
    said = Fault.of(HeaderMissing(name="x-road-client"), detail="1").answer()
    assert said.status == 500
    assert said.field("x-road-error") == "server.clientproxy.missing_header_field"


@pytest.mark.clause("RK-1.11")
def test_the_json_form_says_it_in_both_languages() -> None:
    said = Fault.of(HeaderMissing(name="x-road-client"), detail="1").answer("application/json")
    body = json.loads(said.body)
    assert body["type"] == "server.clientproxy.missing_header_field"
    assert body["message"] == "The header x-road-client is missing. Send it with every message."
    assert body["message_ja"].startswith("ヘッダーx-road-clientがありません")
    assert (body["detail"], body["code"]) == ("1", "header-missing")


@pytest.mark.clause("RK-1.11")
@pytest.mark.parametrize("accept", ["text/xml", "application/xml;q=0.9", "text/*", "a/b, text/xml"])
def test_the_xml_form_comes_where_xml_is_accepted(accept: str) -> None:
    said = Fault.refusal("item-not-named", "a < b & c", "否", detail="1").answer(accept)
    root = ET.fromstring(said.body)  # noqa: S314  # our own bytes
    assert [part.tag for part in root] == ["type", "message", "detail"]
    assert root.findtext("message") == "a < b & c"


@pytest.mark.clause("RK-1.11")
@pytest.mark.parametrize("error", [BodyTooLarge(limit=1), HeaderUnknown(name="pf-x")])
def test_what_the_client_alone_can_mend_is_a_client_fault(error: NodeError) -> None:
    assert Fault.of(error, detail="1").answer().status == 400


def test_the_side_that_refuses_stands_in_the_type() -> None:
    said = Fault.refusal("not-in-force", "No.", "否", detail="1", side="serverproxy")
    assert (said.type, said.status) == ("server.serverproxy.access_denied", 500)


def test_an_error_without_a_row_says_no_internals() -> None:
    assert Fault.of(NodeError(), detail="1").type == "server.clientproxy.internal_error"


def test_a_fault_reads_back_and_an_answer_of_the_provider_is_none() -> None:
    fault = Fault.of(MemberCodeWrong(member_class="MUN"), detail="1")
    assert read_fault(fault.answer()) == fault
    assert read_fault(Answer(500, (("content-type", "application/json"),), b"{}")) is None


@pytest.mark.clause("RK-1.14")
@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("server.clientproxy.access_denied", "Server.ClientProxy.AccessDenied"),
        ("server.serverproxy.service_failed", "Server.ServerProxy.ServiceFailed"),
        ("client.invalid_request", "Client.InvalidRequest"),
    ],
)
def test_the_older_spelling_has_the_same_status(new, old):
    fault = Fault(new, "x", "", "", "1")
    assert fault.spelt_as_before().type == old
    assert fault.spelt_as_before().status == fault.status
    assert fault.spelt_as_before().answer().field("x-road-error") == old
