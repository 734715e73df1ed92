"""The models of the clauses, as their file has them: what is found in each, and where."""

import re
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from renkei.process import bpmn
from renkei.process.bpmn.document import MODEL, local
from renkei.process.scenarios import bpmn as model_of

FILE = Path(__file__).with_name("models.txt")
CAMUNDA = "http://camunda.org/schema/1.0/bpmn"
GIVEN = {"userTask": "candidateGroups", "serviceTask": "topic"}
_HEAD = re.compile(r"== (?P<clause>\S+)(?: at (?P<at>\S+))?(?: \| (?P<about>.+))?")


@dataclass(frozen=True)
class Model:
    """One model, and the one finding it has."""

    clause: str
    at: str
    about: str
    text: str

    def read(self) -> bpmn.Definition:
        """Read it; what the notation cannot say is filled in, unless it is what must be found."""
        if self.text.startswith("<"):
            head = f'<definitions xmlns="{MODEL}" targetNamespace="urn:renkei:lint">'
            return bpmn.read(f"{head}{self.text}</definitions>".encode(), self.clause)
        text = self.text
        if self.clause == "process-empty":
            text, _, _ = text.partition("process q")
        root = etree.fromstring(model_of(text))
        if self.clause == "process-empty":
            etree.SubElement(root, f"{{{MODEL}}}process", id="q", isExecutable="true")
        for one in root.iter():
            if one.get("id") and local(one) not in {"process", "sequenceFlow"}:
                one.set("name", one.get("name") or str(one.get("id")))
            if (fact := GIVEN.get(local(one))) and one.get("id") != self.at:
                one.set(f"{{{CAMUNDA}}}{fact}", "係")
        return bpmn.read(etree.tostring(root), self.clause)


def models() -> list[Model]:
    """Return every model of the file."""
    found: list[Model] = []
    for part in re.split(r"\n(?=== )", "\n" + FILE.read_text(encoding="utf-8"))[1:]:
        head, _, text = part.partition("\n")
        said = _HEAD.fullmatch(head.strip())
        assert said is not None, head
        found.append(Model(said["clause"], said["at"] or "", said["about"] or "", text.strip("\n")))
    return found
