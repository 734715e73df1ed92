"""`renkei tasks …`: people's tasks, and the calendar by which their days are reckoned."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from renkei.app.commands.cases import DEFAULT, By, Values
from renkei.app.commands.office_calendar import calendar_commands
from renkei.app.commands.terminal import DAY, AsJson, SettingsFile, language, parse_day, print_facts

if TYPE_CHECKING:
    from renkei import kit
    from renkei.app.settings import Settings
    from renkei.process import cases
    from renkei.process.tasks import Doer, Ref

task_commands = typer.Typer(help="Tasks of people. / 担当者のタスク。", no_args_is_help=True)
task_commands.add_typer(calendar_commands, name="calendar")

TaskName = Annotated[
    str, typer.Argument(metavar="TASK", help="As `tasks list` told it. / タスクの番号。")
]
Basis = Annotated[str, typer.Option(help="Why. / 根拠。")]
File = Annotated[Path, typer.Argument(metavar="FILE", help="A file. / ファイル。")]


def _task(name: str) -> "Ref":
    from renkei.process.tasks import Ref

    return Ref.parse(name)


def _doer(read: "Settings", by: str) -> "Doer":
    from renkei.app.processes.case_desk import doer

    return doer(read, by)


@task_commands.command("list")
def list_tasks(
    by: By,
    look: Annotated[
        str,
        typer.Option(
            help="mine, groups, second (for me to confirm), told (reminders), all. / 一覧の種類。"
        ),
    ] = "groups",
    process: Annotated[str, typer.Option(help="Of one process. / プロセスで絞る。")] = "",
    after: Annotated[str, typer.Option(help="Go on behind there. / 続きから示す。")] = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Show tasks in the order in which they are to be done. / タスクを、すべき順に示す。"""
    from renkei import kit
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import task_desk
    from renkei.app.site import now
    from renkei.process import tasks

    if look not in list(tasks.Look):
        raise typer.BadParameter(", ".join(tasks.Look), param_hint="--look")
    with node_transaction(settings) as (read, conn):
        wanted = tasks.Look(look)
        who = _doer(read, by)
        found = tasks.tasks(conn, read.tenant, wanted, who, process=process, after=after)
    on, reader = kit.day_of(now()), language()
    lines: list[object] = [
        task_desk.facts(one) if as_json else task_desk.line(one, reader, on=on)
        for one in found.lines
    ]
    print_facts({"tasks": lines, "after": found.after}, as_json=as_json)


@task_commands.command("show")
def show(
    task: TaskName, by: By, settings: SettingsFile = DEFAULT, *, as_json: AsJson = False
) -> None:
    """Show one task, with the schema of its form. / タスクを、様式のスキーマとともに示す。"""
    from renkei import kit
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import task_desk
    from renkei.app.site import now, site_standard
    from renkei.process import tasks
    from renkei.process.cases.closed_days import calendar_of
    from renkei.process.cases.task_rows import deadline_of

    with node_transaction(settings) as (read, conn):
        who, one = _doer(read, by), tasks.task_of(conn, read.tenant, _task(task))
        one.check_may_see(who)
        deadline = deadline_of(conn, read.tenant, one.ref.case)
        calendar = calendar_of(conn, read.tenant)
        remarks = tasks.comments(conn, read.tenant, one.ref.case)
        files = tasks.attachments(conn, read.tenant, one.ref.case)
        known = site_standard(read)
    used = None if deadline is None else deadline.used(calendar, kit.day_of(now()))
    facts = task_desk.shown(one, deadline, known, who, language(), used=used, as_json=as_json)
    beside = {
        "comments": [f"{said.id} {said.said_by} {said.said}" for said in remarks],
        "attachments": [f"{file.id} {file.name} {file.size}" for file in files],
    }
    print_facts({**facts, **beside}, as_json=as_json)


@task_commands.command("claim")
def claim(
    task: TaskName, by: By, settings: SettingsFile = DEFAULT, *, as_json: AsJson = False
) -> None:
    """Take a task on. / タスクを引き受ける。"""
    from renkei.process import tasks

    _do(task, by, settings, tasks.claim, as_json=as_json)


@task_commands.command("release")
def release(
    task: TaskName, by: By, settings: SettingsFile = DEFAULT, *, as_json: AsJson = False
) -> None:
    """Give a task back to its groups. / タスクを担当の組織へ戻す。"""
    from renkei.process import tasks

    _do(task, by, settings, tasks.release, as_json=as_json)


