"""What a day's comparison of three logs found, as it is kept: the newest one of each day."""

from dataclasses import dataclass
from datetime import date, datetime

from renkei import kit
from renkei.audit.log import sql


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """How many exchanges of a day were compared, with whom not, and who lacks what (JSON)."""

    day: date
    at: datetime
    compared: int
    unreached: tuple[str, ...]
    lacks: str


def keep_reconciliation(conn: kit.Connection, tenant: kit.Tenant, one: Reconciliation) -> None:
    """Keep it; an earlier one of the same day is gone, since this one looked at all of it again."""
    conn.execute(
        sql.keep_reconciliation,
        {
            "tenant": tenant,
            "day": one.day,
            "at": one.at,
            "compared": one.compared,
            "unreached": list(one.unreached),
            "lacks": one.lacks,
        },
    )


def reconciliations(conn: kit.Connection, tenant: kit.Tenant, since: date) -> list[Reconciliation]:
    """Return those of a day or later, the newest day first."""
    rows = conn.execute(sql.reconciliations, {"tenant": tenant, "since": since})
    return [
        Reconciliation(day, at, compared, tuple(unreached), lacks)
        for day, at, compared, unreached, lacks in rows
    ]
