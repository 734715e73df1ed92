"""Who may take which step of a draft, from where, and what must be in order for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from renkei import kit
from renkei.law.drafting.contents import Examined, person_of
from renkei.law.drafting.drafts import Act, Draft, State, draft_of, sql
from renkei.law.drafting.errors import (
    DraftBaseMoved,
    DraftDefective,
    DraftEffectEarlier,
    DraftFieldMissing,
    DraftOtherContent,
    DraftOvertaken,
    DraftOwn,
    DraftRetroactive,
    DraftRoleMissing,
    DraftStateWrong,
    DraftUntried,
    DraftWithoutEffect,
)
from renkei.law.staff_rights import Official

OPEN: frozenset[State] = frozenset({"drafted", "submitted", "returned", "reviewed", "approved"})


class Rule(NamedTuple):
    """From which states a step is taken, in which role there, and whether by another person."""

    roles: Mapping[State, str]
    by_another: bool = False


MAY: Mapping[Act, Rule] = MappingProxyType(
    {
        "save": Rule(dict.fromkeys(OPEN, "law-drafter")),
        "submit": Rule({"drafted": "law-drafter"}),
        "withdraw": Rule(dict.fromkeys(OPEN, "law-drafter")),
        "return": Rule({"submitted": "law-reviewer", "reviewed": "law-approver"}, by_another=True),
        "review": Rule({"submitted": "law-reviewer"}, by_another=True),
        "approve": Rule({"reviewed": "law-approver"}, by_another=True),
        "reject": Rule({"reviewed": "law-approver"}, by_another=True),
    }
)


@dataclass(frozen=True, slots=True)
class Hand:
    """Who takes a step, when, and what they saw of the draft: its last step."""

    official: Official
    at: datetime
    seen: int


def locked(conn: kit.Connection, tenant: kit.Tenant, number: int, hand: Hand) -> Draft:
    """Return a draft that nobody else goes on with before our transaction ends."""
    conn.execute(sql.one_draft_at_a_time, {"tenant": tenant, "draft": number})
    draft = draft_of(conn, tenant, number)
    if draft.last != hand.seen:
        raise DraftOvertaken(draft=number, last=draft.last, seen=hand.seen)
    return draft


def opened(conn: kit.Connection, tenant: kit.Tenant, number: int, act: Act, hand: Hand) -> Draft:
    """Return a draft with which this may be done, in this state, by this hand."""
    draft, rule = locked(conn, tenant, number, hand), MAY[act]
    role = rule.roles.get(draft.state)
    if role is None:
        raise DraftStateWrong(draft=number, state=draft.state, act=act)
    check_role(role, act, number, hand.official)
    if rule.by_another and person_of(hand.official.number) in draft.writers:
        raise DraftOwn(draft=number, by=hand.official.number, act=act)
    return draft


def check_role(role: str, act: Act, number: int, official: Official) -> None:
    if role not in official.roles:
        raise DraftRoleMissing(draft=number, role=role, act=act)


def check_same(draft: Draft, digest: str) -> None:
    if draft.digest != digest:
        raise DraftOtherContent(draft=draft.number)


def check_content(draft: Draft, examined: Examined) -> None:
    """See that what was examined is what the draft says, over the table it was written for."""
    check_same(draft, examined.digest)
    base = draft.content.base
    if examined.base != base:
        raise DraftBaseMoved(draft=draft.number, base=base[:12], found=examined.base[:12])
    if examined.findings:
        raise DraftDefective(draft=draft.number, count=len(examined.findings))


def check_ready(draft: Draft, examined: Examined, on: date) -> None:
    """See that nothing is missing for a decision on a day."""
    check_content(draft, examined)
    content = draft.content
    if not content.reason.strip():
        raise DraftFieldMissing(field="reason")
    if examined.first is None:
        raise DraftWithoutEffect(draft=draft.number)
    if examined.first < content.since:
        facts = {"since": content.since.isoformat(), "first": examined.first.isoformat()}
        raise DraftEffectEarlier(draft=draft.number, **facts)
    if content.since < on and not content.retroactive.strip():
        days = {"since": content.since.isoformat(), "on": on.isoformat()}
        raise DraftRetroactive(draft=draft.number, **days)
    if draft.newest("try") is None:
        raise DraftUntried(draft=draft.number)
