"""The commands that compare an owner's records with those of a site."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from renkei import kit
from renkei.app.commands.terminal import DAY, AsJson, language, parse_day, print_facts

On = Annotated[
    date | None,
    typer.Option(
        parser=parse_day, metavar=DAY, help="Day the file states; default today. / 基準日。"
    ),
]
EntityName = Annotated[str, typer.Option(help="Default: the file's name. / 省略時はファイル名。")]


def digest(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A snapshot. / 全件データ。")],
    tenant: Annotated[str, typer.Option(help="Whose records. / 団体コードか法人番号。")],
    entity: EntityName = "",
    on: On = None,
    out: Annotated[
        Path | None, typer.Option(help="Default: beside the file. / 出力先。省略時は同じ場所。")
    ] = None,
    overlay: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="Overlays in force here; may repeat. / 重ね合わせ。"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Digest a snapshot by block, without a database. / 全件データのダイジェストを作る。"""
    from renkei.app.deliveries.intake import finding_line
    from renkei.app.deliveries.reconciling import write_digests
    from renkei.app.site import now

    target, made, findings = write_digests(
        file,
        entity or file.name.split(".", 1)[0],
        tenant=kit.tenant(tenant),
        on=on or kit.day_of(now()),
        out=out,
        overlays=overlay or (),
    )
    if made is None:
        lines = [finding_line(one, language()) for one in findings.kept]
        print_facts({"errors": findings.errors, "findings": lines}, as_json=as_json)
        raise typer.Exit(2)
    facts = {"file": str(target), "records": made.records, "blocks": len(made.blocks)}
    print_facts(facts, as_json=as_json)


def reconcile(
    paths: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|DIR",
            help="Snapshots, digest files or folders. / 全件データかダイジェスト、フォルダー。",
        ),
    ],
    entity: EntityName = "",
    on: On = None,
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    *,
    keys: Annotated[
        bool,
        typer.Option("--keys", help="Print the keys that differ: personal. / 異なる鍵を表示する。"),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Compare owners' files with the store. / 取り込まずに統合DBと突き合わせる。"""
    from renkei.app.deliveries.reconciling import reconcile_files

    compared = reconcile_files(settings, paths, entity=entity, on=on, keys=keys)
    found = {str(one.file): one.facts(language()) for one in compared}
    if as_json:
        print_facts(found, as_json=True)
    else:
        for name, facts in found.items():
            print_facts({"file": name, **facts}, as_json=False)
    if not all(one.agrees for one in compared):
        raise typer.Exit(2)


def balance(
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    on: Annotated[
        date | None,
        typer.Option(
            "--day", parser=parse_day, metavar=DAY, help="Default: yesterday. / 省略時は前日。"
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Compare a day's exchanges with the other parties' logs. / 照会の記録を三者で突き合わせる。

    At the log operator: find the questions of which neither party has an end.
    Exits with 2 where somebody lacks an entry, with 3 where somebody could not be asked.
    """
    from renkei.app.keeping.findings_told import lacks_of
    from renkei.app.keeping.left_questions import compare_ends
    from renkei.app.keeping.reconciliation import reconcile_at, reconcile_day
    from renkei.app.settings import read_settings

    plan = read_settings(settings)
    found = reconcile_at(plan, on, compare_ends if plan.role == "log" else reconcile_day)
    lacks = lacks_of(found)
    facts = {
        "day": found.day,
        "compared": found.compared,
        "unreached": list(found.unreached),
        "lacks": [one.text(language()) for one in lacks],
    }
    print_facts(facts, as_json=as_json)
    if lacks or found.unreached:
        raise typer.Exit(2 if lacks else 3)
