"""`renkei extract …`: saving, approving, showing and running extracts."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from renkei import kit
from renkei.app.commands.terminal import AsJson, SettingsFile, language, print_facts, progress_bar

if TYPE_CHECKING:
    from renkei import law
    from renkei.app.disclosure.extracting import Bureau, Delivered
    from renkei.store.extracts import Extract

extract_commands = typer.Typer(
    help="Saved, permitted queries as files. / 保存・承認された条件による抽出。",
    no_args_is_help=True,
)

Name = Annotated[str, typer.Argument(help="Name of the extract. / 抽出の名前。")]
Version = Annotated[
    int | None, typer.Option("--version", help="Default: the newest. / 省略時は最新の版。")
]
By = Annotated[str, typer.Option("--by", help="Staff number. / 職員番号。")]
DEFAULT = Path("renkei.toml")
REFUSED = 2  # the exit code of a lawful no


@extract_commands.command("list")
def list_extracts(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """List the saved extracts. / 保存された抽出を一覧にする。"""
    from renkei.store import extracts

    with _bureau(settings) as bureau, bureau.database.transaction(bureau.tenant) as conn:
        found = extracts.extracts(conn, bureau.tenant)
    if as_json:
        print_facts({"extracts": [_facts(one) for one in found]}, as_json=True)
        return
    for one in found:
        approved = one.approved_by or "–"
        typer.echo(f"{one.name} ({one.version})  {one.unit} {one.procedure}  {approved}")
        typer.echo(f"  {one.purpose}")


@extract_commands.command("show")
def show(
    name: Name,
    version: Version = None,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Show an extract and the permits it has today. / 抽出の内容と今日の根拠を表示する。"""
    from renkei import law
    from renkei.app.site import now
    from renkei.store import extracts

    with _bureau(settings) as bureau:
        with bureau.database.transaction(bureau.tenant) as conn:
            found = extracts.find(conn, bureau.tenant, name, version)
        asker = bureau.asker(found.unit, found.procedure, found.purpose)
        _, answer = bureau.permits(found.query, asker, on=kit.day_of(now()))
    facts = _facts(found)
    if isinstance(answer, law.Refusal):
        facts |= _refusal(answer, bureau)
    else:
        facts["permits"] = [one.permit.provision for one in answer]
    print_facts(facts, as_json=as_json)


