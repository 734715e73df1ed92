"""Moving cases to another definition: tried for each, with reasons, then done many at once.

A move can be taken back until the case's next step: it then stands exactly where it stood.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn.migrating import Blocked, Plan, blocked, migrate
from renkei.process.cases.batch import Given, Held, Written, note, write
from renkei.process.cases.encoding import unpacked

sql = queries("renkei.process")


@dataclass(frozen=True, slots=True)
class Trial:
    """Whether a case can move, and if not why."""

    case: UUID
    reasons: tuple[Blocked, ...]

    @property
    def can(self) -> bool:
        """Tell whether it can."""
        return not self.reasons


def running_by(
    conn: Connection, tenant: Tenant, definition: str, *, after: UUID | None, most: int
) -> list[UUID]:
    """Return the next cases under way by a definition, in the order of their numbers."""
    asked = {"tenant": tenant, "definition": definition, "after": after, "most": most}
    return [id_ for (id_,) in conn.execute(sql.running_by, asked)]


def move(
    conn: Connection,
    tenant: Tenant,
    ids: Sequence[UUID],
    plan: Plan,
    *,
    actor: str,
    basis: str,
    at: datetime,
    is_trial: bool = False,
) -> list[Trial]:
    """Move cases that can, unless it is a trial; return of each whether it can.

    A case that is over, or runs by another definition than the plan's old one, is passed over.
    """
    rows = conn.execute(sql.lock_cases, {"tenant": tenant, "ids": list(ids)}).fetchall()
    trials, written = list[Trial](), Written()
    held: dict[UUID, Held] = {}
    before: dict[UUID, bytes] = {}
    for id_, definition, state, seq, head in rows:
        case = unpacked(state)
        if definition != plan.old.hash or case.status is not bpmn.Status.RUNNING:
            continue
        trials.append(Trial(id_, tuple(blocked(plan, case))))
        if trials[-1].can and not is_trial:
            held[id_], before[id_] = Held(case, seq, bytes(head)), bytes(state)
            given = Given(id_, bpmn.Change(at, {}), actor, basis)
            note(given, held[id_], migrate(plan, case, at), written)
    if held:
        if plan.to:
            names = {"olds": list(plan.to), "news": list(plan.to.values())}
            conn.execute(sql.rename_waits, {"tenant": tenant, "ids": list(held), **names})
        write(conn, tenant, held, written, at=at)
        states = {"ids": list(before), "states": list(before.values())}
        target = {"definition": plan.new.hash, "process": plan.new.main.id}
        conn.execute(sql.move_cases, {"tenant": tenant, **states, **target})
    return trials


def take_back(
    conn: Connection,
    tenant: Tenant,
    ids: Sequence[UUID],
    *,
    actor: str,
    basis: str,
    at: datetime,
) -> list[UUID]:
    """Put cases back where they stood before they were moved; return those that could be.

    A case that took a step since stays where it is.
    """
    rows = conn.execute(sql.moved_cases, {"tenant": tenant, "ids": list(ids)}).fetchall()
    written, held = Written(), dict[UUID, Held]()
    for id_, state, seq, head, stood in rows:
        now, then = unpacked(state), unpacked(stood)
        held[id_] = Held(now, seq, bytes(head))
        about: bpmn.Variables = {"from": now.definition, "to": then.definition}
        event = bpmn.Event(bpmn.Happened.MOVED, then.process, min(then.places), about)
        opened = [
            bpmn.Opened(wait)
            for key, wait in then.waits.items()
            if now.waits.get(key) != wait and wait.kind is not bpmn.Kind.CONDITION
        ]
        renamed = now.waits.keys() & {one.wait.key for one in opened}
        conn.execute(sql.drop_waits, {"tenant": tenant, **_columns(id_, renamed)})
        given = Given(id_, bpmn.Change(at, {}), actor, basis)
        note(given, held[id_], bpmn.Outcome(then, [event], [*opened]), written)
    if held:
        write(conn, tenant, held, written, at=at)
        for id_, one in held.items():
            back = {"definition": one.case.definition, "process": one.case.process}
            conn.execute(sql.put_back, {"tenant": tenant, "id": id_, **back})
    return list(held)


def _columns(case: UUID, keys: Collection[int]) -> dict[str, list[UUID] | list[int]]:
    return {"case_ids": [case] * len(keys), "keys": list(keys)}
