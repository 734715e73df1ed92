"""One draft of the provision table at the console: what it does, its history, the next step.

Who may take a step is asked of the law room, which knows nobody's page. A refused step is entered
before it is told; one that is taken, in the transaction that takes it.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from itertools import pairwise

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import audit, kit, law
from renkei.app.console.frame import HEADERS, PREFIX, Console, Visit
from renkei.app.console.law_fields import said
from renkei.app.console.law_picture import changed, picture
from renkei.app.console.record_query import read_day
from renkei.app.sign_in.staff import StaffRole
from renkei.app.standards.drafts import Ground, step_entry
from renkei.app.standards.kept_trials import read_trial, write_trial
from renkei.app.standards.lawful import compared_tables
from renkei.app.standards.replay import trial_entry, try_table
from renkei.law import drafting
from renkei.law.drafting import Draft, Hand

LAW: frozenset[StaffRole] = frozenset({"law-drafter", "law-reviewer", "law-approver"})
READERS: frozenset[StaffRole] = LAW | {"auditor", "oversight"}
SHOW = f"{PREFIX}/provisions/drafts/show"
MOST_DAYS = 400  # of the log that one trial reads

Step = Callable[[kit.Connection], None]


class DraftPages:
    """The pages of drafts, and their steps."""

    def __init__(self, console: Console, ground: Ground) -> None:
        """Take the console, and the tables that are drafted over."""
        self._console = console
        self._ground = ground
        self._tenant = console.site.desk.tenant

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._console.route
        return [
            route("/provisions/drafts/show", self.show, READERS),
            route("/provisions/drafts/try", self.attempt, LAW, methods=("POST",)),
            route("/provisions/drafts/step", self.step, LAW, methods=("POST",)),
        ]

    def show(self, visit: Visit) -> Response:
        """Show a draft."""
        draft = self._draft(whole(visit.query("draft")))
        content, reader, today = draft.content, visit.language, kit.day_of(visit.at)
        base = self._ground.base(content.scope)
        examined = self._ground.examine(content, base) if base.version == content.base else None
        rows = changed(base, examined.table) if examined else []
        tried = draft.newest("try")
        words = law.Words(self._console.standard, reader)
        return self._console.page(
            visit,
            "law-draft.html",
            one=draft,
            content=content,
            examined=examined,
            findings=[said(found, reader) for found in examined.findings] if examined else [],
            differences=compared_tables(base, examined.table) if examined else None,
            rows=rows,
            picture=picture(rows, today=today, since=content.since) if rows else None,
            today=today,
            is_past=content.since < today,
            trial=read_trial(str(tried.trial)).facts(words) if tried else None,
            tried=tried,
            steps=self._steps(visit, draft),
            edits=edits(draft),
            may_edit="law-drafter" in visit.staff.roles and draft.state in drafting.OPEN,
            may_try=bool(LAW & visit.staff.roles) and draft.state in drafting.OPEN,
            may_look="auditor" in visit.staff.roles,
            since=(today - timedelta(days=365)).isoformat(),
        )

    def attempt(self, visit: Visit) -> Response:
        """Try a draft on the decisions of a period, and keep what came of it with the draft."""
        number, today = whole(visit.field("draft")), kit.day_of(visit.at)
        examined = self._ground.examine(self._draft(number).content)
        until = read_day(visit.field("until")) or today
        earliest = until - timedelta(days=MOST_DAYS)
        since = max(read_day(visit.field("since")) or earliest, earliest)
        law_of = read_day(visit.field("law-of"))

        def taken(conn: kit.Connection) -> None:
            desk, known = self._console.site.desk, self._console.standard
            period: tuple[date, date] = (since, until)
            trial = try_table(*(conn, desk, known, examined.table, period), law_of=law_of)
            entry = trial_entry(desk, trial, by=visit.staff.number, at=visit.at)
            audit.append(conn, self._tenant, entry)
            text, hand = write_trial(trial), self._hand(visit)
            drafting.keep_trial(conn, self._tenant, number, examined, text, hand=hand)

        return self.take(visit, number, "try", taken)

    def step(self, visit: Visit) -> Response:
        """Take the step a button is for."""
        number, act = whole(visit.field("draft")), visit.field("act")
        hand, remarks, on = self._hand(visit), visit.field("remarks"), kit.day_of(visit.at)
        turned = {
            "return": drafting.send_back,
            "reject": drafting.reject,
            "withdraw": drafting.withdraw,
        }
        decided = {"review": drafting.review, "approve": drafting.approve}

        def taken(conn: kit.Connection) -> None:
            at = (conn, self._tenant, number)
            if act in turned:
                turned[act](*at, remarks=remarks, hand=hand)
                return
            examined = self._ground.examine(drafting.draft_of(*at).content)
            if act == "submit":
                drafting.submit(*at, examined, hand=hand, on=on)
            elif act in decided:
                read = visit.field("digest")
                decided[act](*at, examined, digest=read, remarks=remarks, hand=hand, on=on)
            else:
                raise drafting.DraftActUnknown(act=act[:20])

        return self.take(visit, number, act, taken)

    def take(self, visit: Visit, number: int, act: str, step: Step) -> Response:
        """Take a step and enter it, or enter that it was refused to this person."""
        tenant, mode = self._tenant, self._console.site.settings.mode
        try:
            with self._console.transaction() as conn:
                step(conn)
                draft = drafting.draft_of(conn, tenant, number)
                audit.append(conn, tenant, step_entry(tenant, mode, draft, at=visit.at))
        except drafting.FourEyesMissing as error:
            self.enter_refusal(visit, number, act, error)
            raise
        return RedirectResponse(f"{SHOW}?draft={number}", 303, headers=HEADERS)

    def enter_refusal(self, visit: Visit, number: int, act: str, error: kit.NodeError) -> None:
        """Enter a refused step in a transaction of its own: the other one was rolled back."""
        details = {
            "by": str(self._tenant),
            "act": f"law-{act}",
            "draft": str(number),
            "staff_reason": error.code(),
        }
        purpose = kit.say("law-draft-purpose", "ja")
        kind = audit.Kind.REFUSAL
        entry = self._console.entry(visit, kind, "refused", details, purpose=purpose)
        with self._console.transaction() as conn:
            audit.append(conn, self._tenant, entry)

    def _steps(self, visit: Visit, draft: Draft) -> list[str]:
        """Return the steps that are open to this visit; the room asks again when one is taken."""
        by = drafting.person_of(visit.staff.number)
        reviewed = draft.newest("review")
        found: list[str] = []
        for act, rule in drafting.MAY.items():
            role = rule.roles.get(draft.state)
            is_barred = rule.by_another and by in draft.writers
            if act == "approve" and reviewed is not None:
                is_barred |= drafting.person_of(reviewed.by) == by
            if act != "save" and role in visit.staff.roles and not is_barred:
                found.append(act)
        return found

    def _hand(self, visit: Visit) -> Hand:
        return Hand(visit.staff.official, visit.at, whole(visit.field("seen")))

    def _draft(self, number: int) -> Draft:
        with self._console.looking() as conn:
            return drafting.draft_of(conn, self._tenant, number)


def edits(draft: Draft) -> Mapping[int, list[tuple[str, object, object]]]:
    """Return, by step, what each save changed: the field, what it was, what it is."""
    found: dict[int, list[tuple[str, object, object]]] = {step.number: [] for step in draft.steps}
    saves = [(step.number, step.content) for step in draft.steps if step.content is not None]
    for (_, was), (number, now) in pairwise(saves):
        for name in ("scope", "title", "reason", "since", "retroactive"):
            if getattr(was, name) != getattr(now, name):
                found[number].append((name, getattr(was, name), getattr(now, name)))
        old, new = was.rows.split("\n"), now.rows.split("\n")
        gone, more = [x for x in old if x not in new], [x for x in new if x not in old]
        if gone or more:
            found[number].append(("rows", gone, more))
        if was.base != now.base:
            found[number].append(("base", was.base[:12], now.base[:12]))
    return found


def whole(text: str) -> int:
    """Return a number of a form; 0, which nothing has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
