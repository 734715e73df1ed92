"""`renkei cases …`: definitions put in force, cases begun, looked at and led on."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from renkei.app.commands.terminal import (
    DAY,
    AsJson,
    SettingsFile,
    language,
    parse_day,
    print_facts,
)

case_commands = typer.Typer(
    help="Processes and their cases. / 業務プロセスと案件。", no_args_is_help=True
)

By = Annotated[str, typer.Option("--by", help="Staff number. / 職員番号。")]
CaseNumber = Annotated[
    UUID, typer.Argument(metavar="CASE", help="As `cases begin` told it. / 案件番号。")
]
Values = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME=VALUE", help="Values as in FEEL. / 値(FEEL の書き方)。"),
]
Key = Annotated[str, typer.Option(help="By which people know it. / 受付番号など。")]
Purpose = Annotated[str, typer.Option(help="What for; it is entered. / 目的(アクセス記録に残る)。")]
DEFAULT = Path("renkei.toml")


@case_commands.command("deploy")
def deploy(
    model: Annotated[Path, typer.Argument(metavar="FILE", help="BPMN 2.0. / モデルのファイル。")],
    valid_from: Annotated[
        str, typer.Option("--from", metavar=DAY, help="The first day it counts. / 施行日。")
    ],
    by: By,
    settings: SettingsFile = DEFAULT,
    *,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Also with errors in it. / 誤りがあっても施行する。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a model in force from a day on; cases that run go on by theirs. / 定義を施行する。"""
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes import case_desk
    from renkei.app.processes.findings import check_fit
    from renkei.app.processes.models import read_model
    from renkei.app.site import now, site_standard
    from renkei.process import cases

    read = node_settings(settings)
    definition, who = read_model(model), case_desk.actor(read, by)
    day = parse_day(valid_from)
    if not anyway:
        check_fit(definition, site_standard(read), on=day)
    with site_database(read) as database, database.transaction(read.tenant) as conn:
        signer = case_desk.signer_of(read)
        held = cases.deploy(
            conn, read.tenant, definition, valid_from=day, by=who, signer=signer, at=now()
        )
    facts = {"process": held.process, "version": held.version, "definition": held.hash}
    print_facts(facts, as_json=as_json)


