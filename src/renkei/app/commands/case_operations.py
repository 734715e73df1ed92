"""`renkei cases …` for cases that do not go on by themselves: retried, led on, changed by two."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple
from uuid import UUID, uuid4

import typer

from renkei.app.commands.cases import DEFAULT, By, CaseNumber, Purpose, Values
from renkei.app.commands.terminal import (
    DAY,
    AsJson,
    SettingsFile,
    language,
    parse_day,
    print_facts,
)

if TYPE_CHECKING:
    from renkei import kit
    from renkei.app.settings import Settings
    from renkei.process.bpmn import Command
    from renkei.process.cases import CaseRow
    from renkei.process.cases.proposals import Proposable

operation_commands = typer.Typer()  # of `renkei cases`

Element = Annotated[str, typer.Argument(metavar="ELEMENT", help="Where. / どこ。")]
Reason = Annotated[str, typer.Option(help="Why; it stands in the history. / 理由(経過に残る)。")]
Seen = Annotated[
    int | None,
    typer.Option(metavar="EVENT", help="Refuse if it is not the last one. / 確認した最後の経過。"),
]
Key = Annotated[str, typer.Option(help="The same key acts once. / 同じ鍵は一度だけ効く。")]
PlaceNumber = Annotated[int, typer.Option("--place", help="Of several. / 複数あるときの番号。")]
ProposalNumber = Annotated[
    UUID, typer.Argument(metavar="PROPOSAL", help="As it was told. / 提案の番号。")
]


@operation_commands.command("retry")
def retry(
    case: CaseNumber,
    element: Element,
    by: By,
    reason: Reason,
    place: PlaceNumber = 0,
    seen: Seen = None,
    key: Key = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Try again at an incident. / 止まった所をもう一度試す。"""
    from renkei.app.processes.interventions import wait_at
    from renkei.process import bpmn
    from renkei.process.bpmn import Kind

    _press(
        settings,
        "retry",
        (case, seen, reason, by, key),
        lambda on: bpmn.Resume(on.at, wait_at(on.row, element, {Kind.INCIDENT}, place=place).key),
        as_json=as_json,
    )


