"""The command that makes an entry of a client for the settings: a unit that fetches tokens."""

import json
import os
import secrets
from pathlib import Path
from typing import Annotated, Literal

import typer

from renkei.app.commands.terminal import AsJson, print_facts

SECRET = 32  # bytes that are drawn

AlgorithmName = Literal["HS256", "ES256", "PS256", "RS256"]


def client(
    unit: Annotated[str, typer.Argument(metavar="NUMBER", help="Unit. / 業務ユニット番号。")],
    alg: Annotated[
        AlgorithmName,
        typer.Option(help="HS256 is a shared secret. / 署名の方式。HS256は共有の秘密。"),
    ] = "ES256",
    public: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The unit's own public key, PEM or JWK. / ユニットが作った公開鍵。",
        ),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where its private key is written. / 秘密鍵を書き出すファイル。"
        ),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WORD",
            help="unit/service, changes, deliveries, tasks; may repeat. / 範囲。複数可。",
        ),
    ] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Print a settings entry of a unit that fetches tokens. / ユニットを登録する設定を作る。"""
    from renkei import exchange
    from renkei.app.errors import ScopeUnknown
    from renkei.app.units.oauth_plan import DOORS, is_scope_word

    if not all(map(is_scope_word, scope or ())):
        raise ScopeUnknown(scope=" ".join(("unit/service", *DOORS)))
    made: dict[str, object] = {}
    if alg == "HS256":
        text = secrets.token_urlsafe(SECRET)
        made["secret"] = text
    elif public is not None:
        text = _read(public)
    else:
        file = out or Path(f"client-{unit}.pem")
        private, text = exchange.draw_client_key(alg)
        _write(file, private)
        made["key"] = str(file)
    exchange.ClientKeys.parse(alg, [text])
    name = "secrets" if alg == "HS256" else "keys"
    said = {"alg": alg, name: [text]} | ({"scope": scope} if scope else {})
    lines = [f"{what} = {json.dumps(value)}" for what, value in said.items()]  # as TOML writes it
    entry = "\n".join([f"[oauth.clients.{json.dumps(unit)}]", *lines])
    if as_json:
        print_facts({"settings": entry, **made}, as_json=True)
        return
    typer.echo(entry)
    for what, value in made.items():
        typer.echo(f"# {what}: {value}", err=True)


def _read(file: Path) -> str:
    from renkei.app.errors import FileUnreadable

    try:
        return file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise FileUnreadable(file=str(file), reason=str(error)) from error


def _write(file: Path, private: str) -> None:
    """Write a private key that its owner alone may read; overwrite nothing."""
    from renkei.app.errors import FileExists, FileUnreadable

    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise FileExists(file=str(file)) from None
    except OSError as error:
        raise FileUnreadable(file=str(file), reason=error.strerror or "") from error
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(private)
