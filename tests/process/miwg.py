"""The reference models of the BPMN Model Interchange Working Group (CC BY 3.0), played to an end.

They are drawings more than programs: conditions in plain words or none at all, timers without a
time. What a machine cannot answer a person answers here, as one would at the desk: `Person` takes a
token that waits at a gateway along its ways in turn, lets an event without a time be as come, and
gives tasks and services what `TOLD` says of them. Write the traces anew with
`python -m tests.process.miwg`.
"""

import copy
from collections import Counter
from decimal import Decimal
from functools import cache
from pathlib import Path

from lxml import etree

from renkei.process import bpmn
from renkei.process.bpmn import Document, Element, Kind, Process, Variables, Wait
from renkei.process.bpmn.document import MODEL
from renkei.process.scenarios import Player

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "miwg"
TRACES = Path(__file__).parent / "miwg"
MOST = 500
"""Steps of one play: the longest needs a tenth."""

_VACATION: Variables = {
    "Current Vacation Status": {"name": "見本 花子", "email": "hanako@example.jp"},
    "From": "2027-05-01",
    "To": "2027-05-05",
    "Reason": "none",
}

TOLD: dict[str, Variables] = {
    "C.1.0.bpmn": {"approver": "見本 太郎"},
    "C.1.1.bpmn": {"approver": "見本 太郎"},
    "C.8.0.bpmn": _VACATION,
    "C.8.1.bpmn": _VACATION,
    "C.9.1.bpmn": {"documentReferenceId": "D-1"},
    "C.9.2.bpmn": {
        "documents": ["identity card"],
        "documentReferenceId": "D-1",
        "fraudSuspectedId": "F-1",
        "risks": ["age"],
        "applicant": {"name": "見本 花子", "age": Decimal(20)},
    },
    "C.9.0.bpmn": {
        "applicant": {"name": "見本 花子", "email": "hanako@example.jp", "age": Decimal(20)},
        "applicationNumber": "A-1",
        "category": "B",
        "corporation": "見本保険",
        "documents": ["identity card"],
        "documentReferenceId": "D-1",
        "fraudSuspectedId": "F-1",
        "product": "travel",
    },
    "BusinessRuleTask_CheckApplicationAutomatically": {
        "result": {"riskLevel": ["yellow"], "risk": ["age"]}
    },
    "UserTask_DecideOnApplication": {"approved": True},
    "UserTask_CheckForFraud": {"fraud": False},
    "approveInvoice": {"approved": True},
    "_2b960d84-feb1-46a9-a1a1-c300dd996b99": {
        "body": {"value": [_VACATION["Current Vacation Status"]]}
    },
    "_1a818a94-ba6f-413b-a7e8-6f8fd2a11e32": {
        "Vacation Approval Status": {"Approval": "Approved", "Reason": "none"}
    },
}
"""What a task or a service is done with, by its id; by a file's name what its cases begin with."""


def files() -> list[Path]:
    """Return the files, where they are there."""
    return sorted(FOLDER.glob("*.bpmn"))


def asked(document: Document) -> Document:
    """Return the same model, where an exclusive gateway without conditions asks a person."""
    root = copy.deepcopy(document.root)
    names = {"m": MODEL}
    for gateway in root.iter(f"{{{MODEL}}}exclusiveGateway"):
        id_, default = gateway.get("id"), gateway.get("default")
        out = [one for one in root.iter(f"{{{MODEL}}}sequenceFlow") if one.get("sourceRef") == id_]
        for flow in out if len(out) > 1 else ():
            if flow.get("id") != default and flow.find("m:conditionExpression", names) is None:
                etree.SubElement(flow, f"{{{MODEL}}}conditionExpression").text = "これでよいか?"
    return Document(document.name, root)


def processes(definition: bpmn.Definition) -> list[Process]:
    """Return the processes in which there is something."""
    return [one for one in definition.processes.values() if one.elements]


