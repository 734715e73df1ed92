"""The commands of a witness: make one, run one, see what it cosigned."""

from pathlib import Path
from typing import Annotated

import typer

from renkei.app.commands.terminal import AsJson, print_facts

witness_commands = typer.Typer(
    help="Witness logs (C2SP tlog-witness). / 記録の立会い(証人)を務める。", no_args_is_help=True
)

SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="Settings of the witness. / 証人の設定ファイル。")
]
DEFAULT = Path("witness.toml")


@witness_commands.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the witness. / 証人の場所。")],
    name: Annotated[str, typer.Option(help="Its name, as an address without https://. / 名称。")],
    listen: Annotated[str, typer.Option(help="host:port. / 待ち受けるアドレス。")] = (
        "127.0.0.1:8600"
    ),
    *,
    as_json: AsJson = False,
) -> None:
    """Make the keys and settings of a witness. / 証人の鍵と設定を作る。"""
    from renkei.app.witness.plan import found_witness, read_plan

    file = found_witness(folder, name, listen)
    keys = [str(one.key) for one in read_plan(file).cosigners()]
    print_facts({"settings": str(file), "keys": keys}, as_json=as_json)


@witness_commands.command()
def run(
    settings: SettingsFile = DEFAULT,
    *,
    with_parent: Annotated[
        bool,
        typer.Option("--with-parent", help="Stop when the starter does. / 起動元と共に止まる。"),
    ] = False,
) -> None:
    """Run a witness. / 証人を動かす。"""
    from renkei.app.witness.plan import read_plan
    from renkei.app.witness.running import run_witness

    run_witness(read_plan(settings), stop_with_parent=with_parent)


@witness_commands.command()
def show(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Show its keys and what it cosigned. / 鍵と、署名した記録を示す。

    Exits with 2 where a log signed what does not continue what was cosigned: two histories.
    """
    from renkei.app.witness.plan import read_plan
    from renkei.app.witness.state import WitnessState

    plan = read_plan(settings)
    state = WitnessState(plan.state)
    standing = {one.origin: one for one in state.standing()}
    conflicts = state.conflicts()
    facts: dict[str, object] = {
        "keys": [str(one.key) for one in plan.cosigners()],
        "logs": {
            origin: f"{standing[origin].size} ({standing[origin].at.isoformat()})"
            if origin in standing
            else None
            for origin in plan.logs
        },
        "conflicts": [
            {
                "origin": one.origin,
                "known": one.known,
                "at": one.at.isoformat(),
                "sent": one.sent.decode(),
            }
            for one in conflicts
        ],
    }
    print_facts(facts, as_json=as_json)
    if conflicts:
        raise typer.Exit(2)


@witness_commands.command()
def policy(
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of a site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
) -> None:
    """Print which witnesses a site's log needs. / 拠点の記録に必要な証人(方針)を示す。

    Whoever verifies compares it with what the witnesses themselves say of their keys.
    """
    from renkei.app.membership.keys import Keys
    from renkei.app.settings import read_settings

    site = read_settings(settings)
    key = Keys(site.keys, site.tenant).signer().verifier
    typer.echo(site.quorum.policy(key).render(), nl=False)
