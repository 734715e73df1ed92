"""Every XML Schema and every WSDL loads; a record that was written is read back the same."""

from io import BytesIO
from xml.etree import ElementTree as ET

import pytest
import zeep
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from msgspec.structs import replace
from tests.standard.every_type import MUTATIONS, ROW, small, standards
from zeep.transports import Transport

from renkei.standard import Catalogue, Timing, Unit, generate
from renkei.standard.generate.xml_names import item_names, namespace, xml_name
from renkei.standard.synthetic import example_row

SMALL = small()
SAMPLE = SMALL.entity("sample")
UNITS = [
    pytest.param(standard, unit, id=f"{standard.edition.id}-{unit.id}")
    for standard in standards()
    for unit in standard.units
]


def schema_of(unit: Unit, standard: Catalogue) -> etree.XMLSchema:
    """Return the loaded schema of a unit."""
    return etree.XMLSchema(etree.fromstring(generate.xsd(unit, standard).encode()))


LOADED = schema_of(SMALL.unit("03"), SMALL)


def client_of(unit: Unit, standard: Catalogue) -> zeep.Client:
    """Return a client made from the WSDL of a unit; nothing is sent anywhere."""
    client = zeep.Client(BytesIO(generate.wsdl(unit, standard).encode()), transport=Transport())
    client.transport.session.close()
    return client


def header_of(client: zeep.Client, unit: Unit) -> object:
    """Return a message header of a unit."""
    made = {"日付": {"年": "2026", "月": "04", "日": "01"}, "時": "09", "分": "30", "秒": "00"}
    return client.get_element(f"{{{namespace(unit.id)}}}_電文見出し")(
        電文番号="JP-1",
        利用団体コード="131016",
        利用業務ユニット番号="02",
        事務手続コード="JT99000000000201",
        運用区分="test",
        作成日時=made,
    )


@pytest.mark.parametrize(("standard", "unit"), UNITS)
def test_the_schema_of_a_unit_loads_and_takes_a_record_of_each_entity(
    standard: Catalogue, unit: Unit
):
    schema = schema_of(unit, standard)
    for entity in standard.entities_of(unit.id):
        row = example_row(entity, standard)
        element = etree.fromstring(generate.xml_record(entity, row))
        assert schema.validate(element), (entity.name, schema.error_log)
        assert generate.read_xml_record(entity, element) == row


@pytest.mark.parametrize("parse", [etree.fromstring, ET.fromstring])
def test_a_record_goes_to_xml_and_back(parse):
    text = generate.xml_record(SAMPLE, ROW)
    assert LOADED.validate(etree.fromstring(text))
    assert generate.read_xml_record(SAMPLE, parse(text)) == ROW


# What a text may hold; two characters no XML may hold at all.
CHARACTERS = st.characters(
    exclude_categories=["Cc", "Cs"], exclude_characters="\u2028\u2029\ufffe\uffff"
)


@given(st.text(CHARACTERS, min_size=1, max_size=100))
def test_every_text_comes_back_from_xml_as_it_was(name):
    element = etree.fromstring(generate.xml_record(SAMPLE, ROW | {"name": name}))
    assert LOADED.validate(element), LOADED.error_log
    assert generate.read_xml_record(SAMPLE, element)["name"] == name


@pytest.mark.parametrize("birth", ["1935-02-29", "1935-春", "1935-03-01から1935-03-10まで"])
def test_a_day_that_is_not_known_is_text_and_any_other_a_structure(birth):
    text = generate.xml_record(SAMPLE, ROW | {"birth": birth})
    assert ("<不詳>" in text) is (birth != "1935-02-29")
    element = etree.fromstring(text)
    assert LOADED.validate(element)
    assert generate.read_xml_record(SAMPLE, element)["birth"] == birth


def test_a_name_has_its_half_with_external_characters_only_where_it_has_some():
    text = generate.xml_record(SAMPLE, ROW | {"name": "見本 \ue000郎"})
    assert "<外字氏名>見本 \ue000郎</外字氏名><内字氏名>見本 〓郎</内字氏名>" in text
    assert "外字氏名" not in generate.xml_record(SAMPLE, ROW | {"name": "見本"})


