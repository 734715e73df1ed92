"""What all events do alike: they have triggers, of which one comes, or all."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from renkei.process.bpmn import triggers as kinds
from renkei.process.bpmn.case import Kind, Place, Variables, Wait
from renkei.process.bpmn.document import is_yes, local
from renkei.process.bpmn.facts import Fact
from renkei.process.bpmn.findings import Defect
from renkei.process.bpmn.happenings import Happened
from renkei.process.bpmn.mappings import Mappings
from renkei.process.bpmn.model import Container, Definition, Element
from renkei.process.bpmn.shapes import ALL, SEVERAL, Picture
from renkei.process.bpmn.trigger import Trigger

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


class EventElement(Element):
    """An event of any position."""

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None) -> None:
        """Take its triggers."""
        super().__init__(xml, reading, container)
        self.triggers: list[Trigger] = []
        for held in reading.definitions_of(xml):
            kind = kinds.KINDS.get(local(held))
            if kind is not None:
                made = kind(held, reading, self)
                made.number = len(self.triggers)
                self.triggers.append(made)
        self.wants_all = is_yes(xml, "parallelMultiple")
        self.mappings = Mappings.read(xml, reading)

    @property
    def picture(self) -> Picture:
        """Return how it is drawn: by what it is about; of several by a sign for them."""
        icon = self.triggers[0].icon if self.triggers else None
        if len(self.triggers) > 1:
            icon = ALL if self.wants_all else SEVERAL
        return Picture(self.shape, icon, self.is_full)

    def facts(self) -> Iterator[Fact]:
        """Yield what its triggers say."""
        for trigger in self.triggers:
            yield from trigger.facts()

    def defects(self, definition: Definition) -> Iterator[Defect]:
        """Yield what is wrong in its triggers."""
        for trigger in self.triggers:
            yield from trigger.defects(self)

    @property
    def trigger(self) -> Trigger | None:
        """Return the first of its triggers."""
        return self.triggers[0] if self.triggers else None

    def came(self, wait: Wait) -> Trigger:
        """Return the trigger that a wait is of."""
        fitting = [one for one in self.triggers if one.waits is wait.kind]
        exact = [one for one in fitting if one.number == wait.trigger]  # none after a move
        return (exact or fitting)[0]

    def throw(self, run: "Run", scope: Place) -> bool:
        """Let everything happen it is about; tell whether the token may go on."""
        thrown = [trigger.throw(run, self, scope) for trigger in self.triggers]
        return all(thrown)

    def taken(self, run: "Run", scope: Place, told: Variables) -> Variables:
        """Return what a scope gets of what came with the event."""
        if not self.mappings.outputs:
            return told
        seen, made = {**run.variables(scope), **told}, Variables()
        for name, source in self.mappings.outputs:
            made[name] = seen[name] = source.value(seen, run.at)
        return made


class CatchingEvent(EventElement):
    """One that watches over a scope or an activity, and may interrupt it."""

    interrupts: bool

    @property
    def ends(self) -> bool:
        """Tell whether what it catches has ended that from which it was thrown."""
        return any(trigger.ends for trigger in self.triggers)

    @property
    def picture(self) -> Picture:
        """Return how it is drawn: with a broken line where nothing is interrupted."""
        return replace(super().picture, is_dashed=not self.interrupts)

    def arm(self, run: "Run", place: Place) -> None:
        """Let a place wait for each of its triggers."""
        for trigger in self.triggers:
            trigger.arm(run, place, self)
        if not run.mine(place.key).waits and any(one.waits is None for one in self.triggers):
            self.unarmed()

    def keeps(self, wait: Wait) -> bool:
        """A message or a signal may come again, as long as nothing was interrupted."""
        return not self.interrupts and not self.wants_all and self.came(wait).stays

    def look(self, run: "Run", place: Place, wait: Wait) -> None:
        """A condition comes when it becomes true."""
        holds = self.came(wait).holds(run, place)
        if holds != wait.held:
            run.waits[wait.key] = held = msgspec.structs.replace(wait, held=holds)
            if holds:
                self.caught(run, place, held, {})

    def caught(self, run: "Run", place: Place, wait: Wait, told: Variables) -> None:
        """One of its triggers came."""
        if self.wants_all:
            if not self._are_all_there(run, place, wait):
                return
            if not self.interrupts:
                self._arm_again(run, place)
        elif not self.interrupts:
            self.came(wait).again(run, place, self, wait)
        self.overcome(run, place, told, name=wait.name)

    def _are_all_there(self, run: "Run", place: Place, wait: Wait) -> bool:
        """Note what came, of several that are all wanted."""
        kept = run.mine(place.key)
        there = {*kept.notes.get(self.id, "").split(), str(wait.trigger)}
        kept.notes[self.id] = " ".join(sorted(there))
        if wait.key in run.waits and wait.kind is not Kind.CONDITION:
            run.spent(wait)
        if len(there) < len(self.triggers):
            return False
        del kept.notes[self.id]
        return True

    def resume(self, run: "Run", place: Place) -> None:
        """Try again; where it watches over something, let it happen again."""
        if place.element == self.id:
            super().resume(run, place)
        else:
            self.overcome(run, place, {})

    def _arm_again(self, run: "Run", place: Place) -> None:
        """Wait for all of them anew; a condition waits on."""
        for trigger in self.triggers:
            if trigger.waits is not Kind.CONDITION:
                trigger.arm(run, place, self)

    def unarmed(self) -> None:
        """Nothing is waited for here: its trigger is looked for from where it is thrown."""

    def overcome(self, run: "Run", place: Place, told: Variables, *, name: str = "") -> None:
        """Let the event happen at a place."""
        raise NotImplementedError

    def happened(self, run: "Run", place: Place, name: str) -> None:
        """Note that it came."""
        run.happened(Happened.CAUGHT, self.id, place.key, {"name": name} if name else None)
