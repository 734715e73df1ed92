"""The steps of a draft. Each is taken from a state, in a role, by somebody other than before.

Whoever takes one says what they saw last (`seen`): a form that was sent twice, or too late, is no
step. Callers own the transaction, and enter each step in the access log.
"""

from collections.abc import Mapping
from datetime import date, datetime

import msgspec

from renkei import kit
from renkei.law.drafting.checks import (
    OPEN,
    Hand,
    check_content,
    check_ready,
    check_role,
    check_same,
    locked,
    opened,
)
from renkei.law.drafting.contents import Content, Examined, digest_of, person_of
from renkei.law.drafting.drafts import Act, Draft, draft_of, sql
from renkei.law.drafting.errors import (
    DraftFieldMissing,
    DraftFieldTooLong,
    DraftFieldUnclean,
    DraftOtherContent,
    DraftOwn,
    DraftReviewedBySame,
    DraftRoleMissing,
    DraftStateWrong,
)
from renkei.law.staff_rights import Official

LONGEST = 2_000  # letters of remarks
NOT_REVIEWED: Mapping[str, object] = {"review": None, "reviewer": None}


def save(
    conn: kit.Connection,
    tenant: kit.Tenant,
    number: int | None,
    content: Content,
    *,
    result: str,
    hand: Hand,
) -> int:
    """Save a state of a draft, or the first of a new one; return the number of the draft.

    Whatever was submitted, reviewed or approved before is so no longer.
    """
    content.check()
    if number is None:
        check_role("law-drafter", "save", 0, hand.official)
        conn.execute(sql.one_draft_at_a_time, {"tenant": tenant, "draft": 0})
        row = conn.execute(sql.next_draft, {"tenant": tenant}).fetchone()
        number = int(row[0]) if row else 1
        step = 1
    else:
        step = opened(conn, tenant, number, "save", hand).last + 1
    facts = {
        "step": step,
        "saved": step,
        "digest": digest_of(content),
        "base": content.base,
        "result": result,
        "content": msgspec.json.encode(content).decode(),
    }
    _add(conn, tenant, number, "save", hand, facts)
    return number


def keep_trial(
    conn: kit.Connection,
    tenant: kit.Tenant,
    number: int,
    examined: Examined,
    trial: str,
    *,
    hand: Hand,
) -> None:
    """Keep what a draft would have done in the past, for the content it was tried for.

    Whoever may take any step of a draft may try it, as long as it may still become law.
    """
    draft = locked(conn, tenant, number, hand)
    if draft.state not in OPEN:
        raise DraftStateWrong(draft=number, state=draft.state, act="try")
    if not hand.official.roles & {"law-drafter", "law-reviewer", "law-approver"}:
        raise DraftRoleMissing(draft=number, role="law-drafter", act="try")
    check_content(draft, examined)
    _add(conn, tenant, number, "try", hand, _about(draft, examined) | {"trial": trial})


def submit(
    conn: kit.Connection,
    tenant: kit.Tenant,
    number: int,
    examined: Examined,
    *,
    hand: Hand,
    on: date,
) -> None:
    """Hand a draft in for review: without a finding, tried on the past, its days in order."""
    draft = opened(conn, tenant, number, "submit", hand)
    check_ready(draft, examined, on)
    _add(conn, tenant, number, "submit", hand, _about(draft, examined))


def send_back(
    conn: kit.Connection, tenant: kit.Tenant, number: int, *, remarks: str, hand: Hand
) -> None:
    """Give a draft back to whoever writes it, with remarks."""
    _turn_down(conn, tenant, number, "return", remarks, hand)


def reject(
    conn: kit.Connection, tenant: kit.Tenant, number: int, *, remarks: str, hand: Hand
) -> None:
    """Say that a draft does not become law, and why. It ends."""
    _turn_down(conn, tenant, number, "reject", remarks, hand)


def review(
    conn: kit.Connection,
    tenant: kit.Tenant,
    number: int,
    examined: Examined,
    *,
    digest: str,
    remarks: str,
    hand: Hand,
    on: date,
) -> None:
    """Find a draft in order. `digest` is of what the reviewer read."""
    draft = opened(conn, tenant, number, "review", hand)
    check_same(draft, digest)
    check_ready(draft, examined, on)
    facts = {**_about(draft, examined), "remarks": _clean(remarks)}
    _add(conn, tenant, number, "review", hand, facts | {"authors": sorted(draft.writers)})


