"""Small models drawn at random: blocks within blocks, so that what begins can end."""

from dataclasses import dataclass, field

from hypothesis import strategies as st
from lxml import etree

from renkei.process.scenarios import bpmn as drawn

NEXT = "@next"
"""Where a block leads, until it is known."""

CALLED = """
process called
start called-s -> called-x
xor called-x -> called-bad if "x > 3", called-a
user called-a -> called-e
end called-bad error=E1
end called-e
"""
DEEPEST = 3


@dataclass(slots=True)
class Block:
    """Lines of the notation, and at which element they begin."""

    entry: str
    lines: list[str]

    def leading_to(self, target: str) -> list[str]:
        """Return the lines, leading on to an element."""
        return [line.replace(NEXT, target) for line in self.lines]


@dataclass(slots=True)
class Ids:
    """Numbers for the elements of one model."""

    count: int = field(default=0)

    def new(self, letter: str) -> str:
        """Return an id that none has yet."""
        self.count += 1
        return f"{letter}{self.count}"


STEPS = (
    "task",
    "user",
    "user",
    "service",
    'script @ set="x := x + 1"',
    'script @ set="y := x / 2"',
    "catch @ message=m",
    "catch @ signal=g",
    "catch @ timer=PT1H",
    'catch @ condition="x > 2"',
    "catch @ message=m timer=PT2H",
    "catch @ signal=g timer=PT2H all",
    "receive @ message=n key=x",
    "send @ message=o key=x",
    "throw",
    "throw @ signal=g",
    "throw @ escalation=late",
    "throw @ compensate",
    "throw @ compensate beside",
    "rule @ of=d into=r",
    "user @ times=2",
    'user @ each=[1,2,3] as=i sequential enough="x > 3"',
    'service @ each=[1,2] as=i collect="i * x" into=all',
    'user @ while="x < 3" most=2',
    'script @ set="x := x + 1" while="x < 3" before',
    'user @ in="z := x" out="x := z + 1"',
    "user @ takes=2",
    "call @ of=called",
)
HOSTED = (
    "boundary @ on={host} message=stop",
    "boundary @ on={host} timer=PT30M",
    "boundary @ on={host} error=E1",
    "boundary @ on={host} escalation=late",
    'boundary @ on={host} condition="x > 4"',
    "boundary @ on={host} signal=g message=stop all",
)
WATCHING = ("signal=g", "timer=PT3H", "error=E1", "escalation=late", "message=stop")


@st.composite
def models(draw: st.DrawFn) -> str:
    """Return a whole model."""
    body = draw(_block(Ids(), DEEPEST))
    return "\n".join(
        ["process p", f"start s -> {body.entry}", *body.leading_to("e"), "end e", CALLED]
    )


