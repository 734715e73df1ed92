"""Playing the cases of the DMN Technology Compatibility Kit: models, inputs, expected results.

Two figures are told: all cases, and those that expect a value, since an engine that always answers
null passes nearly half of them all.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path

from renkei.kit import NodeError
from renkei.process import feel
from renkei.process.decisions.asking import evaluate
from renkei.process.decisions.models import Model
from renkei.process.decisions.names import tidy
from renkei.process.decisions.opening import open_file
from renkei.process.decisions.showing import show
from renkei.process.decisions.xml import Element, parse, text_of
from renkei.process.feel import Value

SPACE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
TOLERANCE = Decimal("1e-8")
"""By which a number may differ from the expected one, of its size: expectations are rounded."""

_MADE = {
    kind: feel.expression(f"{function}(text)", feel.Names(["text"]))
    for kind, function in (
        ("date", "date"),
        ("time", "time"),
        ("dateTime", "date and time"),
        ("duration", "duration"),
    )
}


@dataclass(frozen=True, slots=True)
class Miss:
    """A case whose result was another: which, what was wanted, what was found, and why."""

    folder: str
    case: str
    result: str
    wanted: str
    found: str
    reason: str


@dataclass(slots=True)
class Tally:
    """How many cases of a folder there are and passed; `valued` are those that expect a value."""

    folder: str
    cases: int = 0
    passed: int = 0
    valued: int = 0
    valued_passed: int = 0
    misses: list[Miss] = field(default_factory=list)


def play(folder: Path, *, clock: feel.Clock | None = None) -> Iterator[Tally]:
    """Play every test file below a folder; a tally for each folder that holds some."""
    files: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*.xml")):
        if b"testCases" in path.read_bytes()[:4096]:
            files.setdefault(path.parent, []).append(path)
    for place, tests in files.items():
        tally = Tally(place.relative_to(folder).as_posix() if place != folder else place.name)
        for path in tests:
            _play_file(path, tally, clock)
        yield tally


def _play_file(path: Path, tally: Tally, clock: feel.Clock | None) -> None:
    root = parse(path.read_bytes(), path.name)
    name = root.findtext(f"{SPACE}modelName", "").strip()
    model: Model | None = None
    reason = ""
    try:
        model = open_file(path.parent / name)
    except NodeError as error:
        reason = error.text("en")
    for case in root.findall(f"{SPACE}testCase"):
        asking = Asking(model, reason, clock)
        _play_case(case, asking, tally)


@dataclass(frozen=True, slots=True)
class Asking:
    """Whom the cases of a file ask: its model, or the reason why there is none."""

    model: Model | None
    reason: str
    clock: feel.Clock | None


def _play_case(case: Element, asking: Asking, tally: Tally) -> None:
    inputs: dict[str, Value] = {}
    for node in case.findall(f"{SPACE}inputNode"):
        namespace = node.get("namespace")
        name = tidy(node.get("name", ""))
        inputs[f"{{{namespace}}}{name}" if namespace else name] = _value(node)
    is_valued, is_passed = False, True
    for node in case.findall(f"{SPACE}resultNode"):
        expected = node.find(f"{SPACE}expected")
        wanted = None if expected is None else _value(expected)
        is_valued |= wanted is not None
        name = tidy(node.get("name", ""))
        found, why = _result(case, name, asking, inputs)
        if not alike(wanted, found):
            is_passed = False
            miss = Miss(tally.folder, case.get("id", ""), name, show(wanted), show(found), why)
            tally.misses.append(miss)
    tally.cases += 1
    tally.passed += is_passed
    tally.valued += is_valued
    tally.valued_passed += is_valued and is_passed


def _result(
    case: Element, name: str, asking: Asking, inputs: dict[str, Value]
) -> tuple[Value, str]:
    model = asking.model
    if model is None:
        return None, asking.reason
    invoked = tidy(case.get("invocableName", "")) or name
    try:
        outcome = evaluate(model, invoked, inputs, clock=asking.clock)
    except NodeError as error:
        return None, error.text("en")
    value = outcome.value
    if invoked != name and isinstance(value, dict) and name in value and invoked in model.services:
        value = value[name]
    return value, "; ".join(one.text("en") for one in outcome.problems[:3])


def _value(node: Element) -> Value:
    """Return what a node of a case says: a value, a list, or the components of a context."""
    components = node.findall(f"{SPACE}component")
    if components:
        return {tidy(one.get("name", "")): _value(one) for one in components}
    many = node.find(f"{SPACE}list")
    if many is not None:
        if many.get(f"{XSI}nil") in ("true", "1"):
            return None
        return [_value(item) for item in many.findall(f"{SPACE}item")]
    one = node.find(f"{SPACE}value")
    if one is None or one.get(f"{XSI}nil") in ("true", "1"):
        return None
    return _simple((one.get(f"{XSI}type") or "").rpartition(":")[2], text_of(one))


def _simple(kind: str, text: str) -> Value:
    match kind:
        case "decimal" | "double" | "integer" | "int" | "long" | "float":
            try:
                number = Decimal(text.strip())
            except InvalidOperation:
                return None
            return number if number.is_finite() else None
        case "boolean":
            return text.strip() in ("true", "1")
        case "date" | "time" | "dateTime" | "duration":
            return _MADE[kind].value({"text": text.strip()})
    return text


def alike(wanted: Value, found: Value) -> bool:
    """Tell whether two values are the same for the kit: numbers to the digits it writes.

    >>> alike(Decimal("0.33333333"), Decimal(1) / 3), alike(True, Decimal(1))
    (True, False)
    """
    if isinstance(wanted, Decimal) and isinstance(found, Decimal):
        return abs(wanted - found) <= TOLERANCE * max(abs(wanted), Decimal(1))
    if type(wanted) is not type(found):
        return False
    if isinstance(wanted, list) and isinstance(found, list):
        pairs = zip(wanted, found, strict=False)
        return len(wanted) == len(found) and all(alike(a, b) for a, b in pairs)
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(alike(wanted[k], found[k]) for k in wanted)
    return wanted == found