@task_commands.command("delegate")
def delegate(
    task: TaskName,
    to: Annotated[
        str, typer.Argument(metavar="TO", help="staff:NUMBER, or a group. / 職員か組織。")
    ],
    by: By,
    said: Annotated[str, typer.Option("--note", help="A word with it. / 申し送り。")] = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Hand a task on to a person, or offer it to one more group. / 職員か組織へ引き継ぐ。"""
    from renkei.app.processes.case_desk import colleague
    from renkei.process import tasks

    def verb(conn: "kit.Connection", read: "Settings", ref: "Ref", **how: Any) -> None:
        colleague(read, to)
        tasks.delegate(conn, read.tenant, ref, to=to, said=said, **how)

    _run(task, by, settings, verb, as_json=as_json)


@task_commands.command("postpone")
def postpone(
    task: TaskName,
    until: Annotated[
        str, typer.Argument(metavar=DAY, help="When to look at it again; - : now. / 再確認の日。")
    ],
    by: By,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Say when a task is to be looked at again. / 再確認の日を決める。"""
    from renkei.process import tasks

    day = None if until == "-" else parse_day(until)
    _do(task, by, settings, tasks.postpone, as_json=as_json, until=day)


@task_commands.command("comment")
def comment(
    task: TaskName,
    said: Annotated[str, typer.Argument(metavar="TEXT", help="What to say. / 本文。")],
    by: By,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Write a comment about a task. / コメントを書く。"""
    from renkei.process import tasks

    _do(task, by, settings, tasks.comment, said, as_json=as_json)


@task_commands.command("attach")
def attach(
    task: TaskName, file: File, by: By, settings: SettingsFile = DEFAULT, *, as_json: AsJson = False
) -> None:
    """Put a file with the case of a task. / ファイルを添付する。"""
    from renkei.app.processes.models import read_bytes
    from renkei.process import tasks

    _do(task, by, settings, tasks.attach, file.name, read_bytes(file), as_json=as_json)


@task_commands.command("done")
def done(
    task: TaskName,
    by: By,
    values: Values = None,
    basis: Basis = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Do a task; under four eyes it then waits for a second person. / タスクを終える。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import case_desk
    from renkei.app.site import now, site_standard
    from renkei.process import tasks

    told = case_desk.variables_of(values or [])
    with node_transaction(settings) as (read, conn):
        about = (_task(task), told, case_desk.library_of(read), site_standard(read))
        who = _doer(read, by)
        taken = tasks.complete(conn, read.tenant, *about, doer=who, at=now(), basis=basis)
    _print_taken(task, taken, as_json=as_json)


@task_commands.command("confirm")
def confirm(
    task: TaskName,
    by: By,
    basis: Basis = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Confirm what another person entered. / ほかの人の入力を確認し、進める。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import case_desk
    from renkei.app.site import now
    from renkei.process import tasks

    with node_transaction(settings) as (read, conn):
        who, about = _doer(read, by), (_task(task), case_desk.library_of(read))
        taken = tasks.confirm(conn, read.tenant, *about, doer=who, at=now(), basis=basis)
    _print_taken(task, taken, as_json=as_json)


@task_commands.command("send-back")
def send_back(
    task: TaskName,
    reason: Annotated[str, typer.Argument(metavar="REASON", help="Why. / 理由。")],
    by: By,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Send back what another person entered. / ほかの人の入力を差し戻す。"""
    from renkei.process import tasks

    _do(task, by, settings, tasks.send_back, reason, as_json=as_json)


@task_commands.command("erase")
def erase(
    id_: Annotated[UUID, typer.Argument(metavar="ID", help="Of a comment or file. / 番号。")],
    by: By,
    basis: Annotated[str, typer.Option(help="Why. / 根拠。")],
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Erase the text of a comment, or a file. / コメントの本文か添付ファイルを消去する。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.site import now
    from renkei.process import tasks

    with node_transaction(settings) as (read, conn):
        tasks.erase(conn, read.tenant, id_, doer=_doer(read, by), basis=basis, at=now())
    print_facts({"erased": str(id_)}, as_json=as_json)


def _do(
    task: str,
    by: str,
    settings: Path,
    verb: Callable[..., object],
    *given: object,
    as_json: bool,
    **more: object,
) -> None:
    """Run a verb of tasks with what the command was given."""

    def run(conn: "kit.Connection", read: "Settings", ref: "Ref", **how: object) -> None:
        verb(conn, read.tenant, ref, *given, **more, **how)

    _run(task, by, settings, run, as_json=as_json)


def _run(task: str, by: str, settings: Path, run: Callable[..., None], *, as_json: bool) -> None:
    """Run something with a task as who asks for it, and show how it is with the task then."""
    from renkei import kit
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.site import now
    from renkei.process import tasks

    with node_transaction(settings) as (read, conn):
        ref = _task(task)
        run(conn, read, ref, doer=_doer(read, by), at=now())
        one = tasks.task_of(conn, read.tenant, ref)
    state = kit.say(f"task-state-{one.state.value}", language())
    facts = {"task": task, "state": state, "assignee": one.assignee, "follow_up": one.follow_up}
    print_facts(facts, as_json=as_json)


def _print_taken(task: str, taken: "cases.Taken | None", *, as_json: bool) -> None:
    from renkei import kit
    from renkei.app.processes.task_desk import second_look

    facts: dict[str, object] = {"task": task}
    if taken is None:
        facts["state"] = second_look(language())
    else:
        facts["status"] = kit.say(f"case-status-{taken.status.value}", language())
        facts["events"] = taken.seq
    print_facts(facts, as_json=as_json)