def approve(
    conn: kit.Connection,
    tenant: kit.Tenant,
    number: int,
    examined: Examined,
    *,
    digest: str,
    remarks: str,
    hand: Hand,
    on: date,
) -> None:
    """Approve the content of this digest over the table it was reviewed for."""
    draft = opened(conn, tenant, number, "approve", hand)
    reviewed = draft.newest("review")
    if reviewed is None:
        raise DraftStateWrong(draft=number, state=draft.state, act="approve")
    reviewer, person = person_of(reviewed.by), person_of(hand.official.number)
    if reviewer == person:
        raise DraftReviewedBySame(draft=number, by=hand.official.number, act="approve")
    check_same(draft, digest)
    check_ready(draft, examined, on)
    if (reviewed.digest, reviewed.result) != (examined.digest, examined.result):
        raise DraftOtherContent(draft=number)
    facts = {
        **_about(draft, examined),
        "remarks": _clean(remarks),
        "authors": sorted(draft.writers),
        "review": reviewed.number,
        "reviewer": reviewer,
    }
    _add(conn, tenant, number, "approve", hand, facts)


def withdraw(
    conn: kit.Connection, tenant: kit.Tenant, number: int, *, remarks: str, hand: Hand
) -> None:
    """Take a draft back; it ends."""
    draft = opened(conn, tenant, number, "withdraw", hand)
    _add(conn, tenant, number, "withdraw", hand, _again(draft) | {"remarks": _clean(remarks)})


def check_approved(draft: Draft, *, digest: str, result: str) -> None:
    """Refuse to go on with what is not what was approved, or not by three persons."""
    approved = draft.newest("approve")
    reviewed = draft.newest("review")
    if draft.state not in ("approved", "enacted") or approved is None or reviewed is None:
        raise DraftStateWrong(draft=draft.number, state=draft.state, act="enact")
    reviewer, approver = person_of(reviewed.by), person_of(approved.by)
    if {reviewer, approver} & draft.writers:
        raise DraftOwn(draft=draft.number, by=approved.by, act="approve")
    if reviewer == approver:
        raise DraftReviewedBySame(draft=draft.number, by=approved.by, act="approve")
    if (approved.digest, approved.result) != (digest, result):
        raise DraftOtherContent(draft=draft.number)


def enact(
    conn: kit.Connection,
    tenant: kit.Tenant,
    number: int,
    *,
    digest: str,
    result: str,
    by: str,
    at: datetime,
) -> bool:
    """Note that what was approved stands in the files now; False where that was noted before."""
    conn.execute(sql.one_draft_at_a_time, {"tenant": tenant, "draft": number})
    draft = draft_of(conn, tenant, number)
    check_approved(draft, digest=digest, result=result)
    if draft.state == "enacted":
        return False
    hand = Hand(Official(by, frozenset(), frozenset()), at, draft.last)
    _add(conn, tenant, number, "enact", hand, _again(draft))
    return True


def _turn_down(
    conn: kit.Connection, tenant: kit.Tenant, number: int, act: Act, remarks: str, hand: Hand
) -> None:
    draft = opened(conn, tenant, number, act, hand)
    if not remarks.strip():
        raise DraftFieldMissing(field="remarks")
    facts = {**_again(draft), "remarks": _clean(remarks), "authors": sorted(draft.writers)}
    _add(conn, tenant, number, act, hand, facts)


def _about(draft: Draft, examined: Examined) -> dict[str, object]:
    return _again(draft) | {"result": examined.result}


def _again(draft: Draft) -> dict[str, object]:
    """Return what a step says of the content it is about."""
    save = draft.save
    return {
        "step": draft.last + 1,
        "saved": save.number,
        "digest": save.digest,
        "base": save.base,
        "result": save.result,
    }


def _clean(remarks: str) -> str:
    text = remarks.replace("\r\n", "\n").strip()
    if len(text) > LONGEST:
        raise DraftFieldTooLong(field="remarks", most=LONGEST, found=len(text))
    if "\0" in text:
        raise DraftFieldUnclean(field="remarks")
    return text


def _add(
    conn: kit.Connection,
    tenant: kit.Tenant,
    number: int,
    act: Act,
    hand: Hand,
    facts: Mapping[str, object],
) -> None:
    empty: dict[str, object] = {
        "remarks": "",
        "content": None,
        "trial": None,
        "authors": [],
        "review": None,
    }
    who = {"by_whom": hand.official.number, "person": person_of(hand.official.number)}
    told = {"tenant": tenant, "draft": number, "act": act, "at": hand.at}
    conn.execute(sql.add_step, {**empty, **NOT_REVIEWED, **who, **told, **facts})
