"""Declared types of a model: the type of FEEL behind a name, and what it allows beyond that."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from renkei.kit import NodeError
from renkei.process import feel
from renkei.process.decisions.findings import Finding
from renkei.process.decisions.model import Definitions, ItemDefinition, LiteralBox

Check: TypeAlias = Callable[[feel.Value], bool]


@dataclass(frozen=True, slots=True)
class Shape:
    """A type of FEEL, and a check of what is allowed inside it, if anything is said of it.

    `allowed` is the text of the type's own allowed values, whose order is a priority.
    """

    type: feel.Type
    check: Check | None = None
    allowed: LiteralBox | None = None
    parts: "Mapping[str, Shape] | None" = None

    @property
    def is_anything(self) -> bool:
        """Tell whether every value is of this type, so that nothing needs to be checked."""
        return self.type is feel.ANY and self.check is None

    def take(self, value: feel.Value) -> tuple[bool, feel.Value]:
        """Hand a value over to this type: whether it fits, and the value as it then is."""
        is_fit, taken = feel.coerced(value, self.type)
        if is_fit and self.check is not None and taken is not None and not self.check(taken):
            return False, None
        return is_fit, taken


DEPTH: Final = 50
"""Types of which one is made from the next, at most."""

ANYTHING: Final = Shape(feel.ANY)

# What other tools write for the types of FEEL.
LENIENT: Final = {
    "integer": feel.NUMBER,
    "long": feel.NUMBER,
    "double": feel.NUMBER,
    "decimal": feel.NUMBER,
    "any": feel.ANY,
    "datetime": feel.DATE_TIME,
    "days and time duration": feel.DAYS_TIME,
    "years and months duration": feel.YEARS_MONTHS,
}


class Shapes:
    """The types of one model by name; those of imported models stand under the import's name."""

    def __init__(self, definitions: Definitions, imported: "Mapping[str, Shapes]") -> None:
        """Take the definitions; each type is made when it is first asked for."""
        self._items = {item.name: item for item in definitions.items}
        self._imported = imported
        self._made: dict[str, Shape] = {}
        self._open: set[str] = set()
        self.findings: list[Finding] = []
        self.unknown: set[str] = set()

    def all(self) -> dict[str, feel.Type]:
        """Return every type by the name an expression may call it, imported ones with a dot."""
        found = self.own()
        for prefix, shapes in self._imported.items():
            found |= {f"{prefix}.{name}": of for name, of in shapes.own().items()}
        return found

    def own(self) -> dict[str, feel.Type]:
        """Return the types of this model alone."""
        return {name: self.named(name).type for name in self._items}

    def named(self, name: str) -> Shape:
        """Return the type of a name; no name is anything, and so is one that nobody knows."""
        if not name:
            return ANYTHING
        if name in self._made:
            return self._made[name]
        if name in self._items:
            return self._make(self._items[name])
        if known := feel.NAMED.get(name) or LENIENT.get(name) or LENIENT.get(name.lower()):
            return Shape(known)
        prefix, dot, rest = name.partition(".")
        while dot:
            if prefix in self._imported:
                return self._imported[prefix].named(rest)
            more, dot, rest = rest.partition(".")
            prefix = f"{prefix}.{more}"
        self.unknown.add(name)
        return ANYTHING

    def _make(self, item: ItemDefinition) -> Shape:
        if item.name in self._open or len(self._open) >= DEPTH:
            self.findings.append(Finding("decision-type-circular", item.place))
            return ANYTHING
        self._open.add(item.name)
        made = self._shape(item)
        self._open.discard(item.name)
        self._made[item.name] = made
        return made

    def _shape(self, item: ItemDefinition) -> Shape:
        """Return the type of a definition: its base, its constraint, many if it says so."""
        shape = self._base(item)
        own = None if item.allowed is None else self.check_of(item.allowed)
        if own is not None:
            shape = Shape(shape.type, both(shape.check, own), item.allowed, shape.parts)
        if item.is_collection:
            check = None if shape.check is None else _of_each(shape.check)
            shape = Shape(feel.ListOf(shape.type), check, shape.allowed, shape.parts)
        if item.constraint is not None and (whole := self.check_of(item.constraint)) is not None:
            shape = Shape(shape.type, both(shape.check, whole), item.constraint, shape.parts)
        return shape

    def _base(self, item: ItemDefinition) -> Shape:
        if item.components:
            parts = {part.name: self._shape(part) for part in item.components}
            of = feel.ContextOf({name: part.type for name, part in parts.items()})
            checks = {name: part.check for name, part in parts.items() if part.check is not None}
            return Shape(of, _of_parts(checks) if checks else None, parts=parts)
        if item.function is not None:
            given, result = item.function
            parameters = tuple(self.named(one.type_ref).type for one in given)
            return Shape(feel.FunctionOf(parameters, self.named(result).type))
        return self.named(item.type_ref)

    def check_of(self, text: LiteralBox) -> Check | None:
        """Return a check by unary tests that know no names but the value's own."""
        try:
            tests = feel.unary_tests(text.text, feel.Names())
        except NodeError as error:
            facts = {"ja": error.text("ja"), "en": error.text("en")}
            self.findings.append(Finding("decision-text-malformed", text.place, facts=facts))
            return None
        return lambda value: tests.matches(value, {}) is True


def both(one: Check | None, other: Check | None) -> Check | None:
    """Return a check that asks both, where there are two."""
    if one is None or other is None:
        return one or other
    return lambda value: one(value) and other(value)


def _of_each(check: Check) -> Check:
    def checked(value: feel.Value) -> bool:
        items = value if isinstance(value, list) else [value]
        return all(item is None or check(item) for item in items)

    return checked


def _of_parts(checks: Mapping[str, Check]) -> Check:
    def checked(value: feel.Value) -> bool:
        if not isinstance(value, dict):
            return False
        return all(value.get(name) is None or check(value[name]) for name, check in checks.items())

    return checked
