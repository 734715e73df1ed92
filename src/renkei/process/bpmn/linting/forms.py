"""Rules of forms: what a task asks for is in the standard, or a field of a type it has."""

from collections.abc import Iterator

from renkei.process.bpmn.duties import FIELD
from renkei.process.bpmn.elements.user_task import UserTask
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.linting.rules import at, elements_of
from renkei.process.bpmn.model import Definition
from renkei.process.tasks.forms import own_item, unknown_in
from renkei.standard import Catalogue, catalogue


def check(definition: Definition, known: Catalogue | None) -> Iterator[Finding]:
    """Yield what is wrong with the forms of tasks."""
    for element in elements_of(definition):
        if not isinstance(element, UserTask):
            continue
        key = element.facts_said.get("form")
        if key is not None and key.read is None:
            for name in unknown_in(key.text, known or catalogue()):
                yield at(element, "form-unknown", name)
        for field in element.duties.fields:
            if (
                field[0]
                and own_item(dict(zip(FIELD, field, strict=True)), known or catalogue()) is None
            ):
                yield at(element, "field-type-unknown", field[0])
