"""Orders about personal numbers, for the commands: each opens one transaction of the registrar."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from renkei import audit, identity, kit
from renkei.app.errors import NumbersDrawnElsewhere, RegistrarWanted
from renkei.app.membership.keys import Keys
from renkei.app.membership.list_in_force import read_kept
from renkei.app.settings import Settings, read_settings
from renkei.app.site import now, prepare_database, running_database

Facts = dict[str, object]


@dataclass(frozen=True, slots=True)
class Ordered:
    """What is said about an order on the command line; without an id it gets one of its own."""

    ordered_by: str
    taken_by: str
    reason: str
    request: str = ""

    def order(self, settings: Settings) -> identity.Order:
        """Return the order, as of now."""
        return identity.Order(
            self.request or f"order-{uuid.uuid4()}",
            kit.tenant(self.ordered_by) if self.ordered_by else settings.tenant,
            self.taken_by,
            self.reason,
            now(),
            audit.Mode(settings.mode),
        )


@contextmanager
def registrar_database(settings: Settings) -> Iterator[kit.Database]:
    """Give the database of a registrar's site, beside the running one or alone."""
    if settings.role != "registrar":
        raise RegistrarWanted(role=settings.role)
    with running_database(settings) as dsn:
        prepare_database(dsn, settings)
        with kit.Database(dsn, size=1) as database:
            yield database


@dataclass(frozen=True, slots=True)
class Desk:
    """One order on its way: a transaction, the registrar's secrets, and the order."""

    conn: kit.Connection
    tenant: kit.Tenant
    secrets: identity.RegistrarSecrets
    order: identity.Order
    draws: bool

    def drawing(self, *given: str) -> identity.numbers.Draw:
        """Return what a new number comes from: drawn here, or drawn elsewhere and given to us."""
        if self.draws:
            return identity.numbers.drawn_number
        if not given:
            raise NumbersDrawnElsewhere
        return identity.numbers.given(*given)

    def facts(self, **more: object) -> Facts:
        """Return what to print: the order, by which it can be asked again, and what it gave."""
        return {"order": self.order.request, **more}


@contextmanager
def desk(file: Path, ordered: Ordered) -> Iterator[Desk]:
    """Open the registrar's desk for one order; at the end all of it stands, or nothing."""
    settings = read_settings(file)
    with registrar_database(settings) as database:
        secrets = Keys(settings.keys, settings.tenant).registrar()
        with database.transaction(settings.tenant) as conn:
            if (members := read_kept(settings)) is not None:  # a step tells successors too
                identity.note_heirs(conn, settings.tenant, members.heirs, secrets=secrets)
            order, draws = ordered.order(settings), settings.registrar.draws
            yield Desk(conn, settings.tenant, secrets, order, draws)


def history(at: Desk, number: str, reader: kit.Language) -> Facts:
    """Tell all numbers of a person, and every step; the look is entered."""
    rows, steps = identity.numbers.history(at.conn, at.tenant, number, at.order, secrets=at.secrets)
    return at.facts(
        numbers=[
            f"{row.number} {row.since:%Y-%m-%d}–"
            + (f"{row.closed_at:%Y-%m-%d}" if row.closed_at else "")
            + (f" {kit.say(f'outcome-number-{row.closed_for}', reader)}" if row.closed_for else "")
            for row in rows
        ],
        steps=[
            f"{step.at:%Y-%m-%d %H:%M} {kit.say(f'outcome-number-{step.kind}', reader)} "
            f"{step.request} {step.ordered_by} {step.taken_by}: {step.reason}"
            for step in steps
        ],
    )
