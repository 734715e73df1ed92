"""What a model says, as the core runs it: processes, elements, flows. Made by `reading`.

An *element* is what a token can come to; a *flow* is the way from one to the next. What a kind of
element does stands in one file of `elements`, with what it is called and how it is drawn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar

from renkei.process.bpmn.awaiting import Awaited
from renkei.process.bpmn.case import Place, Variables, Wait
from renkei.process.bpmn.document import line_of
from renkei.process.bpmn.duties import Duties
from renkei.process.bpmn.expressions import LONGEST_KEY, Formula, Problem, as_text
from renkei.process.bpmn.facts import Fact
from renkei.process.bpmn.findings import Defect, Finding
from renkei.process.bpmn.shapes import TASK, Icon, Picture, Shape

if TYPE_CHECKING:
    from renkei.process.bpmn.document import Document, Xml
    from renkei.process.bpmn.reading import Reading
    from renkei.process.bpmn.run import Run


BY = "by"
"""What a place notes whose element could not take its token: by which flow that came."""


@dataclass(slots=True, eq=False)
class Flow:
    """The way from one element to another."""

    id: str
    name: str
    source: "Element"
    target: "Element"
    condition: Formula | None
    line: int


class Element:
    """Something that a token comes to. A kind of its own says what happens then."""

    tag: ClassVar[str] = ""
    """Its name in a file; kinds without one are not made by the reader."""
    words: ClassVar[tuple[str, str]] = ("", "")
    """What it is called, in Japanese and in English."""
    meaning: ClassVar[tuple[str, str]] = ("", "")
    """What it means, for whoever does not know the notation."""
    shape: ClassVar[Shape] = TASK
    icon: ClassVar[Icon | None] = None
    is_full: ClassVar[bool] = False
    """Whether the area of its icon is full."""
    awaits: ClassVar[Awaited] = Awaited.NOBODY
    """On whom time is spent here."""

    def __init__(self, xml: "Xml", reading: "Reading", container: "Container | None") -> None:
        """Take what every element has; a kind takes more."""
        self.id = reading.id_of(xml)
        self.name = xml.get("name", "").strip()
        self.line = line_of(xml)
        self.xml = xml
        self.container = container
        self.lane = reading.lane_of(self.id)
        """The innermost lane it is in."""
        self.incoming: list[Flow] = []
        self.outgoing: list[Flow] = []
        self.default: Flow | None = None
        self.boundaries: list[Element] = []
        self.host: Element | None = None
        """The activity at whose boundary it is."""
        self.compensation: Element | None = None
        """The activity that undoes this one."""
        self.duties = Duties.read(xml)
        """What the model says of the people's part in it, and of its time."""

    @classmethod
    def fits(cls, xml: "Xml") -> bool:
        """Tell whether an element of this name is of this kind, where several have the name."""
        return True

    @property
    def title(self) -> str:
        """Return how people call it."""
        return self.name or self.id

    @property
    def picture(self) -> Picture:
        """Return how it is drawn."""
        return Picture(self.shape, self.icon, self.is_full)

    def facts(self) -> Iterator[Fact]:
        """Yield what people want to know of it: who does it, by when, with what."""
        yield from ()

    def defects(self, definition: "Definition") -> Iterator[Defect]:
        """Yield what is wrong in it by itself; what is wrong around it, `linting` looks for."""
        yield from ()

    @property
    def starts(self) -> bool:
        """Tell whether a process begins here that nobody begins elsewhere."""
        return not self.incoming

    @property
    def before(self) -> "list[Element]":
        """Return from where a token can come here."""
        sources = [flow.source for flow in self.incoming]
        return sources if self.host is None else [*sources, self.host]

    @property
    def woken(self) -> bool:
        """Tell whether something outside begins a process here."""
        return False

    @property
    def is_on_the_way(self) -> bool:
        """Tell whether a token can come here by a flow, so that a person may send one."""
        return True

    def link(self, reading: "Reading") -> None:
        """Take up what names other elements, once all are read."""

    def begun(self, run: "Run", scope: Place) -> None:
        """A process begins here."""
        run.send(self, scope)

    def enter(self, run: "Run", scope: Place, flow: Flow | None) -> None:
        """A token came."""
        run.leave(self, scope)

    def caught(self, run: "Run", place: Place, wait: Wait, told: Variables) -> None:
        """What a place waited for came, and this is what catches it."""
        raise NotImplementedError(self.tag)

    def resume(self, run: "Run", place: Place) -> None:
        """Try again where it could not go on: as if the token came anew."""
        scope, by = run.scope_of(place), place.notes.get(BY)
        run.close_place(place)
        run.send(self, scope, next((one for one in self.incoming if one.id == by), None))

    def skip(self, run: "Run", place: Place) -> None:
        """Go on behind it as if it were done."""
        scope = run.scope_of(place)
        run.cancel(place)
        run.leave(self, scope)

    def keeps(self, wait: Wait) -> bool:
        """Tell whether it goes on waiting after what it waited for came."""
        return False

    def look(self, run: "Run", place: Place, wait: Wait) -> None:
        """Look whether the condition it waits for holds now."""
        raise NotImplementedError(self.tag)

    def choose(self, run: "Run", place: Place, wait: Wait, chosen: str) -> None:
        """Somebody said what is to be done next."""
        raise NotImplementedError(self.tag)

    def emptied(self, run: "Run", place: Place) -> None:
        """The last token of the scope at this element is gone."""
        raise NotImplementedError(self.tag)

    def returned(self, run: "Run", place: Place, called: Place) -> None:
        """The process it called is at its end."""
        raise NotImplementedError(self.tag)

    def arm(self, run: "Run", place: Place) -> None:
        """Let a place wait for what this element catches; most catch nothing."""
        raise Problem("nothing-to-wait-for", self.id)

    def undone(self, run: "Run", scope: Place) -> None:
        """Everything it wanted undone is."""
        raise NotImplementedError(self.tag)

    def settled(self, run: "Run", scope: Place) -> bool:
        """Nothing moves any more; tell whether this can go on with what arrived."""
        return False


