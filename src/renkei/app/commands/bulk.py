"""`renkei bulk …`: an official asks about many persons, sees how far it is, takes the answer."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

from renkei.app.commands.terminal import AsJson, SettingsFile, language, print_facts

if TYPE_CHECKING:
    from renkei.exchange import bulks

bulk_commands = typer.Typer(
    help="Inquiries about many persons at once. / 一括照会。", no_args_is_help=True
)

Number = Annotated[
    UUID, typer.Argument(metavar="NUMBER", help="As `bulk ask` told it. / 処理通番。")
]
DEFAULT = Path("renkei.toml")


@bulk_commands.command("ask")
def ask(
    listed: Annotated[
        Path, typer.Argument(metavar="LIST", help="CSV or JSON of 宛名番号. / 対象者の一覧。")
    ],
    service: Annotated[
        str,
        typer.Option(
            metavar="CLASS/MEMBER/UNIT/SERVICE[/YEAR]",
            help="Whom is asked for what. / 照会先とサービス。例 MUN/131024/06/income/2025",
        ),
    ],
    unit: Annotated[str, typer.Option(help="Two digits. / 照会する業務ユニットの番号。")],
    procedure: Annotated[str, typer.Option(help="JT… / 事務手続コード。")],
    purpose: Annotated[str, typer.Option(help="Why. / 利用目的。")],
    by: Annotated[str, typer.Option("--by", help="Staff number. / 職員番号。")],
    second: Annotated[
        str,
        typer.Option(
            "--second",
            help="Who looks along, if anybody is protected. / 支援措置対象者がいるときの立会者。",
        ),
    ] = "",
    items: Annotated[str, typer.Option(help="Names, by commas. / データ項目。")] = "",
    order: Annotated[
        Literal["ordered", "shuffled"],
        typer.Option(help="shuffled: nobody knows whose answer is whose. / 順序。"),
    ] = "ordered",
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Hand a list over; the running node asks about it. / 対象者の一覧を渡して一括照会する。"""
    from urllib.parse import quote

    from renkei import audit, exchange
    from renkei.app.bulk import intake
    from renkei.app.bulk.asking_staff import may_inquire, raise_refusal
    from renkei.app.bulk.bulk_list import read_list
    from renkei.app.bulk.kept_bulk import KeptBulk
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.errors import FileUnreadable
    from renkei.app.membership.keys import Keys
    from renkei.app.site import now, read_desk
    from renkei.app.units.task_door import USUAL_LIFE

    read = node_settings(settings)
    password = ""
    if second:
        password = typer.prompt(f"{second}: パスワード / password", hide_input=True, err=True)
    try:
        data = listed.read_bytes()
    except OSError as error:
        raise FileUnreadable(file=str(listed), reason=error.strerror or "") from error
    media = "text/csv" if listed.suffix.lower() == ".csv" else "application/json"
    people = read_list(data, media, most=read.bulk.most)
    desk, at = read_desk(read), now()
    instance = desk.members.instance
    client = exchange.Subsystem(desk.members.address(desk.tenant), unit)
    envelope = exchange.Envelope(
        client,
        exchange.new_id(instance),
        procedure=procedure,
        purpose=purpose,
        mode=audit.Mode(desk.mode),
    )
    query = f"items={quote(items, safe=',')}" if items else ""
    kept = KeptBulk(
        envelope.fields(), f"/r1/{instance}/{service}", query, order, staff=by, second=second
    )
    seal = Keys(read.keys, read.tenant).seal()
    with site_database(read) as database:
        with database.transaction(read.tenant) as conn:
            asked = kept.asked(people, "", instance=instance)
            refusal = may_inquire(conn, desk, read, asked, password, at=at)
        if refusal is not None:
            raise_refusal(refusal, language())
        with database.transaction(read.tenant) as conn:
            until = at + USUAL_LIFE
            accepted = intake.take(
                conn, desk, read.bulk, kept, people, at=at, expires_at=until, seal=seal
            )
    facts = {"number": str(accepted.number), "persons": len(people)}
    print_facts(facts, as_json=as_json)


@bulk_commands.command("list")
def list_bulks(settings: SettingsFile = DEFAULT, *, as_json: AsJson = False) -> None:
    """Show the inquiries and how far they are. / 一括照会の進み具合を示す。"""
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.exchange import bulks

    read = node_settings(settings)
    with site_database(read) as database, database.transaction(read.tenant) as conn:
        told = [_facts(one) for one in bulks.states(conn, read.tenant)]
    if as_json:
        print_facts({"bulks": told}, as_json=True)
        return
    for number, facts in enumerate(told):
        if number:
            typer.echo("")
        print_facts(facts, as_json=False)


@bulk_commands.command("answer")
def answer(
    number: Number,
    out: Annotated[Path, typer.Option(help="The file to be, CSV or JSON. / 出力ファイル。")],
    settings: SettingsFile = DEFAULT,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the answer of an inquiry that is over. / 終わった一括照会の回答をファイルに書く。"""
    from renkei.app.bulk.bulk_door import read_answers
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.errors import BulkUnanswered, FileExists, FileUnreadable, TaskUnknown
    from renkei.app.membership.keys import Keys
    from renkei.app.site import now, site_standard
    from renkei.exchange import bulks

    read = node_settings(settings)
    seal = Keys(read.keys, read.tenant).seal()
    with site_database(read) as database:
        with database.transaction(read.tenant) as conn:
            state = next(iter(bulks.states(conn, read.tenant, number=number)), None)
        if state is None:
            raise TaskUnknown(number=str(number))
        if not state.is_over(now()):
            raise BulkUnanswered(answered=state.answered, persons=state.persons)
        answers = read_answers(database, read.tenant, state, seal)
    is_csv = out.suffix.lower() == ".csv"
    data = answers.as_csv(site_standard(read)) if is_csv else answers.as_json()
    try:
        with out.open("xb") as file:
            file.write(data)
    except FileExistsError as error:
        raise FileExists(file=str(out)) from error
    except OSError as error:
        raise FileUnreadable(file=str(out), reason=error.strerror or "") from error
    print_facts({"file": str(out), **answers.told().outcomes}, as_json=as_json)


def _facts(one: "bulks.BulkState") -> dict[str, object]:
    return {
        "number": str(one.number),
        "client": one.client,
        "persons": one.persons,
        "answered": one.answered,
        "tries": one.tries,
        "accepted_at": one.accepted_at.isoformat(timespec="seconds"),
        "expires_at": one.expires_at.isoformat(timespec="seconds"),
        "ended_at": one.ended_at and one.ended_at.isoformat(timespec="seconds"),
    }
