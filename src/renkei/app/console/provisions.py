"""The provision table at the console: its drafts, and pasted rows tried on the past.

Pasted rows are kept nowhere: they are checked, compared and tried. That the log was read for them
is entered. What is to be law is a draft (`law_drafts`), written by `law_editor`.
"""

from collections.abc import Sequence
from datetime import timedelta

from starlette.responses import Response
from starlette.routing import Route

from renkei import kit, law, standard
from renkei.app.console.frame import Console, Section, Visit
from renkei.app.console.law_drafts import LAW, DraftPages
from renkei.app.console.law_editor import Editor
from renkei.app.console.record_query import read_day
from renkei.app.sign_in.staff import StaffRole
from renkei.app.standards.drafts import Ground
from renkei.app.standards.lawful import compared_tables
from renkei.app.standards.replay import Trial, trial_entry, try_table
from renkei.law import drafting
from renkei.standard.amending import amended

ROLES: frozenset[StaffRole] = frozenset({"auditor", "oversight"})
READERS = ROLES | LAW
MOST_DAYS = 400  # of the log that one page reads


class ProvisionPages:
    """The endpoints of the section."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console
        self._site = console.site

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        route = self._console.route
        return [
            route("/provisions", self.front, READERS),
            route("/provisions/trial", self.trial, READERS, methods=("POST",)),
        ]

    def front(self, visit: Visit) -> Response:
        """Show the table in force, and the form of a draft."""
        return self._page(visit)

    def trial(self, visit: Visit) -> Response:
        """Check a draft, compare it, and try it on the decisions of a period."""
        text = "\n".join(visit.form.get("draft", ())).replace("\r\n", "\n")
        draft = amended(standard.shipped_folder(), (), text)
        table = law.compiled(draft.provisions, draft.own_uses)
        findings = [one.text(visit.language) for one in draft.findings]
        differences = compared_tables(self._table, table)
        trial = None if findings else self._tried(visit, table)
        return self._page(
            visit, draft=text, findings=findings, differences=differences, trial=trial
        )

    def _tried(self, visit: Visit, table: law.ProvisionTable) -> Trial:
        today = kit.day_of(visit.at)
        until = read_day(visit.field("until")) or today
        earliest = until - timedelta(days=MOST_DAYS)
        since = max(read_day(visit.field("since")) or earliest, earliest)
        desk = self._site.desk
        with self._console.looking() as conn:
            trial = try_table(
                *(conn, desk, self._console.standard, table, (since, until)),
                law_of=read_day(visit.field("law_of")),
            )
        self._console.enter(trial_entry(desk, trial, by=visit.staff.number, at=visit.at))
        return trial

    def _page(
        self,
        visit: Visit,
        *,
        draft: str = "",
        findings: Sequence[str] = (),
        differences: dict[str, object] | None = None,
        trial: Trial | None = None,
    ) -> Response:
        today, table = kit.day_of(visit.at), self._table
        with self._console.looking() as conn:
            drafts = drafting.drafts(conn, self._site.desk.tenant)
        words = law.Words(self._console.standard, visit.language)
        return self._console.page(
            visit,
            "provisions.html",
            table=table,
            in_force=sum(row.in_force(today) for row in table.provisions),
            coming=[day for day in table.changes if day > today][:5],
            drafts=drafts,
            is_past=lambda one: one.content.since < today,
            may_draft="law-drafter" in visit.staff.roles,
            may_look="auditor" in visit.staff.roles,
            draft=draft,
            findings=findings,
            differences=differences,
            trial=trial.facts(words) if trial else None,
            since=visit.field("since") or (today - timedelta(days=365)).isoformat(),
            until=visit.field("until") or today.isoformat(),
            law_of=visit.field("law_of"),
        )

    @property
    def _table(self) -> law.ProvisionTable:
        return self._site.desk.provisions


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section."""
    ground = Ground(console.site.desk.provisions, console.site.settings.overlays)
    return [
        *ProvisionPages(console).routes(),
        *DraftPages(console, ground).routes(),
        *Editor(console, ground).routes(),
    ]


SECTION = Section("provisions", READERS, routes)
