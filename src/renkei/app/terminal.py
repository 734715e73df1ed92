"""What the commands share: the reader's language, facts on the terminal, a bar for long work."""

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Annotated

import typer

from renkei import kit

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON. / JSON で出力する。")]


def language() -> kit.Language:
    """Return the reader's language: RENKEI_LANG, else that of the terminal, else Japanese."""
    wanted = os.environ.get("RENKEI_LANG") or os.environ.get("LANG", "ja")
    return "en" if wanted.startswith("en") else "ja"


def print_facts(facts: Mapping[str, object], *, as_json: bool) -> None:
    """Print facts: JSON for programs, a line each for people."""
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
        return
    for name, value in facts.items():
        if isinstance(value, list):
            typer.echo(f"{name}: {len(value)}")
            for line in value:
                typer.echo(f"  {line}")
        elif isinstance(value, dict):
            typer.echo(f"{name}:")
            for part, one in value.items():
                typer.echo(f"  {part}: {one}")
        else:
            typer.echo(f"{name}: {value}")


@contextmanager
def progress_bar(title: str, *, hidden: bool) -> Iterator[Callable[[int, int], None]]:
    """Show a bar on the terminal while something long runs."""
    from rich.progress import Progress

    with Progress(transient=True, disable=hidden or not sys.stderr.isatty()) as bar:
        task = bar.add_task(title, total=None)

        def tell(done: int, total: int) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
