"""The parameters of the REST interfaces: where to, who asks, for what, about whom."""

from typing import get_args

from renkei.standard.content import Catalogue
from renkei.standard.generate.records import json_value
from renkei.standard.generate.replies import TEXT
from renkei.standard.generate.schemas import value_schema
from renkei.standard.generate.values import Json
from renkei.standard.linkage import SubjectRelation
from renkei.standard.model import Item

MEMBER = "/r1/{instance}/{class}/{member}"


def _form(pattern: str) -> Json:
    """Return the schema of a text of this form, as a node checks it (RK-1.2 to RK-1.9)."""
    return {"type": "string", "pattern": f"^{pattern}$"}


_INSTANCE, _CLASS = "[A-Za-z0-9_\\-]{1,32}", "MUN|PREF|GOV|COM"
_NUMBER = "[0-9]{6}([0-9]{7})?"
IN_PATH: dict[str, Json] = {
    "instance": {"description": "基盤の名", "schema": _form(_INSTANCE), "example": "JP"},
    "class": {"description": "団体の種類", "schema": {"enum": [*_CLASS.split("|")]}},
    "member": {
        "description": "団体コードか法人番号",
        "schema": _form(_NUMBER),
        "example": "131016",
    },
}
CLIENT = _form(f"{_INSTANCE}/({_CLASS})/{_NUMBER}/[A-Za-z0-9_.\\-]{{1,64}}")
MESSAGE = _form("[!-~]([ -~]{0,253}[!-~])?")
_NAME = "[A-Za-z0-9_.:\\-]{1,64}"
NAME = _form(_NAME)
SUBJECT = _form(f"(?![0-9]{{12}}$){_NAME}")
"""Twelve digits are a 個人番号, which never travels (RK-1.7)."""
PURPOSE = _form("([A-Za-z0-9_.~\\-]|%[0-9A-Fa-f]{2})+")
RELATION: Json = {"enum": [*get_args(SubjectRelation)]}
IN_HEADER: dict[str, tuple[bool, str, Json]] = {
    "X-Road-Client": (True, "照会する業務ユニット。例 JP/MUN/131016/15", CLIENT),
    "X-Road-Id": (False, "電文番号。なければノードが付ける", MESSAGE),
    "X-Road-UserId": (
        False,
        "照会する職員の番号。職員の名で照会するユニットは必ず書く。団体の外に出ない",
        MESSAGE,
    ),
    "PF-Second": (
        False,
        "立ち会う職員の番号。支援措置の対象者についての照会に要る。団体の外に出ない",
        MESSAGE,
    ),
    "PF-Procedure": (True, "事務手続コード", NAME),
    "PF-Subject": (True, "対象者の宛名番号（照会する団体のもの）。個人番号は書かない", SUBJECT),
    "PF-Purpose": (
        False,
        "利用目的。UTF-8のパーセント符号化、200文字まで。団体の外に出ない",
        PURPOSE,
    ),
    "PF-Consent": (False, "本人(未成年者は保護者)の同意の番号。団体の外に出ない", NAME),
    "PF-Relation": (False, "対象者の関係。なければ申請者本人", RELATION),
    "PF-Mode": (False, "運用区分", {"enum": ["production", "drill", "test"]}),
    "PF-On": (False, "いつの時点の値か", {"type": "string", "format": "date"}),
    "PF-Release": (False, "照会を書いた標準の版。なければノードの版。回答も同じ版", NAME),
    "Content-Digest": (True, "sha-256=:…: 途中で切れたファイルは取り込まない", TEXT),
}
QUESTION = tuple(name for name in IN_HEADER if name != "Content-Digest")
NOTICE = ("X-Road-Client", "X-Road-Id", "PF-Mode")
ITEMS: Json = {
    "name": "items",
    "in": "query",
    "description": "項目の英語名。コンマ区切り。なければインタフェースの全項目",
    "schema": _form("[a-z][a-z0-9_]{0,63}(,[a-z][a-z0-9_]{0,63}){0,31}"),
}


def shared_parameters() -> dict[str, Json]:
    """Return the parameters operations refer to, by name."""
    in_path: dict[str, Json] = {
        name: {"name": name, "in": "path", "required": True, **said}
        for name, said in IN_PATH.items()
        if isinstance(said, dict)
    }
    in_header: dict[str, Json] = {
        name: {
            "name": name,
            "in": "header",
            "required": required,
            "description": says,
            "schema": kind,
        }
        for name, (required, says, kind) in IN_HEADER.items()
    }
    return in_path | in_header


def path_parameter(name: str, item: Item, example: str, standard: Catalogue) -> Json:
    """Return a parameter of an interface as a part of the path."""
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": item.ja,
        "schema": value_schema(item, standard, may_be_null=False),
        "example": json_value(item, example),
    }


def shared(*names: str) -> list[Json]:
    """Return references to these parameters."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
