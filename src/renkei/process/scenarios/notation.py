"""A model in plain text, as scenarios have it: a line an element, indented within what holds it.

    start s -> a
    user a -> x
    xor x -> b if "amount > 100", e
    boundary late on=a timer=PT24H beside -> c
    sub whole -> e
      start s2 -> inner
      user inner

An element is its kind, its id, what is special about it, and behind `->` where it leads. Of the
flows of a gateway the one without `if` is the default, unless it says `always`. What comes of it is
BPMN 2.0.

Special is, of an event: its triggers (`message=NAME key=FORMULA`, `signal=`, `timer=`, `date=`,
`cycle=`, `error=CODE`, `escalation=CODE`, `condition=`, `compensate=ACTIVITY`, `link=`,
`terminate`, `cancel`), `all` of several, `on=` whose boundary it is at, `beside` where it
interrupts nothing. Of an activity: `in="NAME := FORMULA"`, `out=`, `undo=ACTIVITY`, `undoes`,
`while=` `most=` `before`, `each=LIST as=NAME` or `times=`, `sequential`, `enough=`,
`collect=FORMULA into=LIST`, `takes=` and `gives=` so many tokens, `begins` a process. Of a script
`set="NAME := FORMULA"`; of a call and of a rule `of=` which; `closed` where a call hands over only
what it says; of an ad-hoc sub-process `sequential`, `until=`, `finishing`; of a complex gateway
`until=`. Of a user task `group=`, `person=`, `due=`, `days=` (working days), `priority=`, `form=`,
`field="NAME TYPE LABEL"` (a mark ! behind the name: required), `into=`, `eyes` (four), `article=`;
`step="DAYS remind=GROUP add=GROUP priority=N"` of its ladder; `stops` where the clock stands still.
Behind the id of a process its `period=` and `step=`.
"""

import shlex
from collections.abc import Container, Iterator, Sequence

from renkei.process.scenarios.line import TAGS, Line
from renkei.process.scenarios.markup import MODEL, OURS, ZEEBE, body, duties, roots, steps_of

PROCESS = frozenset({"process"})


class NotationWrong(ValueError):
    """A line that is no element."""


def bpmn(text: str) -> bytes:
    """Return the model of BPMN 2.0 that a text describes: its processes, the first the main one.

    A line `process ID` begins a process; without one all is one, called `p`.
    """
    processes = [
        (_element(f"process {id_}", PROCESS), lines) for id_, lines in _processes(text.splitlines())
    ]
    named = roots([line for _, lines in processes for line in _all(lines)])
    parts = [
        f'<process id="{own.id}" isExecutable="true" {" ".join(duties(own))}>'
        f"{steps_of(own)}{body(lines)}</process>"
        for own, lines in processes
    ]
    spaces = f'xmlns="{MODEL}" xmlns:zeebe="{ZEEBE}" xmlns:renkei="{OURS}"'
    head = f'<definitions {spaces} targetNamespace="urn:renkei:scenario">'
    return (head + "".join(named) + "".join(parts) + "</definitions>").encode()


def _processes(lines: Sequence[str]) -> Iterator[tuple[str, list[Line]]]:
    id_, held = "p", list[str]()
    for line in [*lines, "process"]:
        if line.startswith("process"):
            if held:
                yield id_, _read(held)
            id_, held = line.removeprefix("process").strip(), []
        elif line.strip() and not line.lstrip().startswith("#"):
            held.append(line)


def _read(lines: Sequence[str]) -> list[Line]:
    """Read lines into the elements they describe, by how far they are indented."""
    top: list[Line] = []
    stack: list[tuple[int, list[Line]]] = [(-1, top)]
    for line in lines:
        depth = len(line) - len(line.lstrip())
        while stack[-1][0] >= depth:
            stack.pop()
        element = _element(line)
        stack[-1][1].append(element)
        stack.append((depth, element.inner))
    return top


def _element(line: str, kinds: Container[str] = TAGS) -> Line:
    head, _, tail = line.partition("->")
    words = shlex.split(head)
    if len(words) < 2 or words[0] not in kinds:  # kind and id
        raise NotationWrong(line)
    facts = [(name, value) for name, _, value in (word.partition("=") for word in words[2:])]
    flows = [_flow(part) for part in _parts(tail)]
    return Line(words[0], words[1], facts, flows)


def _parts(tail: str) -> list[str]:
    """Split at commas outside of quotes."""
    parts, inside = [""], False
    for char in tail:
        inside ^= char == '"'
        if char == "," and not inside:
            parts.append("")
        else:
            parts[-1] += char
    return [part.strip() for part in parts if part.strip()]


def _flow(part: str) -> tuple[str, str]:
    target, _, condition = part.partition(" if ")
    return target.strip(), condition.strip().strip('"').replace("'", '"')


def _all(lines: Sequence[Line]) -> Iterator[Line]:
    for line in lines:
        yield line
        yield from _all(line.inner)
