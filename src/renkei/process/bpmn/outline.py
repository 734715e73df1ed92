"""A model in words: every step in the order of the flow, who does it, by when, where it leads.

The same as the picture, for those who hear it, search it or print it as a list.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from renkei import kit
from renkei.process.bpmn.activity import Activity
from renkei.process.bpmn.document import MODEL, children, text
from renkei.process.bpmn.duties import LONGEST, Duties, Step, whole
from renkei.process.bpmn.facts import About
from renkei.process.bpmn.model import Container, Definition, Element, Flow, Process
from renkei.process.bpmn.order import in_order
from renkei.process.bpmn.words import called, flat, formula, heading, joined, kind, phrase, time

TIMES = frozenset({About.AFTER, About.DUE})


@dataclass(slots=True)
class Entry:
    """One element: its number, what it is called, what is known of it, what is in it."""

    number: str
    element: Element
    heading: str
    facts: list[str] = field(default_factory=list)
    ways: list[str] = field(default_factory=list)
    inner: list["Entry"] = field(default_factory=list)

    def all(self) -> Iterator["Entry"]:
        """Yield it and everything in it."""
        yield self
        for one in self.inner:
            yield from one.all()


@dataclass(frozen=True, slots=True)
class Part:
    """One process, or a participant of whom no process is shown."""

    heading: str
    notes: list[str]
    entries: list[Entry]


class Outline:
    """A model as a table of contents."""

    def __init__(self, definition: Definition, language: kit.Language = "ja") -> None:
        """Number everything, then say what leads where."""
        self._language = language
        self._definition = definition
        self._partners = _partners(definition)
        self._nameless = _nameless_lanes(definition)
        self._by_element: dict[Element, Entry] = {}
        self.parts = list(self._parts())
        for entry in self._by_element.values():
            entry.ways += self._ways(entry)

    @property
    def entries(self) -> Iterator[Entry]:
        """Yield every entry, in order."""
        for part in self.parts:
            for entry in part.entries:
                yield from entry.all()

    def entry(self, element: Element) -> Entry | None:
        """Return the entry of an element."""
        return self._by_element.get(element)

    def _parts(self) -> Iterator[Part]:
        told = set()
        for participant in self._definition.participants:
            process = self._definition.processes.get(participant.process)
            name = flat(participant.name or participant.id)
            if process is None:
                yield Part(phrase("outline-partner", self._language, name=name), [], [])
                continue
            told.add(process.id)
            yield self._part(process, name)
        for process in self._definition.processes.values():
            if process.id not in told and (process.elements or not told):
                yield self._part(process, flat(process.title))

    def _part(self, process: Process, name: str) -> Part:
        heading = phrase("outline-process", self._language, name=name)
        notes = [*said(process.duties, self._language), *self._remarks(process)]
        return Part(heading, notes, self._inside(process, ""))

    def _inside(self, container: Container, before: str) -> list[Entry]:
        entries = []
        for number, element in enumerate(in_order(container), 1):
            entry = self._entry(element, f"{before}{number}")
            entries.append(entry)
            for turn, boundary in enumerate(element.boundaries):
                entry.inner.append(self._entry(boundary, f"{entry.number}{_letter(turn)}"))
            if isinstance(element, Container):
                entry.inner += self._inside(element, f"{entry.number}.")
        return entries

    def _entry(self, element: Element, number: str) -> Entry:
        said = kind(element, self._language)
        if element.host is not None:
            manner = "beside" if element.picture.is_dashed else "interrupts"
            said = phrase(f"outline-{manner}", self._language, kind=said)
        called = heading(element, self._language, of=said)
        entry = self._by_element[element] = Entry(
            number, element, called, list(self._facts(element))
        )
        return entry

    # What is known --------------------------------------------------------------------------------

    def _facts(self, element: Element) -> Iterator[str]:
        held = [one for one in element.facts() if one[1] not in self._nameless]
        is_told = any(about is About.WHO for about, _ in held)
        if isinstance(element, Activity) and element.lane and not is_told:
            held[:0] = [(About.WHO, element.lane)] * (element.lane not in self._nameless)
        for about, value in held:
            shown = time(value, self._language) if about in TIMES else formula(value)
            yield phrase(f"fact-{about.value}", self._language, value=self._named(about, shown))
        yield from said(element.duties, self._language)
        for code, name in self._partners.get(element.id, ()):
            yield phrase(code, self._language, value=flat(name))
        if element.compensation is not None:
            yield phrase(
                "fact-undone-by", self._language, value=called(element.compensation, self._language)
            )
        yield from self._remarks(element)

    def _named(self, about: About, value: str) -> str:
        if about is not About.ACTIVITY:
            return value
        found = (one for process in self._definition.processes.values() for one in process.inner())
        return next((called(one, self._language) for one in found if one.id == value), value)

    def _remarks(self, element: Element) -> Iterator[str]:
        for held in children(element.xml, "documentation"):
            if words := " ".join(text(held).split()):
                yield phrase("fact-remark", self._language, value=words)

    # Where it leads -------------------------------------------------------------------------------

    def _ways(self, entry: Entry) -> Iterator[str]:
        element = entry.element
        for flow in element.outgoing:
            yield self._way(entry, flow)
        if not element.outgoing and element.compensation is None and not _ends(element):
            yield phrase("way-ends", self._language)

    def _way(self, entry: Entry, flow: Flow) -> str:
        target = self._by_element[flow.target]
        goal = f"{target.number} {target.heading}"
        back = "back" if _is_before(target.number, entry.number) else "on"
        condition = flat(flow.name) or (formula(flow.condition.text) if flow.condition else "")
        if flow.source.default is flow:
            code = "default-named" if flow.name else "default"
        else:
            code = "if" if condition else "plain"
        return phrase(f"way-{code}-{back}", self._language, goal=goal, condition=condition)

    # As data and as text --------------------------------------------------------------------------

    def facts(self) -> list[dict[str, object]]:
        """Return it for programs."""
        return [
            {
                "heading": part.heading,
                "notes": part.notes,
                "entries": [_fact(entry) for entry in part.entries],
            }
            for part in self.parts
        ]

    def text(self) -> str:
        """Return it as lines, what is inside further in."""
        lines: list[str] = []
        for part in self.parts:
            lines += [part.heading, *(f"  {note}" for note in part.notes)]
            for entry in part.entries:
                lines += _lines(entry, 1)
            lines.append("")
        return "\n".join(lines)


def said(duties: Duties, language: kit.Language) -> Iterator[str]:
    """Yield what a model says of people's part in an element, and of its time."""
    for code, value in (
        ("fact-period", duties.days),
        ("fact-due-days", whole(duties.due_days, 0, LONGEST)),
        ("fact-article", duties.article),
        ("fact-four-eyes", duties.four_eyes),
        ("fact-stops-clock", duties.stops_clock),
        ("fact-fields", joined([one[1] or one[0] for one in duties.fields], language)),
    ):
        if value or (value == 0 and value is not False):
            yield phrase(code, language, value=value)
    for step in duties.ladder:
        if step.is_fit:
            yield from _step(step, language)


