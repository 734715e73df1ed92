"""`renkei files`: the files of questions that came in, and how far they are."""

from pathlib import Path

import typer

from renkei.app.commands.terminal import AsJson, SettingsFile, print_facts


def files(settings: SettingsFile = Path("renkei.toml"), *, as_json: AsJson = False) -> None:
    """Show the files of questions and how far they are. / ファイル連携の進み具合を示す。"""
    from renkei.app.deliveries.intake import node_settings, site_database
    from renkei.app.site import now
    from renkei.exchange import files as known

    read = node_settings(settings)
    at = now()
    with site_database(read) as database, database.transaction(read.tenant) as conn:
        found = known.progress(conn, read.tenant, at=at)
    told = [
        {
            "id": one.id,
            "client": one.client,
            "place": one.place,
            "folder": one.folder,
            "state": "answered" if one.answered_at else "waiting",
            "questions": one.lines,
            "ended": one.ended,
            "unanswered": one.expired,
            "accepted_at": one.accepted_at.isoformat(timespec="seconds"),
            "expires_at": one.expires_at.isoformat(timespec="seconds"),
            "answered_at": one.answered_at and one.answered_at.isoformat(timespec="seconds"),
        }
        for one in found
    ]
    if as_json:
        print_facts({"files": told}, as_json=True)
        return
    for number, facts in enumerate(told):
        if number:
            typer.echo("")
        print_facts(facts, as_json=False)
