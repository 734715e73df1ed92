"""`renkei sandbox`: a node to try one's own system against, and what to do with it."""

import json
import signal
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from renkei import kit
from renkei.app.commands.terminal import AsJson, language

FOLDER = Path(".sandbox")
ENDS = signal.SIGINT, signal.SIGTERM


def sandbox(
    unit: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NUMBER", help="A unit of yours; may repeat. / 試すユニット。複数可。"
        ),
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where it lives. / 置き場所。")] = FOLDER,
    people: Annotated[
        int, typer.Option(min=1_000, help="Residents of each town. / 各町の住民。")
    ] = 2_000,
    seed: Annotated[int, typer.Option(help="Same seed, same people. / 同じ種なら同じ人物。")] = 7,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Of your node. / ノードのポート。")
    ] = None,
    echo: Annotated[
        list[str] | None,
        typer.Option(
            metavar="UNIT/SERVICE",
            help="A system behind the partner that says what came. / 相手側の応答システム。",
        ),
    ] = None,
    provider: Annotated[
        list[str] | None,
        typer.Option(
            metavar="UNIT/SERVICE=URL",
            help="Your system, for the partner to call. / 相手に使わせる自分のシステム。",
        ),
    ] = None,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="Found it and end. / 作るだけで終わる。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """A node with a simulated partner, for vendors. / 模擬の相手つきノード(開発者向け)。"""
    from renkei import standard
    from renkei.app.demo.demonstration import Narrator
    from renkei.app.sandbox.echo import echo_system
    from renkei.app.sandbox.guide import facts, tell, write_curl
    from renkei.app.sandbox.sites import UNITS, open_sandbox
    from renkei.app.sandbox.systems import Systems, parse_provider
    from renkei.app.site import now

    own = dict(parse_provider(one) for one in provider or ())
    units = tuple(dict.fromkeys(unit or UNITS))
    for number in units:
        standard.catalogue().unit(number)  # or it is said that there is none
    narrator = Narrator(language(), quiet=as_json)
    narrator.tell("synthetic")
    for signum in ENDS:
        signal.signal(signum, _end)
    try:
        with (
            echo_system() as url,
            open_sandbox(
                folder,
                units=units,
                people=people,
                seed=seed,
                port=port,
                at=now(),
                narrator=narrator,
                systems=(systems := Systems(dict.fromkeys(echo or (), url), own)),
            ) as stage,
        ):
            write_curl(stage, units, on=kit.day_of(now()))
            if as_json:
                found = facts(stage, units, systems, on=kit.day_of(now()))
                sys.stdout.write(json.dumps(found, ensure_ascii=False) + "\n")
                sys.stdout.flush()
            else:
                tell(stage, units, systems, on=kit.day_of(now()))
            while not once:
                time.sleep(1)
            narrator.tell("stopping")
    except KeyboardInterrupt:
        narrator.tell("stopping")


def _end(*_: object) -> None:
    """End once: who is impatient does not interrupt the stopping."""
    for signum in ENDS:
        signal.signal(signum, signal.SIG_IGN)
    raise KeyboardInterrupt
