"""The evidence of one exchange as one file: what a court or a partner verifies without us.

A zip of our entries with their proofs, the signed members list, that of another directory where the
partner stands in it, the authority's key, a reading guide, the verifier itself, and sealed bodies
where they are released. The same entries under the
same checkpoint give the same bytes.
"""

import shutil
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import Self

import msgspec

from renkei import audit, federation, kit
from renkei.app.bodies.release import Release, release
from renkei.app.errors import ExchangeUnknown, FileExists, FileUnreadable, MembersMissing
from renkei.app.keeping.own_logs import witnessed
from renkei.app.membership import foreign_lists
from renkei.app.membership.keys import Keys
from renkei.app.membership.list_in_force import kept_file
from renkei.app.settings import Settings
from renkei.app.site import Site, now, prepare_database, read_desk, running_database

OF_A_LIST = "(本人の一覧 / a person's list)"
SEALED = ".sealed"
MOST_WITHIN = 16 << 20
"""Bytes of sealed bodies that go into the zip; what is larger is written beside it."""
MADE = (1980, 1, 1, 0, 0, 0)  # of every file in the zip: its bytes tell no time of export

README = """\
照会 {request} の証拠
Evidence of the request {request}

  bundle.json    {name}の記録と、それがログにあることの証明 / entries of {name_en}, and their proofs
  members.json   署名された参加団体一覧 / the signed members list
  directories/   相手方が載っている、他の参加団体一覧 / of another directory, the partner's list
  authority.txt  一覧に署名した機関の鍵 / the key of the authority that signed it
  verify.py      検証プログラム / the verifier

確かめ方: Python 3.8以降で、通信なしに実行します。鍵と検証プログラムは、この束とは別の経路で得た
ものを使ってください。相手方の束も渡すと、両者が一致するかを確かめます。電文の本文は、入っていると
しても封をしたもの(bodies/)だけで、開くには開封責任者の鍵が要ります。本文が手元にあれば、渡すと
ダイジェストと比べます。

How to verify: with Python 3.8 or newer, without a network. Use a key and a verifier you got by
another way than this bundle. Give the other party's bundle beside it, if you have it, to see
whether the two agree. The bodies of the messages are in here only sealed (bodies/), if at all:
their custodian's key opens them. Give yours, if you have them, to have them compared.

  python verify.py bundle.zip [bundle2.zip] --authority KEY [--authority KEY2]
         [--question-body FILE] [--answer-body FILE] [--sealed FILE] [--lang ja|en] [--json]

終了コード / exit status: 0 すべて確かめた proven, 1 壊れている broken, 2 読めない unreadable,
3 壊れていないが確かめていないことがある something rests on what was not given
"""


@dataclass(frozen=True, slots=True)
class Exporter:
    """What an organisation needs to give its evidence away."""

    settings: Settings
    key: audit.Verifier
    members: federation.Members

    @classmethod
    def of(cls, site: Site) -> Self:
        """Take what a running site knows."""
        return cls(site.settings, site.signer.verifier, site.desk.members)

    def pack(self, conn: kit.Connection, request: str, *, withheld: bool = False) -> bytes:
        """Return the zip of what is entered here about a request.

        `withheld` opens what the law withholds too; it is for the oversight body.
        """
        return self.zip(self.bundle(conn, request, withheld=withheld), request, {})

    def pack_list(self, conn: kit.Connection, labels: Sequence[bytes]) -> bytes:
        """Return the zip of a person's whole list, in the chains with these labels."""
        seen, tenant = witnessed(self.settings, self.key), self.settings.tenant
        bundle = audit.bundle(conn, tenant, self.key, labels=labels, witnessed=seen)
        return self.zip(bundle, OF_A_LIST, {})

    def bundle(self, conn: kit.Connection, request: str, *, withheld: bool = False) -> bytes:
        """Return the entries about a request with their proofs, if there are any."""
        seen, tenant = witnessed(self.settings, self.key), self.settings.tenant
        bundle = audit.bundle(
            conn, tenant, self.key, request=request, withheld=withheld, witnessed=seen
        )
        if not _items(bundle):
            raise ExchangeUnknown(request=request[:80])
        return bundle

    def zip(self, bundle: bytes, request: str, sealed: Mapping[str, bytes]) -> bytes:
        """Return the zip of a bundle, with sealed bodies by their digests."""
        me = self.members.by_id(self.settings.tenant)
        readme = README.format(request=request, name=me.ja, name_en=me.en)
        return _zipped(
            {
                "README.txt": readme.encode(),
                "authority.txt": f"{self.settings.authority}\n".encode(),
                "bundle.json": bundle,
                "members.json": _list_in_force(self.settings),
                "verify.py": (files("renkei.app.proofs") / "offline_verifier.py").read_bytes(),
            }
            | {f"directories/{name}.json": text for name, text in self._directories(bundle)}
            | {f"bodies/{digest}{SEALED}": data for digest, data in sealed.items()}
        )

    def _directories(self, bundle: bytes) -> Iterator[tuple[str, bytes]]:
        """Yield the lists of other directories in which a party of the entries stands."""
        cores = (item.leaf.core for item in _items(bundle))
        parties = {number for core in cores for number in (core.asker, core.holder)}
        found = {self.members.directory_of(number) for number in parties}
        for anchor in sorted(filter(None, found), key=lambda one: one.name):
            yield anchor.name, _read(foreign_lists.kept_file(self.settings, anchor))


