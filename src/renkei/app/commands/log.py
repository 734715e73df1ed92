"""`renkei log …`: the access record put right, released from, and pruned by its years."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from renkei.app.commands.backup import DEFAULT_SETTINGS
from renkei.app.commands.terminal import AsJson, SettingsFile, language, print_facts

if TYPE_CHECKING:
    from renkei.app.keeping.pruning import Pruner

log_commands = typer.Typer(help="The access record. / アクセス記録。", no_args_is_help=True)


@log_commands.command("mend")
def mend(settings: SettingsFile = DEFAULT_SETTINGS, *, as_json: AsJson = False) -> None:
    """Write damaged published files and the map again. / 壊れた公開ファイルと索引を作り直す。"""
    from renkei import audit, kit
    from renkei.app.membership.keys import Keys
    from renkei.app.settings import read_settings
    from renkei.app.site import prepare_database, running_database

    plan = read_settings(settings)
    key = Keys(plan.keys, plan.tenant).signer().verifier
    with running_database(plan) as dsn:
        prepare_database(dsn, plan)
        with kit.Database(dsn, size=1) as database, database.transaction(plan.tenant) as conn:
            labels = sum(
                audit.remake_map(conn, plan.tenant, key.name, year=one.year)
                for one in audit.shards(conn, plan.tenant)
                if one.pruning is None
            )
            files = audit.mend(conn, plan.tenant, plan.state / "log", key)
    said = kit.say("log-mended", language(), count=len(files), labels=labels)
    print_facts({"statement": said, "files": files}, as_json=as_json)


@log_commands.command("release")
def release(
    request: Annotated[
        str, typer.Argument(metavar="REQUEST", help="Number of the inquiry. / 照会番号。")
    ],
    subject: Annotated[
        str, typer.Option(help="The person's own number here. / 団体内統合宛名番号。")
    ],
    by: Annotated[str, typer.Option(help="Who releases it. / 解除する者。")],
    order: Annotated[str, typer.Option(help="The document. / 文書番号。")],
    purpose: Annotated[str, typer.Option(help="Why. / 理由。")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    as_json: AsJson = False,
) -> None:
    """Show a person what was withheld; entered. / 不開示の記録を本人に示す(記録する)。"""
    from renkei import audit, identity, kit
    from renkei.app.keeping.unsealing import Unsealing, unseal
    from renkei.app.membership.keys import Keys
    from renkei.app.settings import read_settings
    from renkei.app.site import now, prepare_database, running_database

    word = Unsealing(by, order, purpose)
    plan = read_settings(settings)
    tenant, seal = plan.tenant, Keys(plan.keys, plan.tenant).seal()
    with running_database(plan) as dsn:
        prepare_database(dsn, plan)
        with kit.Database(dsn, size=1) as database, database.transaction(tenant) as conn:
            history = identity.history_of(conn, tenant, subject, seal=seal)
            mode = audit.Mode(plan.mode)
            places = unseal(conn, tenant, history, request, word, mode=mode, at=now())
    print_facts({"released": len(places), "entries": places}, as_json=as_json)


@log_commands.command("shards")
def shards(settings: SettingsFile = DEFAULT_SETTINGS, *, as_json: AsJson = False) -> None:
    """Show the log's years: closed, held, due, pruned. / ログの年ごとの区分を示す。"""
    from renkei.app.site import now

    with _pruner(settings) as pruner:
        found = [one.facts() for one in pruner.states(now())]
    _print_shards(found, as_json=as_json)


@log_commands.command("prune")
def prune(
    by: Annotated[str, typer.Option(help="Who carries it out. / 実施者。")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    yes: Annotated[
        bool, typer.Option("--yes", help="Prune; without it, only show. / 廃棄を実行する。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Remove the entries of years past their time. / 保存期間を過ぎた年の記録を廃棄する。"""
    from renkei import kit
    from renkei.app.site import now

    with _pruner(settings) as pruner:
        found = (
            pruner.prune(by, now) if yes else [one for one in pruner.states(now()) if one.is_due]
        )
    facts = [one.facts() for one in found]
    code = "log-pruned" if yes else "log-due"
    said = kit.say(code, language(), count=len(found), entries=sum(one.entries for one in found))
    if as_json:
        print_facts({"statement": said, "pruned": yes, "shards": facts}, as_json=True)
        return
    _print_shards(facts, as_json=False)
    typer.echo(said)


@log_commands.command("hold")
def hold(
    year: Annotated[int, typer.Argument(metavar="YEAR", help="The year. / 年(西暦)。")],
    by: Annotated[str, typer.Option(help="Who keeps it. / 保全する者。")],
    order: Annotated[str, typer.Option(help="The document. / 文書番号。")],
    purpose: Annotated[str, typer.Option(help="Why. / 理由。")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    lift: Annotated[bool, typer.Option("--lift", help="Lift it. / 保全を解く。")] = False,
    as_json: AsJson = False,
) -> None:
    """Keep a year beyond its time; entered. / ある年の記録の廃棄を止める(記録する)。"""
    from renkei import audit
    from renkei.app.site import now

    with _pruner(settings) as pruner:
        pruner.hold(year, audit.Word(by, order, purpose), now(), lift=lift)
        found = [one.facts() for one in pruner.states(now())]
    _print_shards(found, as_json=as_json)


@contextmanager
def _pruner(settings: Path) -> "Iterator[Pruner]":
    from renkei import kit
    from renkei.app.keeping.pruning import Pruner
    from renkei.app.settings import read_settings
    from renkei.app.site import prepare_database, running_database

    plan = read_settings(settings)
    with running_database(plan) as dsn:
        prepare_database(dsn, plan)
        with kit.Database(dsn, size=1) as database:
            yield Pruner.of(plan, database)


def _print_shards(found: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        print_facts({"shards": found}, as_json=True)
        return
    for facts in found:
        print_facts(facts, as_json=False)
        typer.echo("")