class Person(Player):
    """Does everything that is to be done, the oldest first, until nothing is left."""

    def __init__(self, definition: bpmn.Definition, process: Process) -> None:
        super().__init__(definition, process=process.id)
        self.process = process
        self.lines: list[str] = []
        self._turns: Counter[str] = Counter()

    def play(self) -> bool:
        """Play; tell whether the case came to its end."""
        woken = [one.id for one in self.process.elements if one.woken]
        begins = "" if self.process.beginnings else woken[0]
        self.start(TOLD.get(self.definition.document.name, {}), begins)
        for _ in range(MOST):
            self._write()
            waits = [one for one in self.case.waits.values() if self._is_wanted(one)]
            if not waits:
                break
            self._answer(min(waits, key=lambda one: (_last(one), one.key)))
        return self.case.status is bpmn.Status.COMPLETED

    def _is_wanted(self, wait: Wait) -> bool:
        """What interrupts does not come; what comes beside comes once."""
        if wait.kind is Kind.CONDITION:
            return False
        element = self._element(wait.handler)
        if element.tag not in {"boundaryEvent", "startEvent"} or wait.kind is Kind.INCIDENT:
            return True
        return not getattr(element, "interrupts", True) and not self._turns[element.id]

    def _answer(self, wait: Wait) -> None:
        if self._element(wait.handler).tag in {"boundaryEvent", "startEvent"}:
            self._turns[wait.handler] += 1
        match wait.kind:
            case Kind.INCIDENT:
                self._help(wait)
            case Kind.TIMER:
                assert wait.due is not None
                self.until(wait.due)
            case Kind.CHOICE:
                self._choose(wait)
            case _:
                self.do(bpmn.Bring(self.at, wait.key, TOLD.get(wait.handler, {})))

    def _choose(self, wait: Wait) -> None:
        """Of an ad-hoc sub-process everything is done once."""
        choices = wait.about["choices"]
        assert isinstance(choices, list)
        turn = self._turns[wait.handler]
        self._turns[wait.handler] += 1
        self.do(bpmn.Choose(self.at, wait.key, str(choices[turn]) if turn < len(choices) else ""))

    def _help(self, wait: Wait) -> None:
        element = self._element(wait.handler)
        if "Gateway" in element.tag:
            turn = self._turns[element.id]
            self._turns[element.id] += 1
            target = element.outgoing[turn % len(element.outgoing)].target
            if element.tag == "eventBasedGateway":
                target = target.outgoing[0].target
            self.lines.append(f"? {wait.name}: {_named(element)} -> {_named(target)}")
            self.do(bpmn.Move(self.at, wait.place, target.id))
        else:
            self.lines.append(f"? {wait.name}: {_named(element)}")
            self.do(bpmn.Skip(self.at, wait.place))

    def _element(self, id_: str) -> Element:
        all_of = [*self.definition.processes.values(), *self.definition.called.values()]
        return next(one.by_id[id_] for one in all_of if id_ in one.by_id)

    def _write(self) -> None:
        for event in self.events:
            self.lines.append(f"{event.kind.value} {_named(self._element(event.element))}")
        self.events.clear()


def _last(wait: Wait) -> int:
    """What comes by itself comes before time does; a person looks at what is in trouble first."""
    return {Kind.INCIDENT: 0, Kind.TIMER: 2}.get(wait.kind, 1)


def _named(element: Element) -> str:
    return f"{element.tag} {' '.join(element.title.split())}"


@cache
def _callable() -> dict[str, Process]:
    """Return what can be called, also in the files beside."""
    definitions = [bpmn.read(one.read_bytes()) for one in files()]
    return {
        process.id: process
        for definition in definitions
        for process in definition.processes.values()
        if process.is_executable
    }


def traces(path: Path) -> dict[str, tuple[bool, str]]:
    """Play every process of a file; by process whether it ended, and all that happened."""
    document = Document.parse(path.read_bytes(), path.name)
    definition = bpmn.define(asked(document), _callable())
    told: dict[str, tuple[bool, str]] = {}
    for process in processes(definition):
        person = Person(definition, process)
        is_ended = person.play()
        told[f"{path.stem} {process.id}.txt"] = is_ended, "\n".join(person.lines) + "\n"
    return told


if __name__ == "__main__":
    TRACES.mkdir(exist_ok=True)
    for file in files():
        for name, (is_ended, lines) in traces(file).items():
            (TRACES / name).write_text(lines, encoding="utf-8")
            print("ended" if is_ended else "STUCK", name)