@case_commands.command("begin")
def begin(
    process: Annotated[str, typer.Argument(metavar="PROCESS", help="Its id. / プロセスの識別子。")],
    values: Values = None,
    by: By = "",
    on: Annotated[
        str, typer.Option(metavar=DAY, help="Day of application; default today. / 申請日。")
    ] = "",
    key: Key = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Begin a case by the definition of its day. / 案件を始める。"""
    from renkei import kit
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import case_desk
    from renkei.app.site import now

    told, at = case_desk.variables_of(values or []), now()
    day = parse_day(on) if on else kit.day_of(at)
    with node_transaction(settings) as (read, conn):
        id_ = case_desk.begin(conn, read, process, told, by=by, on=day, business_key=key, at=at)
    print_facts({"case": str(id_)}, as_json=as_json)


@case_commands.command("list")
def list_cases(
    process: Annotated[str, typer.Option(help="Of one process. / プロセスで絞る。")] = "",
    at: Annotated[str, typer.Option(help="Waiting there. / 待っている場所で絞る。")] = "",
    having: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="n=1, n<5, child.age>=3, or a name that is known. / 値で絞る。",
        ),
    ] = None,
    status: Annotated[
        str, typer.Option(help="running, completed, cancelled, stuck. / 状態で絞る。")
    ] = "",
    since: Annotated[
        str, typer.Option("--from", metavar=DAY, help="Begun from. / 開始日から。")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar=DAY, help="Begun until. / 開始日まで。")
    ] = "",
    key: Key = "",
    after: Annotated[
        UUID | None, typer.Option(metavar="CASE", help="The next page. / この案件の次から。")
    ] = None,
    most: Annotated[int, typer.Option(min=1, max=1000, help="Of a page. / 最大件数。")] = 1000,
    by: By = "",
    purpose: Purpose = "",
    settings: SettingsFile = DEFAULT,
    *,
    oldest: Annotated[bool, typer.Option("--oldest", help="First. / 古い順。")] = False,
    as_json: AsJson = False,
) -> None:
    """Show the cases that fit, the newest first. / 案件の一覧を示す。

    A search by values is entered as a look: give --by and --purpose. / 値での検索は記録に残る。
    """
    from renkei import kit
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes.case_looks import look
    from renkei.app.site import now
    from renkei.process import cases

    read = node_settings(settings)
    wanted = cases.Search(
        process=process,
        status=status,
        at=at,
        business_key=key,
        conditions=tuple(cases.Condition.parse(one) for one in having or []),
        since=kit.midnight(parse_day(since)) if since else None,
        until=kit.midnight(parse_day(until) + timedelta(days=1)) if until else None,
        order="oldest" if oldest else "newest",
    )
    with site_database(read) as database:
        if wanted.conditions:
            names = " ".join(".".join(one.path) for one in wanted.conditions)
            what = {"as": "case-search", "by": names}
            look(database, read, what, by=by, purpose=purpose, at=now(), reader=language())
        with database.transaction(read.tenant) as conn:
            last = None if after is None else cases.listed(conn, read.tenant, after)
            found = cases.search(conn, read.tenant, wanted, after=last, most=most)
    lines = [
        " ".join((str(one.id), one.process, one.business_key or "–", _status(one.status.value)))
        for one in found
    ]
    print_facts({"cases": lines}, as_json=as_json)


@case_commands.command("show")
def show(case: CaseNumber, settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Show where a case stands and what happened. / 案件の状況と経過を示す。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import case_desk
    from renkei.process import cases

    with node_transaction(settings) as (read, conn):
        row, past = cases.case_of(conn, read.tenant, case), cases.history(conn, read.tenant, case)
    print_facts(case_desk.shown(row, past, language()), as_json=as_json)


@case_commands.command("done")
def done(
    case: CaseNumber,
    element: Annotated[str, typer.Argument(metavar="ELEMENT", help="The task. / タスク。")],
    values: Values = None,
    by: By = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Say that a task is done; the case goes on. / タスクの完了を伝え、案件を進める。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import case_desk
    from renkei.app.processes.task_desk import second_look
    from renkei.app.site import now

    told = case_desk.variables_of(values or [])
    with node_transaction(settings) as (read, conn):
        taken = case_desk.do(conn, read, case, element, told, by=by, at=now())
    if taken is None:
        print_facts({"case": str(case), "state": second_look(language())}, as_json=as_json)
        return
    facts = {"case": str(case), "status": _status(taken.status.value), "events": taken.seq}
    print_facts(facts, as_json=as_json)


@case_commands.command("definitions")
def definitions(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Show the definitions and since when they count. / 定義の一覧を示す。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.process import cases

    with node_transaction(settings) as (read, conn):
        found = cases.deployed(conn, read.tenant)
    lines = [
        f"{one.hash[:12]} {one.process} {one.version} {one.valid_from} – {one.valid_until or ''}"
        for one in found
    ]
    print_facts({"definitions": lines}, as_json=as_json)


@case_commands.command("move")
def move(
    old: Annotated[str, typer.Argument(metavar="OLD", help="Hash or its beginning. / 旧い定義。")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="Hash or beginning. / 新しい定義。")],
    by: By,
    basis: Annotated[str, typer.Option(help="Why. / 根拠。")],
    mapped: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="OLD=NEW", help="Beside equal ids. / 要素の対応。"),
    ] = None,
    settings: SettingsFile = DEFAULT,
    *,
    do: Annotated[bool, typer.Option("--do", help="Without it a trial. / 実行する。")] = False,
    as_json: AsJson = False,
) -> None:
    """Move the cases of one definition to another. / 案件を別の定義へ移す。

    Without --do it is a trial: of each case it says whether it can move, and why not.
    """
    from renkei.app.commands.terminal import progress_bar
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes import case_desk
    from renkei.app.site import now
    from renkei.process.bpmn.migrating import Plan

    read = node_settings(settings)
    library = case_desk.library_of(read)
    with site_database(read) as database:
        with database.transaction(read.tenant) as conn:
            pair = [
                library.get(conn, read.tenant, case_desk.hash_of(conn, read, one))
                for one in (old, new)
            ]
        plan = Plan.propose(*pair)
        said = dict(case_desk.pair_of(one) for one in mapped or [])
        plan = Plan(plan.old, plan.new, {**plan.to, **said})
        with progress_bar("案件 / cases", hidden=as_json) as tell:
            trials = case_desk.moved(
                database,
                read,
                plan,
                by=by,
                basis=basis,
                at=now(),
                is_trial=not do,
                progress=lambda done: tell(done, done),
            )
    facts = {"mapped": [f"{a} → {b}" for a, b in plan.to.items()]}
    print_facts({**facts, **case_desk.said_of(trials, language())}, as_json=as_json)


@case_commands.command("back")
def back(
    case: CaseNumber,
    by: By,
    basis: Annotated[str, typer.Option(help="Why. / 根拠。")],
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Take a move back, until the case's next step. / 移行を取り消す(次の歩みまで)。"""
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes import case_desk
    from renkei.app.site import now
    from renkei.process.cases import migrations

    read = node_settings(settings)
    who = case_desk.actor(read, by)
    with site_database(read) as database, database.transaction(read.tenant) as conn:
        done = migrations.take_back(conn, read.tenant, [case], actor=who, basis=basis, at=now())
    print_facts({"cases": [str(one) for one in done]}, as_json=as_json)


def _status(status: str) -> str:
    from renkei import kit

    return kit.say(f"case-status-{status}", language())
