"""The command line: `renkei COMMAND`. Heavy rooms are imported by the commands that need them."""

import atexit
import gc
import logging
import os
import sys
from collections.abc import Sequence
from copy import copy
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer
from typer.models import CommandInfo

from renkei import kit
from renkei.app.commands.backup import backup_commands, restore
from renkei.app.commands.body import body_commands
from renkei.app.commands.bulk import bulk_commands
from renkei.app.commands.case_operations import operation_commands
from renkei.app.commands.cases import case_commands
from renkei.app.commands.client import client
from renkei.app.commands.corporate import corporate_commands
from renkei.app.commands.decisions import decision_commands
from renkei.app.commands.directory import directory_commands
from renkei.app.commands.evidence import evidence
from renkei.app.commands.extract import extract_commands
from renkei.app.commands.file import files
from renkei.app.commands.key import key_commands
from renkei.app.commands.law import law_commands
from renkei.app.commands.law_drafts import draft_commands
from renkei.app.commands.linkage import factor_commands, linkage_commands
from renkei.app.commands.log import log_commands
from renkei.app.commands.partners import partner_commands
from renkei.app.commands.people import people_commands
from renkei.app.commands.process import process_commands
from renkei.app.commands.reconciliation import balance, digest, reconcile
from renkei.app.commands.registrar import registrar_commands
from renkei.app.commands.retention import erase_commands, retention_commands
from renkei.app.commands.sandbox import sandbox
from renkei.app.commands.staff import staff
from renkei.app.commands.standard import standard_commands
from renkei.app.commands.subscription import feed, subscription_commands
from renkei.app.commands.tasks import task_commands
from renkei.app.commands.terminal import DAY, AsJson, language, parse_day, print_facts, progress_bar
from renkei.app.commands.witness import witness_commands

