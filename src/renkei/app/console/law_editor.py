"""Writing a draft at the console: rows by a form of fields, as lines, or by a file; no script.

What is being written travels in the form until it is saved. The row in the fields is put among the
lines by every button, so nothing typed is lost; findings stand at the field they are about. The
rows of a file are shown first, and are of the draft once somebody has said so.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

import msgspec
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from renkei import audit, kit, law
from renkei.app.console.frame import HEADERS, Console, Visit
from renkei.app.console.law_drafts import SHOW, DraftPages, whole
from renkei.app.console.law_fields import (
    MANY,
    Choices,
    OpenRow,
    at_fields,
    empty_row,
    row_from,
    row_of,
    said,
)
from renkei.app.console.law_upload import differences, uploaded
from renkei.app.console.record_query import read_day
from renkei.app.sign_in.staff import StaffRole
from renkei.app.standards.drafts import Ground, step_entry
from renkei.law import drafting
from renkei.law.drafting import Content, Examined, Hand
from renkei.standard import Finding
from renkei.standard.amending import FILE, Kind, Line, lines_of, lines_of_table

DRAFTER: frozenset[StaffRole] = frozenset({"law-drafter"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """What is being written: of which draft, seen at which step, and the row in the fields.

    `given` are the lines of a file that are shown, and not of the draft yet.
    """

    draft: int
    seen: int
    content: Content
    row: OpenRow | None = None
    given: str = ""

    def with_rows(self, rows: Sequence[str]) -> "Sheet":
        """Return the sheet with other lines."""
        return replace(self, content=msgspec.structs.replace(self.content, rows="\n".join(rows)))

    @property
    def lines(self) -> list[Line]:
        """Return the lines that say something."""
        return list(lines_of(self.content.rows))

    def put(self) -> "Sheet":
        """Return the sheet with the row of the fields among its lines, where it was."""
        row = self.row
        if row is None or row.is_blank:
            return self
        rows = self.content.rows.split("\n") if self.content.rows else []
        names = {row.name, row.was}
        at = [one.number - 1 for one in self.lines if one.kind == row.kind and one.name in names]
        kept = [text for number, text in enumerate(rows) if number not in at]
        kept.insert(at[0] if at else len(kept), row.line)
        return replace(self.with_rows(kept), row=replace(row, was=row.name))

    def without(self, kind: str, name: str) -> "Sheet":
        """Return the sheet without the line of a name."""
        out = {one.number - 1 for one in self.lines if (one.kind, one.name) == (kind, name)}
        rows = self.content.rows.split("\n")
        return self.with_rows([text for number, text in enumerate(rows) if number not in out])


class Editor:
    """The page on which a draft is written."""

    def __init__(self, console: Console, ground: Ground) -> None:
        """Take the console, and the tables that are drafted over."""
        self._console = console
        self._ground = ground
        self._tenant = console.site.desk.tenant
        self._pages = DraftPages(console, ground)

    def routes(self) -> Sequence[Route]:
        """Return the route: who writes is a law drafter, and may give a file."""
        path, most = "/provisions/drafts/edit", drafting.LARGEST_FILE
        methods = ("GET", "POST")
        return [self._console.route(path, self.page, DRAFTER, methods=methods, upload=most)]

    def page(self, visit: Visit) -> Response:
        """Show what is being written, changed as the button says, or save it."""
        if visit.request.method != "POST":
            return self._shown(visit, self._begun(visit))
        do, _, about = visit.field("do").partition(" ")
        sheet = self._sheet(visit).put()
        if do == "save" and not sheet.given:
            return self._saved(visit, sheet)
        try:
            return self._shown(visit, self._done(visit, sheet, do, about))
        except drafting.DraftFileWrong as error:
            return self._shown(visit, sheet, said_first=error, status=error.status)

    def _begun(self, visit: Visit) -> Sheet:
        """Return a saved draft to go on with, or an empty one."""
        number = whole(visit.query("draft"))
        if number:
            with self._console.transaction() as conn:
                draft = drafting.draft_of(conn, self._tenant, number)
            return Sheet(number, draft.last, draft.content)
        content = Content(
            scope="standard",
            title="",
            reason="",
            since=kit.day_of(visit.at),
            retroactive="",
            base="",
            rows="",
        )
        return Sheet(0, 0, content)

    def _sheet(self, visit: Visit) -> Sheet:
        scopes = self._ground.scopes
        given = visit.field("scope")
        scope = next((one for one in scopes if one == given), scopes[0])
        content = Content(
            scope=scope,
            title=_plain(visit, "title"),
            reason=_plain(visit, "reason"),
            since=_since(visit),
            retroactive=_plain(visit, "retroactive"),
            base=self._ground.base(scope).version,
            rows=_rows(visit, "rows"),
        )
        row = row_from(visit, self._console.standard)
        numbers = (whole(visit.field("draft")), whole(visit.field("seen")))
        return Sheet(*numbers, content, row, _rows(visit, "given"))

    def _done(self, visit: Visit, sheet: Sheet, do: str, about: str) -> Sheet:
        """Return the sheet after a button: which row is in the fields, or which is gone."""
        kind, _, name = about.partition(" ")
        match do:
            case "new":
                of: Kind = "own_use" if kind == "own_use" else "provision"
                return replace(sheet, row=empty_row(of, self._tenant))
            case "open":
                found = [one for one in sheet.lines if (one.kind, one.name) == (kind, name)]
                return replace(sheet, row=row_of(found[0]) if found else None)
            case "remove":
                return replace(sheet.without(kind, name), row=None)
            case "load" | "take-out":
                return self._picked(visit, sheet, do)
            case "close":
                return replace(sheet, row=None)
            case "upload":
                return replace(sheet, row=None, given=uploaded(visit))
            case "take-file":
                rows = drafting.with_rows(sheet.content.rows, sheet.given)
                return replace(sheet.with_rows([rows]), given="")
            case "drop-file":
                return replace(sheet, given="")
        return sheet

    def _picked(self, visit: Visit, sheet: Sheet, do: Literal["load", "take-out"]) -> Sheet:
        """Return the sheet with a row of the table to write on, or with its end."""
        picked = " ".join(visit.field("picked").split())
        base = self._ground.base(sheet.content.scope)
        line = next((one for one in _table_lines(base) if one.name == picked), None)
        if line is None:
            return replace(sheet, row=None)
        sheet = sheet.without(line.kind, line.name)
        if do == "load":
            return replace(sheet, row=row_of(line)).put()
        rows = [text for text in sheet.content.rows.split("\n") if text]
        return replace(sheet.with_rows([*rows, f"-{line.name}"]), row=None)

    def _saved(self, visit: Visit, sheet: Sheet) -> Response:
        """Save the sheet as a state of its draft, and enter it."""
        tenant, mode = self._tenant, self._console.site.settings.mode
        hand = Hand(visit.staff.official, visit.at, sheet.seen)
        try:
            sheet.content.check()
            result = self._ground.examine(sheet.content).result
            with self._console.transaction() as conn:
                number = drafting.save(
                    conn, tenant, sheet.draft or None, sheet.content, result=result, hand=hand
                )
                draft = drafting.draft_of(conn, tenant, number)
                audit.append(conn, tenant, step_entry(tenant, mode, draft, at=visit.at))
        except drafting.FourEyesMissing as error:
            self._pages.enter_refusal(visit, sheet.draft, "save", error)
            raise
        except drafting.CANNOT_BE_SAVED as error:
            return self._shown(visit, sheet, said_first=error, status=error.status)
        return RedirectResponse(f"{SHOW}?draft={number}", 303, headers=HEADERS)

    def _shown(
        self,
        visit: Visit,
        sheet: Sheet,
        *,
        said_first: kit.NodeError | None = None,
        status: int = 200,
    ) -> Response:
        reader, content = visit.language, sheet.content
        base = self._ground.base(content.scope)
        examined = self._ground.examine(content, base)
        by_line, elsewhere = _parted(sheet, examined, reader)
        row = sheet.row
        if row is not None:
            own = [one for one in sheet.lines if (one.kind, one.name) == (row.kind, row.name)]
            found = [f for f in examined.findings if own and _is_at(f, own[0])]
            row = at_fields(row, found, reader)
        return self._console.page(
            visit,
            "law-editor.html",
            status=status,
            said_first=said_first.text(reader) if said_first else "",
            sheet=sheet,
            content=content,
            row=row,
            given=differences(sheet.given, sheet.lines, _table_lines(base)),
            many=MANY,
            lines=[(line, by_line.get(line.number, [])) for line in sheet.lines],
            known={line.name for line in _table_lines(base)},
            elsewhere=elsewhere,
            choices=Choices(self._console.standard, reader),
            scopes=self._ground.scopes,
            provenances=Choices(self._console.standard, reader).provenances(),
            is_past=content.since < kit.day_of(visit.at),
            most=drafting.FIELDS,
            day=_is_day,
        )


def _table_lines(table: law.ProvisionTable) -> list[Line]:
    return lines_of_table(table.provisions, table.own_uses)


def _parted(
    sheet: Sheet, examined: Examined, reader: kit.Language
) -> tuple[dict[int, list[str]], list[str]]:
    """Return findings by line of the draft, and those of the files under it."""
    by_line: dict[int, list[str]] = {}
    elsewhere = []
    for one in examined.findings:
        if one.place.file == FILE:
            by_line.setdefault(one.place.line, []).append(said(one, reader))
        else:
            elsewhere.append(said(one, reader))
    return by_line, elsewhere


def _is_at(finding: Finding, line: Line) -> bool:
    return finding.place.file == FILE and finding.place.line == line.number


def _is_day(text: str) -> bool:
    """Tell whether a field for days can hold a text; what it cannot is shown as it was typed."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return not text
    return True


def _plain(visit: Visit, name: str) -> str:
    return visit.field(name).replace("\r\n", "\n").strip()


def _since(visit: Visit) -> date:
    found = read_day(visit.field("since"))
    if found is None:
        raise drafting.DraftFieldMissing(field="since")
    return found


def _rows(visit: Visit, name: str) -> str:
    """Return the lines of a field of the form, tabs and all."""
    text = "".join(visit.form.get(name, ())[:1]).replace("\r\n", "\n")
    return "\n".join(line for line in text.split("\n") if line.strip())
