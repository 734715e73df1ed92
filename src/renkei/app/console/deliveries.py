"""Deliveries: per unit and entity what came in last, what is overdue, and what was found."""

from collections.abc import Sequence
from uuid import UUID

from starlette.responses import Response
from starlette.routing import Route

from renkei import kit, standard, store
from renkei.app.console.frame import HEADERS, Console, Section, Visit
from renkei.app.console.standing import URGENT, UnitStanding, standing
from renkei.app.deliveries.findings_forms import findings_json, findings_table
from renkei.app.errors import DeliveryUnknown
from renkei.app.sign_in.staff import StaffRole

ROLES: frozenset[StaffRole] = frozenset({"operator", "approver"})
MOST = 100  # deliveries on a page
RECENT = 10


class Deliveries:
    """The endpoints of the section."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console

    def overview(self, visit: Visit) -> Response:
        """Show every unit, and what needs a look."""
        units = self._standing(visit)
        entities = [one for unit in units for one in unit.entities]
        urgent = [one for state in URGENT for one in entities if one.state == state]
        with self._console.transaction() as conn:
            recent = store.deliveries(conn, self._tenant, most=RECENT)
        return self._console.page(
            visit,
            "deliveries.html",
            units=units,
            urgent=urgent[:MOST],
            more=len(urgent) - MOST,
            recent=recent,
        )

    def unit(self, visit: Visit) -> Response:
        """Show the entities of one unit."""
        number = visit.request.path_params["unit"]
        found = next((one for one in self._standing(visit) if one.unit.id == number), None)
        if found is None:
            raise standard.DefinitionUnknown(kind="unit", name=number[:20])
        return self._console.page(visit, "delivery-unit.html", standing=found)

    def entity(self, visit: Visit) -> Response:
        """Show the deliveries of one entity, the newest first."""
        entity = self._console.standard.entity(visit.request.path_params["entity"])
        with self._console.transaction() as conn:
            found = store.deliveries(conn, self._tenant, entity.name, most=MOST)
        unit = self._console.standard.unit(entity.unit)
        return self._console.page(
            visit, "delivery-entity.html", entity=entity, unit=unit, deliveries=found, most=MOST
        )

    def delivery(self, visit: Visit) -> Response:
        """Show one delivery: what it changed, its findings by rule, the first of each."""
        found = self._delivery(visit)
        known = self._console.standard
        # What was refused unread may be of no entity of the standard, or of none any more.
        entity = next((one for one in known.entities if one.name == found.entity), None)
        unit = None if entity is None else known.unit(entity.unit)
        return self._console.page(visit, "delivery.html", delivery=found, entity=entity, unit=unit)

    def as_csv(self, visit: Visit) -> Response:
        """Give the findings as a table."""
        found = self._delivery(visit)
        entity = self._console.standard.entity(found.entity)
        data = findings_table(found, entity, visit.language)
        return _download(found, data, "csv", "text/csv")

    def as_json(self, visit: Visit) -> Response:
        """Give the findings for a program."""
        found = self._delivery(visit)
        return _download(found, findings_json(found), "json", "application/json")

    def _delivery(self, visit: Visit) -> store.Delivery:
        number: UUID = visit.request.path_params["delivery"]
        with self._console.transaction() as conn:
            found = store.read_delivery(conn, self._tenant, number)
        if found is None:
            raise DeliveryUnknown(delivery=str(number))
        return found

    def _standing(self, visit: Visit) -> tuple[UnitStanding, ...]:
        rhythm = self._console.site.settings.rhythm
        with self._console.transaction() as conn:
            return standing(
                conn, self._tenant, self._console.standard, rhythm, on=kit.day_of(visit.at)
            )

    @property
    def _tenant(self) -> kit.Tenant:
        return self._console.site.desk.tenant


def _download(delivery: store.Delivery, data: bytes, suffix: str, kind: str) -> Response:
    name = f"findings-{delivery.entity}-{delivery.id}.{suffix}"
    head = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type=kind, headers=head)


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section."""
    pages = Deliveries(console)
    one = "/deliveries/{delivery:uuid}"
    return [
        console.route("/deliveries", pages.overview, ROLES),
        console.route("/deliveries/units/{unit}", pages.unit, ROLES),
        console.route("/deliveries/entities/{entity}", pages.entity, ROLES),
        console.route(one, pages.delivery, ROLES),
        console.route(f"{one}/findings.csv", pages.as_csv, ROLES),
        console.route(f"{one}/findings.json", pages.as_json, ROLES),
    ]


SECTION = Section("deliveries", ROLES, routes)
