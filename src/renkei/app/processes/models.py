"""Models as the commands take them: files of BPMN, and scenarios in plain text."""

from pathlib import Path

import msgspec

from renkei import kit
from renkei.app.errors import FileUnreadable, ScenarioUnreadable
from renkei.process import bpmn
from renkei.process.bpmn.drawing import Mark
from renkei.process.scenarios import NotationWrong, Scenario, ScenarioWrong


def read_model(file: Path) -> bpmn.Definition:
    """Read a model."""
    return bpmn.read(read_bytes(file), file.name)


def read_scenarios(file: Path) -> list[Scenario]:
    """Read the scenarios of a file."""
    try:
        found = Scenario.parse_all(read_bytes(file).decode("utf-8"))
    except (NotationWrong, ScenarioWrong) as error:
        raise ScenarioUnreadable(file=file.name, line=str(error).strip()) from None
    except UnicodeDecodeError:
        raise FileUnreadable(file=str(file), reason="not UTF-8") from None
    if not found:
        raise ScenarioUnreadable(file=file.name, line="title:")
    return found


def read_marks(file: Path) -> dict[str, Mark]:
    """Read what is laid over a picture: marks by the ids of elements and flows."""
    try:
        return kit.read_json(read_bytes(file), dict[str, Mark])
    except msgspec.DecodeError as error:
        raise FileUnreadable(file=str(file), reason=str(error)) from None


def write(file: Path, data: bytes) -> None:
    """Write a file."""
    try:
        file.write_bytes(data)
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from None


def read_bytes(file: Path) -> bytes:
    """Return what a file holds; FileUnreadable where it cannot be read."""
    try:
        return file.read_bytes()
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from None
