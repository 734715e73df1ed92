"""`renkei decisions …`: models and books of decisions checked, asked, explained, played."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from renkei import kit
from renkei.app.commands.terminal import DAY, AsJson, language, parse_day, print_facts

decision_commands = typer.Typer(
    help="Decisions by tables (DMN). / 判定表による判定。", no_args_is_help=True
)

Source = Annotated[
    str,
    typer.Argument(
        metavar="FILE",
        help="Model file, folder of a book, or a shipped book's name. / モデルか判定集。",
    ),
]


@decision_commands.command("check")
def check(file: Source, *, as_json: AsJson = False) -> None:
    """Findings by line: what cannot work, gaps, overlaps. / 判定表の隙間や重なりを検査する。

    Exit status: 0 no errors, 2 some.
    """
    from renkei.app.decisions.desk import checked, checked_data

    facts = checked_data(file) if as_json else checked(file, language())
    print_facts(facts, as_json=as_json)
    if facts["errors"]:
        raise typer.Exit(2)


@decision_commands.command("evaluate")
def evaluate(
    file: Source,
    inputs: Annotated[
        str,
        typer.Option(help="JSON object, or @FILE with one. / 入力のJSON。@でファイル。"),
    ] = "{}",
    decision: Annotated[
        str, typer.Option(help="Default: those no other needs. / 判定の名前。")
    ] = "",
    on: Annotated[
        date | None, typer.Option(parser=parse_day, metavar=DAY, help="Default: today. / 基準日。")
    ] = None,
    *,
    why: Annotated[bool, typer.Option("--why", help="Say why. / 理由を示す。")] = False,
    as_json: AsJson = False,
) -> None:
    """Decide as of a day, and say why. / ある日の規則で判定し、理由を示す。

    Exit status: 0 decided, 2 a value could not be found.
    """
    from renkei.app.decisions.desk import told
    from renkei.process.decisions import ModelUnreadable

    if inputs.startswith("@"):
        try:
            inputs = Path(inputs[1:]).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ModelUnreadable(file=inputs[1:], reason=str(error)) from error
    day = on or kit.day_of(datetime.now(UTC))
    found = told(file, inputs, decision, day, language(), why=why)
    if as_json:
        print_facts(found.facts, as_json=True)
    else:
        typer.echo("\n".join(found.lines))
    if not found.is_whole:
        raise typer.Exit(2)


@decision_commands.command("conformance")
def conformance(
    folder: Annotated[Path, typer.Argument(help="Folder of the cases. / 適合性試験のフォルダ。")],
    out: Annotated[
        Path | None, typer.Option(help="Markdown file to write. / 書き出す一覧。")
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Play the DMN compatibility kit: figures and every miss. / DMN適合性試験を実行する。

    Exit status: 0 all pass, 2 some miss.
    """
    from dataclasses import asdict

    from renkei.process import decisions

    tallies = list(decisions.play(folder, clock=lambda: kit.in_japan(datetime.now(UTC))))
    misses = [miss for tally in tallies for miss in tally.misses]
    facts = {
        **decisions.figures(tallies),
        "misses": [
            asdict(miss) if as_json else f"{miss.folder} {miss.case} {miss.result}: {miss.reason}"
            for miss in misses
        ],
    }
    if out is not None:
        out.write_text(decisions.report(tallies), encoding="utf-8")
    print_facts(facts, as_json=as_json)
    if misses:
        raise typer.Exit(2)
