"""名寄せ at the console: what waits, two records side by side, decisions and their undoing.

No register number stands in an address: opening a pair is a form, as deciding is.
"""

import uuid
from collections.abc import Sequence

from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import audit, kit, law, store
from renkei.app.commands.identities import decision_line, evidence_words
from renkei.app.console.desk_rights import DeskRights
from renkei.app.console.frame import HEADERS, PREFIX, Console, Section, Visit
from renkei.app.errors import ReviewRefused
from renkei.app.membership import code_lookup
from renkei.app.sign_in.staff import StaffRole
from renkei.store import people

ROLES: frozenset[StaffRole] = frozenset({"officer", "approver"})
FRONT = f"{PREFIX}/people"
PAGE = 25
PURPOSE = "名寄せ"
LONGEST_PURPOSE = 200
UNIT = "32"  # 団体内統合宛名
SERVICES = {"resident": ("01", "addressee"), "unregistered_person": ("22", "addressee")}


class PeoplePages:
    """The endpoints of the section."""

    def __init__(self, console: Console) -> None:
        """Take the console they are part of."""
        self._console = console
        self._seal = console.site.keys.seal()
        self._rights = DeskRights(console)

    def routes(self) -> Sequence[Route]:
        """Return the routes."""
        console = self._console
        return [
            console.route("/people", self.queue, ROLES),
            console.route("/people/pair", self.pair, ROLES, methods=("POST",)),
            console.route("/people/code", self.code, ROLES, methods=("POST",)),
            console.route("/people/decision", self.decide, ROLES, methods=("POST",)),
            console.route("/people/decisions", self.decisions, ROLES),
        ]

    def queue(self, visit: Visit) -> Response:
        """Show what waits, the most urgent first; no value of a person stands here."""
        page = visit.query("page")
        skip = PAGE * (max(int(page), 1) - 1 if page.isdigit() and len(page) < 6 else 0)
        tenant = self._tenant
        with self._console.transaction() as conn:
            found = people.queue(conn, tenant, limit=PAGE + 1, skip=skip)
            counted = people.standing(conn, tenant)
        waiting = sum(n for (state, _), n in counted.items() if state in people.WAITING)
        return self._console.page(
            visit,
            "people.html",
            rows=[(pair, evidence_words(pair, visit.language)) for pair in found[:PAGE]],
            waiting=waiting,
            page=skip // PAGE + 1,
            more=len(found) > PAGE,
        )

    def pair(self, visit: Visit) -> Response:
        """Show two records side by side; a protected pair only to two who say why they look."""
        reason = visit.field("look")
        act = "look" if reason else "review"
        second = self._rights.check(visit, act, UNIT, reason, is_restricted=bool(reason))
        with self._console.transaction() as conn:
            found = people.review(
                conn,
                self._tenant,
                {register: self._permit(visit, register) for register in SERVICES},
                self._numbers(visit),
                occasion=self._occasion(visit, reason, second),
                seal=self._seal,
                on=kit.day_of(visit.at),
                looked=bool(reason),
            )
        return self._console.page(
            visit,
            "people-pair.html",
            review=found,
            evidence=evidence_words(found.pair, visit.language),
            items=[self._row(visit, found, name) for name in people.SHOWN],
            decisions=[decision_line(one, visit.language) for one in found.decisions],
            undoable=found.pair.state.value in ("same", "different", "postponed"),
        )

    def code(self, visit: Visit) -> Response:
        """Show whose a linkage code is, or which codes somebody has, and enter the look."""
        sought, purpose = visit.field("sought").strip(), visit.field("purpose")
        day, tenant = kit.day_of(visit.at), self._tenant
        with self._console.transaction() as conn:
            found = code_lookup.find(conn, tenant, sought, on=day)
        act, hidden = code_lookup.ACT, found.is_protected
        second = self._rights.check(visit, act, UNIT, purpose, is_restricted=hidden)
        said = {"as": act} | ({"second": second} if second else {})
        entry = self._console.entry(
            visit, audit.Kind.VIEW, "seen", said, purpose=purpose[:LONGEST_PURPOSE], unit=UNIT
        )
        with self._console.transaction() as conn:
            shown = code_lookup.show(conn, tenant, found, seal=self._seal, entry=entry)
        return self._console.page(visit, "people-code.html", shown=shown)

    def decide(self, visit: Visit) -> Response:
        """Enter a decision of whoever is signed in, and show what waits next."""
        verdict = visit.field("verdict")
        if verdict not in list(people.Verdict):
            raise people.PairUnknown
        self._rights.check(visit, "review", UNIT, "")
        said = {"by": visit.staff.number, "reason": visit.field("reason")}
        day = kit.day_of(visit.at)
        with self._console.transaction() as conn:
            people.decide(
                conn,
                self._tenant,
                self._numbers(visit),
                people.Verdict(verdict),
                on=day,
                at=visit.at,
                **said,
            )
        return RedirectResponse(f"{FRONT}/decisions", 303, headers=HEADERS)

    def decisions(self, visit: Visit) -> Response:
        """Show the latest decisions of people, each with a way to open its pair and undo it."""
        with self._console.transaction() as conn:
            found = people.last_decisions(conn, self._tenant, limit=PAGE * 4)
        return self._console.page(visit, "people-decisions.html", decisions=found)

    @property
    def _tenant(self) -> kit.Tenant:
        return self._console.site.desk.tenant

    def _numbers(self, visit: Visit) -> tuple[str, str]:
        return visit.field("one"), visit.field("other")

    def _row(self, visit: Visit, found: people.Review, name: str) -> tuple[str, list[str], bool]:
        """Return an item's name, both values as people read them, and whether they differ."""
        item = self._console.standard.entity("unregistered_person").item(name)
        if item is None:
            return name, ["", ""], False
        values = [str((side.values or {}).get(name) or "") for side in found.sides]
        if item.code_list is not None:
            known = self._console.standard.code_list(item.code_list).values
            names = {one.value: one.ja if visit.language == "ja" else one.en for one in known}
            values = [names.get(value, value) for value in values]
        return item.ja if visit.language == "ja" else item.en, values, found.differs(name)

    def _permit(self, visit: Visit, register: str) -> law.Permit:
        """Return the leave of unit 32 to read a register, by the law of the day."""
        unit, service = SERVICES[register]
        known = self._console.standard
        day = kit.day_of(visit.at)
        interface = known.interface(unit, service)
        provision = next((p for p in known.basis(interface) if p.asker_unit == UNIT), None)
        if provision is None:
            raise ReviewRefused(reason=kit.say("refusal-asker-not-named", visit.language))
        asked = law.Request.in_house(
            *(self._tenant, provision.asker_kind, UNIT, provision.procedure),
            information=provision.information,
            items=people.shown_items(register),
        )
        match law.decide(asked, self._console.site.desk.provisions, day):
            case law.Permit() as permit:
                return permit
            case law.Refusal() as refusal:
                reason = kit.say(f"refusal-{refusal.reason}", visit.language)
                raise ReviewRefused(reason=reason)

    def _occasion(self, visit: Visit, reason: str, second: str) -> store.Occasion:
        details = {"staff": visit.staff.number, "as": "pair"}
        return store.Occasion(
            request=f"console/{uuid.uuid4()}",
            at=visit.at,
            mode=audit.Mode(self._console.site.settings.mode),
            purpose=reason[:LONGEST_PURPOSE] or PURPOSE,
            details=details | ({"second": second} if second else {}),
        )


def routes(console: Console) -> Sequence[Route]:
    """Return the routes of the section."""
    return PeoplePages(console).routes()


SECTION = Section("people", ROLES, routes)