app = typer.Typer(
    help="Renkei 連携: an open regional information platform. / 開かれた地域情報プラットフォーム。",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
simulate = typer.Typer(help="Make synthetic input. / 合成データを作る。", no_args_is_help=True)
app.add_typer(simulate, name="simulate")
app.add_typer(standard_commands, name="standard")
app.add_typer(law_commands, name="law")
app.add_typer(decision_commands, name="decisions")
law_commands.add_typer(draft_commands)
app.add_typer(people_commands, name="people")
app.add_typer(subscription_commands, name="subscriptions")
app.add_typer(backup_commands, name="backup")
app.add_typer(retention_commands, name="retention")
app.add_typer(erase_commands, name="erase")
for command in (staff, client, balance, digest, reconcile, feed, files, restore, evidence, sandbox):
    app.command()(command)
app.add_typer(extract_commands, name="extract")
app.add_typer(bulk_commands, name="bulk")
app.add_typer(directory_commands, name="directory")
app.add_typer(process_commands, name="process")
app.add_typer(key_commands, name="keys")
app.add_typer(body_commands, name="bodies")
app.add_typer(case_commands, name="cases")
app.add_typer(task_commands, name="tasks")
case_commands.add_typer(operation_commands)
app.add_typer(partner_commands, name="partners")
app.add_typer(registrar_commands, name="registrar")
app.add_typer(corporate_commands, name="corporate")
app.add_typer(log_commands, name="log")
app.add_typer(factor_commands, name="factors")
app.add_typer(linkage_commands, name="linkage")
app.add_typer(witness_commands, name="witness")


SettingsFile = Annotated[
    Path, typer.Option("--settings", "-s", help="Settings of the site. / 拠点の設定ファイル。")
]
Seed = Annotated[int, typer.Option(help="Same seed, same bytes. / 同じ種なら同じ結果。")]
WithParent = Annotated[
    bool,
    typer.Option("--with-parent", help="Stop when the starter does. / 起動元と共に止まる。"),
]

FormatName = Literal["csv", "csv-windows-31j", "json-lines", "xml", "parquet"]

DEFAULT_SETTINGS = Path("renkei.toml")
GARBAGE = 10_000  # new objects until it is looked for what holds itself; little does


def main() -> None:
    """Run the command line; an error is said in the reader's language, without a traceback."""
    gc.set_threshold(GARBAGE)
    atexit.register(gc.freeze)  # to look through all that was imported once more helps nobody
    logging.basicConfig(
        level=os.environ.get("RENKEI_LOG", "WARNING"),
        format="%(asctime)s %(levelname)s %(name)s %(message)s",
    )
    try:
        part_of(sys.argv[1:2])()
    except kit.NodeError as error:
        typer.secho(f"{error.code()}: {error.text(language())}", fg="red", err=True)
        sys.exit(1)


def part_of(words: Sequence[str]) -> typer.Typer:
    """Return the command line with the group or the command alone that these first words name.

    Each command would take a tenth longer to make all others; whoever names none sees them all.
    """
    part = copy(app)
    if asked := [one for one in app.registered_groups if one.name in words]:
        part.registered_groups, part.registered_commands = asked, []
    elif any(_name(one) in words for one in app.registered_commands):
        part.registered_groups = []
    return part


def _name(command: CommandInfo) -> str | None:
    return command.name or (command.callback and command.callback.__name__)


@app.command()
def node(settings: SettingsFile = DEFAULT_SETTINGS, *, with_parent: WithParent = False) -> None:
    """Run a node. / ノードを動かす。"""
    _serve(settings, {"node"}, "hub", with_parent=with_parent)


@app.command()
def hub(settings: SettingsFile = DEFAULT_SETTINGS, *, with_parent: WithParent = False) -> None:
    """Run a converter, the registrar or the log operator. / 変換・付番・記録の各機関を動かす。"""
    _serve(settings, {"converter", "registrar", "log"}, "node", with_parent=with_parent)


def _serve(file: Path, roles: set[str], other: str, *, with_parent: bool) -> None:
    from renkei.app.errors import RoleWrong
    from renkei.app.serving import serve
    from renkei.app.settings import read_settings

    settings = read_settings(file)
    if settings.role not in roles:
        raise RoleWrong(role=settings.role, command=other)
    serve(settings, stop_with_parent=with_parent)


@app.command()
def init(
    folder: Annotated[Path, typer.Argument(help="Folder of the new site. / 新しい拠点の場所。")],
    tenant: Annotated[str, typer.Option(help="6 or 13 digits. / 団体コードか法人番号。")],
    peers: Annotated[str, typer.Option(help="host:port for members. / 参加団体向け。")],
    staff: Annotated[str, typer.Option(help="host:port for own units. / 庁内向け。")],
    authority: Annotated[str, typer.Option(help="Verifier key of the list. / 一覧の検証鍵。")],
    ja: Annotated[str, typer.Option(help="Name in Japanese. / 日本語の名称。")],
    en: Annotated[str, typer.Option(help="Name in English. / 英語の名称。")],
    role: Annotated[
        Literal["node", "converter", "registrar", "log"],
        typer.Option(help="What the site is. / 役割(ノード・変換・付番・記録)。"),
    ] = "node",
    mode: Annotated[
        Literal["production", "drill", "test"],
        typer.Option(help="Part of every message. / 本番・訓練・試験の別。"),
    ] = "test",
    member_class: Annotated[
        Literal["MUN", "PREF", "GOV", "COM"],
        typer.Option(help="Municipality, prefecture, state or firm. / 団体の種類。"),
    ] = "MUN",
    unit: Annotated[
        list[str] | None,
        typer.Option(metavar="NUMBER", help="Unit that may ask; may repeat. / 照会元。複数可。"),
    ] = None,
    organisation: Annotated[
        list[str] | None,
        typer.Option(
            metavar="TENANT", help="Converter: for whom; may repeat. / 変換の対象。複数可。"
        ),
    ] = None,
    console: Annotated[
        str,
        typer.Option(
            metavar="ADDRESS",
            help="Where browsers find the staff console. / 職員コンソールの宛先。",
        ),
    ] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Make the keys and settings of a site. / 拠点の鍵と設定を作る。"""
    from renkei.app.membership.initiation import Plan, found_site
    from renkei.app.site import now

    plan = Plan(
        tenant=kit.tenant(tenant),
        role=role,
        mode=mode,
        member_class=member_class,
        ja=ja,
        en=en,
        peers=peers,
        staff=staff,
        authority=authority,
        units=tuple(unit or ()),
        organisations=tuple(kit.tenant(number) for number in organisation or ()),
        console=console,
    )
    founded = found_site(folder, plan, at=now())
    out = {
        "settings": str(founded.settings),
        "public": str(founded.public),
        "tokens": founded.tokens,
    }
    print_facts(out, as_json=as_json)


@app.command()
def load(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE|DIR",
            help="Snapshots, a difference, or a town's folder. / 全件か差分、町のフォルダー。",
        ),
    ],
    entity: Annotated[
        str, typer.Option(help="Default: the file's name. / 省略時はファイル名。")
    ] = "",
    on: Annotated[
        date | None,
        typer.Option(
            parser=parse_day,
            metavar=DAY,
            help="Day the snapshot states; default today. / 基準日。",
        ),
    ] = None,
    difference: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="NUMBER", help="The file is this difference. / 差分ファイルの番号。"
        ),
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    allow_ending: Annotated[
        bool,
        typer.Option("--allow-ending", help="Let many records end. / 多数の終了を認める。"),
    ] = False,
    file_format: Annotated[
        FormatName | None,
        typer.Option("--format", help="Default: what the file begins with. / 省略時は自動判定。"),
    ] = None,
    policy: Annotated[
        Literal["file", "row"] | None,
        typer.Option(
            help="What an error keeps out; default as set. / エラーで止めるのはファイルか行か。"
        ),
    ] = None,
    findings: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Write what was found: .csv or .json. / 指摘を書き出すファイル。"
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Load units' deliveries, or say line by line why not. / 業務ユニットのデータを取り込む。"""
    from renkei import store
    from renkei.app.commands.findings_table import (
        check_findings_file,
        print_findings,
        write_findings,
    )
    from renkei.app.commands.town_summary import load_folder, show_town
    from renkei.app.deliveries.intake import load_files

    if findings is not None:
        check_findings_file(findings)
    kept_out = None if policy is None else store.Policy(policy)
    if len(files) == 1 and files[0].is_dir():
        town = load_folder(
            settings, files[0], on=on, policy=kept_out, allow_ending=allow_ending, quiet=as_json
        )
        if findings is not None:
            write_findings(findings, [part.listing for part in town.parts], language())
        show_town(town, language(), as_json=as_json)
        raise typer.Exit(0 if town.is_whole else 2)
    intakes = load_files(
        settings,
        [(file, entity or file.stem) for file in files],
        on=on,
        difference=difference,
        policy=kept_out,
        allow_ending=allow_ending,
        file_format=None if file_format is None else store.Format(file_format),
        quiet=as_json,
    )
    reports = {str(intake.file): intake.facts(language()) for intake in intakes}
    listings = [intake.listing for intake in intakes]
    if findings is not None:
        write_findings(findings, listings, language())
    if as_json:
        print_facts(reports, as_json=True)
    else:
        for facts in reports.values():
            facts |= {"outcome": kit.say(f"delivery-{facts['outcome']}", language())}
            if sys.stdout.isatty():  # a pipe gets a line for each finding, a person a table
                del facts["findings"]
            print_facts(facts, as_json=False)
        if sys.stdout.isatty():
            print_findings(listings, language())
    if any(intake.is_blocked for intake in intakes):
        raise typer.Exit(2)


@app.command()
def doctor(settings: SettingsFile = DEFAULT_SETTINGS, *, as_json: AsJson = False) -> None:
    """Say what is wrong here or with a peer. / 拠点と相手先との不具合を診断する。"""
    from renkei.app.operations.checks import worst
    from renkei.app.operations.doctor import examine
    from renkei.app.settings import read_settings

    checks = examine(read_settings(settings))
    verdict = worst(checks)
    if as_json:
        found = [
            {"code": c.code, "verdict": c.verdict, "text": c.text("en"), "text_ja": c.text("ja")}
            for c in checks
        ]
        print_facts({"verdict": verdict, "checks": found}, as_json=True)
    else:
        marks = {"good": "✓", "warning": "△", "bad": "✗"}
        for check in checks:
            typer.echo(f"{marks[check.verdict]} {check.text(language())}")
        typer.echo(kit.say(f"doctor-verdict-{verdict}", language()))
    raise typer.Exit({"good": 0, "warning": 0, "bad": 2}[verdict])


@app.command()
def codes(
    settings: SettingsFile = DEFAULT_SETTINGS,
    persons: Annotated[
        Path | None,
        typer.Option(help="Register numbers, one a line; default all. / 宛名番号の一覧。"),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Fetch linkage codes from the registrar. / 付番機関から符号を取得する。"""
    from renkei.app.deliveries.intake import acquire_codes

    print_facts(acquire_codes(settings, persons, quiet=as_json), as_json=as_json)


@app.command()
def verify(
    path: Annotated[
        Path, typer.Argument(help="Bundle file or log folder. / 証明の束、または記録。")
    ],
    key: Annotated[
        list[str] | None,
        typer.Option(
            metavar="KEY", help="Trusted verifier key; may repeat. / 信頼する検証鍵。複数可。"
        ),
    ] = None,
    *,
    members: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Members list with the key. / 鍵の載る参加団体一覧。"),
    ] = None,
    authority: Annotated[
        str, typer.Option(metavar="KEY", help="Who signed that list. / 一覧に署名した機関の鍵。")
    ] = "",
    policy: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Who must have cosigned, tlog-policy. / 証人の方針のファイル。"
        ),
    ] = None,
    tsa_roots: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Verify time stamps by these certificates. / タイムスタンプを信じる証明書。",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify a bundle or a published log, offline. / 証明の束や記録を、通信せずに検証する。"""
    from renkei.app.commands.verification import Trust, verify_path

    trust = Trust(key or (), members, authority)
    verdict = verify_path(path, trust, policy, tsa_roots)
    print_facts(verdict.facts(language()), as_json=as_json)
    if not verdict.holds:
        raise typer.Exit(2)


@simulate.command("town")
def town(
    code: Annotated[str, typer.Option(help="6 digits, e.g. 131016. / 団体コード。")],
    out: Annotated[Path, typer.Option(help="Folder of the files. / 出力先。")],
    people: Annotated[int, typer.Option(help="Residents. / 住民の数。")] = 50_000,
    seed: Seed = 7,
    neighbour: Annotated[
        str | None, typer.Option(help="Town people moved from and to. / 転出入の相手。")
    ] = None,
    neighbour_people: Annotated[
        int | None, typer.Option(help="Its residents, if other. / 相手の住民の数。")
    ] = None,
    day: Annotated[
        date,
        typer.Option(parser=parse_day, metavar=DAY, help="The day the files state. / 基準日。"),
    ] = date(2026, 4, 1),
    units: Annotated[
        list[str],
        typer.Option(
            "--unit", help="Also all records of a unit, or `all`; may repeat. / 追加するユニット。"
        ),
    ] = [],  # noqa: B006  # typer copies it
    *,
    as_json: AsJson = False,
) -> None:
    """Write the CSV files of a synthetic town. / 合成の町の CSV ファイルを作る。"""
    from dataclasses import asdict

    from renkei.standard.synthetic import write_town

    with progress_bar("simulate", hidden=as_json) as progress:
        report = write_town(
            code,
            people=people,
            seed=seed,
            out=out,
            neighbour=neighbour,
            neighbour_people=neighbour_people,
            day=day,
            units=units,
            progress=progress,
        )
    print_facts(asdict(report), as_json=as_json)


@simulate.command("doubles")
def doubles(
    town: Annotated[Path, typer.Argument(help="Folder of a synthetic town. / 合成の町の場所。")],
    code: Annotated[str, typer.Option(help="6 digits, e.g. 131016. / 団体コード。")],
    out: Annotated[Path, typer.Option(help="Folder of the files. / 出力先。")],
    share: Annotated[
        float, typer.Option(min=0, max=1, help="Of the residents. / 二重にする住民の割合。")
    ] = 1.0,
    seed: Seed = 7,
    *,
    as_json: AsJson = False,
) -> None:
    """Write the people once more, with errors and the truth. / 誤りのある二つ目の台帳を作る。"""
    from dataclasses import asdict

    from renkei.standard.synthetic import write_doubles

    report = write_doubles(town, out, code=code, seed=seed, share=share)
    print_facts(asdict(report), as_json=as_json)


@simulate.command("corporations")
def corporations(
    out: Annotated[Path, typer.Option(help="The file to write. / 出力するファイル。")],
    count: Annotated[int, typer.Option(min=1, help="Corporations. / 法人等の数。")] = 10_000,
    seed: Seed = 7,
    *,
    as_json: AsJson = False,
) -> None:
    """Write events of a made-up corporate register. / 合成の法人番号登録簿を作る。"""
    from dataclasses import asdict

    from renkei.standard.synthetic import write_corporations

    print_facts(asdict(write_corporations(out, count=count, seed=seed)), as_json=as_json)


@app.command()
def manual(
    out: Annotated[Path, typer.Option(help="Folder of the manual. / 文書の出力先。")] = Path(
        "docs"
    ),
) -> None:
    """Write docs/errors.md and docs/commands.md. / エラーとコマンドの一覧を書き出す。"""
    from renkei.app.commands.manual import write_manual

    print_facts({"files": [str(path) for path in write_manual(out, app)]}, as_json=False)


@app.command("town")
def trial_town(
    folder: Annotated[Path, typer.Option(help="Where it lives. / 置き場所。")] = Path(".town"),
    people: Annotated[int, typer.Option(help="Residents. / 住民の数。")] = 20_000,
    seed: Seed = 7,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End without the console. / 画面を開かずに終わる。")
    ] = False,
) -> None:
    """Load a whole town of every unit, open its console. / 全業務の町を取り込み、画面を開く。"""
    from renkei.app.demo.trial_town import run_trial_town

    run_trial_town(folder, people=people, seed=seed, once=once, language=language())


@app.command()
def demo(
    folder: Annotated[Path, typer.Option(help="Where the sites live. / 拠点の置き場所。")] = Path(
        ".demo"
    ),
    people: Annotated[int, typer.Option(help="Residents of each town. / 各町の住民。")] = 20_000,
    questions: Annotated[int, typer.Option(help="How many to ask. / 照会の数。")] = 200,
    seed: Seed = 7,
    *,
    once: Annotated[
        bool, typer.Option("--once", help="End after the table. / 表を示して終わる。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Two towns, a hub, 200 lawful questions, the proof. / 二つの町、200件の照会、その証明。"""
    from renkei.app.demo.demonstration import run_demo

    holds = run_demo(
        folder,
        people=people,
        questions=questions,
        seed=seed,
        once=once,
        as_json=as_json,
        language=language(),
    )
    if not holds:
        raise typer.Exit(2)
