"""The templates of the app's pages, and the headers that every page carries."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from importlib.resources import files
from importlib.resources.abc import Traversable

import jinja2
from starlette.requests import Request
from starlette.responses import Response

from renkei import kit

JAPAN = timezone(timedelta(hours=9))
TEMPLATES = files("renkei.app") / "templates"
OURS_ALONE: Mapping[str, str] = {
    "Content-Security-Policy": "default-src 'self'; form-action 'self'"
}


def environment(*folders: Traversable) -> jinja2.Environment:
    """Return the templates of these folders, the first one first; everything is escaped."""

    def text(name: str) -> str | None:
        found = (folder / name for folder in folders if (folder / name).is_file())
        file = next(found, None)
        return None if file is None else file.read_text(encoding="utf-8")

    return jinja2.Environment(
        loader=jinja2.FunctionLoader(text),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def language(request: Request) -> kit.Language:
    """Return the language asked for, else the browser's, else Japanese."""
    chosen = request.query_params.get("lang")
    if chosen is None:
        chosen = request.headers.get("accept-language", "ja")
    return "en" if chosen.startswith("en") else "ja"


def japan_time(moment: datetime) -> str:
    """Return a time as the clocks on the walls of Japan show it.

    >>> japan_time(datetime(2026, 3, 31, 15, 0, tzinfo=timezone.utc))
    '2026-04-01 00:00:00'
    """
    return moment.astimezone(JAPAN).strftime("%Y-%m-%d %H:%M:%S")


def still(*folded: Traversable, kind: str) -> Callable[[Request], Response]:
    """Return an endpoint that gives some files as one, as they are."""
    text = "".join(file.read_text(encoding="utf-8") for file in folded)
    return lambda _: Response(text, media_type=kind)
