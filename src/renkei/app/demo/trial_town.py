"""A whole town on trial: every unit's files into one store by the real commands, then the console.

One site of a small ecosystem is enough; the others are founded (a node wants their list) and stay
off. So that there is something to look at, one delivery is faulty and one owner's file differs.
"""

import os
import secrets
import subprocess
import sys
import time
from datetime import date
from hashlib import sha256
from pathlib import Path

from renkei import kit
from renkei.app.demo.demonstration import Narrator
from renkei.app.demo.ecosystem import A, Ecosystem, ecosystem
from renkei.app.errors import SiteNotStarted
from renkei.app.site import now

STAFF = {
    "1001": ("運用担当", ("operator", "officer")),
    "1002": ("承認担当", ("approver",)),
    "1003": ("監査担当", ("auditor",)),
}
SPOILED, CHANGED = "child_medical", "income"
FOUND = 2  # exit status of a command that did its work and found something
DAYS_BETWEEN = 1  # deliveries of residents, before one counts as overdue


def run_trial_town(
    folder: Path, *, people: int, seed: int, once: bool, language: kit.Language, binaries: str = ""
) -> None:
    """Found, simulate, load, spoil, compare, match; then serve the console until Ctrl-C."""
    narrator = Narrator(language, quiet=False)
    narrator.tell("synthetic")
    at = now()
    day = kit.day_of(at)
    with ecosystem(folder, at=at, binaries=binaries) as eco:
        tokens = _appoint(eco)
        files = folder / A.name / "files"
        with narrator.part("town-simulating"):
            facts = ("--code", A.tenant, "--people", str(people), "--seed", str(seed))
            _renkei("simulate", "town", "--unit", "all", *facts, *_on("--day", day), "--out", files)
        _shown(eco, "load", files, *_on("--on", day))
        narrator.tell("town-spoiling")
        _shown(eco, "load", _spoiled(files), *_on("--on", day), status=FOUND)
        narrator.tell("town-comparing")
        _shown(eco, "reconcile", _changed(files), *_on("--on", day), status=FOUND)
        with narrator.part("town-matching"):
            eco.run(A, "people", "number")
            eco.run(A, "people", "match")
        if once:
            return
        try:
            with narrator.part("town-starting"):
                eco.start(A)
            narrator.tell("town-console", url=f"{eco.staff(A)}/console")
            for number, token in tokens.items():
                narrator.tell("town-staff", number=number, token=token, name=STAFF[number][0])
            narrator.tell("town-folder", folder=folder / A.name / "deliveries")
            while True:
                time.sleep(1)
        except KeyboardInterrupt:
            narrator.tell("stopping")


def _appoint(eco: Ecosystem) -> dict[str, str]:
    """Add members of staff, a rhythm and a watched folder to the site's settings."""
    tokens = {number: secrets.token_urlsafe(12) for number in STAFF}
    file = eco.file(A)
    text = file.read_text(encoding="utf-8").replace(
        "[doors]", f'deliveries = "deliveries"\nrhythm = {{ "01" = {DAYS_BETWEEN} }}\n\n[doors]'
    )
    for number, (name, roles) in STAFF.items():
        said = ", ".join(f'"{role}"' for role in roles)
        digest = sha256(tokens[number].encode()).hexdigest()
        text += f'\n[staff."{number}"]\nname = "{name}"\nroles = [{said}]\ntoken = "{digest}"\n'
    file.write_text(text, encoding="utf-8")
    return tokens


def _spoiled(files: Path) -> Path:
    """Write a delivery with a day that is none in three of its rows."""
    lines = (files / f"{SPOILED}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    rows = [n for n, line in enumerate(lines) if not line.startswith("#")][1:]
    for n in rows[:300:100]:
        lines[n] = lines[n].replace("-", "/", 2)
    return _written(files.parent / "spoiled" / f"{SPOILED}.csv", lines)


def _changed(files: Path) -> Path:
    """Write an owner's file that lacks a few of the records the store was given."""
    lines = (files / f"{CHANGED}.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    return _written(files.parent / "changed" / f"{CHANGED}.csv", lines[:-3])


def _written(path: Path, lines: list[str]) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text("".join(lines), encoding="utf-8")
    return path


def _on(option: str, day: date) -> tuple[str, str]:
    return option, day.isoformat()


def _renkei(*words: object) -> None:
    """Run a command that belongs to no site, unheard."""
    command = [sys.executable, "-m", "renkei", *map(str, words)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ)


def _shown(eco: Ecosystem, *words: object, status: int = 0) -> None:
    """Run a command of the site as a person would, its bar and its summary on the terminal."""
    command = eco.command(A, *map(str, words))
    if (found := subprocess.run(command, check=False).returncode) != status:
        raise SiteNotStarted(site=A.name, said=f"{' '.join(map(str, words))}: {found}")
