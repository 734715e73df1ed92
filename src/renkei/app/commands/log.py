"""`renkei log …`: the published access record put right, and what was withheld in it released."""

from typing import Annotated

import typer

from renkei.app.commands.backup import DEFAULT_SETTINGS, SettingsFile
from renkei.app.commands.terminal import AsJson, language, print_facts

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
            labels = audit.remake_map(conn, plan.tenant, key.name)
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
