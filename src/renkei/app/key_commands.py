"""The commands about a site's keys: new ones beside the present ones, without a stop."""

from pathlib import Path
from typing import Annotated

import typer

from renkei.app.terminal import AsJson, print_facts

key_commands = typer.Typer(help="Rotate the keys of a site. / 鍵を更新する。", no_args_is_help=True)


@key_commands.command()
def rotate(
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="Leave the old ones out. / 古い鍵を外す。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make new keys and the row that names them. / 新しい鍵と、それを載せる行を作る。

    Hand the row (public.json) to the authority. The site uses the new keys by itself once the list
    in force names them; then hand in the row of --finish, and when the list has dropped the old
    keys, so does the site.
    """
    from renkei import federation
    from renkei.app.initiation import write_row
    from renkei.app.rotation import Rotation
    from renkei.app.settings import read_settings
    from renkei.app.site import now, read_desk

    site = read_settings(settings)
    desk, rotation = read_desk(site), Rotation.of(site)
    row = rotation.finish(desk.members, desk.me) if finish else rotation.begin(desk.me, at=now())
    public = settings.parent / "public.json"
    write_row(row, public)
    facts = {
        "public": str(public),
        "certificates": list(map(federation.fingerprint, row.all_certificates)),
    }
    print_facts(facts, as_json=as_json)
