"""Envelopes are read as SOAP 1.1 says, and what is hostile in them is refused unused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from renkei import exchange
from renkei.exchange import read_soap, write_soap, write_soap_fault
from renkei.exchange.soap import SPACE
from renkei.kit import NodeError

TYPE = "text/xml; charset=utf-8"
KNOWN = frozenset({"{urn:x}known"})
SECRET = "見せてはならない値"
ASKED = "<q xmlns='urn:x'>値</q>"


def envelope(body: str = "<q xmlns='urn:x'/>", header: str = "", space: str = SPACE) -> str:
    head = f"<e:Header>{header}</e:Header>" if header else ""
    return f'<e:Envelope xmlns:e="{space}">{head}<e:Body>{body}</e:Body></e:Envelope>'


@pytest.mark.clause("RK-13.2")
def test_header_blocks_and_the_body_are_found_by_name():
    text = envelope(
        "<q xmlns='urn:x'>値</q>", "<known xmlns='urn:x'>a</known><other xmlns='urn:y'/>"
    )
    message = read_soap(text.encode(), TYPE, understood=KNOWN)
    assert (message.body.tag, message.body.text) == ("{urn:x}q", "値")
    assert {name: block.text for name, block in message.headers.items()} == {"{urn:x}known": "a"}


@pytest.mark.clause("RK-13.1")
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_both_encodings_of_the_basic_profile_are_read(encoding):
    text = f'<?xml version="1.0"?>{envelope(ASKED)}'
    kind = f'text/xml; charset="{encoding.removesuffix("-sig").removesuffix("-le").upper()}"'
    data = b"\xff\xfe" * (encoding == "utf-16-le") + text.encode(encoding)
    assert read_soap(data, kind, understood=KNOWN).body.text == "値"


BOMB = '<!DOCTYPE q [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FILE = '<!DOCTYPE q [<!ENTITY f SYSTEM "file:///etc/passwd">]>'


@pytest.mark.clause("RK-13.1", "RK-13.2")
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", exchange.SoapMalformed),
        ("<a", exchange.SoapMalformed),
        (f"<a>{SECRET}</b>", exchange.SoapMalformed),
        ("<a/>", exchange.SoapMalformed),
        (BOMB + envelope("<q>&b;</q>"), exchange.SoapMalformed),
        (FILE + envelope("<q>&f;</q>"), exchange.SoapMalformed),
        ("<!DOCTYPE q>" + envelope(), exchange.SoapMalformed),
        (envelope("<q>&undefined;</q>"), exchange.SoapMalformed),
        ("<?php die ?>" + envelope(), exchange.SoapMalformed),
        (envelope("<q><?php die ?></q>"), exchange.SoapMalformed),
        (envelope() + "<?php die ?>", exchange.SoapMalformed),
        (envelope("<a>" * 5000 + "</a>" * 5000), exchange.SoapMalformed),
        (envelope(""), exchange.SoapMalformed),
        (envelope("<a/><b/>"), exchange.SoapMalformed),
        (f'<e:Envelope xmlns:e="{SPACE}"><e:Header/></e:Envelope>', exchange.SoapMalformed),
        (
            f'<e:Envelope xmlns:e="{SPACE}"><e:Body><a/></e:Body><e:Header/></e:Envelope>',
            exchange.SoapMalformed,
        ),
        (
            envelope(header="<known xmlns='urn:x'/><known xmlns='urn:x'/>"),
            exchange.SoapMalformed,
        ),
        (
            envelope(space="http://www.w3.org/2003/05/soap-envelope"),
            exchange.SoapVersionDiffers,
        ),
        (
            envelope(header="<k xmlns='urn:y' e:mustUnderstand='1'/>"),
            exchange.SoapHeaderUnknown,
        ),
    ],
)
def test_what_is_no_envelope_of_ours_is_refused(text, error):
    with pytest.raises(error) as refused:
        read_soap(text.encode(), TYPE, understood=KNOWN)
    for language in ("ja", "en"):
        assert SECRET not in refused.value.text(language)
        assert "root:" not in refused.value.text(language)


@pytest.mark.clause("RK-13.1")
@pytest.mark.parametrize(
    "kind",
    ["", "application/json", "application/soap+xml", "text/xml; charset=shift_jis", "text/html"],
)
def test_another_type_or_encoding_is_refused(kind):
    with pytest.raises(exchange.SoapTypeWrong):
        read_soap(envelope().encode(), kind, understood=KNOWN)


@pytest.mark.clause("RK-13.1")
def test_an_encoding_the_message_states_itself_is_held_to_the_same_two():
    text = f'<?xml version="1.0" encoding="Shift_JIS"?>{envelope()}'
    with pytest.raises(exchange.SoapTypeWrong):
        read_soap(text.encode("shift_jis"), "text/xml", understood=KNOWN)


def test_a_block_for_another_actor_need_not_be_understood_here():
    block = "<k xmlns='urn:y' e:mustUnderstand='1' e:actor='urn:someone-else'/>"
    read_soap(envelope(header=block).encode(), TYPE, understood=KNOWN)


@given(st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_no_bytes_are_read_or_refused_otherwise_than_said(data):
    try:
        read_soap(data, TYPE, understood=KNOWN)
    except NodeError:
        return


@given(st.text(st.characters(exclude_categories=["C"]), max_size=50))
def test_a_fault_says_any_text_as_it_is(text):
    fault = etree.fromstring(write_soap_fault("SOAP-ENV:Server", text, "<d/>"))[0][0]
    assert (fault.findtext("faultcode"), fault.findtext("faultstring")) == (
        "SOAP-ENV:Server",
        text,
    )


def test_what_is_written_is_read():
    assert read_soap(write_soap("<a/>"), TYPE, understood=KNOWN).body.tag == "a"
