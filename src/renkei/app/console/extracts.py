"""Extracts (抽出) at the console: the list, one extract, approving it, running it."""

import shutil
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

from renkei import kit, law
from renkei.app.console.desk_rights import DeskRights
from renkei.app.console.extract_builder import Builder
from renkei.app.console.extract_drafts import draft_of
from renkei.app.console.extract_words import Words
from renkei.app.console.frame import HEADERS, PREFIX, Console, Section, Visit
from renkei.app.disclosure import extracting
from renkei.app.disclosure.extracting import Bureau, Order
from renkei.app.sign_in.staff import StaffRole
from renkei.store import extracts
from renkei.store.extracts import Extract, Form

ALL: frozenset[StaffRole] = frozenset({"officer", "approver"})
OFFICER: frozenset[StaffRole] = frozenset({"officer"})
APPROVER: frozenset[StaffRole] = frozenset({"approver"})
FRONT = f"{PREFIX}/extracts"


@dataclass(frozen=True, slots=True)
class Extracts:
    """The pages of extracts that are saved."""

    console: Console
    bureau: Bureau
    folder: Path

    def routes(self) -> Sequence[Route]:
        """Return the routes; who builds and runs is an officer, who approves an approver."""
        route = self.console.route
        builder = Builder(self.console, self.bureau)
        return [
            route("/extracts", self.front, ALL),
            route("/extracts/show", self.show, ALL),
            route("/extracts/approve", self.approve, APPROVER, methods=["POST"]),
            route("/extracts/run", self.run, OFFICER, methods=["POST"]),
            route("/extracts/build", builder.page, OFFICER, methods=["GET", "POST"]),
        ]

    def front(self, visit: Visit) -> Response:
        """List the saved extracts."""
        with self.console.transaction() as conn:
            found = extracts.extracts(conn, self.bureau.tenant)
        return self.console.page(
            visit,
            "extracts.html",
            extracts=found,
            unit=lambda number: self._unit(visit, number),
            may_build="officer" in visit.staff.roles,
        )

    def show(self, visit: Visit) -> Response:
        """Show one version, what the law says of it today, and what may be done with it."""
        return self._shown(visit, self._find(visit.query))

    def approve(self, visit: Visit) -> Response:
        """Approve a version."""
        found = self._find(visit.field)
        with self.console.transaction() as conn:
            extracts.approve(conn, self.bureau.tenant, found, by=visit.staff.number, at=visit.at)
        return RedirectResponse(_address(found), 303, headers=HEADERS)

    def run(self, visit: Visit) -> Response:
        """Run a version and give its file, which is not kept here."""
        found = self._find(visit.field)
        form = visit.field("form")
        if form not in [one.value for one in Form]:
            raise extracts.FormUnknown(suffix=form[:20] or "–")
        DeskRights(self.console).check(visit, "extract", found.unit, found.purpose)
        chosen = Form(form)
        folder = self.folder / uuid4().hex
        folder.mkdir(parents=True, mode=0o700)
        out = folder / f"{uuid4().hex}{chosen.suffix}"
        order = Order(
            form=chosen,
            out=out,
            by=f"{visit.staff.number} {visit.staff.name}",
            at=visit.at,
            language=visit.language,
        )
        try:
            done = extracting.run(
                self.bureau, found, order, clock=time.monotonic, progress=lambda _: None
            )
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        if isinstance(done, law.Refusal):
            shutil.rmtree(folder, ignore_errors=True)
            return self._shown(visit, found, status=403)
        day = kit.day_of(visit.at).isoformat()
        return FileResponse(
            out,
            filename=f"{found.name}-{found.version}-{day}{chosen.suffix}",
            headers=HEADERS,
            background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
        )

    def _shown(self, visit: Visit, found: Extract, status: int = 200) -> Response:
        with self.console.transaction() as conn:
            versions = extracts.versions(conn, self.bureau.tenant, found.name)
        asker = self.bureau.asker(found.unit, found.procedure, found.purpose)
        planned, answer = self.bureau.permits(found.query, asker, on=kit.day_of(visit.at))
        return self.console.page(
            visit,
            "extract.html",
            status=status,
            refused_now=status != 200,
            one=found,
            versions=versions,
            words=Words(found.query.sources, self.bureau.standard, visit.language),
            titles=extracts.titles(planned, visit.language),
            unit=self._unit(visit, found.unit),
            procedure=self._procedure(visit, found.procedure),
            refusal=answer if isinstance(answer, law.Refusal) else None,
            permits=() if isinstance(answer, law.Refusal) else answer,
            item=self.bureau.standard.item,
            forms=list(Form),
            draft=draft_of(found).render(),
            may_run="officer" in visit.staff.roles,
            may_approve="approver" in visit.staff.roles
            and found.approved_by is None
            and found.saved_by != visit.staff.number,
        )

    def _find(self, told: Callable[[str], str]) -> Extract:
        """Return the version that a form or an address tells."""
        version = told("version")
        with self.console.transaction() as conn:
            number = int(version) if version.isascii() and version.isdigit() else None
            return extracts.find(conn, self.bureau.tenant, told("name"), number)

    def _unit(self, visit: Visit, number: str) -> str:
        known = {unit.id: unit for unit in self.bureau.standard.units}
        unit = known.get(number)
        if unit is None:
            return number
        return f"{number} {unit.ja if visit.language == 'ja' else unit.en}"

    def _procedure(self, visit: Visit, code: str) -> str:
        known = {procedure.code: procedure for procedure in self.bureau.standard.procedures}
        found = known.get(code)
        if found is None:
            return code
        return f"{found.ja if visit.language == 'ja' else found.en} ({code})"


def _address(one: Extract) -> str:
    return f"{FRONT}/show?{urlencode({'name': one.name, 'version': one.version})}"


def _routes(console: Console) -> Sequence[Route]:
    site = console.site
    bureau = Bureau(
        *(lambda: site.desk, site.database, console.standard, site.keys.seal()),
        overlays=site.settings.overlays,
        is_apart=True,
    )
    folder = site.settings.state / "extracts"
    shutil.rmtree(folder, ignore_errors=True)  # what a stop left behind
    return Extracts(console, bureau, folder).routes()


SECTION = Section("extracts", ALL, _routes)
