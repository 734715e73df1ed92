"""Rooms look down only, and come in by the front door."""

import ast
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.house.source import (
    PACKAGE,
    ROOT,
    Module,
    calls,
    front_door,
    modules,
    order,
    rooms,
)

# Doors of their own: what they hold is not for everybody who enters the room.
SIDE_DOORS = {
    "renkei.kit.postgres",
    "renkei.kit.programs",
    "renkei.law.drafting",
    "renkei.process.bpmn",
    "renkei.process.cases",
    "renkei.process.decisions",
    "renkei.process.feel",
    "renkei.process.partners",
    "renkei.process.scenarios",
    "renkei.process.tasks",
    "renkei.standard.amending",
    "renkei.standard.characters",
    "renkei.standard.differences",
    "renkei.standard.generate",
    "renkei.standard.judgement",
    "renkei.standard.mediation",
    "renkei.standard.releases",
    "renkei.standard.row_rules",
    "renkei.standard.rules",
    "renkei.standard.site",
    "renkei.standard.skeleton",
    "renkei.standard.synthetic",
    "renkei.store.extracts",
}


def imports(module: Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yield the dotted name of everything a module imports from this package."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((name.name, node) for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from ((f"{node.module}.{name.name}", node) for name in node.names)


def is_front_door(name: str) -> bool:
    """Say whether an outsider may import this: a room, a name it offers, or a side door."""
    if any(f"{name}.".startswith(f"{door}.") for door in SIDE_DOORS):
        return True
    match name.split("."):
        case ["renkei", room]:
            return room in order()
        case ["renkei", room, offered]:
            return offered in front_door(room)
        case _:
            return False


@pytest.mark.parametrize(
    ("name", "allowed"),
    [
        ("renkei.kit", True),
        ("renkei.kit.NodeError", True),
        ("renkei.kit.postgres.Postgres", True),
        ("renkei.kit.database.migrate", False),
        ("renkei.kit.database", False),
    ],
)
def test_the_rule_tells_a_front_door_from_a_back_door(name: str, allowed: bool) -> None:
    assert is_front_door(name) is allowed


@pytest.mark.parametrize("room", rooms())
def test_other_rooms_are_entered_by_the_front_door(room: str) -> None:
    back_doors = [
        f"{module.at(node)} {name}"
        for module in modules()
        if module.room == room
        for name, node in imports(module)
        if name.startswith("renkei.") and name.split(".")[1] != room and not is_front_door(name)
    ]
    assert back_doors == []


@pytest.mark.parametrize("room", rooms())
def test_a_front_door_says_what_the_room_promises(room: str) -> None:
    door = ast.parse((PACKAGE / room / "__init__.py").read_text(encoding="utf-8"))
    assert "Promise:" in (ast.get_docstring(door) or "")


def test_every_module_and_class_has_a_sentence() -> None:
    without = [module.name for module in modules() if ast.get_docstring(module.tree) is None]
    classes = [
        f"{module.at(node)} {node.name}"
        for module in modules()
        for node in module.tree.body
        if isinstance(node, ast.ClassDef) and ast.get_docstring(node) is None
    ]
    written = {f"renkei.{room}" for room in rooms()}
    assert [name for name in without if name in written or name.count(".") > 1] + classes == []


def test_every_room_stands_in_the_order() -> None:
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders - set(order()) == set()


def test_only_law_makes_permits() -> None:
    assert [module.at(call) for module, call in calls("Permit") if module.room != "law"] == []


def test_the_import_contract_holds() -> None:
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    if program is None:
        pytest.skip("import-linter is not installed")
    if missing := [r for r in order() if not (PACKAGE / r / "__init__.py").exists()]:
        pytest.skip(f"the contract names rooms that do not exist yet: {', '.join(missing)}")
    answer = subprocess.run(
        [program, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert answer.returncode == 0, answer.stdout


def test_a_node_begins_without_what_only_some_of_its_work_needs():
    """Each of them costs every start, and every command, a good part of a second."""
    said = "import sys, renkei.app.cli, renkei.app.serving; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert "renkei.store.extracts" in loaded
    assert not loaded & {"polars", "reportlab", "xlsxwriter", "rich", "renkei.standard.synthetic"}
    assert "renkei.process" not in loaded, "of no use to a converter, the registrar, the log"


DECODES = re.compile(r"msgspec\.(?:convert|(?:json|msgpack|toml)\.(?:decode|Decoder))\(")
OWN_DECODERS = {
    "kit/reading.py": "the one way",
    "store/formats/json_lines.py": "it reads lines, and what it cannot read another way does",
}


def test_what_others_wrote_is_read_in_one_way() -> None:
    """It forgets no error of a decoder, and looks into one kind at a time (`kit.reading`)."""
    found = {
        str(module.path.relative_to(PACKAGE))
        for module in modules()
        if DECODES.search(module.path.read_text(encoding="utf-8"))
    }
    assert found == OWN_DECODERS.keys()
