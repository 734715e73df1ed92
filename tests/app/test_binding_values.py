"""Whatever an interface carries, 外字 too, is read alike from REST, SOAP and a file."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from tests.app.drop import Dropper, FolderOfUnit
from tests.standard.instances import rows

from renkei import exchange, federation
from renkei.app.files.answer_file import answer_file
from renkei.app.files.place import Drop
from renkei.app.files.question_file import Asking, QuestionFile, decoded
from renkei.app.files.question_manifest import FileClaim
from renkei.app.units.kept_question import KeptAnswer
from renkei.app.units.rest_answers import RestAnswers
from renkei.app.units.soap_questions import losses_block, row_of
from renkei.exchange import Answer
from renkei.exchange.files import LineAnswer
from renkei.standard import Interface, Timing, catalogue, generate
from renkei.standard.mediation import Character, Loss, Why

KNOWN = catalogue()
INTERFACES = [one for one in KNOWN.interfaces if Timing.immediate in one.timings]
NAMED = KNOWN.interface("01", "person_search")
AT = datetime(2026, 4, 1, tzinfo=UTC)
OWN, BEYOND, SELECTED = "\ue000", "𠮷", "葛\U000e0100"
NAME = f"髙﨑　{OWN}{BEYOND}{SELECTED}"
"""A town's own character, one beyond the first plane, one with a selector."""


def rest(interface: Interface, row: dict[str, str]) -> Answer:
    record = generate.json_answer(interface, row, KNOWN)
    fact = federation.Fact("i", "answered", record=record)  # type: ignore[arg-type]  # no lists
    return RestAnswers("7.8").told(fact, "", ())


def by_soap(interface: Interface, told: Answer) -> dict[str, str]:
    row = row_of(json.loads(told.body)["record"])
    envelope = exchange.write_soap(generate.xml_answer(interface, row, KNOWN))
    return generate.read_xml_answer(interface, etree.fromstring(envelope)[-1][0], KNOWN)


def by_file(
    interface: Interface, told: Answer, charset: str = "utf-8", named: str = "missing"
) -> tuple[dict[str, str], list[object]]:
    layout = generate.file_layout(interface, KNOWN)
    text = io.StringIO()
    csv.writer(text).writerows((layout.question, ["1"] * len(layout.question)))
    service = f"JP/MUN/131024/{interface.name}"
    manifest = Dropper(FolderOfUnit(Path())).manifest("q", b"", service=service)
    claim = FileClaim.read(Drop("15", "", "", "q.manifest.json", 0.0), manifest)
    asking = Asking(claim, exchange.service(service), interface, KNOWN)
    question: QuestionFile = decoded(text.getvalue().encode(charset))
    line = LineAnswer(UUID(int=0), AT, KeptAnswer.of(told).encoded())
    data, said = answer_file(asking, question, [line])
    (row,) = csv.DictReader(io.StringIO(data.decode(charset), newline=""))
    return {item.name: row[item.ja] for item in layout.carried}, json.loads(said)[named]


@pytest.mark.clause("RK-16.12")
@pytest.mark.parametrize("interface", INTERFACES, ids=lambda one: one.name)
@settings(max_examples=5)
@given(data=st.data())
def test_every_interface_is_read_alike(interface: Interface, data: st.DataObject) -> None:
    """Item by item, whatever the values are."""
    entity = KNOWN.entity(interface.entity)
    row = dict(data.draw(rows(entity, KNOWN)))
    told = rest(interface, row)
    record = row_of(json.loads(told.body)["record"])
    assert record == {name: row.get(name, "") for name in record}
    assert len(record) == len(interface.items)
    assert by_soap(interface, told) == record
    assert by_file(interface, told) == (record, [])


@pytest.mark.clause("RK-16.12")
def test_a_name_with_external_characters_is_read_alike() -> None:
    """外字 keep their form in every binding."""
    told = rest(NAMED, {"name": NAME, "kana": "タカサキ"})
    assert json.loads(told.body)["record"]["name"] == NAME
    assert by_soap(NAMED, told)["name"] == NAME
    assert by_file(NAMED, told)[0]["name"] == NAME


@pytest.mark.clause("RK-16.7")
def test_what_windows_31j_cannot_write_is_named() -> None:
    """A character the charset lacks is 〓, and the manifest says where."""
    row, missing = by_file(NAMED, rest(NAMED, {"name": NAME}), "cp932")
    assert row["name"] == f"髙﨑　{OWN}〓葛〓"
    assert missing == [
        {"line": 2, "column": "氏名", "character": BEYOND},
        {"line": 2, "column": "氏名", "character": "\U000e0100"},
    ]


@pytest.mark.clause("RK-19.10")
def test_what_was_lost_on_the_way_is_named_in_every_binding() -> None:
    """And where nothing was lost, nothing is said."""
    losses = (
        Loss("name", Why.characters_replaced, (Character(1, "髙", "高"),)),
        Loss("sex", Why.code_unmapped),
    )
    fact = federation.Fact("i", "answered", record={"name": "高", "sex": None}, losses=losses)
    told = RestAnswers("7.8").told(fact, "", ())
    assert json.loads(told.body)["losses"] == [
        {
            "item": "name",
            "why": "characters-replaced",
            "characters": [{"position": 1, "before": "髙", "after": "高"}],
        },
        {"item": "sex", "why": "code-unmapped"},
    ]
    assert by_file(NAMED, told, named="losses")[1] == [
        {"line": 2, "column": "氏名", "why": "characters-replaced"},
        {"line": 2, "column": "性別", "why": "code-unmapped"},
    ]
    block = etree.fromstring(losses_block(fact))
    assert block.tag == "{urn:renkei:mediation}losses"
    said = [(one.get("item"), one.get("why")) for one in block]
    assert said == [("name", "characters-replaced"), ("sex", "code-unmapped")]
    assert "1:髙→高" in (block[0].text or "")
    assert losses_block(federation.Fact("i", "answered", record={})) == ""
