"""`renkei factors …` for a converter, `renkei linkage …` for an organisation: codes change."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from renkei import kit
from renkei.app.commands.terminal import AsJson, SettingsFile, language, print_facts, progress_bar

factor_commands = typer.Typer(
    help="A converter's factors of organisations. / 変換機関が持つ団体ごとの値。",
    no_args_is_help=True,
)
linkage_commands = typer.Typer(
    help="Change an organisation's linkage codes. / 団体の符号を更新・移管する。",
    no_args_is_help=True,
)
Organisation = Annotated[
    str, typer.Argument(metavar="NUMBER", help="The organisation's number. / 団体コード。")
]
DEFAULT = Path("renkei.toml")


@factor_commands.command()
def admit(
    organisation: Organisation, settings: SettingsFile = DEFAULT, *, as_json: AsJson = False
) -> None:
    """Draw the factor of an organisation that joins. / 参加する団体の値を作る。

    Hand the row (public.json) to the authority; codes can be issued once the list names it.
    """
    from renkei.app.membership.factors import Factors

    with Factors.open(settings) as factors:
        facts = factors.admit(kit.tenant(organisation), at=datetime.now(UTC))
    print_facts(facts, as_json=as_json)


@factor_commands.command()
def rotate(
    organisation: Organisation,
    settings: SettingsFile = DEFAULT,
    days: Annotated[
        int,
        typer.Option(min=0, max=366, help="How long the old codes hold. / 旧い符号の有効日数。"),
    ] = 30,
    *,
    as_json: AsJson = False,
) -> None:
    """Draw the factor to follow an organisation's present one. / 団体の値を更新する。

    Both converters do so and hand their rows to the authority. Then `renkei linkage rotate` at the
    organisation changes its codes. After the days the old ones are refused everywhere; `renkei
    factors end` then destroys their factor.
    """
    from renkei.app.membership.factors import Factors

    at = datetime.now(UTC)
    with Factors.open(settings) as factors:
        until = (at + timedelta(days=days)).replace(microsecond=0)
        facts = factors.rotate(kit.tenant(organisation), until=until, at=at)
    print_facts(facts, as_json=as_json)


@factor_commands.command()
def end(
    organisation: Organisation,
    settings: SettingsFile = DEFAULT,
    kv: Annotated[
        int | None,
        typer.Option(min=1, help="This version at once, e.g. after a theft. / 直ちに破棄する版。"),
    ] = None,
    *,
    leaves: Annotated[
        bool, typer.Option("--leaves", help="All versions: it leaves. / 脱退に伴い全て破棄する。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Destroy factors that have ended. / 終了した値を破棄する。

    What is destroyed comes back from a backup of the key file only; codes under it are dead.
    """
    from renkei.app.membership.factors import Factors

    at = datetime.now(UTC)
    with Factors.open(settings) as factors:
        number = kit.tenant(organisation)
        facts = factors.leave(number, at=at) if leaves else factors.end(number, kv=kv, at=at)
    print_facts(facts, as_json=as_json)


@linkage_commands.command("rotate")
def rotate_codes(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Give all codes the newest version the list names. / 全ての符号を新しい版に更新する。

    Again after an interruption, and after codes were issued meanwhile. Then hand the row
    (public.json) to the authority: others address the new version once the list says so.
    """
    from renkei.app.membership import code_rotation

    with progress_bar("codes", hidden=as_json) as tell:
        facts = code_rotation.rotate_codes(settings, lambda done: tell(done, done))
    print_facts(facts, as_json=as_json)


@linkage_commands.command()
def follow(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Take over what became of codes at the registrar. / 付番機関での変更・死亡を符号に反映する。

    Codes that others follow are replaced, those of the dead deleted. Run it once a day.
    """
    from renkei.app.membership import code_rotation

    with progress_bar("codes", hidden=as_json) as tell:
        facts = code_rotation.follow_codes(settings, lambda done: tell(done, done))
    print_facts(facts, as_json=as_json)


@linkage_commands.command()
def show(
    by: Annotated[str, typer.Option("--by", help="Staff number. / 職員番号。")],
    reason: Annotated[str, typer.Option("--reason", help="What for. / 目的。")],
    code: Annotated[
        str, typer.Argument(metavar="CODE", help="A display code. / 符号(33文字)。")
    ] = "",
    person: Annotated[
        str, typer.Option(metavar="NUMBER", help="Or a register number. / または宛名番号。")
    ] = "",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Show whose a code is, or whose codes. / 符号から本人を、宛名番号から符号を示す。記録が残る。

    Whoever looks is of the staff in the settings and has the role; the look stands in the person's
    record. Persons under protection are looked up at the console, where two sign.
    """
    from renkei.app.membership.code_lookup import show_codes

    if bool(code) == bool(person):
        raise typer.BadParameter("CODE | --person NUMBER")
    facts = show_codes(settings, code or person, by=by, reason=reason, reader=language())
    print_facts(facts, as_json=as_json)


@linkage_commands.command()
def forget(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Delete codes that no converter converts any more. / 変換されなくなった符号を削除する。"""
    from renkei.app.membership import code_rotation

    print_facts(code_rotation.forget_codes(settings), as_json=as_json)


@linkage_commands.command()
def key(
    settings: SettingsFile = DEFAULT,
    *,
    finish: Annotated[
        bool, typer.Option("--finish", help="Drop the former key. / 旧い鍵を破棄する。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw a new key that opens codes; the codes stay. / 符号を開く鍵を更新する(符号は変わらない)。

    Restart the site, then hand the row (public.json) to the authority. Both keys open until
    --finish, which wants the same two steps, once the list has named the new one for a day.
    """
    from renkei.app.membership import code_rotation

    print_facts(code_rotation.new_key(settings, finish=finish), as_json=as_json)


@linkage_commands.command()
def transfer(
    successor: Organisation,
    settings: SettingsFile = DEFAULT,
    numbers: Annotated[
        Path | None,
        typer.Option(help="Lines OURS,THEIRS of register numbers. / 宛名番号の対応表。"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Carry all codes over to our successor. / 承継団体に符号を移管する(合併)。

    First it follows. Without --numbers the register numbers stay the same; `unlisted` are those
    that are not in it. `shared` are people of the successor who have one code: the same human stood
    in two registers, and the numbers must be joined. `not_admitted` are ours whom the log operator
    knows as closed or not at all; the others went. Exits with 2 if there are any.
    """
    from renkei.app.membership import code_rotation

    with progress_bar("codes", hidden=as_json) as tell:
        facts = code_rotation.transfer_codes(
            settings, kit.tenant(successor), numbers, lambda done: tell(done, done)
        )
    print_facts(facts, as_json=as_json)
    if facts["not_admitted"] or facts["unlisted"]:
        raise typer.Exit(2)
