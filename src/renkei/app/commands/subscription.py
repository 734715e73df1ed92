"""`renkei subscriptions …` and `renkei feed`: who is told what changed, and what did."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from renkei import kit
from renkei.app.commands.terminal import AsJson, SettingsFile, language, print_facts

if TYPE_CHECKING:
    from renkei.app.disclosure.permission import Office

subscription_commands = typer.Typer(
    help="Who is told what changed. / 変更の通知先。", no_args_is_help=True
)

DEFAULT_SETTINGS = Path("renkei.toml")
Unit = Annotated[str, typer.Argument(help="Number of the unit, e.g. 15. / 業務ユニット番号。")]
InterfaceName = Annotated[
    str, typer.Argument(help="Interface, e.g. 01/person_search. / インタフェース。")
]
NONE: list[str] = []


@contextmanager
def _opened(settings_file: Path) -> Iterator[tuple["Office", "kit.Connection"]]:
    """Give the office of a node and one transaction of its town."""
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.disclosure.permission import Office

    settings = node_settings(settings_file)
    office = Office.of(settings)
    with site_database(settings) as database, database.transaction(office.tenant) as conn:
        yield office, conn


@subscription_commands.command("add")
def add(
    unit: Unit,
    interface: InterfaceName,
    url: Annotated[str, typer.Option(help="Where letters are posted, or nats: / 通知の送り先。")],
    item: Annotated[
        list[str], typer.Option(help="Default: all of them; may repeat. / 項目。複数可。")
    ] = NONE,
    since: Annotated[
        int | None,
        typer.Option(help="Load to begin after, 0: everything; default: now. / 起点の取込番号。"),
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    with_protected: Annotated[
        bool,
        typer.Option(
            "--with-protected",
            help="The unit keeps 支援措置 itself. / 支援措置の対象者も通知する。",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell a unit what changes, if the law lets it know. / 根拠があれば、変更を通知する。"""
    from renkei import law, store
    from renkei.app.disclosure import subscriptions
    from renkei.app.site import now

    subject = _subject(settings, store.subscription_name(unit, interface), url)
    with _opened(settings) as (office, conn):
        found = office.interface(interface)
        wanted = store.Subscription(
            unit,
            found.name,
            office.procedure(unit, found),
            tuple(item) or found.items,
            with_protected,
        )
        start = store.newest_position(conn, office.tenant)
        if since is not None:
            start = store.Position(max(0, since))
        decision = subscriptions.subscribe(conn, office, wanted, url, since=start, at=now())
    facts: dict[str, object] = {"subscription": wanted.name, "provision": decision.provision}
    match decision:
        case law.Permit():
            print_facts(facts | subject | {"begins_after": start.load}, as_json=as_json)
        case law.Refusal():
            reason = decision.reason.value
            says = kit.say(f"refusal-{reason}", language())
            print_facts(facts | {"refused": reason, "says": says}, as_json=as_json)
            raise typer.Exit(2)


def _subject(settings_file: Path, name: str, url: str) -> dict[str, object]:
    """Return the subject of letters that travel over NATS, once everything for it is there."""
    from renkei.app.deliveries.intake import node_settings
    from renkei.app.errors import NatsNotSet
    from renkei.exchange import NATS, check_stream_library

    if url != NATS:
        return {}
    plan = node_settings(settings_file).nats
    if plan is None:
        raise NatsNotSet
    check_stream_library()
    return {"stream": plan.stream, "subject": plan.subject(name)}


@subscription_commands.command("list")
def list_(settings: SettingsFile = DEFAULT_SETTINGS, *, as_json: AsJson = False) -> None:
    """Show each subscription, how far it is and what waits. / 通知先と進み具合を一覧する。"""
    from renkei import store
    from renkei.exchange import outbox

    with _opened(settings) as (office, conn):
        known = store.all_subscriptions(conn, office.tenant)
        reading = {one.name: one for one in store.all_consumers(conn, office.tenant)}
        waiting = {one.destination: one for one in outbox.backlog(conn, office.tenant)}
        left = {one.name: len(store.withheld(conn, office.tenant, one.name)) for one in known}
    print_facts(
        {
            one.name: {
                "url": waiting[one.name].url,
                "procedure": one.procedure,
                "items": ", ".join(one.items),
                "with_protected": one.with_protected,
                "load": reading[one.name].position.load,
                "loads_behind": reading[one.name].loads_behind,
                "events_behind": reading[one.name].events_behind,
                "withheld": left[one.name],
                "letters_waiting": waiting[one.name].waiting,
                "tries": waiting[one.name].tries,
                "reason": waiting[one.name].reason,
                "dead_letters": waiting[one.name].dead,
                "refused": one.refused,
                "refused_on": one.refused_on,
            }
            for one in known
        },
        as_json=as_json,
    )


@subscription_commands.command("remove")
def remove(
    unit: Unit,
    interface: InterfaceName,
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    as_json: AsJson = False,
) -> None:
    """End a subscription; what waits for it is dropped. / 通知をやめる。未送信分は破棄する。"""
    from renkei import store
    from renkei.app.disclosure import subscriptions

    name = store.subscription_name(unit, interface)
    with _opened(settings) as (office, conn):
        subscriptions.unsubscribe(conn, office, name)
    print_facts({"removed": name}, as_json=as_json)


@subscription_commands.command("resend")
def resend(
    unit: Unit,
    interface: InterfaceName,
    letter: Annotated[
        list[str], typer.Option(help="Id; default: all; may repeat. / 通知の番号。複数可。")
    ] = NONE,
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    as_json: AsJson = False,
) -> None:
    """Send again what the unit had refused. / 受け取られなかった通知を、もう一度送る。"""
    from renkei import store
    from renkei.app.site import now
    from renkei.exchange import outbox

    name = store.subscription_name(unit, interface)
    with _opened(settings) as (office, conn):
        dead = outbox.dead_letters(conn, office.tenant, name)
        count = outbox.resend(conn, office.tenant, name, letter, at=now())
    reasons = [f"{one.id} {one.reason}" for one in dead if not letter or one.id in letter]
    print_facts({"resent": count, "dead_letters": reasons}, as_json=as_json)


def feed(
    since: Annotated[
        int, typer.Option(help="Load to begin after, 0: everything. / 起点の取込番号。")
    ] = 0,
    limit: Annotated[int, typer.Option(min=1, help="Most events. / 件数の上限。")] = 1000,
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what the loads did, keys only; the reading is entered. / 取込による変更を表示する。"""
    import msgspec

    from renkei import store
    from renkei.app.disclosure.feed_door import operator_lines
    from renkei.app.site import now

    with _opened(settings) as (office, conn):
        lines, after = operator_lines(conn, office, store.Position(max(0, since)), limit, at=now())
    if as_json:
        for line in lines:
            typer.echo(msgspec.json.encode(line).decode())
        return
    for line in lines:
        key = " ".join(line.key.values())
        typer.echo(f"{line.position} {line.on} {line.entity} {line.became.value} {key}")
    typer.echo(f"→ {after.load}")
