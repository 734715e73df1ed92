"""`renkei partners …`: public processes, and letters with other bodies."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from renkei.app.commands.cases import DEFAULT, By
from renkei.app.commands.terminal import (
    DAY,
    AsJson,
    SettingsFile,
    language,
    parse_day,
    print_facts,
)

partner_commands = typer.Typer(
    help="Procedures across bodies: letters, their fates. / 団体間の手続と文書。",
    no_args_is_help=True,
)
LetterNumber = Annotated[str, typer.Argument(metavar="LETTER", help="Its number. / 文書番号。")]
On = Annotated[str, typer.Option(metavar=DAY, help="Default today. / 基準日。")]


@partner_commands.command("list")
def list_public(*, as_json: AsJson = False) -> None:
    """Show the public processes of the standard. / 公開プロセスの一覧を示す。"""
    from renkei.app.processes import partner_desk

    found = [partner_desk.public(one, language()) for one in partner_desk.PUBLIC()]
    parts = ("collaboration", "version", "in_force", "title")
    lines = [" ".join(str(one[part]) for part in parts) for one in found]
    print_facts({"public_processes": found if as_json else lines}, as_json=as_json)


@partner_commands.command("show")
def show(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in the list. / 名称。")],
    on: On = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Show who writes what to whom by a public process. / 公開プロセスの内容を示す。"""
    from renkei import kit
    from renkei.app.processes import partner_desk
    from renkei.app.site import now

    day = parse_day(on) if on else kit.day_of(now())
    print_facts(partner_desk.public(partner_desk.public_on(name, day), language()), as_json=as_json)


@partner_commands.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(help="Models of ours. / モデルのファイル。")],
    on: On = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Say where models do not fit the public process they play in. / 公開プロセスとの適合を示す。

    Ends with 2 where a finding is an error. / 誤りがあるときは終了コード2。
    """
    from renkei import kit
    from renkei.app.processes.findings import lines, public_findings, shown
    from renkei.app.processes.models import read_model
    from renkei.app.site import now

    day = parse_day(on) if on else kit.day_of(now())
    reports = {str(file): public_findings(read_model(file), on=day) for file in files}
    if as_json:
        print_facts({name: shown(found) for name, found in reports.items()}, as_json=True)
    else:
        for name, found in reports.items():
            for _, line in lines(name, found, language()):
                typer.echo(line)
    if any(one.severity == "error" for found in reports.values() for one in found):
        raise typer.Exit(2)


@partner_commands.command("fates")
def fates(
    case: Annotated[
        UUID | None, typer.Option(metavar="CASE", help="Of one case. / 案件で絞る。")
    ] = None,
    partner: Annotated[
        str, typer.Option(metavar="NUMBER", help="With one partner. / 相手団体で絞る。")
    ] = "",
    settings: SettingsFile = DEFAULT,
    *,
    dead: Annotated[
        bool, typer.Option("--dead", help="Those that reached no case. / 行き先のないもの。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show letters and what became of them, the newest first. / 文書とその状態を示す。"""
    from renkei.app.deliveries.intake import node_transaction
    from renkei.app.processes import partner_desk
    from renkei.process.partners import register

    with node_transaction(settings) as (read, conn):
        if dead:
            found = register.dead(conn, read.tenant)
        elif case is not None:
            found = register.of_case(conn, read.tenant, case)
        else:
            found = register.letters(conn, read.tenant, partner=partner)
    reader = language()
    shown = [
        partner_desk.facts(one, reader) if as_json else partner_desk.line(one, reader)
        for one in found
    ]
    print_facts({"letters": shown}, as_json=as_json)


@partner_commands.command("resend")
def resend(
    letter: LetterNumber, by: By, settings: SettingsFile = DEFAULT, *, as_json: AsJson = False
) -> None:
    """Send a letter again, the same one, and ask so how it stands. / 同じ文書を送り直す。

    It has its effect once, however often it comes.
    """
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes import case_desk, partner_desk
    from renkei.app.site import now

    read = node_settings(settings)
    case_desk.actor(read, by)
    with site_database(read) as database:
        with database.transaction(read.tenant) as conn:
            kept = partner_desk.found(conn, read.tenant, letter)
        told = partner_desk.send_again(read, database, kept, at=now())
    facts = {"letter": told.id, "fate": partner_desk.fate(told, language())}
    print_facts(facts, as_json=as_json)


@partner_commands.command("settle")
def settle(
    letter: LetterNumber,
    by: By,
    reason: Annotated[
        str, typer.Option("--reason", help="What was done; sets it aside. / 対応の内容。")
    ] = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Bring a letter on that reached no case, or set it aside. / 行き先のない文書に対応する。

    With --reason it is set aside; without, it is tried whether a case waits for it by now.
    """
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes import case_desk, partner_desk
    from renkei.app.site import now

    read = node_settings(settings)
    who, house = case_desk.actor(read, by), partner_desk.house_of(read)
    with site_database(read) as database, database.transaction(read.tenant) as conn:
        kept = partner_desk.found(conn, read.tenant, letter)
        told = partner_desk.settle(conn, house, kept, by=who, why=reason, at=now())
    facts = {"letter": told.id, "fate": partner_desk.fate(told, language())}
    print_facts(facts, as_json=as_json)


@partner_commands.command("try")
def try_partner(
    case: Annotated[
        UUID, typer.Argument(metavar="CASE", help="One that asked the partner. / 照会済みの案件。")
    ],
    by: By,
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Try a partner's node by letters it must refuse. / 相手のノードを、拒否すべき文書で確かめる。

    Not in production. Nothing happens at the partner; ends with 2 where it answers otherwise.
    """
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.processes import case_desk, partner_desk
    from renkei.app.site import now
    from renkei.process.partners import trial

    read, at = node_settings(settings), now()
    case_desk.actor(read, by)
    house = partner_desk.house_of(read)
    with site_database(read) as database, database.transaction(read.tenant) as conn:
        prepared = trial.prepare(conn, house, case, at=at)
        trial.enter(conn, house, prepared, at=at)
    heard = partner_desk.tried(read, prepared, at=at)
    lines = [
        f"{'✓' if one.is_right else '✗'} {one.probe.clause} {one.probe.name}: {one.came}"
        for one in heard
    ]
    print_facts({"partner": prepared.procedure.partner, "probes": lines}, as_json=as_json)
    if not all(one.is_right for one in heard):
        raise typer.Exit(2)
