"""The staff console: what came in from whom, what is wrong with it, what is to be decided.

Served at the staff door under `/console`, in Japanese and English, without JavaScript. A section
is a module with a `SECTION`; it is added to `SECTIONS` below and nowhere else. The log operator has
a console too, with what of it makes sense there (`OF_ALL`).
"""

from collections.abc import Callable
from datetime import datetime
from importlib.resources import files

from starlette.routing import Mount, Route

from renkei.app.console import (
    cases,
    deliveries,
    drift,
    extracts,
    oversight,
    people,
    provisions,
    record,
    statistics,
    tasks,
)
from renkei.app.console.elsewhere import Elsewhere
from renkei.app.console.entrance import Entrance
from renkei.app.console.frame import EVERYONE, PREFIX, Console, Endpoint, Section, Visit
from renkei.app.console.vouching import Vouching
from renkei.app.operations.running import Running
from renkei.app.rendering import TEMPLATES, still
from renkei.app.site import Site, now

__all__ = [
    "EVERYONE",
    "OF_ALL",
    "PREFIX",
    "SECTIONS",
    "Console",
    "Endpoint",
    "Section",
    "Visit",
    "console",
]

SECTIONS: tuple[Section, ...] = (
    tasks.SECTION,
    deliveries.SECTION,
    drift.SECTION,
    people.SECTION,
    extracts.SECTION,
    record.SECTION,
    provisions.SECTION,
    oversight.SECTION,
    cases.SECTION,
    statistics.SECTION,
)
"""The parts of the console, in the order of its navigation."""
OF_ALL: tuple[Section, ...] = (record.SECTION, oversight.SECTION)
"""The parts where the log of everybody's exchanges is kept: for the oversight body alone (0049)."""


def console(
    site: Site, clock: Callable[[], datetime] = now, *, running: Running | None = None
) -> Mount:
    """Return the console of a site, ready to be put behind its staff door."""
    is_of_all = site.settings.role == "log"
    sections = OF_ALL if is_of_all else SECTIONS
    built = Console(site, sections, clock, running or Running.of(site.settings))
    own = files("renkei.app.console") / "templates" / "console.css"
    entrance = Entrance(built)
    style = still(TEMPLATES / "style.css", own, kind="text/css")
    return Mount(
        PREFIX,
        routes=[
            Route("/style.css", style),
            *entrance.routes(),
            *Elsewhere(built, entrance.attempts).routes(),
            *(() if is_of_all else Vouching(built).routes()),
            *(route for section in sections for route in section.routes(built)),
            built.route("/{rest:path}", entrance.missing),
        ],
    )
