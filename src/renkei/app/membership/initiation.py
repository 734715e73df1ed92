"""Founding sites and the list that joins them: keys, settings, public rows, the signed list."""

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import msgspec

from renkei import audit, federation, kit, standard
from renkei.app.errors import FileExists, FileUnreadable
from renkei.app.membership.keys import Keys, file_signer
from renkei.app.membership.public_row import INSTANCE, read_row, write_row
from renkei.app.settings import SETTLE_SECONDS, Role, parse_settings, read_settings
from renkei.app.standards.releasing import shelved
from renkei.standard import characters

AUTHORITY = "renkei.example/members"

TEMPLATE = """\
# Renkei の拠点の設定です。すべての項目は docs/settings.md にあります。
# Settings of one Renkei site. Every setting is in docs/settings.md.

# 団体コード(6桁)または法人番号(13桁) / organisation
tenant = "{tenant}"
# node = ノード, converter = 変換機関, registrar = 付番機関, log = 記録機関
role = "{role}"
# production = 本番, drill = 訓練, test = 試験
mode = "{mode}"
# 参加団体一覧の署名者の検証鍵 / the verifier key of the members list's authority
authority = {authority}

# "embedded" か、PostgreSQL の接続文字列 / or a connection string
database = {database}
# PostgreSQL のプログラムの場所。空なら自動 / directory of its programs, empty: found
binaries = {binaries}
state = "state"
keys = "keys"
members = {members}
# 一覧の配布元(http(s)://… かファイル)。空なら members / where newer lists come from
directory = {directory}
# 配布元を見る間隔と、新しい鍵が載ってから使い始めるまでの秒数 / seconds between two looks, and
# from when new keys are listed until they are used
directory_seconds = {directory_seconds}
directory_settle_seconds = {directory_settle_seconds}

# 監督機関のトークンの SHA-256 / of the oversight token; empty closes that door
oversight = "{oversight}"

[doors]
# 参加団体向け(相互TLS) / for members
peers = {peers}
# 庁内の業務ユニット・職員・監督機関向け / for own units, staff, oversight: keep it on loopback
staff = {staff}

[units]
# 業務ユニット番号 = トークンの SHA-256 / unit number = SHA-256 of its token
{units}

# 数分だけ有効なトークンを取得するユニットは `renkei client` が表示する設定をここに加える
# a unit that fetches tokens (OAuth 2.0): add what `renkei client` prints

# 職員コンソールを使う職員は `renkei staff` が表示する設定をここに加える
# who may sign in at the console: add what `renkei staff` prints
# ほかの団体や認証基盤のアカウントでのサインインは docs/sign-in.md / single sign-on
"""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a new site is to be."""

    tenant: kit.Tenant
    role: Role
    mode: str
    member_class: federation.MemberClass
    ja: str
    en: str
    peers: str
    staff: str
    authority: str
    members: str = "members.json"
    directory: str = ""
    directory_seconds: int = 60
    directory_settle_seconds: int = SETTLE_SECONDS
    database: str = "embedded"
    binaries: str = ""
    units: tuple[str, ...] = ()
    organisations: tuple[kit.Tenant, ...] = ()
    console: str = ""


@dataclass(frozen=True, slots=True)
class Founded:
    """A site just founded: its settings file, its public row, and the tokens, shown once."""

    settings: Path
    public: Path
    tokens: dict[str, str]


def found_site(folder: Path, plan: Plan, *, at: datetime) -> Founded:
    """Make the keys, the settings file and the public row of a site; overwrite nothing."""
    settings, public = folder / "renkei.toml", folder / "public.json"
    for path in (settings, public):
        if path.exists():
            raise FileExists(file=str(path))
    tokens = {name: secrets.token_urlsafe(24) for name in (*plan.units, "oversight")}
    digests = {name: sha256(token.encode()).hexdigest() for name, token in tokens.items()}
    text = TEMPLATE.format(
        tenant=plan.tenant,
        role=plan.role,
        mode=plan.mode,
        authority=_quoted(plan.authority),
        database=_quoted(plan.database),
        binaries=_quoted(plan.binaries),
        members=_quoted(plan.members),
        directory=_quoted(plan.directory),
        directory_seconds=plan.directory_seconds,
        directory_settle_seconds=plan.directory_settle_seconds,
        peers=_quoted(plan.peers),
        staff=_quoted(plan.staff),
        oversight=digests["oversight"],
        units="\n".join(f'{_quoted(unit)} = "{digests[unit]}"' for unit in plan.units),
    )
    parse_settings(text.encode(), settings)  # what could not be read later is not made now
    folder.mkdir(parents=True, exist_ok=True)
    keys = Keys(folder / "keys", plan.tenant)
    keys.make(plan.role, organisations=plan.organisations, at=at)
    settings.touch(mode=0o600)  # a connection string may be put into it
    settings.write_text(text, encoding="utf-8")
    member = keys.member(
        plan.role,
        member_class=plan.member_class,
        ja=plan.ja,
        en=plan.en,
        url=f"https://{plan.peers}",
        units=plan.units,
        releases=(standard.catalogue().edition.edition,) if plan.role == "node" else (),
    )
    write_row(msgspec.structs.replace(member, console=plan.console), public)
    return Founded(settings, public, tokens)


def add_unit(folder: Path, unit: str) -> str:
    """Give a founded site one more unit that may ask; return its token.

    Members hear of it with the next version of their list.
    """
    settings, public = folder / "renkei.toml", folder / "public.json"
    token = secrets.token_urlsafe(24)
    line = f'{_quoted(unit)} = "{sha256(token.encode()).hexdigest()}"'
    text = settings.read_text(encoding="utf-8").replace("[units]\n", f"[units]\n{line}\n", 1)
    parse_settings(text.encode(), settings)
    settings.write_text(text, encoding="utf-8")
    member = read_row(public)
    units = tuple(sorted({*member.units, unit}))
    member = msgspec.structs.replace(member, units=units)
    write_row(member, public)
    return token


def accept_releases(settings: Path, charset: str, *, on: date) -> dict[str, object]:
    """Write the row of a site anew: the releases it has on a day, and what its systems hold."""
    site, public = read_settings(settings), settings.parent / "public.json"
    spoken = shelved(site.releases, site.authority).on(on)
    releases = tuple(one.edition.edition for one in spoken)
    member = read_row(public)
    held = characters.charset(charset) if charset else member.characters
    write_row(msgspec.structs.replace(member, releases=releases, characters=held), public)
    return {"public": str(public), "releases": list(releases), "characters": held.value}


def _quoted(text: str) -> str:
    """Return a text as TOML writes it, which is as JSON does."""
    return json.dumps(text, ensure_ascii=False)


def authority_signer(file: Path) -> audit.Signer:
    """Read the key of the authority, made at first use."""
    return file_signer(file, AUTHORITY)


def write_members(
    rows: Iterable[Path],
    out: Path,
    authority: audit.Signer,
    *,
    version: int,
    at: datetime,
    valid_for: timedelta = federation.VALID_FOR,
    instance: str = INSTANCE,
    anchors: Iterable[Path] = (),
) -> int:
    """Join public rows, and anchors, into the signed list; return how many members it has."""
    members = [read_row(path) for path in rows]
    text = federation.sign_members(
        members,
        authority,
        instance=instance,
        version=version,
        at=at,
        valid_for=valid_for,
        anchors=[read_anchor(path) for path in anchors],
    )
    fresh = out.with_name(f"{out.name}.new")
    fresh.write_bytes(text)
    fresh.replace(out)  # whoever reads it finds the old list or the new one
    return len(members)


def write_succession(row: Path, predecessors: Iterable[kit.Tenant]) -> tuple[str, ...]:
    """Write into a row whom its organisation succeeds besides; return all of them."""
    member = read_row(row)
    succeeds = tuple(dict.fromkeys((*member.succeeds, *predecessors)))
    write_row(msgspec.structs.replace(member, succeeds=succeeds), row)
    return succeeds


def read_anchor(file: Path) -> federation.Anchor:
    """Read what names another directory."""
    try:
        return kit.read_json(file.read_bytes(), federation.Anchor)
    except (OSError, msgspec.DecodeError) as error:
        raise FileUnreadable(file=str(file), reason=str(error)) from error


def write_anchor(anchor: federation.Anchor, file: Path, *, instance: str) -> None:
    """Write what names another directory in the list of an instance, once it is in its form."""
    federation.check_anchors((anchor,), instance)
    file.write_bytes(msgspec.json.format(msgspec.json.encode(anchor)))


def next_version(file: Path, authority: audit.Verifier) -> int:
    """Return the version after that of the list in a file; without one, the first."""
    if not file.exists():
        return 1
    try:
        return federation.read_members(file.read_bytes(), authority).version + 1
    except (OSError, kit.NodeError) as error:
        raise FileUnreadable(file=str(file), reason=str(error)) from error
