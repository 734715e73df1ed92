"""`renkei retention …` and `renkei erase …`: what is past its time, and what is erased by order."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from renkei.app.commands.backup import DEFAULT_SETTINGS, parse_moment
from renkei.app.commands.terminal import AsJson, SettingsFile, language, print_facts

if TYPE_CHECKING:
    from renkei.store import Erasure

retention_commands = typer.Typer(
    help="How long records are kept. / 記録の保存期間。", no_args_is_help=True
)
erase_commands = typer.Typer(
    help="Erase values by order. / 指示による値の消去。", no_args_is_help=True
)

Document = Annotated[str, typer.Option("--order", help="Document number. / 文書番号。")]
Why = Annotated[
    Literal["wrong-delivery", "order", "request", "expiry"],
    typer.Option("--reason", help="Why. / 理由。"),
]
Basis = Annotated[str, typer.Option(help="Law or rule. / 根拠。")]
By = Annotated[str, typer.Option(help="Who carries it out. / 実施者。")]


@retention_commands.command("show")
def show(settings: SettingsFile = DEFAULT_SETTINGS, *, as_json: AsJson = False) -> None:
    """Show the rules and what is past its time. / 規則と、期限を過ぎた件数を示す。"""
    from renkei.app.bodies.expiry import due_bodies
    from renkei.app.keeping.retention import Retention
    from renkei.app.settings import read_settings
    from renkei.app.site import now, running_database

    plan = read_settings(settings)
    with running_database(plan) as dsn, Retention.open(plan, dsn) as retention:
        due, back = retention.due(now()), retention.returned()
        bodies = due_bodies(plan, now())
    rules = [
        {
            "id": rule.id,
            "says": rule.says(language()),
            "provenance": rule.provenance.value,
            "source": rule.source,
            "due": sum(due[rule.id].values()),
        }
        for rule in retention.rules
    ]
    if as_json:
        print_facts({"rules": rules, "returned": back, "bodies": bodies}, as_json=True)
        return
    for facts in rules:
        print_facts(facts, as_json=False)
        typer.echo("")
    print_facts({"returned": back, "bodies": bodies}, as_json=False)


@retention_commands.command("run")
def run(
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count. / 数えるだけ。")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do it. / 実行する。")] = False,
    as_json: AsJson = False,
) -> None:
    """Move and remove what is past its time. / 期限を過ぎたものを移動・廃棄する。"""
    from renkei.app.bodies.expiry import due_bodies
    from renkei.app.errors import RetentionNotConfirmed
    from renkei.app.keeping.retention import Retention
    from renkei.app.settings import read_settings
    from renkei.app.site import now, running_database

    plan = read_settings(settings)
    if not (dry_run or yes):
        raise RetentionNotConfirmed
    with running_database(plan) as dsn, Retention.open(plan, dsn) as retention:
        if dry_run:
            counted = {"due": retention.due(now()), "bodies": due_bodies(plan, now())}
            print_facts(counted, as_json=as_json)
            return
        done = retention.run(now)
    facts = {
        "done": done.done,
        "given back": done.given_back,
        "expired": done.expired,
        "bodies": done.bodies,
    }
    print_facts(facts, as_json=as_json)


@erase_commands.command("person")
def person(
    register_number: Annotated[str, typer.Argument(help="Whose records. / 宛名番号。")],
    order: Document,
    reason: Why,
    basis: Basis,
    by: By,
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    as_json: AsJson = False,
) -> None:
    """Erase all records about a person. / 本人に関するすべての記録を消去する。"""
    from renkei import store
    from renkei.app.keeping.retention import Retention
    from renkei.app.settings import read_settings
    from renkei.app.site import now, running_database

    plan = read_settings(settings)
    said = store.Order(order, store.Reason(reason), basis, by)
    with running_database(plan) as dsn, Retention.open(plan, dsn) as retention:
        _print(retention.erase_person(register_number, said, now()), as_json=as_json)


@erase_commands.command("load")
def load(
    entity: Annotated[str, typer.Argument(help="E.g. resident. / エンティティ。")],
    loaded_at: Annotated[
        datetime,
        typer.Argument(parser=parse_moment, metavar="TIME", help="Of the load. / 取込の時刻。"),
    ],
    order: Document,
    reason: Why,
    basis: Basis,
    by: By,
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    as_json: AsJson = False,
) -> None:
    """Erase what one load brought. / 一回の取込がもたらした値を消去する。"""
    from renkei import store
    from renkei.app.keeping.retention import Retention
    from renkei.app.settings import read_settings
    from renkei.app.site import now, running_database

    plan = read_settings(settings)
    said = store.Order(order, store.Reason(reason), basis, by)
    with running_database(plan) as dsn, Retention.open(plan, dsn) as retention:
        _print(retention.erase_load(entity, loaded_at, said, now()), as_json=as_json)


def _print(done: "Erasure", *, as_json: bool) -> None:
    facts: dict[str, object] = {
        "records": done.records,
        "versions": done.versions,
        "archived": done.archived,
        "entities": list(done.entities),
        "mentions": dict(done.mentions),
    }
    print_facts(facts, as_json=as_json)
