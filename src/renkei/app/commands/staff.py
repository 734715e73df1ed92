"""The command that makes an entry of a member of staff for the settings."""

import secrets
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, cast

import typer

from renkei.app.commands.terminal import AsJson, print_facts
from renkei.app.errors import OversightNotAlone, PasswordShort

LEAST = 12  # letters of a password


class _Role(StrEnum):
    """The roles as the command line takes them; Typer repeats no option of a Literal."""

    operator = "operator"
    officer = "officer"
    approver = "approver"
    auditor = "auditor"
    oversight = "oversight"
    law_drafter = "law-drafter"
    law_reviewer = "law-reviewer"
    law_approver = "law-approver"


def staff(
    number: Annotated[str, typer.Argument(metavar="NUMBER", help="Staff number. / 職員番号。")],
    name: Annotated[str, typer.Option(help="Name on the console. / 画面に出す氏名。")],
    role: Annotated[
        list[_Role],
        typer.Option(
            help="May repeat. / 権限(運用・業務・承認・監査・監督、根拠表の三役)。複数可。"
        ),
    ],
    *,
    token: Annotated[
        bool, typer.Option("--token", help="Draw a token instead. / パスワードの代わりに発行する。")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print an entry of the settings for a member of staff. / 職員を登録する設定を表示する。"""
    from renkei.app.sign_in.staff import may_go_together, password_hash

    roles = tuple(dict.fromkeys(one.value for one in role))
    if not may_go_together(roles):
        raise OversightNotAlone(name=name)
    drawn = secrets.token_urlsafe(24) if token else ""
    if token:
        line = f'token = "{sha256(drawn.encode()).hexdigest()}"'
    else:
        ask = "パスワード / password"
        given = cast("str", typer.prompt(ask, hide_input=True, confirmation_prompt=True, err=True))
        if len(given) < LEAST:
            raise PasswordShort(least=LEAST)
        line = f'password = "{password_hash(given)}"'
    listed = ", ".join(f'"{one}"' for one in roles)
    shown = name.replace("\\", "").replace('"', "")
    entry = f'[staff."{number}"]\nname = "{shown}"\nroles = [{listed}]\n{line}'
    if as_json:
        print_facts({"settings": entry, **({"token": drawn} if token else {})}, as_json=True)
        return
    typer.echo(entry)
    if token:
        typer.echo(f"# token: {drawn}", err=True)