@operation_commands.command("skip")
def skip(
    case: CaseNumber,
    element: Element,
    by: By,
    reason: Reason,
    place: PlaceNumber = 0,
    seen: Seen = None,
    key: Key = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Go on behind an element as if it were done. / 行わずに先へ進める。"""
    from renkei.app.processes.interventions import place_at
    from renkei.process import bpmn

    _press(
        settings,
        "skip",
        (case, seen, reason, by, key),
        lambda on: bpmn.Skip(on.at, place_at(on.row, element, place=place)),
        as_json=as_json,
    )


@operation_commands.command("choose")
def choose(
    case: CaseNumber,
    element: Element,
    by: By,
    reason: Reason,
    chosen: Annotated[
        str, typer.Option("--next", help="Without it: no more. / 次の作業。なければ終える。")
    ] = "",
    place: PlaceNumber = 0,
    seen: Seen = None,
    key: Key = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Say what is done next in an ad-hoc sub-process. / 次の作業を選ぶ。"""
    from renkei.app.processes.interventions import wait_at
    from renkei.process import bpmn
    from renkei.process.bpmn import Kind

    _press(
        settings,
        "choose",
        (case, seen, reason, by, key),
        lambda on: bpmn.Choose(
            on.at, wait_at(on.row, element, {Kind.CHOICE}, place=place).key, chosen
        ),
        as_json=as_json,
    )


@operation_commands.command("arrived")
def arrived(
    case: CaseNumber,
    element: Element,
    by: By,
    reason: Reason,
    values: Values = None,
    place: PlaceNumber = 0,
    seen: Seen = None,
    key: Key = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Say that what is awaited has come, as at the counter. / 書類が届いたことを記録する。"""
    from renkei.app.processes import case_desk
    from renkei.app.processes.interventions import message_at
    from renkei.process import bpmn

    told = case_desk.variables_of(values or [])
    _press(
        settings,
        "arrived",
        (case, seen, reason, by, key),
        lambda on: bpmn.Bring(
            on.at, message_at(on.conn, on.tenant, on.row, element, place=place).key, told
        ),
        as_json=as_json,
    )


@operation_commands.command("edit")
def edit(
    case: CaseNumber,
    by: By,
    reason: Reason,
    values: Values = None,
    place: PlaceNumber = 0,
    seen: Seen = None,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose other values; a second person confirms. / 値の変更を提案する(別の職員が確認)。"""
    from renkei.app.errors import ProposalEmpty
    from renkei.app.processes import case_desk
    from renkei.process import bpmn

    told = case_desk.variables_of(values or [])
    if not told:
        raise ProposalEmpty
    _propose(
        settings,
        (case, seen, reason, by, ""),
        lambda row, at: bpmn.Change(at, told, place),
        as_json=as_json,
    )


@operation_commands.command("move-token")
def move_token(
    case: CaseNumber,
    element: Element,
    target: Annotated[str, typer.Argument(metavar="TARGET", help="Where to. / 移す先。")],
    by: By,
    reason: Reason,
    place: PlaceNumber = 0,
    seen: Seen = None,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose to move a token; a second person confirms. / トークンの移動を提案する。"""
    from renkei.app.processes.interventions import place_at
    from renkei.process import bpmn

    _propose(
        settings,
        (case, seen, reason, by, ""),
        lambda row, at: bpmn.Move(at, place_at(row, element, place=place), target),
        as_json=as_json,
    )


@operation_commands.command("cancel")
def cancel(
    case: CaseNumber,
    by: By,
    reason: Reason,
    seen: Seen = None,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Propose to end a case; a second person confirms. / 案件の取消しを提案する。"""
    from renkei.process import bpmn

    _propose(settings, (case, seen, reason, by, ""), lambda _, at: bpmn.Cancel(at), as_json=as_json)


@operation_commands.command("proposals")
def proposals(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Show what waits for a second person. / 二人目の確認を待つ提案を示す。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes.proposal_words import line
    from renkei.app.site import now
    from renkei.process.cases.proposals import open_proposals

    with node_transaction(settings) as (read, conn):
        found = open_proposals(conn, read.tenant, at=now())
    print_facts({"proposals": [line(one, language()) for one in found]}, as_json=as_json)


@operation_commands.command("proposal")
def proposal(
    number: ProposalNumber,
    by: By = "",
    purpose: Purpose = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what would change, and the digest to confirm it by. / 提案の内容を示す。

    Values are shown, and entered as a look, with --by and --purpose. / 値の表示は記録に残る。
    """
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes.case_looks import look
    from renkei.app.processes.proposal_words import facts
    from renkei.app.site import now
    from renkei.process import cases
    from renkei.process.cases.proposals import proposal_of

    read, reader, has_looked = node_settings(settings), language(), bool(purpose)
    with site_database(read) as database:
        if has_looked:
            what = {"as": "case-proposal", "of": str(number)}
            look(database, read, what, by=by, purpose=purpose, at=now(), reader=reader)
        with database.transaction(read.tenant) as conn:
            found = proposal_of(conn, read.tenant, number)
            row = cases.case_of(conn, read.tenant, found.case)
    print_facts(facts(found, row, reader, has_looked=has_looked), as_json=as_json)


@operation_commands.command("confirm")
def confirm(
    number: ProposalNumber,
    by: By,
    digest: Annotated[str, typer.Option(help="As `cases proposal` told it. / 確認した要約値。")],
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Do what another proposed. / 別の職員の提案を確認し、実行する。"""
    from renkei.app.processes import case_desk, interventions
    from renkei.app.site import now
    from renkei.process.cases import proposals as made

    with _acting(settings, by, "decide") as (read, who, conn):
        taken = made.confirm(
            conn, read.tenant, number, case_desk.library_of(read), by=who, digest=digest, at=now()
        )
    print_facts(interventions.told(taken, language()), as_json=as_json)


@operation_commands.command("decline")
def decline(
    number: ProposalNumber,
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Let nothing come of what another proposed. / 別の職員の提案を却下する。"""
    from renkei.app.processes.proposal_words import line
    from renkei.app.site import now
    from renkei.process.cases import proposals as made

    with _acting(settings, by, "decide") as (read, who, conn):
        found = made.decline(conn, read.tenant, number, by=who, remarks=reason, at=now())
    print_facts({"proposals": [line(found, language())]}, as_json=as_json)


@operation_commands.command("withdraw")
def withdraw(
    definition: Annotated[
        str, typer.Argument(metavar="HASH", help="Or its beginning. / 定義(先頭でよい)。")
    ],
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Let no case begin by a definition any more. / 定義を取り下げる(進行中の案件は続く)。"""
    from renkei.app.processes import case_desk
    from renkei.app.site import now
    from renkei.process import cases
    from renkei.process.cases.proposals import check_reason

    with _acting(settings, by, "withdraw") as (read, who, conn):
        found = case_desk.hash_of(conn, read, definition)
        said = check_reason(reason)
        done = cases.withdraw(conn, read.tenant, found, by=who, reason=said, at=now())
        tally = cases.tallies(conn, read.tenant).get(found, cases.Tally())
    facts = {"definition": found[:12], "withdrawn": done, "running": tally.running}
    print_facts(facts, as_json=as_json)


@operation_commands.command("statistics")
def statistics(
    process: Annotated[str, typer.Argument(metavar="PROCESS", help="Its id. / 識別子。")],
    since: Annotated[
        str, typer.Option("--from", metavar=DAY, help="Begun from; default 90 days. / 開始日から。")
    ] = "",
    until: Annotated[
        str, typer.Option("--until", metavar=DAY, help="Default today. / 開始日まで。")
    ] = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Show how long cases and steps take, on whom, and which ways they go. / 業務の統計を示す。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import case_desk, process_report
    from renkei.app.site import now

    at = now()
    first, last = (parse_day(day) if day else None for day in (since, until))
    period = process_report.Period.of(first, last, at)
    with node_transaction(settings) as (read, conn):
        found = process_report.versions(conn, read.tenant, process, case_desk.library_of(read))
        report = process_report.read_report(conn, read.tenant, found, period, at=at)
    told, reader = process_report.facts_of if as_json else process_report.lines_of, language()
    print_facts(told(report, process_report.names_of(found, reader), reader), as_json=as_json)


@operation_commands.command("try")
def try_case(
    start: Annotated[
        str,
        typer.Argument(metavar="CASE|HASH", help="A case, or a definition. / 案件か定義。"),
    ],
    steps: Annotated[
        list[str], typer.Argument(metavar="STEP", help="As in scenarios. / シナリオの手順。")
    ],
    on: Annotated[
        str, typer.Option(metavar=DAY, help="Day of application of a definition. / 申請日。")
    ] = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Play what would be if; nothing is written. / 案件を試しに進める(何も書き込まない)。

    For example: renkei cases try CASE 'done 審査 ok=true' 'pass P30D'
    """
    from renkei import kit
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import case_desk, rehearsals
    from renkei.app.processes.decision_jobs import DecisionDesk
    from renkei.app.processes.process_report import names_of
    from renkei.app.site import now
    from renkei.process import cases

    at = now()
    day, stands = parse_day(on) if on else kit.day_of(at), None
    with node_transaction(settings) as (read, conn):
        case = case_desk.case_number(start)
        if case is None:
            hash_ = case_desk.hash_of(conn, read, start)
        else:
            row = cases.case_of(conn, read.tenant, case)
            hash_, day, stands = row.definition, row.applied_on, row.case
        definition = case_desk.library_of(read).get(conn, read.tenant, hash_)
    found = rehearsals.rehearse(definition, stands, steps, DecisionDesk.shipped(), on=day, at=at)
    reader = language()
    names = names_of([definition], reader)
    facts = {
        "tried": rehearsals.lines_of(found, names, reader),
        "waits": rehearsals.standing(found, names, reader),
    }
    print_facts(facts, as_json=as_json)
    if any(one.refused is not None for one in found.steps):
        raise typer.Exit(2)


@contextmanager
def _acting(settings: Path, by: str, act: str) -> "Iterator[tuple[Settings, str, kit.Connection]]":
    """Give the settings, who acts, and a transaction; refuse first whoever may not do this."""
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes import case_desk, interventions

    read = node_settings(settings)
    who = case_desk.actor(read, by)
    interventions.check_role(read, by, act)
    with site_database(read) as database, database.transaction(read.tenant) as conn:
        yield read, who, conn


Pressed = tuple[UUID, int | None, str, str, str]
"""Which case, what was seen, why, by whom, under which key."""


class Looked(NamedTuple):
    """A case as it is when it is given a command."""

    conn: "kit.Connection"
    tenant: "kit.Tenant"
    row: "CaseRow"
    at: datetime


def _press(
    settings: Path,
    act: str,
    pressed: Pressed,
    command: "Callable[[Looked], Command]",
    *,
    as_json: bool,
) -> None:
    """Give a case a command, in one transaction."""
    from renkei.app.processes import case_desk, interventions
    from renkei.app.site import now
    from renkei.process import cases

    case, seen, reason, by, key = pressed
    at = now()
    with _acting(settings, by, act) as (read, who, conn):
        press = interventions.Press(case, seen, reason, who, key)
        row = cases.case_of(conn, read.tenant, case)
        before = cases.event_under(conn, read.tenant, case, key) if key else None
        if before is None:
            given = press.given(command(Looked(conn, read.tenant, row, at)))
            taken = cases.take(conn, read.tenant, given, case_desk.library_of(read), at=at)
            facts = interventions.told(taken, language())
        else:  # where it stood then, it stands no more
            facts = interventions.told_again(row, before, language())
    print_facts(facts, as_json=as_json)


def _propose(
    settings: Path,
    pressed: Pressed,
    command: "Callable[[CaseRow, datetime], Proposable]",
    *,
    as_json: bool,
) -> None:
    """Keep a proposal for a second person, in one transaction."""
    from renkei.app.processes import case_desk, interventions, proposal_words
    from renkei.app.site import now
    from renkei.process import cases
    from renkei.process.cases.proposals import propose

    case, seen, reason, by, key = pressed
    at = now()
    with _acting(settings, by, "propose") as (read, who, conn):
        row = cases.case_of(conn, read.tenant, case)
        press = interventions.Press(case, row.seq if seen is None else seen, reason, who, key)
        proposed = press.proposed(uuid4(), command(row, at))
        made = propose(conn, read.tenant, proposed, case_desk.library_of(read), at=at)
    facts = proposal_words.facts(made, row, language(), has_looked=False)
    print_facts(facts, as_json=as_json)
