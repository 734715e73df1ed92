"""What the descriptions of all doors share: how an error is told, whose token is wanted."""

import msgspec

from renkei import exchange, kit
from renkei.app.errors import TokenRefused
from renkei.app.openapi.operation import Content, Proof, Reply, Telling

Errors = tuple[type[kit.NodeError], ...]


class ErrorTold(msgspec.Struct, frozen=True):
    """An error as the doors beside `/r1/` tell it."""

    code: str
    message: str
    message_ja: str


TELLING = Telling(Content(ErrorTold), lambda error: error.status)
OVERSIGHT = Proof("oversight", "監督機関のトークン（設定 `oversight`）")
UNIT = Proof("unit", "業務ユニットのトークン（設定 `units`）、または /token で取得したトークン")
DRAINING = Reply(
    503, "ノードが停止しようとしている（Retry-Afterの秒数の後に送り直す）", TELLING.content
)
UNIT_ERRORS: Errors = (
    TokenRefused,
    exchange.AccessTokenExpired,
    exchange.AccessTokenWrong,
    exchange.ScopeInsufficient,
    exchange.HeaderMissing,
    exchange.AddressIncomplete,
    exchange.AddressMalformed,
    exchange.AddressUnsafe,
    exchange.MemberClassUnknown,
    exchange.MemberCodeWrong,
    kit.DatabaseUnreachable,
)
"""What keeps a unit out that is not named or not proven."""
