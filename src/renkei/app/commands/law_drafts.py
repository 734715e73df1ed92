"""`renkei law drafts`, `draft`, `export`, `apply`: drafts of the table, and what is approved."""

from getpass import getuser
from pathlib import Path
from typing import Annotated

import typer

from renkei.app.commands.terminal import AsJson, language, print_facts

draft_commands = typer.Typer()  # of `renkei law`

Number = Annotated[
    int, typer.Argument(min=1, metavar="NUMBER", help="Of the draft. / 改正案の番号。")
]
Settings = Annotated[
    Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
]
RENKEI_TOML = Path("renkei.toml")


@draft_commands.command("drafts")
def drafts(settings: Settings = RENKEI_TOML, *, as_json: AsJson = False) -> None:
    """List the drafts of the table, the newest first. / 根拠表の改正案を一覧する。"""
    from renkei.app.standards.draft_desk import draft_desk

    with draft_desk(settings) as desk:
        found = desk.listed(language())
    if as_json:
        print_facts({"drafts": found}, as_json=True)
        return
    for one in found:
        typer.echo(f"{one['draft']}  {one['state']}  {one['in_force_from']}  {one['title']}")


@draft_commands.command("draft")
def draft(number: Number, settings: Settings = RENKEI_TOML, *, as_json: AsJson = False) -> None:
    """Show a draft, its rows and who did what with it. / 改正案と、その経過を示す。"""
    from renkei.app.standards.draft_desk import draft_desk

    with draft_desk(settings) as desk:
        print_facts(desk.shown(number, language()), as_json=as_json)


@draft_commands.command("export")
def export(
    number: Number,
    out: Annotated[
        Path | None, typer.Option(help="Default: law-NUMBER.amendment. / 書き出すファイル。")
    ] = None,
    settings: Settings = RENKEI_TOML,
    *,
    as_json: AsJson = False,
) -> None:
    """Write an approved draft as a signed record. / 承認された改正案を署名付きで書き出す。"""
    from renkei.app.standards.draft_desk import draft_desk

    with draft_desk(settings) as desk:
        facts = desk.export(number, out or Path(f"law-{number}.amendment"))
    print_facts(facts, as_json=as_json)


@draft_commands.command("apply")
def apply(
    record: Annotated[Path, typer.Argument(metavar="RECORD", help="From export. / 署名付き記録。")],
    trust: Annotated[
        list[str], typer.Option("--trust", help="Key that may have signed. / 信頼する署名鍵。")
    ],
    folder: Annotated[
        Path | None,
        typer.Option("--source", help="Folder of the standard to change. / 標準のフォルダ。"),
    ] = None,
    overlays: Annotated[
        list[Path] | None,
        typer.Option("--overlay", help="Of the house; the last one is changed. / オーバーレイ。"),
    ] = None,
    settings: Annotated[
        Path | None,
        typer.Option(
            "--settings", "-s", help="Of the site that approved it: noted there. / 承認した拠点。"
        ),
    ] = None,
    by: Annotated[str, typer.Option("--by", help="Staff number. / 職員番号。")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Fold an approved draft into the files of the table. / 承認済みの改正案を表に反映する。

    Nothing is written unless the table is then the approved one. To do it again changes nothing.
    Afterwards release the standard as ever (`renkei standard release`).
    """
    from renkei.app.standards.amendments import read_record
    from renkei.app.standards.draft_desk import apply_record, draft_desk

    organisation, found = read_record(record, trust)
    if settings is None:
        facts = apply_record(found, folder, overlays or ())
    else:
        with draft_desk(settings) as desk:
            facts = desk.apply(organisation, found, folder, overlays or (), by=by or getuser())
    print_facts(facts, as_json=as_json)
