"""`renkei registrar …`: the life of a personal number, at the registrar's own site.

Numbers are asked for and never options: what stands in a command is seen by every process of the
machine, and stays in the shell's history.
"""

from pathlib import Path
from typing import Annotated, cast

import typer

from renkei.app.commands.terminal import AsJson, SettingsFile, language, print_facts, progress_bar

registrar_commands = typer.Typer(
    help="Personal numbers (個人番号), at the registrar. / 付番・番号の変更・訂正・閉鎖。",
    no_args_is_help=True,
)

By = Annotated[str, typer.Option("--by", help="Who carries it out. / 実施する職員。")]
Reason = Annotated[
    str, typer.Option("--reason", help="Why; names nobody. / 理由。個人を特定する語は書かない。")
]
OrderedBy = Annotated[
    str,
    typer.Option(
        "--ordered-by", metavar="TENANT", help="Who ordered; default ourselves. / 依頼した団体。"
    ),
]
OrderId = Annotated[
    str,
    typer.Option(
        "--order",
        help="Id; the same one again does nothing twice. / 依頼番号。再送しても一度だけ。",
    ),
]
DEFAULT_SETTINGS = Path("renkei.toml")

NUMBER = "個人番号 / personal number"
KEPT = "残す個人番号 / number to keep"
DROPPED = "閉鎖する個人番号 / number to close"
NEW = "新しい個人番号 / new personal number"
BASIS = "住民票コード等 / resident record code or the like"


def _ask(what: str) -> str:
    """Ask for what must not stand in a command; a pipe answers line by line."""
    return cast("str", typer.prompt(what, err=True)).strip()


def _given(settings: Path, *asked: str) -> list[str]:
    """Ask for new numbers where somebody else draws them."""
    from renkei.app.settings import read_settings

    return [] if read_settings(settings).registrar.draws else [_ask(what) for what in asked]


@registrar_commands.command()
def load(
    file: Annotated[
        Path, typer.Argument(help="CSV with the column 個人番号. / 列「個人番号」のあるCSV。")
    ],
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Take in the list of numbers that were issued elsewhere. / 付番済み番号の一覧を取り込む。

    Again is no harm. Exits with 2 if lines were left out; each is shown, without its number.
    """
    from renkei.app.registrar.issued_file import take_in_file
    from renkei.app.registrar.orders import Ordered

    with progress_bar("load", hidden=as_json) as tell:
        loaded = take_in_file(settings, file, Ordered(ordered_by, by, reason), progress=tell)
    print_facts(loaded.facts(language()), as_json=as_json)
    if loaded.wrong:
        raise typer.Exit(2)


@registrar_commands.command()
def issue(
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Issue a number to a person who has none. / 付番する。

    Asks for what tells the person apart (住民票コード); kept as a keyed hash alone. Only where the
    registrar draws the numbers itself (`registrar.numbers = "here"`).
    """
    from renkei import identity
    from renkei.app.registrar.orders import Ordered, desk

    basis = _ask(BASIS)
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        number = identity.numbers.issue(
            at.conn, at.tenant, basis, at.order, secrets=at.secrets, draw=at.drawing()
        )
        facts = at.facts(number=number)
    print_facts(facts, as_json=as_json)


@registrar_commands.command()
def change(
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Close a number and give another one. / 番号を変更する。符号は変わらない。

    Drawn elsewhere: the new one is asked for. / 外部で付番する場合は新番号も尋ねる。
    """
    from renkei import identity
    from renkei.app.registrar.orders import Ordered, desk

    old, new = _ask(NUMBER), _given(settings, NEW)
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        number = identity.numbers.change(
            at.conn, at.tenant, old, at.order, secrets=at.secrets, draw=at.drawing(*new)
        )
        facts = at.facts(number=number)
    print_facts(facts, as_json=as_json)


@registrar_commands.command()
def reissue(
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Let all codes of a person become others. / 本人の符号をすべて新しくする。番号は同じ。"""
    from renkei import identity
    from renkei.app.registrar.orders import Ordered, desk

    number = _ask(NUMBER)
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        identity.numbers.reissue(at.conn, at.tenant, number, at.order, secrets=at.secrets)
        facts = at.facts()
    print_facts(facts, as_json=as_json)


@registrar_commands.command()
def merge(
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Correct two numbers of one person. / 二重付番(一人に二つ)を訂正する。"""
    from renkei import identity
    from renkei.app.registrar.orders import Ordered, desk

    kept, dropped = _ask(KEPT), _ask(DROPPED)
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        identity.numbers.merge(at.conn, at.tenant, kept, dropped, at.order, secrets=at.secrets)
        facts = at.facts()
    print_facts(facts, as_json=as_json)


@registrar_commands.command()
def separate(
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Correct one number of two persons. / 重複付番(二人に一つ)を訂正し、双方に付番する。

    Drawn elsewhere: both are asked for. / 外部で付番する場合は二つとも尋ねる。
    """
    from renkei import identity
    from renkei.app.registrar.orders import Ordered, desk

    number, new = _ask(NUMBER), _given(settings, NEW, NEW)
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        both = identity.numbers.separate(
            at.conn, at.tenant, number, at.order, secrets=at.secrets, draw=at.drawing(*new)
        )
        facts = at.facts(numbers=list(both))
    print_facts(facts, as_json=as_json)


@registrar_commands.command()
def close(
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Close the number of a person who died. / 死亡した人の番号を閉鎖する。"""
    from renkei import identity
    from renkei.app.registrar.orders import Ordered, desk

    number = _ask(NUMBER)
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        identity.numbers.close(at.conn, at.tenant, number, at.order, secrets=at.secrets)
        facts = at.facts()
    print_facts(facts, as_json=as_json)


@registrar_commands.command()
def history(
    by: By,
    reason: Reason,
    settings: SettingsFile = DEFAULT_SETTINGS,
    ordered_by: OrderedBy = "",
    order: OrderId = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Show all numbers of a person; the look is entered. / 番号の履歴を示す。閲覧は記録される。"""
    from renkei.app.registrar.orders import Ordered, desk
    from renkei.app.registrar.orders import history as told

    number = _ask(NUMBER)
    with desk(settings, Ordered(ordered_by, by, reason, order)) as at:
        facts = told(at, number, language())
    print_facts(facts, as_json=as_json)
