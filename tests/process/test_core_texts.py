"""Every reason for which a token waits for a person has a text in both languages."""

import re
from pathlib import Path

from renkei import kit
from renkei.process import bpmn

CODES = re.compile(r'Problem\(\s*"([a-z-]+)"')
WHY = re.compile(r'CommandUnfit\(\s*"([a-z-]+)"')


def codes(pattern: re.Pattern[str]) -> set[str]:
    folder = Path(bpmn.__file__).parents[1]
    return {
        code for file in folder.rglob("*.py") for code in pattern.findall(file.read_text("utf-8"))
    }


def test_every_incident_has_its_words():
    found = codes(CODES)
    assert len(found) > 10
    assert {f"incident-{code}" for code in found} - set(kit.texts_of()) == set()


def test_every_reason_against_a_command_has_its_words():
    found = codes(WHY)
    assert len(found) > 10
    assert {f"unfit-{code}" for code in found} - set(kit.texts_of()) == set()
    said = bpmn.CommandUnfit("nothing-waits-at", element="a")
    assert "aで待っているものはありません" in said.text("ja")
    assert "nothing waits at a" in said.text("en")