@extract_commands.command("save")
def save(
    name: Name,
    query: Annotated[
        Path, typer.Argument(metavar="FILE", help="Query as JSON. / 抽出条件(JSON)。")
    ],
    unit: Annotated[str, typer.Option(help="Two digits. / 業務ユニットの番号。")],
    procedure: Annotated[str, typer.Option(help="JT… / 事務手続コード。")],
    purpose: Annotated[str, typer.Option(help="Why. / 利用目的。")],
    by: By,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Save a query as the next version, if the law permits it. / 抽出条件を新しい版で保存する。"""
    from renkei import law
    from renkei.app.disclosure import extracting
    from renkei.app.errors import FileUnreadable
    from renkei.app.site import now
    from renkei.store import extracts

    try:
        text = query.read_bytes()
    except OSError as error:
        raise FileUnreadable(file=str(query), reason=error.strerror or "") from error
    parsed = extracts.parse_query(text)
    with _bureau(settings) as bureau:
        asker = bureau.asker(unit, procedure, purpose)
        saved = extracting.save(bureau, name, parsed, asker, by=by, at=now())
        if isinstance(saved, law.Refusal):
            print_facts(_refusal(saved, bureau), as_json=as_json)
            raise typer.Exit(REFUSED)
    print_facts({"extract": name, "version": saved}, as_json=as_json)


@extract_commands.command("approve")
def approve(
    name: Name,
    by: By,
    version: Version = None,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Approve a version somebody else saved. / 他の職員が保存した版を承認する。"""
    from renkei.app.site import now
    from renkei.store import extracts

    with _bureau(settings) as bureau, bureau.database.transaction(bureau.tenant) as conn:
        found = extracts.find(conn, bureau.tenant, name, version)
        extracts.approve(conn, bureau.tenant, found, by=by, at=now())
    print_facts({"extract": name, "version": found.version, "approved_by": by}, as_json=as_json)


@extract_commands.command("run")
def run(
    name: Name,
    out: Annotated[Path, typer.Option(help="The file to be. / 出力ファイル。")],
    by: By,
    form: Annotated[
        Literal["csv", "csv-windows-31j", "xlsx", "parquet", "pdf"] | None,
        typer.Option("--format", help="Default: by the file's name. / 省略時は拡張子から。"),
    ] = None,
    version: Version = None,
    rows: Annotated[int, typer.Option("--most-rows", help="Limit. / 行数の上限。")] = 1_000_000,
    seconds: Annotated[float, typer.Option("--most-seconds", help="Limit. / 秒数の上限。")] = 300,
    size: Annotated[int, typer.Option("--most-bytes", help="Limit. / ファイルの大きさの上限。")] = 2
    * 2**30,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Run an approved extract into a file. / 承認された抽出を実行し、ファイルに出力する。"""
    from renkei import law
    from renkei.app.disclosure import extracting
    from renkei.app.site import now
    from renkei.store import extracts

    chosen = form or out.suffix.removeprefix(".")
    if chosen not in [one.value for one in extracts.Form]:
        raise extracts.FormUnknown(suffix=out.suffix or "–")
    order = extracting.Order(
        form=extracts.Form(chosen),
        out=out,
        by=by,
        at=now(),
        language=language(),
        limits=extracts.Limits(rows=rows, seconds=seconds, size=size),
    )
    with _bureau(settings) as bureau:
        with bureau.database.transaction(bureau.tenant) as conn:
            found = extracts.find(conn, bureau.tenant, name, version)
        with progress_bar(name, hidden=as_json) as tell:
            delivered = extracting.run(
                bureau,
                found,
                order,
                clock=time.monotonic,
                progress=lambda done: tell(done, rows),
            )
        if isinstance(delivered, law.Refusal):
            print_facts(_refusal(delivered, bureau), as_json=as_json)
            raise typer.Exit(REFUSED)
    print_facts(_delivered(delivered), as_json=as_json)


@contextmanager
def _bureau(file: Path) -> "Iterator[Bureau]":
    """Give what extracts of a site need, whether its node runs or not."""
    from renkei.app.deliveries.intake import site_database
    from renkei.app.disclosure.extracting import Bureau
    from renkei.app.errors import RoleWrong
    from renkei.app.membership.keys import Keys
    from renkei.app.settings import read_settings
    from renkei.app.site import read_desk, site_standard

    settings = read_settings(file)
    if settings.role != "node":
        raise RoleWrong(role=settings.role, command="hub")
    seal = Keys(settings.keys, settings.tenant).seal()
    desk, known = read_desk(settings), site_standard(settings)
    with site_database(settings, known) as database:
        yield Bureau(lambda: desk, database, known, seal)


def _facts(one: "Extract") -> dict[str, object]:
    import json

    from renkei.store.extracts import render_query

    return {
        "extract": one.name,
        "version": one.version,
        "unit": one.unit,
        "procedure": one.procedure,
        "purpose": one.purpose,
        "saved_by": one.saved_by,
        "saved_at": one.saved_at.isoformat(),
        "approved_by": one.approved_by,
        "query": json.loads(render_query(one.query)),
    }


def _delivered(delivered: "Delivered") -> dict[str, object]:
    output, reader = delivered.output, language()
    return {
        "file": str(delivered.file),
        "rows": output.rows,
        "persons": delivered.persons,
        "bytes": output.size,
        "sha256": output.sha256,
        "request": delivered.request,
        "missing": [
            kit.say("extract-missing", reader, character=m.character, count=m.count, row=m.row)
            for m in output.written.missing
        ],
        "marked": output.written.marked,
    }


def _refusal(refusal: "law.Refusal", bureau: "Bureau") -> dict[str, object]:
    reader = language()
    named = [bureau.standard.item(number) for number in refusal.request.items]
    return {
        "refused": kit.say(f"refusal-{refusal.reason}", reader),
        "items": [f"{item.id} {item.ja if reader == 'ja' else item.en}" for item in named],
    }
