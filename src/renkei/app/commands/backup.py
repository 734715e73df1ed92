"""`renkei backup …` and `renkei restore`: copies of the database, and the way back."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from renkei import kit
from renkei.app.commands.terminal import AsJson, SettingsFile, language, print_facts, progress_bar

backup_commands = typer.Typer(
    help="Backups of the site's database. / データベースのバックアップ。", no_args_is_help=True
)

DEFAULT_SETTINGS = Path("renkei.toml")


def parse_moment(given: str | datetime) -> datetime:
    """Parse a moment as a command takes it; without a zone it is Japan's time."""
    return kit.in_japan(given if isinstance(given, datetime) else datetime.fromisoformat(given))


@backup_commands.command("now")
def now(
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    take_over: Annotated[
        bool,
        typer.Option(
            "--take-over", help="The other folder is dead. / 停止した別の拠点から引き継ぐ。"
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take a base backup now. / 今すぐ全体のバックアップを取る。"""
    from renkei.app.keeping.backups import back_up_now
    from renkei.app.settings import read_settings

    with progress_bar("backup", hidden=as_json) as progress:
        base = back_up_now(
            read_settings(settings), take_over=take_over, progress=lambda done: progress(done, 0)
        )
    facts = {"base": base.id, "bytes": base.tar_bytes, "stored bytes": base.stored_bytes}
    print_facts(facts | {"ended": _shown(base.ended_at)}, as_json=as_json)


@backup_commands.command("list")
def list_(settings: SettingsFile = DEFAULT_SETTINGS, *, as_json: AsJson = False) -> None:
    """List the base backups and up to when each leads. / バックアップの一覧を示す。"""
    from renkei import backup
    from renkei.app.keeping.backups import archive_of
    from renkei.app.settings import read_settings

    archive = archive_of(read_settings(settings))
    bases = [
        {
            "base": base.id,
            "lineage": base.lineage,
            "PostgreSQL": base.version,
            "from": _shown(base.ended_at),
            "until": _shown(one.until(base)),
            "stored bytes": base.stored_bytes,
        }
        for one in backup.holdings(archive)
        for base in one.bases
    ]
    if as_json:
        print_facts({"bases": bases}, as_json=True)
        return
    for number, facts in enumerate(bases):
        if number:
            typer.echo("")
        print_facts(facts, as_json=False)


@backup_commands.command("verify")
def verify(
    settings: SettingsFile = DEFAULT_SETTINGS,
    *,
    everything: Annotated[
        bool, typer.Option("--all", help="Not only the newest base. / 古いものも確かめる。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Open every file and look for gaps. / すべてのファイルを開いて欠けを確かめる。"""
    from renkei import backup
    from renkei.app.keeping.backups import archive_of
    from renkei.app.settings import read_settings

    archive = archive_of(read_settings(settings))
    with progress_bar("verify", hidden=as_json) as progress:
        found = backup.verify(archive, everything=everything, progress=progress)
    print_facts(
        {
            "holds": not found.defects,
            "bases": found.bases,
            "files": found.files,
            "bytes": found.bytes,
            "from": _shown(found.since),
            "until": _shown(found.until),
            "defects": [one.text(language()) for one in found.defects],
        },
        as_json=as_json,
    )
    if found.defects or not found.bases:
        raise typer.Exit(2)


@backup_commands.command("prune")
def prune(settings: SettingsFile = DEFAULT_SETTINGS, *, as_json: AsJson = False) -> None:
    """Remove what the rule `backup.keep` does not keep. / 保存期間を過ぎたものを削除する。"""
    from renkei import backup
    from renkei.app.keeping.backups import archive_of
    from renkei.app.settings import read_settings
    from renkei.app.site import now as clock

    plan = read_settings(settings)
    archive = archive_of(plan)
    keep = plan.backup.keep if plan.backup else backup.Keep()
    done = backup.prune(archive, keep, at=clock())
    facts = {"bases removed": done.bases, "files removed": done.files}
    print_facts(facts | {"from": _shown(done.oldest)}, as_json=as_json)


def restore(
    source: Annotated[
        str, typer.Option("--from", metavar="TARGET", help="Folder or s3://… / 保存先。")
    ],
    folder: Annotated[
        Path, typer.Option("--to", metavar="FOLDER", help="A new folder. / 新しいフォルダ。")
    ],
    at: Annotated[
        datetime | None,
        typer.Option(
            parser=parse_moment,
            metavar="TIME",
            help="E.g. 2026-04-01T09:30; default: the end. / 時点。省略時は最後。",
        ),
    ] = None,
    key: Annotated[
        Path | None, typer.Option(help="Default: backup.key of the settings. / 鍵ファイル。")
    ] = None,
    settings: SettingsFile = DEFAULT_SETTINGS,
    endpoint: Annotated[str, typer.Option(help="Of the store. / S3 互換の接続先。")] = "",
    region: Annotated[str, typer.Option(help="Of the store. / リージョン。")] = "",
    *,
    as_json: AsJson = False,
) -> None:
    """Restore the database as of a moment. / ある時点のデータベースを復元する。"""
    from renkei import backup
    from renkei.app.keeping.restoration import restore_site
    from renkei.app.membership.keys import Keys, read_backup_key
    from renkei.app.settings import read_settings

    plan = read_settings(settings) if settings.exists() or key is None else None
    if key is not None:
        sealing = read_backup_key(key)
    else:
        assert plan is not None  # noqa: S101  # it was read above where no key was given
        sealing = Keys(plan.keys, plan.tenant).backup()
    archive = backup.Archive(backup.Target(source, endpoint, region), sealing)
    with progress_bar("restore", hidden=as_json) as progress:
        done = restore_site(
            archive,
            folder,
            at=at,
            settings=plan,
            binaries=plan.binaries if plan else None,
            language=language(),
            progress=progress,
        )
    print_facts(done.facts(language()), as_json=as_json)
    if not done.holds:
        raise typer.Exit(2)


def _shown(at: datetime | None) -> str:
    return "–" if at is None else kit.in_japan(at).isoformat(timespec="milliseconds")