# XML Schema knows no calendar; an empty text is no element.
UNSAID = {("day", "2026-02-30")}


@pytest.mark.parametrize(("name", "value"), sorted({*MUTATIONS} - UNSAID))
def test_a_wrong_value_is_refused(name, value):
    element = etree.fromstring(generate.xml_record(SAMPLE, ROW | {name: value}))
    assert not LOADED.validate(element)


def test_what_may_not_stand_in_a_name_is_an_underscore():
    names = item_names(SAMPLE)
    assert names["day"] == "基準日_届出"
    assert names["digits"] == "_65歳以上の番号"
    assert xml_name("国民健康保険料（税）賦課") == "国民健康保険料_税_賦課"


def test_a_rule_the_schema_cannot_say_stands_in_it():
    text = generate.xsd(SMALL.unit("03"), SMALL)
    assert "XSDで検査できない規則 03-R005（エラー）: 規則5。本 §5" in text
    assert "XSDで検査できない規則 03-R006（アラート）: 規則6。本 §6" in text


@pytest.mark.parametrize(("standard", "unit"), UNITS)
def test_the_wsdl_of_a_unit_loads_and_has_an_operation_for_each_way_of_asking(
    standard: Catalogue, unit: Unit
):
    client = client_of(unit, standard)
    (service,) = client.wsdl.services.values()
    (port,) = service.ports.values()
    wanted = set()
    for interface in standard.interfaces_of(unit.id):
        if Timing.immediate in interface.timings:
            wanted.add(f"get_{interface.service}")
        if {*interface.timings} - {Timing.immediate}:
            wanted.add(f"notify_{interface.service}")
    operations = port.binding.all()
    assert set(operations) == wanted
    assert all(operation.soapaction == "" for operation in operations.values())
    assert all(set(operation.faults) == {"fault"} for operation in operations.values())


def test_a_message_made_from_the_wsdl_is_one_the_schema_takes():
    unit = SMALL.unit("01")
    client, schema = client_of(unit, SMALL), schema_of(unit, SMALL)
    header = header_of(client, unit)
    envelope = client.create_message(
        client.service, "get_person", 番号="000000000000019", 年="2026", _soapheaders=[header]
    )
    head, body = envelope
    assert schema.validate(head[0])
    assert schema.validate(body[0])
    assert body[0].tag == "{urn:renkei:unit:01}_照会_要求"
    envelope = client.create_message(
        client.service, "get_person", 番号="000000000000019", 年="26", _soapheaders=[header]
    )
    assert not schema.validate(envelope[1][0])


def test_a_notice_holds_many_records_and_what_ended():
    unit = SMALL.unit("01")
    client, schema = client_of(unit, SMALL), schema_of(unit, SMALL)
    key = {"番号": "000000000000019", "年": "2026"}
    made = {"日付": {"年": "2026", "月": "04", "日": "01"}, "時": "09", "分": "30", "秒": "00"}
    envelope = client.create_message(
        client.service,
        "notify_moved",
        作成日時=made,
        通番=1,
        提供区分="差分",
        _住民情報=[key | {"内字氏名": "見本"}, key],
        終了=[key],
        _soapheaders=[header_of(client, unit)],
    )
    assert schema.validate(envelope[1][0]), schema.error_log


def test_a_fault_names_one_of_the_faults_of_its_interface():
    schema = schema_of(SMALL.unit("01"), SMALL)
    fault = (
        '<_照会_異常 xmlns="urn:renkei:unit:01"><コード>{}</コード><説明>該当なし</説明>'
        "<対処>該当なしとして進める</対処></_照会_異常>"
    )
    assert schema.validate(etree.fromstring(fault.format("not-held")))
    assert not schema.validate(etree.fromstring(fault.format("value-not-valid")))


def test_elements_of_one_entity_that_would_share_a_name_are_numbered():
    day, plain = SAMPLE.items[1], replace(SAMPLE.items[3], ja="基準日_届出")
    names = item_names(replace(SAMPLE, items=(day, plain)))
    assert [*names.values()] == ["基準日_届出", "基準日_届出_2"]
