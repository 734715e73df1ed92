"""What people do to a case that does not go on by itself (案件への介入), and who may.

One person retries, skips, or chooses what is done next; values, tokens and the end of a case take
two (0060). Each says why, and for which event of the case, seen as its last one, it is meant.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from uuid import UUID, uuid5

import msgspec

from renkei import kit
from renkei.app.errors import LetterAwaited, NothingWaitsThere, StaffRoleMissing, TokenNotNamed
from renkei.app.settings import Settings
from renkei.app.sign_in.staff import StaffRole
from renkei.process import bpmn, cases
from renkei.process.bpmn import Kind
from renkei.process.cases import proposals
from renkei.process.partners import procedures

MAY: Mapping[str, frozenset[StaffRole]] = MappingProxyType(
    {
        "retry": frozenset({"operator", "officer"}),
        "skip": frozenset({"officer"}),
        "choose": frozenset({"officer"}),
        "arrived": frozenset({"officer"}),
        "propose": frozenset({"officer"}),
        "decide": frozenset({"officer", "approver"}),
        "look": frozenset({"officer", "approver"}),
        "withdraw": frozenset({"officer"}),
    }
)
"""Whoever runs the systems may let them try again; what decides about people is for who does."""


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button, or one command: by whom, why, what was seen, and its own key."""

    case: UUID
    seen: int | None
    reason: str
    actor: str
    key: str

    def given(self, command: bpmn.Command) -> cases.Given:
        """Return the command as the case takes it: once, and only where it was looked at."""
        reason = proposals.check_reason(self.reason)
        return cases.Given(self.case, command, self.actor, reason, self.key[:255], self.seen)

    def proposed(self, page: UUID, command: proposals.Proposable) -> proposals.Proposed:
        """Return it as a proposal; the same from the same page is the same."""
        said = msgspec.structs.replace(command, at=None)
        id_ = uuid5(page, repr((self.case, said, self.reason)))
        return proposals.Proposed(id_, self.case, self.seen or 0, command, self.reason, self.actor)


def check_role(settings: Settings, number: str, act: str) -> None:
    """See that a member of staff may do this, where the site names its staff."""
    staff = settings.staff.get(number)
    if staff is not None and not staff.roles & MAY[act]:
        raise StaffRoleMissing(roles=" / ".join(sorted(MAY[act])))


def wait_at(
    row: cases.CaseRow, element: str, kinds: Collection[Kind], *, place: int = 0
) -> bpmn.Wait:
    """Return the one wait of these kinds at an element, or say which there are."""
    fitting = [
        one
        for one in row.case.waits.values()
        if one.handler == element and one.kind in kinds and place in (0, one.place)
    ]
    if not fitting:
        there = sorted({one.handler for one in row.case.waits.values() if one.kind in kinds})
        raise NothingWaitsThere(element=element[:80], waits="、".join(there) or "–")
    _check_one(element, [one.place for one in fitting])
    return fitting[0]


def message_at(
    conn: kit.Connection, tenant: kit.Tenant, row: cases.CaseRow, element: str, *, place: int = 0
) -> bpmn.Wait:
    """Return the one message awaited at an element that a person may say has come."""
    wait = wait_at(row, element, {Kind.MESSAGE}, place=place)
    check_by_hand(conn, tenant, row.id, wait)
    return wait


def check_by_hand(conn: kit.Connection, tenant: kit.Tenant, case: UUID, wait: bpmn.Wait) -> None:
    """See that what a case waits for is a message, and comes by no partner's letter."""
    if wait.kind is not Kind.MESSAGE:
        raise NothingWaitsThere(element=str(wait.key), waits="–")
    if any(one.id == wait.correlation for one in procedures.of_case(conn, tenant, case)):
        raise LetterAwaited(element=wait.handler)


def place_at(row: cases.CaseRow, element: str, *, place: int = 0) -> int:
    """Return the one place at an element where a token rests, or say which there are."""
    fitting = [
        one.key
        for one in row.case.places.values()
        if one.parent and one.element == element and place in (0, one.key)
    ]
    if not fitting:
        there = sorted({one.element for one in row.case.places.values() if one.parent})
        raise NothingWaitsThere(element=element[:80], waits="、".join(there) or "–")
    _check_one(element, fitting)
    return fitting[0]


def _check_one(element: str, places: list[int]) -> None:
    if len(places) > 1:
        said = ", ".join(map(str, places))
        raise TokenNotNamed(count=len(places), element=element[:80], places=said)


def can_skip(row: cases.CaseRow, definition: bpmn.Definition, key: int) -> bool:
    """Tell whether a token would go on behind a place; the pure core tries it."""
    try:
        after = bpmn.advance(definition, row.case, bpmn.Skip(row.started_at, key)).case
    except bpmn.CommandUnfit:
        return False
    element = row.case.places[key].element
    new = (one for one in after.waits.values() if one.key >= row.case.next_key)
    return not any(one.kind is Kind.INCIDENT and one.handler == element for one in new)


def told(taken: cases.Taken, reader: kit.Language) -> dict[str, object]:
    """Return what became of a command."""
    return {
        "case": str(taken.given.case),
        "status": kit.say(f"case-status-{taken.status.value}", reader),
        "events": taken.seq,
        "again": taken.is_again,
    }


def told_again(row: cases.CaseRow, seq: int, reader: kit.Language) -> dict[str, object]:
    """Return that a command was taken before."""
    return {
        "case": str(row.id),
        "status": kit.say(f"case-status-{row.status.value}", reader),
        "events": seq,
        "again": True,
    }
