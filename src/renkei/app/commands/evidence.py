"""`renkei evidence`: one exchange as a file that anybody verifies offline."""

from pathlib import Path
from typing import Annotated

import typer

from renkei.app.commands.terminal import AsJson, print_facts


def evidence(
    request: Annotated[
        str, typer.Argument(metavar="REQUEST", help="Number of the inquiry. / 照会番号。")
    ],
    settings: Annotated[
        Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
    ] = Path("renkei.toml"),
    out: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The zip; never overwritten. / 出力先。")
    ] = None,
    *,
    withheld: Annotated[
        bool,
        typer.Option(
            "--withheld", help="Also what the law withholds. / 法令による不開示の記録も含める。"
        ),
    ] = False,
    bodies: Annotated[
        bool,
        typer.Option(
            "--bodies", help="Also the sealed bodies; entered. / 封をした本文も含める(記録する)。"
        ),
    ] = False,
    by: Annotated[str, typer.Option(help="Who takes the bodies. / 本文を受け取る者。")] = "",
    purpose: Annotated[str, typer.Option(help="Why. / 目的。")] = "",
    order: Annotated[
        str, typer.Option(help="The document that permits it. / 許可の文書番号。")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Write the evidence of one exchange as a zip. / 一つの照会の証拠を束にする。"""
    from renkei.app.bodies.release import Release
    from renkei.app.proofs.exchange_evidence import write_evidence
    from renkei.app.settings import read_settings

    released = Release(by, purpose, order) if bodies else None
    file, *beside = write_evidence(
        read_settings(settings), request, out, withheld=withheld, released=released
    )
    facts: dict[str, object] = {"file": str(file), "bytes": file.stat().st_size}
    if beside:
        facts["beside"] = list(map(str, beside))
    print_facts(facts, as_json=as_json)
