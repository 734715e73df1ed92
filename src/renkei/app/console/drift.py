"""Reconciliation: per unit and entity, whether the records here are those of their owner."""

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import Route

from renkei import store
from renkei.app.console.deliveries import ROLES
from renkei.app.console.frame import Console, Section, Visit


class DriftPage:
    """The endpoint of the section."""

    def __init__(self, console: Console) -> None:
        """Take the console it is part of."""
        self._console = console

    def overview(self, visit: Visit) -> Response:
        """Show the newest comparison of every entity that has one, what differs first."""
        known = self._console.standard
        with self._console.transaction() as conn:
            found = store.last_reconciliations(conn, self._console.site.desk.tenant)
        rows = [
            (known.unit(entity.unit), entity, found[entity.name])
            for entity in known.entities
            if entity.name in found
        ]
        rows.sort(key=lambda row: row[2].agrees)
        drifted = sum(not comparison.agrees for _, _, comparison in rows)
        return self._console.page(visit, "drift.html", rows=rows, drifted=drifted)


def routes(console: Console) -> Sequence[Route]:
    """Return the route of the section."""
    return [console.route("/drift", DriftPage(console).overview, ROLES)]


SECTION = Section("drift", ROLES, routes)
