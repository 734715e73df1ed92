"""`renkei evidence`: one exchange as a file that anybody verifies offline."""

from pathlib import Path
from typing import Annotated

import typer

from renkei.app.terminal import AsJson, print_facts


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
    as_json: AsJson = False,
) -> None:
    """Write the evidence of one exchange as a zip. / 一つの照会の証拠を束にする。"""
    from renkei.app.exchange_evidence import write_evidence
    from renkei.app.settings import read_settings

    written = write_evidence(read_settings(settings), request, out, withheld=withheld)
    print_facts({"file": str(written), "bytes": written.stat().st_size}, as_json=as_json)
