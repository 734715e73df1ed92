"""What the commands share: the reader's language, facts on the terminal, a bar for long work."""

import json
import os
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from renkei import kit

SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. / JSON で出力する。")]


DAY = "YYYY-MM-DD"


def parse_day(given: str | date) -> date:
    """Parse a day as a command takes it; a default is one already."""
    return given if isinstance(given, date) else date.fromisoformat(given)


def language() -> kit.Language:
    """Return the reader's language: RENKEI_LANG, else that of the terminal, else Japanese."""
    wanted = os.environ.get("RENKEI_LANG") or os.environ.get("LANG", "ja")
    return "en" if wanted.startswith("en") else "ja"


def print_facts(facts: Mapping[str, object], *, as_json: bool) -> None:
    """Print facts: JSON for programs, a line each for people."""
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
        return
    reader = language()
    for name, value in facts.items():
        label = _label(name, reader)
        if isinstance(value, list):
            typer.echo(f"{label}: {len(value)}")
            for line in value:
                typer.echo(f"  {line}")
        elif isinstance(value, dict):
            typer.echo(f"{label}:")
            for part, one in value.items():
                typer.echo(f"  {_label(part, reader)}: {_shown(one, reader)}")
        else:
            typer.echo(f"{label}: {_shown(value, reader)}")


def _label(name: str, reader: kit.Language) -> str:
    """Return what a fact is called in the reader's language; a name without a text as it is."""
    texts = kit.texts_of().get(f"fact-{re.sub('[ _]', '-', name)}")
    return texts[reader] if texts else name


def _shown(value: object, reader: kit.Language) -> object:
    if isinstance(value, bool):
        return kit.say("fact-yes" if value else "fact-no", reader)
    return "–" if value is None else value


@contextmanager
def progress_bar(title: str, *, hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the terminal while something long runs."""
    from rich.progress import Progress

    with Progress(transient=True, disable=hidden or not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
