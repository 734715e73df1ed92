"""`renkei corporate …`: the public register of corporate numbers, at the registrar's own site."""

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from renkei.app.commands.registrar import DEFAULT_SETTINGS, By, OrderedBy, OrderId, Reason
from renkei.app.commands.terminal import (
    DAY,
    AsJson,
    SettingsFile,
    language,
    parse_day,
    print_facts,
    progress_bar,
)

corporate_commands = typer.Typer(
    help="Corporate numbers (法人番号), at the registrar. / 指定・変更・閉鎖・検索。",
    no_args_is_help=True,
)

On = Annotated[
    date | None,
    typer.Option(parser=parse_day, metavar=DAY, help="From which day; default today. / 年月日。"),
]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="13 digits. / 法人番号。")]
Name = Annotated[str, typer.Option(help="Name. / 商号又は名称。")]
Kana = Annotated[str, typer.Option(help="How it is read. / フリガナ。")]
PostalCode = Annotated[str, typer.Option(help="Postal code. / 郵便番号。")]
Where = Annotated[str, typer.Option(help="Address of the seat. / 所在地。")]


@corporate_commands.command()
def assign(
    name: Name,
    address: Where,
    by: By,
    reason: Reason,
    kana: Kana = "",
    postal_code: PostalCode = "",
    company_number: Annotated[
        str, typer.Option(help="12 digits of the register. / 会社法人等番号。なければ付番。")
    ] = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
    on: On = None,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Assign a number. / 法人番号を指定する。"""
    from renkei import kit
    from renkei.app.registrar.orders import Ordered, desk
    from renkei.identity import corporations

    basics = corporations.Basics(name, kana, postal_code, address)
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        number = corporations.assign(
            at.conn,
            at.tenant,
            basics,
            at.order,
            on=on or kit.day_of(at.order.at),
            company_number=company_number,
        )
        facts = at.facts(number=number)
    print_facts(facts, as_json=as_json)


@corporate_commands.command()
def change(
    number: Number,
    by: By,
    reason: Reason,
    name: Name = "",
    kana: Kana = "",
    postal_code: PostalCode = "",
    address: Where = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
    on: On = None,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Change name or address; the rest stays. / 商号・所在地を変更する。省略した項目は残る。"""
    from dataclasses import asdict

    from renkei import identity, kit
    from renkei.app.registrar.orders import Ordered, desk
    from renkei.identity import corporations

    given = {"name": name, "kana": kana, "postal_code": postal_code, "address": address}
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        found = corporations.registered(at.conn, at.tenant, number)
        if found is None:
            raise identity.CorporationUnknown(number=number[:20])
        now = {part: value for part, value in given.items() if value}
        basics = corporations.Basics(**{**asdict(found.basics), **now})
        day = on or kit.day_of(at.order.at)
        corporations.change(at.conn, at.tenant, number, basics, at.order, on=day)
        facts = at.facts(number=number, **asdict(basics))
    print_facts(facts, as_json=as_json)


@corporate_commands.command()
def close(
    number: Number,
    why: Annotated[
        Literal["liquidated", "merged", "by-registrar", "other"],
        typer.Argument(
            metavar="WHY", help="liquidated, merged, by-registrar, other / 清算・合併・職権・他"
        ),
    ],
    by: By,
    reason: Reason,
    successor: Annotated[
        str, typer.Option(metavar="NUMBER", help="Who took it over. / 合併の承継先法人番号。")
    ] = "",
    settings: SettingsFile = DEFAULT_SETTINGS,
    on: On = None,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Close a corporation. / 法人等を閉鎖する。"""
    from renkei import kit
    from renkei.app.registrar.orders import Ordered, desk
    from renkei.identity import corporations

    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        day, closing = on or kit.day_of(at.order.at), corporations.Closing(why)
        if closing is corporations.Closing.merged:
            corporations.merge(at.conn, at.tenant, number, successor, at.order, on=day)
        else:
            corporations.close(at.conn, at.tenant, number, closing, at.order, on=day)
        facts = at.facts(number=number)
    print_facts(facts, as_json=as_json)


@corporate_commands.command()
def reopen(
    number: Number,
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    on: On = None,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Take a closing back. / 閉鎖した法人等を復活させる。"""
    from renkei import kit
    from renkei.app.registrar.orders import Ordered, desk
    from renkei.identity import corporations

    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        day = on or kit.day_of(at.order.at)
        corporations.reopen(at.conn, at.tenant, number, at.order, on=day)
        facts = at.facts(number=number)
    print_facts(facts, as_json=as_json)


@corporate_commands.command()
def load(
    file: Annotated[Path, typer.Argument(help="Events as CSV. / 処理を並べた CSV。")],
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Take a file of events in, once. / 処理のファイルを取り込む。再実行しても一度だけ。"""
    from renkei.app.registrar.corporate_file import take_in
    from renkei.app.registrar.orders import Ordered, registrar_database
    from renkei.app.settings import read_settings

    site = read_settings(settings)
    ordered = Ordered(ordered_by, by, reason).order(site)
    with registrar_database(site) as database, progress_bar("load", hidden=as_json) as tell:
        done = take_in(database, site.tenant, file, ordered, progress=lambda n: tell(n, n))
    print_facts({"file": str(file), "taken in": done}, as_json=as_json)


@corporate_commands.command()
def search(
    name: Name = "",
    address: Annotated[str, typer.Option(help="How it begins. / 所在地の先頭。")] = "",
    number: Annotated[str, typer.Option(help="13 digits. / 法人番号。")] = "",
    after: Annotated[str, typer.Option(help="Next page: the last number. / 続き。")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many. / 件数。")] = 50,
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    closed: Annotated[bool, typer.Option("--closed", help="Also closed ones. / 閉鎖も。")] = False,
    as_json: AsJson = False,
) -> None:
    """Find corporations. / 法人等を検索する。"""
    from renkei.app.registrar.corporate_words import facts_of, line_of
    from renkei.app.registrar.orders import registrar_database
    from renkei.app.settings import read_settings
    from renkei.identity import corporations

    site = read_settings(settings)
    sought = corporations.Sought(number, name, address, closed)
    with registrar_database(site) as database, database.transaction(site.tenant) as conn:
        page = corporations.search(conn, site.tenant, sought, after=after, limit=limit)
    shown = [facts_of(one) if as_json else line_of(one, language()) for one in page.corporations]
    print_facts({"corporations": shown, "after": page.after}, as_json=as_json)
