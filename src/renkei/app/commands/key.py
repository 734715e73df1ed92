"""The commands about a site's keys: new ones beside the present ones, without a stop."""

from pathlib import Path
from typing import Annotated

import typer

from renkei.app.commands.terminal import AsJson, print_facts

key_commands = typer.Typer(
    help="Make and rotate keys. / 鍵を作り、更新する。", no_args_is_help=True
)


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
    from renkei.app.membership.public_row import write_row
    from renkei.app.membership.rotation import Rotation
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


@key_commands.command()
def lock(
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    *,
    by: Annotated[
        Path | None,
        typer.Option(help="File of the key that opens them. / 開く鍵の置き場所(別媒体)。"),
    ] = None,
    credential: Annotated[
        str,
        typer.Option(help="Or the name systemd gives it by. / systemdのcredentialの名前。"),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Seal the key files by a key kept elsewhere. / 別に保管する鍵で、鍵ファイルに封をする。

    Whoever copies the disk has no key then. The file of --by is made if there is none: keep it in
    memory or on a medium, and a copy of it in a safe, for without it nothing here opens again.
    """
    from renkei.app.membership.key_lock import CREDENTIAL, FILE
    from renkei.app.membership.keys import Keys
    from renkei.app.settings import read_settings

    if (by is None) == (not credential):
        raise typer.BadParameter("--by か --credential のどちらか一つ / one of the two is wanted")
    site = read_settings(settings)
    where = f"{CREDENTIAL}{credential}" if by is None else f"{FILE}{by.resolve()}"
    file, sealed = Keys(site.keys, site.tenant).lock(where)
    print_facts({"locked_by": where, "file": str(file), "sealed": sealed}, as_json=as_json)


@key_commands.command()
def unlock(
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    *,
    as_json: AsJson = False,
) -> None:
    """Take the seal off the key files again. / 鍵ファイルの封を外す。"""
    from renkei.app.membership.keys import Keys
    from renkei.app.settings import read_settings

    site = read_settings(settings)
    opened = Keys(site.keys, site.tenant).unlock()
    print_facts({"opened": opened}, as_json=as_json)


@key_commands.command()
def custodian(
    file: Annotated[
        Path,
        typer.Argument(help="Where the private key goes; never overwritten. / 秘密鍵の置き場所。"),
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Make the key that opens kept bodies. / 保管した本文を開く鍵を作る。

    Keep the file away from the node, in two places: without it what is sealed to it stays sealed
    for ever. Put seal_to into the settings. To rotate, make another one, replace seal_to, restart,
    and keep the old file until `renkei bodies show` no longer names it.
    """
    from renkei.app.bodies.sealed_body import key_id
    from renkei.app.membership.keys import make_custodian_key

    key = make_custodian_key(file)
    facts = {"file": str(file), "seal_to": key.listed, "key": key_id(key.public)}
    print_facts(facts, as_json=as_json)