def _step(step: Step, language: kit.Language) -> Iterator[str]:
    days = step.days or 0
    when = phrase(
        "step-on" if not days else "step-before" if days < 0 else "step-after",
        language,
        value=abs(days),
    )
    for does in ("remind", "add", "priority"):
        if value := getattr(step, does):
            yield phrase(f"step-{does}", language, when=when, value=value)


def _lines(entry: Entry, depth: int) -> Iterator[str]:
    left = "  " * depth
    yield f"{left}{entry.number} {entry.heading}"
    for said in (*entry.facts, *entry.ways):
        yield f"{left}    {said}"
    for inner in entry.inner:
        yield from _lines(inner, depth + 1)


def _fact(entry: Entry) -> dict[str, object]:
    return {
        "number": entry.number,
        "element": entry.element.id,
        "heading": entry.heading,
        "facts": entry.facts,
        "ways": entry.ways,
        "inner": [_fact(one) for one in entry.inner],
    }


def _letter(turn: int) -> str:
    return chr(ord("a") + turn % 26) * (1 + turn // 26)


def _ends(element: Element) -> bool:
    """Tell whether it is plain that nothing comes after it."""
    return element.tag in {"endEvent", "subProcess"} or any(
        one.tag == "linkEventDefinition" for one in getattr(element, "triggers", ())
    )


def _is_before(number: str, other: str) -> bool:
    return _key(number) <= _key(other)


def _key(number: str) -> list[tuple[int, str]]:
    parts = []
    for part in number.split("."):
        digits = part.rstrip("abcdefghijklmnopqrstuvwxyz")
        parts.append((int(digits), part[len(digits) :]))
    return parts


def _partners(definition: Definition) -> dict[str, list[tuple[str, str]]]:
    """Return, by element, to whom its messages go and from whom they come."""
    names = {one.id: one.name or one.id for one in definition.participants}
    pools = {one.process: one.name for one in definition.participants}
    for process in definition.processes.values():
        for element in process.inner():
            names[element.id] = pools.get(process.id) or process.title
    found: dict[str, list[tuple[str, str]]] = {}
    for flow in definition.document.root.iter(f"{{{MODEL}}}messageFlow"):
        ends = (flow.get("sourceRef", ""), flow.get("targetRef", ""))
        source, target = (end.rpartition(":")[2] for end in ends)
        found.setdefault(source, []).append(("fact-sent-to", names.get(target, target)))
        found.setdefault(target, []).append(("fact-come-from", names.get(source, source)))
    return found


def _nameless_lanes(definition: Definition) -> frozenset[str]:
    """Return the ids of the lanes that have no name: nobody is called by one."""
    lanes = definition.document.root.iter(f"{{{MODEL}}}lane")
    return frozenset(one.get("id", "") for one in lanes if not one.get("name", "").strip())
