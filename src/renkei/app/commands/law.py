"""`renkei law …`: one decision explained, and the table of provisions shown, compared, checked."""

from datetime import date
from getpass import getuser
from pathlib import Path
from typing import Annotated, Literal

import typer

from renkei.app.commands.standard import NONE, Folder, Overlays, Source, today
from renkei.app.commands.terminal import DAY, AsJson, language, parse_day, print_facts

law_commands = typer.Typer(
    help="Who may ask whom for what, and why. / 法令上の根拠。", no_args_is_help=True
)

OnDay = Annotated[
    date | None, typer.Option(parser=parse_day, metavar=DAY, help="Default: today. / 基準日。")
]
Kind = Literal["municipality", "prefecture", "state", "firm", "own"]
REFUSED = 2  # the exit code of a lawful no


@law_commands.command("explain")
def explain(
    asker: Annotated[
        str, typer.Argument(metavar="ASKER/UNIT", help="E.g. 131016/15. / 照会元と業務ユニット。")
    ],
    procedure: Annotated[str, typer.Argument(help="事務手続コード. / 例: JT99000000001501。")],
    service: Annotated[str, typer.Argument(help="E.g. 06/income. / 照会するサービス。")],
    holder: Annotated[
        str, typer.Option(help="Default: the asker itself, in-house. / 提供元。省略時は庁内。")
    ] = "",
    items: Annotated[
        str, typer.Option(help="Names or numbers, by commas; default: all. / 項目。")
    ] = "",
    year: Annotated[int | None, typer.Option(help="The service's year. / 年度。")] = None,
    consent: Annotated[str, typer.Option(help="Reference of the consent. / 同意の番号。")] = "",
    relation: Annotated[
        Literal["applicant", "household", "guardian", "minor"],
        typer.Option(help="Whom it is about. / 対象者の関係。"),
    ] = "applicant",
    asker_kind: Annotated[
        Kind, typer.Option(help="Kind of asker. / 照会元の種類。")
    ] = "municipality",
    holder_kind: Annotated[
        Kind | None, typer.Option(help="Default: as the asker. / 提供元の種類。")
    ] = None,
    on: OnDay = None,
    source: Source = None,
    overlays: Overlays = NONE,
    *,
    as_json: AsJson = False,
) -> None:
    """Say whether a request is permitted, and why. / 許可されるかと、その理由を示す。

    Exit status: 0 permitted, 2 refused.
    """
    from renkei.app.standards.catalogue import opened
    from renkei.app.standards.lawful import Wanted, explained

    wanted = Wanted(
        asker=asker,
        asker_kind=asker_kind,
        holder=holder,
        holder_kind=holder_kind or "",
        procedure=procedure,
        service=service,
        items=tuple(name for name in items.split(",") if name),
        year=year,
        consent=consent,
        relation=relation,
    )
    is_permitted, facts = explained(wanted, opened(source, overlays), on or today(), language())
    if as_json:
        print_facts(facts, as_json=True)
    else:
        words = facts["words"]
        typer.echo("\n".join(words if isinstance(words, list) else []))
    if not is_permitted:
        raise typer.Exit(REFUSED)


@law_commands.command("show")
def show(
    row: Annotated[str, typer.Argument(help="Row, or its beginning. / 根拠の行(前方一致)。")] = "",
    on: OnDay = None,
    source: Source = None,
    overlays: Overlays = NONE,
    *,
    as_json: AsJson = False,
) -> None:
    """Show rows of the table; without a name those in force. / 根拠表の行を表示する。"""
    from renkei.app.standards.catalogue import opened
    from renkei.app.standards.lawful import shown

    found = shown(opened(source, overlays), row, on or today())
    if as_json:
        print_facts({"provisions": found}, as_json=True)
        return
    for facts in found:
        if row:
            print_facts(facts, as_json=False)
            typer.echo("")
        else:
            typer.echo(f"{facts['row']}  {facts['citation']}")


@law_commands.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(help="Folder or file. / 旧い表のフォルダかファイル。")],
    new: Annotated[
        Path | None, typer.Argument(help="Default: the shipped one. / 新しい表。省略時は同梱。")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare two tables, row by row and field by field. / 二つの根拠表を比べる。"""
    from renkei.app.standards.catalogue import opened
    from renkei.app.standards.lawful import compared

    print_facts(compared(opened(old), opened(new)), as_json=as_json)


@law_commands.command("check")
def check(
    folder: Folder = None,
    overlays: Overlays = NONE,
    on: OnDay = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Findings about the table, by file and line. / 根拠表の指摘を示す。"""
    from renkei.app.standards.lawful import checked_table

    facts = checked_table(folder, overlays, on or today(), language())
    print_facts(facts, as_json=as_json)
    if facts["findings"]:
        raise typer.Exit(2)


@law_commands.command("simulate")
def simulate(
    table: Annotated[
        Path, typer.Option("--table", help="Folder or file of the other table. / 試す根拠表。")
    ],
    since: Annotated[
        date | None,
        typer.Option(parser=parse_day, metavar=DAY, help="Default: a year ago. / 期間の初日。"),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option(parser=parse_day, metavar=DAY, help="Default: today. / 期間の末日。"),
    ] = None,
    law_of: Annotated[
        date | None,
        typer.Option(
            "--law-of",
            parser=parse_day,
            metavar=DAY,
            help="As if what holds on this day had been law. / この日の規定で判断する。",
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Staff number. / 職員番号。")] = "",
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    *,
    as_json: AsJson = False,
) -> None:
    """What would another table have said to what was asked? / 過去の照会で根拠表を試算する。

    The organisation's own log is read; examples are names of entries, never persons. That it was
    read is entered.
    """
    from renkei import audit, kit, law
    from renkei.app.settings import read_settings
    from renkei.app.site import now, read_desk, running_database, site_standard
    from renkei.app.standards.catalogue import opened
    from renkei.app.standards.replay import trial_entry, try_table

    plan = read_settings(settings)
    last = until or today()
    period = (since or last.replace(year=last.year - 1, day=min(last.day, 28)), last)
    desk, known, tried = read_desk(plan), site_standard(plan), law.table_of(opened(table))
    with (
        running_database(plan) as dsn,
        kit.Database(dsn, size=1) as database,
        database.transaction(plan.tenant) as conn,
    ):
        trial = try_table(conn, desk, known, tried, period, law_of=law_of)
        entry = trial_entry(desk, trial, by=by or getuser(), at=now())
        audit.append(conn, plan.tenant, entry)
    reader = language()
    facts = trial.facts(law.Words(known, reader))
    if as_json:
        print_facts(facts, as_json=True)
        return
    changes = facts.pop("changes")
    print_facts(facts, as_json=False)
    for change in changes if isinstance(changes, list) else []:
        typer.echo("")
        print_facts(change, as_json=False)
