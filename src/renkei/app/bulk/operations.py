"""What the door of inquiries about many does, as it is described."""

from datetime import datetime
from typing import Any, get_args

import msgspec

from renkei import exchange, federation
from renkei.app.bulk.bulk_answer import BulkAnswer
from renkei.app.errors import (
    BulkListEmpty,
    BulkListLarge,
    BulkListWrong,
    BulkPersonTwice,
    BulkSetSmall,
    BulkUnanswered,
    ParameterMalformed,
    QuestionsTooMany,
    TaskUnknown,
)
from renkei.app.openapi.operation import Content, Named, Operation, Parameter, Reply, shared_header
from renkei.app.openapi.terms import UNIT, UNIT_ERRORS
from renkei.app.units.rest_answers import FAULT

ORDERS = get_args(federation.Order)


class BulkProgress(msgspec.Struct, frozen=True):
    """What a unit is told of an inquiry about many: how far it is."""

    number: str
    state: str
    persons: int
    answered: int
    accepted_at: datetime
    expires_at: datetime


LIST = Content(
    Named(
        "BulkList",
        {
            "type": "object",
            "required": ["persons"],
            "additionalProperties": False,
            "properties": {
                "persons": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": 65_535,
                    "items": {
                        "type": "object",
                        "required": ["subject"],
                        "additionalProperties": False,
                        "properties": {
                            "subject": {"type": "string", "description": "宛名番号"},
                            "relation": {"enum": ["applicant", "household", "guardian", "minor"]},
                            "consent": {"type": "string", "description": "同意番号"},
                        },
                    },
                }
            },
        },
    )
)


def _like(pattern: str) -> dict[str, Any]:
    return {"type": "string", "pattern": f"^{pattern}$"}


NUMBER = Parameter("number", "path", "処理通番", {"type": "string", "format": "uuid"})
POLLED = (NUMBER, shared_header("X-Road-Client"))
ASK = Operation(
    "POST",
    "/bulk/{instance}/{member_class}/{member}/{unit}/{service:path}",
    "一括照会",
    "Hand a list of persons over; each is decided, entered and answered singly.",
    (Reply(202, "受け付けた。処理通番で進み具合と回答を取りに来る", Content(BulkProgress)),),
    FAULT,
    (
        *UNIT_ERRORS,
        *(BulkListWrong, BulkListEmpty, BulkListLarge, BulkPersonTwice, BulkSetSmall),
        *(ParameterMalformed, QuestionsTooMany, exchange.RequestIdReused, exchange.BodyTooLarge),
    ),
    (UNIT,),
    (
        Parameter("instance", "path", "インスタンス", _like("[A-Z]{2,8}")),
        Parameter("member_class", "path", "団体の種類", {"enum": list(exchange.CLASSES)}),
        Parameter("member", "path", "団体番号", _like("[0-9]{6,13}")),
        Parameter("unit", "path", "業務ユニット", _like("[0-9]{2}")),
        Parameter("service", "path", "サービス（/r1/の後と同じ）", _like("[a-z_]{1,40}")),
        Parameter("order", "query", "順序", {"enum": list(ORDERS)}, required=False),
        Parameter("items", "query", "データ項目", {"type": "string"}, required=False),
        *(
            shared_header(name)
            for name in (
                *("X-Road-Client", "X-Road-Id", "X-Road-UserId", "PF-Second"),
                *("PF-Procedure", "PF-Purpose", "PF-Mode"),
            )
        ),
    ),
    LIST,
)
PROGRESS = Operation(
    "GET",
    "/bulk/{number}",
    "一括照会の進み具合",
    "How many persons have an answer.",
    (
        Reply(202, "照会中（Retry-Afterの秒数の後に取りに来る）", Content(BulkProgress)),
        Reply(200, "終わった", Content(BulkProgress)),
    ),
    FAULT,
    (*UNIT_ERRORS, TaskUnknown),
    (UNIT,),
    POLLED,
)
FETCH = Operation(
    "GET",
    "/bulk/{number}/answer",
    "一括照会の回答",
    "A line for each person in the order asked; CSV where `Accept` names it.",
    (Reply(200, "全員分の結果", Content(BulkAnswer)),),
    FAULT,
    (*UNIT_ERRORS, TaskUnknown, BulkUnanswered),
    (UNIT,),
    POLLED,
)
