"""`renkei people …`: who is the same person across the units, and who decides it."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from renkei.app.commands.terminal import DAY, AsJson, SettingsFile, language, parse_day, print_facts

people_commands = typer.Typer(
    help="One identity a person (団体内統合宛名). / 宛名番号の名寄せと統合。", no_args_is_help=True
)

On = Annotated[
    date | None,
    typer.Option(
        parser=parse_day, metavar=DAY, help="From which day it holds; default today. / 適用日。"
    ),
]
By = Annotated[str, typer.Option("--by", help="Who decides. / 決定する職員。")]
Reason = Annotated[str, typer.Option("--reason", help="Why. / 理由。")]
One = Annotated[str, typer.Argument(metavar="NUMBER", help="Register number. / 宛名番号。")]
Other = Annotated[str, typer.Argument(metavar="OTHER", help="The other one. / もう一方の番号。")]
DEFAULT_SETTINGS = Path("renkei.toml")


@people_commands.command("number")
def number(
    settings: SettingsFile = DEFAULT_SETTINGS, on: On = None, *, as_json: AsJson = False
) -> None:
    """Issue a unified number to all that have none. / 統合宛名番号のない宛名に付番する。"""
    from renkei.app.commands import identities as people

    print_facts(people.number(settings, on=on), as_json=as_json)


@people_commands.command("match")
def match(
    settings: SettingsFile = DEFAULT_SETTINGS,
    on: On = None,
    *,
    whole: Annotated[
        bool, typer.Option("--whole", help="All records, not only the news. / 全件を照合する。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Find pairs and merge the certain ones. / 名寄せを行い、確実な組を統合する。"""
    from renkei.app.commands import identities as people

    print_facts(people.match(settings, on=on, whole=whole, quiet=as_json), as_json=as_json)


@people_commands.command("queue")
def queue(
    settings: SettingsFile = DEFAULT_SETTINGS,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many. / 表示する件数。")] = 20,
    skip: Annotated[int, typer.Option(min=0, help="After how many. / 読み飛ばす件数。")] = 0,
    *,
    as_json: AsJson = False,
) -> None:
    """Show the pairs that wait for a decision. / 判断を待つ組を表示する。"""
    from renkei.app.commands import identities as people

    print_facts(people.queue(settings, language(), limit=limit, skip=skip), as_json=as_json)


@people_commands.command("decide")
def decide(
    one: One,
    other: Other,
    verdict: Annotated[
        Literal["same", "different", "postponed"],
        typer.Argument(metavar="VERDICT", help="same, different, postponed / 同一・別人・保留"),
    ],
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    on: On = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Decide whether two numbers are one person. / 同一人かどうかを決定する。"""
    from renkei.app.commands import identities as people

    facts = people.decide(settings, (one, other), verdict, by=by, reason=reason, on=on)
    print_facts(facts, as_json=as_json)


@people_commands.command("undo")
def undo(
    one: One,
    other: Other,
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    on: On = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Undo what was decided about two numbers. / 決定を取り消す。"""
    from renkei.app.commands import identities as people

    facts = people.decide(settings, (one, other), "undone", by=by, reason=reason, on=on)
    print_facts(facts, as_json=as_json)


@people_commands.command("show")
def show(
    number: Annotated[
        str,
        typer.Argument(metavar="NUMBER", help="Register or unified. / 宛名番号・統合宛名番号。"),
    ],
    settings: SettingsFile = DEFAULT_SETTINGS,
    on: On = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Show an identity, its history and decisions. / 統合宛名と経緯を表示する。"""
    from renkei.app.commands import identities as people

    print_facts(people.show(settings, number, language(), on=on), as_json=as_json)