class Container:
    """What holds elements: a process, or a sub-process."""

    def __init__(self) -> None:
        """Begin empty."""
        self.elements: list[Element] = []
        self.events: list[EventContainer] = []
        """Its event sub-processes."""

    def inner(self) -> Iterator[Element]:
        """Yield everything in it, however deep."""
        for one in (*self.elements, *self.events):
            yield one
            if isinstance(one, Container):
                yield from one.inner()

    @property
    def beginnings(self) -> list[Element]:
        """Return where a token begins that came in by no event."""
        starts = [one for one in self.elements if one.tag == "startEvent"]
        if not starts:
            return [one for one in self.elements if one.starts]
        plain = [one for one in starts if not one.woken]
        return plain or (starts if len(starts) == 1 else [])


class EventContainer(Element, Container):
    """A sub-process that an event of its scope begins."""

    @property
    def is_on_the_way(self) -> bool:
        """No flow leads into it."""
        return False

    def begin_by(self, run: "Run", scope: Place, told: Variables, start: Element) -> None:
        """Begin in a scope that gave it a token, behind the start event that came."""
        raise NotImplementedError(self.tag)


class Process(Element, Container):
    """One process of a file: what a case runs through."""

    tag = "process"
    words = ("業務プロセス", "process")

    def __init__(self, xml: "Xml", reading: "Reading", container: Container | None = None) -> None:
        """Take its own facts; the reader fills it."""
        Element.__init__(self, xml, reading, container)
        Container.__init__(self)
        self.is_executable = xml.get("isExecutable", "").strip() in {"true", "1"}
        self.by_id: dict[str, Element] = {self.id: self}

    @property
    def is_on_the_way(self) -> bool:
        """No flow leads into it."""
        return False

    def skip(self, run: "Run", place: Place) -> None:
        """End a called process where it stands, as if it were at its end."""
        run.empty(place)
        run.finish(run.mine(place.key))

    def emptied(self, run: "Run", place: Place) -> None:
        """The case, or the called process, is at its end."""
        run.completed(place)

    def resume(self, run: "Run", place: Place) -> None:
        """Begin again: it could not begin."""
        run.empty(place)
        run.stop_watching(place)
        run.begin_in(place, self)


@dataclass(frozen=True, slots=True)
class Message:
    """A message as the model names it, and by what it is told whom it concerns."""

    id: str
    name: str
    correlation: Formula | None = None

    def correlation_key(self, run: "Run", place: Place) -> str:
        """Return the key by which the case is found from here; without one it is empty."""
        key = "" if self.correlation is None else as_text(run.value(self.correlation, place))
        if len(key) > LONGEST_KEY:
            raise Problem("key-too-long", most=LONGEST_KEY)
        return key


@dataclass(frozen=True, slots=True)
class Participant:
    """A pool: who takes part, and by which process, if that is in the file."""

    id: str
    name: str
    process: str


@dataclass(frozen=True, slots=True)
class Definition:
    """A model as it runs. The same file gives the same hash."""

    document: "Document"
    hash: str
    processes: Mapping[str, Process]
    participants: tuple[Participant, ...] = ()
    called: Mapping[str, Process] = field(default_factory=dict)
    """Processes of other files that this one calls, by their ids."""
    findings: tuple[Finding, ...] = ()
    """What was read leniently."""

    def process(self, id_: str) -> Process | None:
        """Return a process by its id: of this file, or a called one."""
        return self.processes.get(id_) or self.called.get(id_)

    @property
    def elements(self) -> dict[str, "Element"]:
        """Return the elements of the file's processes by id."""
        return {id_: one for of in self.processes.values() for id_, one in of.by_id.items()}

    @property
    def main(self) -> Process:
        """Return the process that a case runs if none is named: the first executable one."""
        found = list(self.processes.values())
        filled = [one for one in found if one.elements] or found
        return next((one for one in filled if one.is_executable), filled[0])
