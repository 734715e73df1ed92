"""Procedures across bodies (団体間の手続): what a number shared with a partner means in this house.

Whom it is about was said once, by a lawful question under the number of that inquiry: each body
knows its own number for the person, and no letter says one. Without a question it is about nobody.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from renkei import federation
from renkei.kit import Connection, Tenant, queries

sql = queries("renkei.process")

KEPT = timedelta(days=400)
"""How long a procedure is known: a year, and some time to answer after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One procedure with one partner.

    `collaboration` and the roles are empty until the first letter says them; `subject` is our own
    number for the person, empty where it is about nobody, as `question` is then. `items`, `year`,
    `consent` and `relation` are those of the question.
    """

    partner: str
    id: str
    collaboration: str = ""
    role: str = ""
    partner_role: str = ""
    subject: str = ""
    procedure: str
    question: str = ""
    is_asker: bool
    items: tuple[str, ...] = ()
    year: int | None = None
    consent: str = ""
    relation: str = "applicant"
    case: UUID | None = None
    opened_at: datetime

    @property
    def key(self) -> str:
        """Return by what a case here knows it: a number is one partner's, and others may use it."""
        return f"{self.partner}/{self.id}"

    def as_said(self, collaboration: str, role: str, partner_role: str) -> "Procedure":
        """Return it with its public process, our part in it and the partner's."""
        return replace(self, collaboration=collaboration, role=role, partner_role=partner_role)

    @classmethod
    def asked_of_us(cls, inquiry: federation.Inquiry, subject: str, *, at: datetime) -> "Procedure":
        """Return the procedure that begins by a question of a partner, about whom here."""
        return cls(
            partner=inquiry.asker,
            id=inquiry.id,
            subject=subject,
            procedure=inquiry.procedure,
            question=f"{inquiry.holder_unit}/{inquiry.service}",
            is_asker=False,
            items=inquiry.items,
            year=inquiry.year,
            consent=inquiry.consent,
            relation=inquiry.relation,
            opened_at=at,
        )


def keep(conn: Connection, tenant: Tenant, procedure: Procedure) -> None:
    """Keep a procedure; one that is known stays as it is."""
    kept = {
        "tenant": tenant,
        "partner": procedure.partner,
        "id": procedure.id,
        "collaboration": procedure.collaboration or None,
        "role": procedure.role,
        "partner_role": procedure.partner_role,
        "subject": procedure.subject,
        "procedure": procedure.procedure,
        "question": procedure.question,
        "is_asker": procedure.is_asker,
        "items": list(procedure.items),
        "year": procedure.year,
        "consent": procedure.consent,
        "relation": procedure.relation,
        "case_id": procedure.case,
        "opened_at": procedure.opened_at,
        "until": procedure.opened_at + KEPT,
    }
    conn.execute(sql.keep_procedure, kept)


def find(conn: Connection, tenant: Tenant, partner: str, id_: str) -> Procedure | None:
    """Return a procedure by the number shared with a partner; it is locked until the end."""
    asked = {"tenant": tenant, "partner": partner, "id": id_}
    row = conn.execute(sql.procedure, asked).fetchone()
    return None if row is None else _read(row)


def of_case(conn: Connection, tenant: Tenant, case: UUID) -> list[Procedure]:
    """Return the procedures of a case, the newest first."""
    rows = conn.execute(sql.procedures_of_case, {"tenant": tenant, "case_id": case})
    return [_read(row) for row in rows]


def bind(conn: Connection, tenant: Tenant, procedure: Procedure) -> None:
    """Keep by which public process a procedure runs, and who is who in it."""
    bound = {
        "tenant": tenant,
        "partner": procedure.partner,
        "id": procedure.id,
        "collaboration": procedure.collaboration,
        "role": procedure.role,
        "partner_role": procedure.partner_role,
    }
    conn.execute(sql.bind_procedure, bound)


def give_case(conn: Connection, tenant: Tenant, procedure: Procedure, case: UUID) -> None:
    """Say which case of ours is about a procedure."""
    named = {"tenant": tenant, "partner": procedure.partner, "id": procedure.id}
    conn.execute(sql.give_procedure_case, {**named, "case_id": case})


def forget(conn: Connection, tenant: Tenant, *, at: datetime) -> int:
    """Forget procedures that are over by their time; return how many."""
    return conn.execute(sql.drop_procedures, {"tenant": tenant, "at": at}).rowcount


def _read(row: tuple[Any, ...]) -> Procedure:
    partner, id_, collaboration, role, partner_role, subject, procedure, *more = row
    question, is_asker, items, year, consent, relation, case, opened_at = more
    return Procedure(
        partner=partner,
        id=id_,
        collaboration=collaboration or "",
        role=role,
        partner_role=partner_role,
        subject=subject,
        procedure=procedure,
        question=question,
        is_asker=is_asker,
        items=tuple(items),
        year=year,
        consent=consent,
        relation=relation,
        case=case,
        opened_at=opened_at,
    )
