"""Files that are no models, or made to harm whoever reads them: refused, with their place."""

import pytest

from renkei.process import bpmn
from renkei.process.bpmn.document import LIMIT
from renkei.process.scenarios import bpmn as drawn

DEFINITIONS = b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL">'
PROCESS = b'<process id="p" name="&c;"><task id="t"/></process></definitions>'

ATTACKS = {
    "a DTD": b"<!DOCTYPE definitions [<!ELEMENT d ANY>]>"
    + DEFINITIONS
    + PROCESS[:13]
    + PROCESS[23:],
    "an entity": b'<!DOCTYPE definitions [<!ENTITY c "x">]>' + DEFINITIONS + PROCESS,
    "entities within entities": (
        b'<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
        b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>' + DEFINITIONS + PROCESS
    ),
    "a file of the machine": (
        b'<!DOCTYPE d [<!ENTITY c SYSTEM "file:///etc/hostname">]>'
        + DEFINITIONS
        + b"<process id='p'><documentation>&c;</documentation></process></definitions>"
    ),
    "an address": (
        b'<!DOCTYPE definitions SYSTEM "http://localhost:1/evil.dtd">'
        + DEFINITIONS
        + b"<process id='p'/></definitions>"
    ),
    "not XML": b"BPMN",
    "nothing": b"",
    "half a file": DEFINITIONS + b"<process id='p'><task id='a'",
    "another vocabulary": b"<definitions xmlns='urn:other'/>",
    "deeper than a file may be": b"<a>" * 5_000 + b"</a>" * 5_000,
    "a byte that is no text": DEFINITIONS + b"\x00</definitions>",
}


@pytest.mark.parametrize("data", ATTACKS.values(), ids=ATTACKS)
def test_a_file_that_is_no_model_is_refused_with_its_place(data: bytes) -> None:
    with pytest.raises(bpmn.ProcessModelUnreadable) as refused:
        bpmn.read(data, "evil.bpmn")
    assert refused.value.facts["file"] == "evil.bpmn"
    assert isinstance(refused.value.facts["line"], int)


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(bpmn.ProcessModelTooLarge):
        bpmn.read(b" " * (LIMIT + 1))


def test_a_model_without_a_process_is_unfit() -> None:
    with pytest.raises(bpmn.ProcessModelUnfit):
        bpmn.read(b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"/>')


def test_a_file_cut_short_anywhere_is_refused() -> None:
    data = drawn("start s -> a\nuser a -> e\nend e")
    for length in range(0, len(data), 7):
        with pytest.raises(bpmn.ProcessModelUnreadable):
            bpmn.read(data[:length])