@st.composite
def _block(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    kinds = [_step] if depth == 0 else [_step, _step, *COMPOSED]
    made: Block = draw(draw(st.sampled_from(kinds))(ids, depth - 1))
    return made


@st.composite
def _step(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    words = draw(st.sampled_from(STEPS))
    id_ = ids.new("t")
    line = words.replace("@", id_, 1) if "@" in words else f"{words} {id_}"
    return Block(id_, [f"{line} -> {NEXT}"])


@st.composite
def _sequence(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    first, second = draw(_block(ids, depth)), draw(_block(ids, depth))
    return Block(first.entry, [*first.leading_to(second.entry), *second.lines])


@st.composite
def _split(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    kind = draw(st.sampled_from(["xor", "and", "or", "or", "complex"]))
    ways = [draw(_block(ids, depth)) for _ in range(draw(st.integers(2, 3)))]
    split, join = ids.new("g"), ids.new("j")
    conditions = [
        f' if "x > {n}"' * (kind != "and" and n < len(ways) - 1) for n in range(len(ways))
    ]
    targets = ", ".join(f"{way.entry}{said}" for way, said in zip(ways, conditions, strict=True))
    inner = [line for way in ways for line in way.leading_to(join)]
    enough = draw(st.sampled_from(["", ' until="activationCount >= 1"']))
    joined = f"{kind} {join}{enough if kind == 'complex' else ''}"
    return Block(split, [f"{kind} {split} -> {targets}", *inner, f"{joined} -> {NEXT}"])


@st.composite
def _loop(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    body = draw(_block(ids, depth))
    merge, count, split = ids.new("m"), ids.new("c"), ids.new("x")
    return Block(
        merge,
        [
            f"xor {merge} -> {count}",
            f'script {count} set="turns := turns + 1" -> {body.entry}',
            *body.leading_to(split),
            f'xor {split} -> {merge} if "turns < 4", {NEXT}',
        ],
    )


@st.composite
def _scope(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    kind = draw(st.sampled_from(["sub", "sub", "transaction", "adhoc"]))
    body = draw(_block(ids, depth))
    id_, merge = ids.new("s"), ids.new("m")
    facts = draw(st.sampled_from(["", "", " times=2", " times=2 sequential", ' in="x := x"']))
    inner = [f"  {line}" for line in body.leading_to(f"{id_}-e")]
    if kind == "adhoc":
        facts = draw(
            st.sampled_from(["", ' until="x > 2"', ' until="x > 2" finishing', " sequential"])
        )
    else:
        inner += [f"  start {id_}-s -> {body.entry}", *_watching(draw, ids, id_)]
    end = draw(st.sampled_from(ENDS[kind]))
    lines = [f"{kind} {id_}{facts} -> {merge}", *inner, f"  end {id_}-e{end}"]
    if draw(st.booleans()):
        words = draw(st.sampled_from(HOSTED)).format(host=id_).replace("@", ids.new("b"))
        lines.append(f"{words} -> {merge}")
    if kind == "transaction":
        lines.append(f"boundary {ids.new('b')} on={id_} cancel -> {merge}")
    return Block(id_, [*lines, f"xor {merge} -> {NEXT}"])


ENDS = {
    "sub": ("", "", " terminate", " error=E1", " escalation=late", " compensate", " message=o"),
    "transaction": ("", " cancel", " error=E1"),
    "adhoc": ("", " terminate"),
}


def _watching(draw: st.DrawFn, ids: Ids, scope: str) -> list[str]:
    if not draw(st.booleans()):
        return []
    trigger = draw(st.sampled_from(WATCHING))
    beside = " beside" * (draw(st.booleans()) and "error" not in trigger)
    sub, start, task = ids.new("w"), ids.new("ws"), ids.new("wt")
    kind = draw(st.sampled_from(["user", "task", "throw"]))
    what = " compensate" * (kind == "throw")
    return [
        f"  event-sub {sub}",
        f"    start {start} {trigger}{beside} -> {task}",
        f"    {kind} {task}{what}",
    ]


@st.composite
def _beside(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    """A task, and something that begins beside it."""
    body = draw(_block(ids, depth))
    task, boundary, end = ids.new("u"), ids.new("b"), ids.new("e")
    words = draw(st.sampled_from(["message=note", "timer=PT20M", "cycle=R2/PT20M", "signal=g"]))
    return Block(
        task,
        [
            f"user {task} -> {NEXT}",
            f"boundary {boundary} on={task} {words} beside -> {body.entry}",
            *body.leading_to(end),
            f"end {end}",
        ],
    )


@st.composite
def _undone(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    """What can be undone, and something behind it that may undo it."""
    task, undoer = ids.new("d"), ids.new("du")
    kind = draw(st.sampled_from(["user", "script", "task"]))
    rest = draw(_block(ids, depth))
    facts = draw(st.sampled_from(["", " times=2"]))
    throw, of = ids.new("dt"), draw(st.sampled_from(["", f"={task}"]))
    return Block(
        task,
        [
            f"{kind} {task} undo={undoer}{facts} -> {rest.entry}",
            f"{draw(st.sampled_from(['user', 'task']))} {undoer} undoes",
            *rest.leading_to(throw),
            f"throw {throw} compensate{of} -> {NEXT}",
        ],
    )


@st.composite
def _choice(draw: st.DrawFn, ids: Ids, depth: int) -> Block:
    """The first of several events."""
    first, second = draw(_block(ids, depth)), draw(_block(ids, depth))
    gate, merge, one, other = ids.new("f"), ids.new("m"), ids.new("c"), ids.new("c")
    return Block(
        gate,
        [
            f"first {gate} -> {one}, {other}",
            f"catch {one} {draw(st.sampled_from(['message=m', 'signal=g']))} -> {first.entry}",
            f"catch {other} timer=PT1H -> {second.entry}",
            *first.leading_to(merge),
            *second.leading_to(merge),
            f"xor {merge} -> {NEXT}",
        ],
    )


COMPOSED = [_sequence, _sequence, _split, _split, _loop, _scope, _scope, _beside, _undone, _choice]


POINTING = ("sourceRef", "targetRef", "attachedToRef", "activityRef", "default", "messageRef")
SAYING = {
    "isForCompensation": "true",
    "triggeredByEvent": "true",
    "cancelActivity": "false",
    "isInterrupting": "false",
    "parallelMultiple": "true",
    "instantiate": "true",
    "startQuantity": "3",
    "ordering": "Sequential",
}


@st.composite
def broken_models(draw: st.DrawFn) -> bytes:
    """Return a model in which some things stand or lead where they should not."""
    root = etree.fromstring(drawn(draw(models())))
    for _ in range(draw(st.integers(1, 4))):
        every = [one for one in root.iter() if one is not root and one.get("id")]
        one, other = (draw(st.sampled_from(every)) for _ in range(2))
        match draw(st.sampled_from(["point", "point", "say", "move", "drop", "rename", "retag"])):
            case "point":
                name = draw(st.sampled_from([n for n in POINTING if one.get(n)] or ["default"]))
                one.set(name, other.get("id", ""))
            case "say":
                name = draw(st.sampled_from(sorted(SAYING)))
                one.set(name, SAYING[name])
            case "move" if one not in list(other.iterancestors()) and one is not other:
                other.append(one)
            case "drop":
                _drop(one)
            case "rename":
                one.set("id", other.get("id", ""))
            case "retag":
                one.tag = other.tag
            case _:
                pass
        if root.find("{*}process") is None:
            return drawn("user a")
    return etree.tostring(root)


def _drop(one: etree._Element) -> None:
    parent = one.getparent()
    if parent is not None:
        parent.remove(one)
