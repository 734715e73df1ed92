"""`renkei process …`: models linted, drawn, told, laid out, and tried."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from renkei.app.commands.terminal import AsJson, language, print_facts

process_commands = typer.Typer(
    help="Models of processes (BPMN). / 業務プロセスのモデル。", no_args_is_help=True
)

Model = Annotated[Path, typer.Argument(help="File of BPMN 2.0. / BPMN 2.0のファイル。")]
Out = Annotated[Path, typer.Option("--out", "-o", help="File to write. / 出力先のファイル。")]
Marks = Annotated[
    Path | None,
    typer.Option("--marks", help="Tokens, counts, times by id (JSON). / 重ねる件数など(JSON)。"),
]
Severity = Literal["error", "warning", "hint"]
GRAVER: dict[str, tuple[str, ...]] = {
    "error": ("error",),
    "warning": ("error", "warning"),
    "hint": ("error", "warning", "hint"),
}
COLOURS = {"error": "red", "warning": "yellow", "hint": "blue"}


@process_commands.command("lint")
def lint(
    files: Annotated[list[Path], typer.Argument(help="Files of BPMN 2.0. / BPMN 2.0のファイル。")],
    least: Annotated[
        Severity, typer.Option("--least", help="Show from this on. / 表示する最も軽い重大度。")
    ] = "hint",
    *,
    as_json: AsJson = False,
) -> None:
    """Say what is wrong in models, and what to do. / モデルの誤りと直し方を示す。

    Ends with 2 where a finding is an error. / 誤りがあるときは終了コード2。
    """
    from renkei import kit
    from renkei.app.processes.findings import findings_of, lines, shown
    from renkei.app.processes.models import read_model
    from renkei.app.site import now

    today = kit.day_of(now())
    reports = {str(file): findings_of(read_model(file), GRAVER[least], on=today) for file in files}
    if as_json:
        print_facts({name: shown(found) for name, found in reports.items()}, as_json=True)
    else:
        for name, found in reports.items():
            for severity, line in lines(name, found, language()):
                typer.secho(line, fg=COLOURS.get(severity))
    if any(one.severity == "error" for found in reports.values() for one in found):
        raise typer.Exit(2)


@process_commands.command("draw")
def draw(
    file: Model,
    out: Out,
    page: Annotated[int, typer.Option(help="Which diagram, from 1. / 何番目の図か。")] = 1,
    marks: Marks = None,
) -> None:
    """Draw a model: SVG, or HTML with the outline (by the ending). / 図を描く(SVGかHTML)。"""
    from renkei.app.processes import models
    from renkei.app.processes.sheet import sheet
    from renkei.process.bpmn import drawing

    definition = models.read_model(file)
    laid = models.read_marks(marks) if marks is not None else {}
    if out.suffix.lower() in {".html", ".htm"}:
        text = sheet(definition, language(), marks=laid)
    else:
        text = drawing.draw(definition, page=page - 1, marks=laid, language=language())
    models.write(out, text.encode())
    print_facts({"file": str(out)}, as_json=False)


@process_commands.command("outline")
def outline(file: Model, *, as_json: AsJson = False) -> None:
    """Tell a model in words, as it flows. / モデルを流れの順に文章で示す。"""
    from renkei.app.processes.models import read_model
    from renkei.process.bpmn.outline import Outline

    told = Outline(read_model(file), language())
    if as_json:
        print_facts({"parts": told.facts()}, as_json=True)
    else:
        typer.echo(told.text(), nl=False)


@process_commands.command("layout")
def layout(
    file: Model,
    out: Out,
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Replace the diagrams it has. / 今ある図を作り直す。")
    ] = False,
) -> None:
    """Give a model a diagram that has none; all else stays. / 図のないモデルに図を付ける。"""
    from renkei.app.errors import DiagramThere
    from renkei.app.processes import models
    from renkei.process.bpmn.diagram import diagrams
    from renkei.process.bpmn.layout import laid_out

    definition = models.read_model(file)
    if diagrams(definition.document) and not again:
        raise DiagramThere(file=file.name)
    models.write(out, laid_out(definition).xml())
    print_facts({"file": str(out)}, as_json=False)


@process_commands.command("play")
def play(
    file: Annotated[Path, typer.Argument(help="Scenarios in plain text. / シナリオのファイル。")],
    *,
    as_json: AsJson = False,
) -> None:
    """Play scenarios, and say where they come out otherwise. / シナリオを実行し、違いを示す。

    Ends with 2 where something is otherwise. / 違いがあるときは終了コード2。
    """
    from renkei.app.processes.models import read_scenarios
    from renkei.app.processes.plays import lines, played

    plays = [played(one, file.name) for one in read_scenarios(file)]
    if as_json:
        print_facts({"scenarios": [one.facts() for one in plays]}, as_json=True)
    else:
        for one in plays:
            for line, colour in lines(one, language()):
                typer.secho(line, fg=colour or None)
    if not all(one.is_as_wanted for one in plays):
        raise typer.Exit(2)
