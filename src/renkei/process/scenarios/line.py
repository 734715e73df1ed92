"""One line of the notation: an element, what is special about it, and where it leads."""

from dataclasses import dataclass, field

TAGS = {
    "start": "startEvent",
    "end": "endEvent",
    "catch": "intermediateCatchEvent",
    "throw": "intermediateThrowEvent",
    "boundary": "boundaryEvent",
    "task": "task",
    "manual": "manualTask",
    "user": "userTask",
    "service": "serviceTask",
    "script": "scriptTask",
    "rule": "businessRuleTask",
    "send": "sendTask",
    "receive": "receiveTask",
    "call": "callActivity",
    "xor": "exclusiveGateway",
    "and": "parallelGateway",
    "or": "inclusiveGateway",
    "complex": "complexGateway",
    "first": "eventBasedGateway",
    "sub": "subProcess",
    "event-sub": "subProcess",
    "transaction": "transaction",
    "adhoc": "adHocSubProcess",
}
"""What each kind is called in BPMN."""


@dataclass(slots=True)
class Line:
    """One element, as it was written."""

    kind: str
    id: str
    facts: list[tuple[str, str]]
    flows: list[tuple[str, str]]
    """Where to, and under which condition."""
    inner: list["Line"] = field(default_factory=list)

    def get(self, name: str, otherwise: str = "") -> str:
        """Return a fact of it."""
        return next((value for key, value in self.facts if key == name), otherwise)

    def has(self, name: str) -> bool:
        """Tell whether a fact is stated."""
        return any(key == name for key, _ in self.facts)
