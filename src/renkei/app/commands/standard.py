"""`renkei standard …`: checking, reading, comparing, exporting and releasing the standard."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

import typer

from renkei import kit
from renkei.app.commands.terminal import DAY, AsJson, language, parse_day, print_facts, progress_bar

standard_commands = typer.Typer(
    help="The standard as data. / データとしての標準。", no_args_is_help=True
)

Folder = Annotated[
    Path | None,
    typer.Argument(help="Catalogue folder; default: the shipped one. / 省略時は同梱のもの。"),
]
Overlays = Annotated[
    list[Path],
    typer.Option(
        "--overlay", help="Folder of an overlay; may repeat. / 重ね合わせの場所。複数可。"
    ),
]
Source = Annotated[
    Path | None, typer.Option("--from", help="Folder or file. / カタログか版のファイル。")
]
NONE: list[Path] = []


def today() -> date:
    """Return the day in Japan: forms offer what may be chosen on it."""
    return kit.day_of(datetime.now(UTC))


@standard_commands.command("check")
def check(folder: Folder = None, overlays: Overlays = NONE, *, as_json: AsJson = False) -> None:
    """Check a catalogue: findings by file and line, then its size. / カタログを検査する。"""
    from renkei.app.standards.catalogue import checked

    report = checked(folder, overlays)
    print_facts(report.facts(language()), as_json=as_json)
    if report.findings:
        raise typer.Exit(2)


@standard_commands.command("show")
def show(
    name: Annotated[
        str,
        typer.Argument(help="Id or name, e.g. 06-1-013, 06/income, 所得. / 番号か名称。"),
    ],
    source: Source = None,
    overlays: Overlays = NONE,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a definition and who uses it. / 定義と利用者を表示する。"""
    from renkei.app.standards.catalogue import opened
    from renkei.app.standards.definitions import describe

    found = describe(opened(source, overlays), name, language())
    if as_json:
        print_facts({"definitions": found}, as_json=True)
        return
    for number, facts in enumerate(found):
        if number:
            typer.echo("")
        print_facts(facts, as_json=False)


@standard_commands.command("diff")
def diff(
    old: Annotated[Path, typer.Argument(help="Folder or file. / 旧版のフォルダかファイル。")],
    new: Annotated[
        Path | None, typer.Argument(help="Default: the shipped one. / 新版。省略時は同梱。")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder for a migration skeleton. / 移行の雛形の出力先。")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Classify what changed between two releases, per consumer. / 二つの版の違いを分類する。"""
    from renkei.app.standards.catalogue import difference_facts, write_skeleton

    if out is not None:
        written = write_skeleton(old, new, out, language())
        print_facts({"files": [str(path) for path in written]}, as_json=as_json)
        return
    print_facts(difference_facts(old, new, language()), as_json=as_json)


@standard_commands.command("export")
def export(
    form: Annotated[
        Literal[
            "tables",
            "json-schema",
            "xsd",
            "wsdl",
            "openapi",
            "csv",
            "table-schema",
            "linkml",
            "migration",
            "python",
            "forms",
            "all",
        ],
        typer.Argument(metavar="FORMAT", help="One of those named below. / 下に挙げる形式。"),
    ],
    out: Annotated[Path, typer.Option(help="Folder for the files. / 出力先。")] = Path("generated"),
    source: Source = None,
    overlays: Overlays = NONE,
    *,
    as_json: AsJson = False,
) -> None:
    """Write what is generated from the standard. / 標準から作られるものを書き出す。

    tables json-schema xsd wsdl openapi csv table-schema linkml migration python forms all
    """
    from renkei.app.standards.catalogue import opened
    from renkei.app.standards.exports import write_export

    written = write_export(opened(source, overlays), form, out, on=today())
    print_facts({"files": [str(path) for path in written]}, as_json=as_json)


@standard_commands.command("site")
def site(
    out: Annotated[Path, typer.Option(help="Folder of the site. / 出力先。")] = Path(
        "generated/site"
    ),
    source: Source = None,
    overlays: Overlays = NONE,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the documentation site; open index.html from disk. / 説明サイトを書き出す。"""
    from renkei.app.standards.catalogue import opened
    from renkei.app.standards.exports import write_site

    with progress_bar("site", hidden=as_json) as progress:
        written = write_site(opened(source, overlays), out, progress, on=today())
    print_facts({"site": str(out / "index.html"), "pages": len(written)}, as_json=as_json)


@standard_commands.command("release")
def release(
    key: Annotated[
        Path, typer.Option(help="Signing key; made if missing. / 署名鍵。なければ作る。")
    ],
    out: Annotated[
        Path | None, typer.Option(help="Default: NAME-EDITION.release. / 出力先。")
    ] = None,
    issuer: Annotated[
        str, typer.Option(help="Name of the key. / 鍵の名称。")
    ] = "renkei.example/standard",
    folder: Folder = None,
    overlays: Overlays = NONE,
    *,
    as_json: AsJson = False,
) -> None:
    """Write one signed, content-hashed file. / 署名とハッシュの付いた一つのファイルにする。"""
    from renkei.app.standards.releasing import write_release

    at = datetime.now(UTC)
    facts = write_release(folder, overlays, key=key, issuer=issuer, out=out, at=at)
    print_facts(facts, as_json=as_json)


@standard_commands.command("accept")
def accept(
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    charset: Annotated[
        str,
        typer.Option(
            "--characters",
            help="What our systems hold; default: as before. / 文字セット。",
        ),
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Name in our row the releases we answer in. / 受け付ける版を公開の行に載せる。

    The releases are our own and those in the folder `releases` that are in force today. Hand the
    row (public.json) to the authority; others hear of it with the next members list.
    """
    from renkei.app.membership.initiation import accept_releases

    facts = accept_releases(settings, charset, on=today())
    print_facts(facts, as_json=as_json)


@standard_commands.command("editions")
def editions(
    files: Annotated[list[Path], typer.Argument(metavar="FILE", help="Releases. / 版のファイル。")],
    trust: Annotated[
        list[str], typer.Option(metavar="KEY", help="Trusted key; may repeat. / 信頼する検証鍵。")
    ],
    on: Annotated[
        date | None,
        typer.Option(parser=parse_day, metavar=DAY, help="Default: today. / 基準日。"),
    ] = None,
    interface: Annotated[
        str, typer.Option(help="E.g. 06/income: how each edition has it. / 例: 06/income。")
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Which releases are in force on a day; two may be. / その日に使う版を示す。"""
    from renkei.app.standards.releasing import editions_in_force

    facts = editions_in_force(files, trust, on=on or today(), interface=interface)
    print_facts(facts, as_json=as_json)
