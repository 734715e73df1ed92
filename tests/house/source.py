"""The source of the package, parsed but not imported: a room half written breaks no rule yet."""

import ast
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Formatter

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "renkei"


@dataclass(frozen=True, slots=True)
class Module:
    """One Python file: its dotted name, the room it stands in, its syntax tree."""

    name: str
    path: Path
    tree: ast.Module

    @property
    def room(self) -> str:
        """Return the second part of the name, e.g. "store"; empty for the package itself."""
        return [*self.name.split("."), ""][1]

    def at(self, node: ast.expr | ast.stmt) -> str:
        """Return where a node stands, as a reader finds it."""
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


@dataclass(frozen=True, slots=True)
class ErrorClass:
    """One NodeError: its name, its own docstring, where it stands, whether it finds its facts."""

    name: str
    text: str
    place: str
    fills_itself: bool

    @property
    def code(self) -> str:
        """Return its error code, as NodeError.code makes it."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", self.name).lower()


def order() -> list[str]:
    """Return the rooms, upper ones first, as the import contract lists them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = settings["tool"]["importlinter"]["contracts"][0]["layers"]
    return [room.strip() for line in lines for room in re.split(r"[|:]", line)]


def rooms() -> list[str]:
    """Return the rooms whose front door is written."""
    doors = {room: PACKAGE / room / "__init__.py" for room in order()}
    return [room for room, door in doors.items() if door.exists() and door.stat().st_size]


@cache
def modules() -> list[Module]:
    """Return every Python file of the package."""
    found = []
    for path in sorted(PACKAGE.rglob("*.py")):
        parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(part for part in parts if part != "__init__")
        found.append(Module(name, path, ast.parse(path.read_text(encoding="utf-8"))))
    return found


@cache
def front_door(room: str) -> frozenset[str]:
    """Return the names a room offers: its `__all__`."""
    (door,) = (module for module in modules() if module.name == f"renkei.{room}")
    for node in door.tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return frozenset(ast.literal_eval(node.value))
    return frozenset()


def _classes(node: ast.AST) -> Iterator[ast.ClassDef]:
    """Yield the classes in a piece of source; no expression holds one, so none is looked into."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.stmt | ast.excepthandler | ast.match_case):
            if isinstance(child, ast.ClassDef):
                yield child
            yield from _classes(child)


@cache
def error_classes() -> list[ErrorClass]:
    """Return NodeError and all that inherit from it, however far."""
    classes = [
        (module, node, {ast.unparse(base).split(".")[-1] for base in node.bases})
        for module in modules()
        for node in _classes(module.tree)
    ]
    names = {"NodeError"}
    while more := {node.name for _, node, bases in classes if bases & names} - names:
        names |= more
    return [
        ErrorClass(
            node.name,
            " ".join((ast.get_docstring(node) or "").split()),
            module.at(node),
            any(
                isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in node.body
            ),
        )
        for module, node, _ in classes
        if node.name in names
    ]


@cache
def _calls() -> dict[str, list[tuple[Module, ast.Call]]]:
    found = defaultdict(list)
    for module in modules():
        for node in ast.walk(module.tree):
            match node:
                case ast.Call(func=ast.Name(id=name) | ast.Attribute(attr=name)):
                    found[name].append((module, node))
    return found


def calls(name: str) -> list[tuple[Module, ast.Call]]:
    """Return every call of that name, also as an attribute: `Permit(…)` and `law.Permit(…)`."""
    return _calls().get(name, [])


def placeholders(text: str) -> set[str]:
    """Return the facts a text names in braces."""
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
