"""The commands of the governing body: sign the members list, and let it be fetched."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from renkei import kit
from renkei.app.commands.terminal import AsJson, print_facts

directory_commands = typer.Typer(
    help="Issue the directory of members. / 参加団体一覧を発行する。", no_args_is_help=True
)

ListFile = Annotated[Path, typer.Option(help="The signed list. / 署名つき一覧。")]
KeyFile = Annotated[
    Path, typer.Option(help="The authority's key, made at first use. / 発行者の鍵。")
]


@directory_commands.command()
def succession(
    row: Annotated[
        Path, typer.Argument(metavar="FILE", help="public.json of the successor. / 承継団体の行。")
    ],
    predecessors: Annotated[
        list[str], typer.Argument(metavar="NUMBER", help="Whom it succeeds. / 被承継団体の番号。")
    ],
    *,
    as_json: AsJson = False,
) -> None:
    """Write into a row whom its organisation succeeds. / 合併の承継を団体の行に書き込む。

    From the next list on the predecessors can carry their codes over, and the registrar tells the
    successor what becomes of them.
    """
    from renkei.app.membership.initiation import write_succession

    named = write_succession(row, [kit.tenant(number) for number in predecessors])
    print_facts({"row": str(row), "succeeds": list(named)}, as_json=as_json)


@directory_commands.command()
def issue(
    rows: Annotated[
        list[Path],
        typer.Argument(metavar="FILE", help="public.json of each member. / 各拠点の公開部分。"),
    ],
    out: ListFile = Path("members.json"),
    key: KeyFile = Path("authority.key"),
    version: Annotated[
        int, typer.Option(min=0, help="0: one more than the list there has. / 版。0は次の版。")
    ] = 0,
    valid_days: Annotated[
        int, typer.Option(min=1, max=3650, help="How long it may be used. / 有効日数。")
    ] = 90,
    instance: Annotated[
        str, typer.Option(help="Instance its addresses begin with. / アドレスの先頭の名前。")
    ] = "JP",
    anchor: Annotated[
        list[Path] | None,
        typer.Option(metavar="FILE", help="Another directory to name. / 認める他の一覧。"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Sign the list of members from their public rows. / 各団体の行から一覧を作り、署名する。"""
    from renkei.app.membership.initiation import authority_signer, next_version, write_members
    from renkei.app.site import now

    signer = authority_signer(key)
    number = version or next_version(out, signer.verifier)
    count = write_members(
        rows,
        out,
        signer,
        version=number,
        at=now(),
        valid_for=timedelta(days=valid_days),
        instance=instance,
        anchors=anchor or (),
    )
    facts = {"members": count, "version": number, "file": str(out)}
    print_facts(facts | {"authority": str(signer.verifier)}, as_json=as_json)


@directory_commands.command()
def anchor(
    out: Annotated[Path, typer.Argument(metavar="FILE", help="What is written. / 書き出す先。")],
    authority: Annotated[str, typer.Option(help="Its verifier key. / その発行者の検証鍵。")],
    source: Annotated[
        str, typer.Option(metavar="URL", help="Where its list is fetched. / その一覧の配布元。")
    ],
    names: Annotated[
        str, typer.Option("--names", metavar="INSTANCE", help="Its instance. / その一覧の名前。")
    ],
    organisation: Annotated[
        list[str] | None,
        typer.Option(help="Whom it speaks for; without it, all there. / 認める団体。"),
    ] = None,
    instance: Annotated[
        str, typer.Option(help="Instance of our own list. / 自らの一覧の名前。")
    ] = "JP",
    *,
    as_json: AsJson = False,
) -> None:
    """Say which other directory our list names, and for whom. / 認める他の一覧を定める。

    Compare the key with whoever issues that list, by telephone: it is believed from then on.
    """
    from renkei.app.membership.initiation import write_anchor
    from renkei.federation import Anchor

    found = Anchor(
        authority=authority,
        source=source,
        instance=names,
        organisations=tuple(organisation or ()),
    )
    write_anchor(found, out, instance=instance)
    facts = {"file": str(out), "directory": found.title, "organisations": list(found.organisations)}
    print_facts(facts, as_json=as_json)


@directory_commands.command()
def node(
    row: Annotated[
        Path, typer.Argument(metavar="FILE", help="public.json of the member. / 公開部分。")
    ],
    url: Annotated[
        str, typer.Argument(metavar="URL", help="https://host:port of the node. / ノードの場所。")
    ],
    certificate: Annotated[
        Path | None,
        typer.Option(
            help="Its own certificate; without it, the member's. / 証明書。なければ団体と同じ。"
        ),
    ] = None,
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Leave it out. / 外す。")] = False,
    as_json: AsJson = False,
) -> None:
    """Name one more node of a member in its row. / 団体の行に、ノードをもう一つ載せる。"""
    from renkei.app.membership.public_row import drop_node, name_node

    member = drop_node(row, url) if remove else name_node(row, url, certificate)
    nodes = [each.url for each in member.all_nodes]
    print_facts({"file": str(row), "nodes": nodes}, as_json=as_json)


@directory_commands.command()
def serve(
    file: Annotated[Path, typer.Argument(help="The signed list. / 署名つき一覧。")] = Path(
        "members.json"
    ),
    at: Annotated[
        str, typer.Option(metavar="HOST:PORT", help="Where to listen. / 待ち受ける場所。")
    ] = "127.0.0.1:8440",
) -> None:
    """Let members fetch the list at /members.json. / 一覧を /members.json で配布する。"""
    import uvicorn
    from starlette.applications import Starlette

    from renkei.app.membership.members_serving import list_routes

    host, _, port = at.rpartition(":")
    if not host or not port.isdecimal():
        raise typer.BadParameter(at, param_hint="--at")
    app = Starlette(routes=list_routes(file))
    uvicorn.run(app, host=host, port=int(port), log_config=None, server_header=False)