def _list_in_force(settings: Settings) -> bytes:
    """Return the members list as it is kept; of a site that never ran, as it lies at hand."""
    file = kept_file(settings)
    if not file.exists() and isinstance(settings.list_source, Path):
        file = settings.list_source
    return _read(file)


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise MembersMissing(file=str(file), reason=error.strerror or "") from error


class _Core(msgspec.Struct):
    """Of the core of an entry, between whom it was."""

    asker: str
    holder: str


class _Leaf(msgspec.Struct):
    """Of a leaf, its core."""

    core: _Core


class _Item(msgspec.Struct):
    """Of an item of a bundle, its leaf."""

    leaf: _Leaf


class _Bundle(msgspec.Struct):
    """Of a bundle, its entries."""

    entries: list[_Item]


def _items(bundle: bytes) -> list[_Item]:
    return [one for part in audit.parts_of(bundle) for one in kit.read_json(part, _Bundle).entries]


def _zipped(contents: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in contents.items():
            info = zipfile.ZipInfo(name, MADE)
            info.compress_type = (
                zipfile.ZIP_STORED if name.endswith(SEALED) else zipfile.ZIP_DEFLATED
            )
            info.external_attr = 0o644 << 16
            archive.writestr(info, data)
    return out.getvalue()


def file_name(request: str) -> str:
    """Return what an evidence file is called: of the request's own signs, those safe in a name.

    >>> file_name("JP-5c7e/1")
    'evidence-JP-5c7e-1.zip'
    """
    safe = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in request)
    return f"evidence-{safe[:80]}.zip"


def write_evidence(
    settings: Settings,
    request: str,
    out: Path | None,
    *,
    withheld: bool = False,
    released: Release | None = None,
) -> list[Path]:
    """Write the evidence of a request from a site's database into a file; overwrite none.

    With a release the sealed bodies go along: in the zip, and larger ones in files beside it.
    """
    key = Keys(settings.keys, settings.tenant).signer().verifier
    exporter = Exporter(settings, key, read_desk(settings).members)
    bodies: dict[str, Path] = {}
    path = out or Path(file_name(request))
    if path.exists():  # said before anything is entered as released
        raise FileExists(file=str(path))
    with running_database(settings) as dsn:
        prepare_database(dsn, settings)
        with kit.Database(dsn, size=1) as database, database.transaction(settings.tenant) as conn:
            bundle = exporter.bundle(conn, request, withheld=withheld)
            if released is not None:
                bodies = release(conn, settings, request, bundle, released, at=now())
    try:
        within = _within(bodies)
        with path.open("xb") as file:
            file.write(exporter.zip(bundle, request, within))
        beside = [
            _beside(path, digest, file) for digest, file in bodies.items() if digest not in within
        ]
    except FileExistsError as error:
        raise FileExists(file=str(error.filename)) from error
    except OSError as error:
        raise FileUnreadable(file=str(error.filename), reason=error.strerror or "") from error
    return [path, *beside]


def _within(bodies: dict[str, Path]) -> dict[str, bytes]:
    """Return the bodies that go into the zip, in their order as far as there is room."""
    found: dict[str, bytes] = {}
    room = MOST_WITHIN
    for digest, file in bodies.items():
        size = file.stat().st_size
        if size <= room:
            found[digest] = file.read_bytes()
            room -= size
    return found


def _beside(bundle: Path, digest: str, file: Path) -> Path:
    """Copy a large body beside the zip."""
    path = bundle.with_name(f"{bundle.stem}-{digest[:12]}{SEALED}")
    with file.open("rb") as body, path.open("xb") as copy:
        shutil.copyfileobj(body, copy, 1 << 20)
    return path
