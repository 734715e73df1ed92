"""`renkei log …`: the published access record and its map, put right from the database."""

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
