"""Whether a definition of ours fits the public process it plays in: so that two bodies fit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from renkei.process import bpmn
from renkei.process.bpmn.elements.receive_task import ReceiveTask
from renkei.process.bpmn.elements.send_task import SendTask
from renkei.process.bpmn.event import CatchingEvent, EventElement
from renkei.process.bpmn.findings import Finding
from renkei.process.bpmn.model import Element
from renkei.process.partners.collaborations import Collaborations
from renkei.process.partners.errors import CollaborationNotInForce, CollaborationUnknown
from renkei.process.partners.parties import Collaboration
from renkei.process.partners.plays import plays_of

MESSAGE = "messageEventDefinition"


@dataclass(frozen=True, slots=True)
class Written:
    """A letter that an element of the model sends or waits for."""

    element: Element
    name: str
    partner: str = ""


def check(definition: bpmn.Definition, known: Collaborations, *, on: date) -> list[Finding]:
    """Return everything in which a definition does not fit; nothing for one that plays nothing."""
    plays = plays_of(definition)
    if plays is None:
        return [_at(one.element, "letter-without-part", one.name) for one in _sent(definition)]
    main = definition.main
    try:
        public = known.on(plays.collaboration, on)
    except (CollaborationUnknown, CollaborationNotInForce):
        return [_at(main, "collaboration-unknown", plays.collaboration)]
    if plays.role not in public.parties:
        return [_at(main, "part-unknown", plays.role)]
    return sorted(_findings(definition, public, plays.role))


def _findings(definition: bpmn.Definition, public: Collaboration, role: str) -> Iterator[Finding]:
    yield from _unfit_to_send(definition, public, role)
    yield from _unfit_to_catch(definition, public, role)
    named = {one.partner for one in _asked(definition)}
    if public.about == "person" and role == public.asker:
        for partner in {one.receiver for one in public.letters.values() if one.sender == role}:
            if partner not in named:
                yield _at(definition.main, "question-missing", partner)


def _unfit_to_send(
    definition: bpmn.Definition, public: Collaboration, role: str
) -> Iterator[Finding]:
    for one in _sent(definition):
        kind = public.letters.get(one.name)
        if kind is None or kind.sender != role:
            yield _at(one.element, "letter-not-ours", one.name)
        elif one.partner != kind.receiver:
            yield _at(one.element, "letter-elsewhere", one.name)
    for one in _thrown(definition):
        if one.name in public.letters:  # it would reach our own cases alone
            yield _at(one.element, "letter-thrown", one.name)


def _unfit_to_catch(
    definition: bpmn.Definition, public: Collaboration, role: str
) -> Iterator[Finding]:
    caught = list(_caught(definition))
    in_the_house = {one.name for one in _thrown(definition)}
    for one in caught:
        kind = public.letters.get(one.name)
        if kind is not None and kind.receiver != role:
            yield _at(one.element, "letter-not-for-us", one.name)
        elif kind is None and one.name not in in_the_house:
            yield _at(one.element, "letter-of-nobody", one.name)
    awaited = {one.name for one in caught}
    for kind in public.letters.values():
        if kind.receiver == role and kind.name not in awaited:
            yield _at(definition.main, "letter-not-awaited", kind.name)


def _at(element: Element, clause: str, about: str) -> Finding:
    return Finding(element.line, element.id, clause, about)


def _sent(definition: bpmn.Definition) -> Iterator[Written]:
    for element in definition.main.inner():
        if isinstance(element, SendTask) and element.partner and element.message is not None:
            yield Written(element, element.message.name, element.partner)


def _thrown(definition: bpmn.Definition) -> Iterator[Written]:
    """Yield what goes to our own cases: thrown, or sent to no partner."""
    for element in definition.main.inner():
        if isinstance(element, SendTask) and not element.partner and element.message is not None:
            yield Written(element, element.message.name)
        if isinstance(element, EventElement) and not isinstance(element, CatchingEvent):
            for trigger in element.triggers:
                if trigger.tag == MESSAGE:
                    yield Written(element, trigger.name)


def _caught(definition: bpmn.Definition) -> Iterator[Written]:
    for element in definition.main.inner():
        if isinstance(element, ReceiveTask):
            yield Written(element, element.message.name)
        if isinstance(element, CatchingEvent):
            for trigger in element.triggers:
                if trigger.tag == MESSAGE:
                    yield Written(element, trigger.name)


def _asked(definition: bpmn.Definition) -> Iterator[Written]:
    """Yield the questions by which procedures begin."""
    for element in definition.main.inner():
        inquiry = getattr(element, "inquiry", None)
        if inquiry is not None and "to" in inquiry.said:
            yield Written(element, inquiry.service, inquiry.said["to"].text)
