"""How a REST interface replies: the fact, the receipt, the faults (RK-1.10, RK-1.11)."""

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter

from renkei.standard.generate.values import Json
from renkei.standard.linkage import Fault
from renkei.standard.mediation import Why

TEXT: dict[str, Json] = {"type": "string"}
_FACT: dict[str, Json] = {
    "inquiry": {"type": "string", "description": "照会番号"},
    "outcome": {"enum": ["answered", "not-held", "refused", "subject-unknown", "code-not-issued"]},
    "by": {"type": "string", "description": "答えた団体の番号"},
    "reason": TEXT,
    "provision": {"type": "string", "description": "根拠表の行"},
    "table": {"type": "string", "description": "根拠表の版"},
    "record": {"type": "null"},
    "receipt": {"type": "string", "description": "受領証"},
    "entry": {"type": "string", "description": "提供元のアクセス記録のハッシュ"},
    "release": {"type": "string", "description": "記録が書かれている標準の版"},
    "losses": {
        "type": "array",
        "description": "版や文字セットの違いで、そのままでは渡せなかった項目",
        "items": {"$ref": "#/components/schemas/Loss"},
    },
}
_CHARACTER: dict[str, Json] = {
    "position": {"type": "integer", "minimum": 1},
    "before": TEXT,
    "after": TEXT,
}


def closed(properties: dict[str, Json], title: str, *may_lack: str) -> dict[str, Json]:
    """Return the schema of an object that has exactly these members; some it may lack."""
    return {
        "title": title,
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in may_lack],
        "additionalProperties": False,
    }


def fact(record: Json) -> dict[str, Json]:
    """Return the schema of how an inquiry ended, with this schema of a record."""
    return closed({**_FACT, "record": {"anyOf": [record, {"type": "null"}]}}, "照会の結果")


def fact_example(record: Json) -> Json:
    """Return a fact that holds this record."""
    told: dict[str, Json] = dict.fromkeys(_FACT, "")
    told |= {"inquiry": "4d3a7c1e", "outcome": "answered", "by": "131016", "losses": []}
    return {**told, "record": record}


FIRST_ERROR = 400  # 該当なし is no error: 200, and a fact without a record

FAULT: Json = closed(
    {"type": TEXT, "message": TEXT, "detail": TEXT, "code": TEXT, "message_ja": TEXT}, "異常"
)

SCHEMAS: dict[str, Json] = {
    "Fact": closed(_FACT, "照会の結果（記録なし）"),
    "Loss": closed(
        {
            "item": {"type": "string", "description": "項目の英語名"},
            "why": {"enum": [why.value for why in Why]},
            "characters": {"type": "array", "items": closed(_CHARACTER, "置き換えた文字")},
        },
        "欠落",
        "characters",
    ),
    "Fault": FAULT,
    "Receipt": closed(
        {"message": TEXT, "code": {"type": "integer", "const": 0}, "text": TEXT}, "受領"
    ),
}


NODE_SAYS = {
    "400": "照会の書き方が正しくない（codeの異常を直して送り直す）",
    "401": "アクセストークンが正しくないか、期限が切れている（取り直す）",
    "403": "根拠となる規定がないか、提供しない（照会しない）",
    "404": "対象者がいない（宛名番号を確かめる）",
    "409": "符号が取得されていない（取得を依頼し、後で照会する）",
    "429": "多すぎる（Retry-Afterの秒数の後に送り直す）",
    "500": "ノードか提供元の障害、または必要なヘッダーがない（codeを見る）",
    "503": "ノードが停止しようとしている（Retry-Afterの秒数の後に送り直す）",
}
"""How a node answers a question whatever faults its interface names: status → what it means."""


def node_replies(*, with_fact: frozenset[int]) -> dict[str, Json]:
    """Return the replies of a node itself."""
    return {
        status: {
            "description": says,
            "headers": {"X-Road-Error": {"schema": TEXT}},
            "content": {"application/json": {"schema": _either(told=int(status) in with_fact)}},
        }
        for status, says in NODE_SAYS.items()
    }


def error_replies(faults: Iterable[Fault], *, with_fact: frozenset[int]) -> dict[str, Json]:
    """Return one reply a status; where a question may end so too, its fact is a second form."""
    errors = [fault for fault in faults if fault.status >= FIRST_ERROR]
    by_status = groupby(sorted(errors, key=attrgetter("status")), attrgetter("status"))
    return {
        str(status): _error_reply(tuple(group), told=status in with_fact)
        for status, group in by_status
    }


def _error_reply(faults: tuple[Fault, ...], *, told: bool) -> Json:
    return {
        "description": "。".join(f"{fault.ja}（{fault.remedy_ja}）" for fault in faults),
        "headers": {"X-Road-Error": {"schema": TEXT}},
        "content": {
            "application/json": {
                "schema": _either(told=told),
                "examples": {one.id: {"value": _fault_example(one)} for one in faults},
            }
        },
    }


def _either(*, told: bool) -> Json:
    fault: Json = {"$ref": "#/components/schemas/Fault"}
    return {"anyOf": [fault, {"$ref": "#/components/schemas/Fact"}]} if told else fault


def _fault_example(fault: Fault) -> Json:
    kind = "client.invalid_request"
    if fault.status == 403:
        kind = "server.clientproxy.access_denied"
    elif fault.status >= 500:
        kind = "server.serverproxy.service_failed"
    return {
        "type": kind,
        "message": f"{fault.en}. {fault.remedy_en}.",
        "detail": "4d3a7c1e",
        "code": fault.id,
        "message_ja": f"{fault.ja}。{fault.remedy_ja}。",
    }
