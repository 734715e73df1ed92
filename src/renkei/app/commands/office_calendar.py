"""`renkei tasks calendar …`: the days the office is closed, by which working days are counted."""

from pathlib import Path
from typing import Annotated

import typer

from renkei.app.commands.cases import DEFAULT
from renkei.app.commands.terminal import AsJson, SettingsFile, print_facts

calendar_commands = typer.Typer(help="Days the office is closed. / 閉庁日。", no_args_is_help=True)

File = Annotated[Path, typer.Argument(metavar="FILE", help="Days and names. / 閉庁日のファイル。")]


@calendar_commands.command("load")
def load(file: File, settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Take over the closed days of the years a file names. / 閉庁日のファイルを取り込む。

    A line is a day, a tab and its name. All days of cases and tasks are reckoned anew.
    """
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes.models import read_bytes
    from renkei.app.processes.task_desk import load_calendar

    with node_transaction(settings) as (read, conn):
        facts = load_calendar(conn, read.tenant, read_bytes(file), file.name)
    print_facts(facts, as_json=as_json)


@calendar_commands.command("show")
def show_calendar(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Show the closed days beside Saturdays and Sundays. / 土日以外の閉庁日を示す。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.process.cases.closed_days import closed_days

    with node_transaction(settings) as (read, conn):
        days = closed_days(conn, read.tenant)
    lines = [f"{day} {name}" for day, name in days.items()]
    print_facts({"closed_days": lines}, as_json=as_json)
