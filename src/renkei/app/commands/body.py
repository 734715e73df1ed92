"""`renkei bodies …`: what was kept sealed, and opening it with its custodian's key."""

from pathlib import Path
from typing import Annotated

import typer

from renkei.app.commands.terminal import AsJson, print_facts

body_commands = typer.Typer(
    help="Kept bodies of messages. / 保管した電文の本文。", no_args_is_help=True
)


@body_commands.command("show")
def show(
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    *,
    as_json: AsJson = False,
) -> None:
    """Show which keys kept bodies are sealed to. / 保管した本文がどの鍵に封じられているかを示す。

    A key that is not named here any more opens nothing of this site, and may be destroyed.
    """
    from renkei.app.bodies.place import BodyPlace
    from renkei.app.settings import read_settings

    held = BodyPlace.of(read_settings(settings)).by_key()
    print_facts({key: one._asdict() for key, one in held.items()}, as_json=as_json)


@body_commands.command("open")
def open_(
    bundle: Annotated[
        Path, typer.Argument(metavar="BUNDLE", help="What `renkei evidence` wrote. / 証拠の束。")
    ],
    key: Annotated[
        Path, typer.Option(metavar="FILE", help="The custodian's key. / 開封責任者の鍵。")
    ],
    authority: Annotated[
        str, typer.Option(metavar="KEY", help="Of the members list. / 一覧に署名した機関の鍵。")
    ],
    out: Annotated[
        Path, typer.Option(metavar="FOLDER", help="Where the bodies go. / 本文の出力先。")
    ] = Path(),
    sealed: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="A sealed body beside it. / 束の外の封をした本文。"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Open the sealed bodies of one exchange. / 一つの照会の、封をした本文を開く。

    The evidence is verified first, and what is opened is held against its entries. No network and
    no node is needed: open it where the key is.
    """
    from renkei.app.bodies.opening import open_bodies
    from renkei.app.membership.keys import read_custodian_key

    opened = open_bodies(bundle, sealed or [], read_custodian_key(key), authority, out)
    if as_json:
        print_facts({"opened": [one.facts() for one in opened]}, as_json=True)
        return
    for one in opened:
        print_facts(one.facts(), as_json=False)
