"""What members ask each other, by role, as it is described: the line of docs/protocol, 2 to 7.

The dispatch of the hub's doors goes by these operations; every message is signed besides, which
OpenAPI cannot say.
"""

from renkei import exchange, federation, kit
from renkei.app.errors import NodeBusy, NodeDraining, PathUnknown
from renkei.app.keeping import findings_told
from renkei.app.openapi.operation import (
    Content,
    Named,
    Operation,
    Parameter,
    Proof,
    Reply,
    Shape,
    Telling,
    shared_header,
)
from renkei.app.proofs import exchange_lists
from renkei.app.settings import Role
from renkei.app.sign_in import member_issuer
from renkei.standard.generate import FAULT, Json

PATH = "/openapi-members.json"
TITLE = "参加団体どうしの窓口"
SAYS = (
    "一覧に載った証明書による相互TLSの上で、すべての電文と回答に署名する（docs/protocol 2）。"
    "中継する電文（`/r1/…`、17）、封をした照会（18）、団体間の文書（`/letters`、52）はここに記述しない。\n\n"
    "Mutual TLS by the certificates of the members list; every message and answer is signed. "
    "Messages passed on (`/r1/…`), sealed ones and letters between bodies (`/letters`) are not "
    "described here."
)
LINE = Proof("member", "参加団体一覧の証明書", {"type": "mutualTLS"})
TEXT: Json = {"type": "string"}
SIGNED = ("PF-To", "Content-Digest", "Signature-Input", "Signature")
HEADERS = (
    *(shared_header(name) for name in ("X-Road-Client", "X-Road-Id", "PF-Mode")),
    *(Parameter(name, "header", "docs/protocol 2", TEXT) for name in SIGNED),
)
TELLING = Telling(Content(Named("Fault", FAULT)), lambda error: error.status)
ERRORS = (
    *(exchange.SignatureMissing, exchange.SignatureMalformed, exchange.SignatureIncomplete),
    *(exchange.SignatureKeyUnknown, exchange.SignatureExpired, exchange.SignatureWrong),
    *(exchange.DigestWrong, exchange.Replayed, exchange.HeaderMalformed, exchange.HeaderMissing),
    *(federation.CallerNotEntitled, federation.NotForUs, federation.ModeDiffers),
    *(federation.InquiryMalformed, PathUnknown, NodeBusy, NodeDraining, kit.DatabaseUnreachable),
)


def _line(
    path: str,
    ja: str,
    en: str,
    told: Shape,
    asks: Content | None = None,
    *,
    may_refuse: bool = True,
) -> Operation:
    """Return what a member asks another one, with a yes of this shape and a lawful no."""
    no = (Reply(403, "拒否。根拠がない", Content(federation.Refused)),) if may_refuse else ()
    replies = (Reply(200, ja, Content(told)), *no)
    method = "GET" if asks is None else "POST"
    return Operation(method, path, ja, en, replies, TELLING, ERRORS, (LINE,), HEADERS, asks)


CARRIED, ISSUED = Content(federation.Carried), Content(federation.Issued)
STATE = _line(
    federation.STATE,
    "どの一覧と根拠表によっているか",
    "What two members must agree on.",
    federation.State,
    may_refuse=False,
)
ANSWER = _line(
    federation.ANSWER,
    "照会への回答。ポータルには本人の利用記録の束（docs/protocol 40.8）",
    "The holder answers an inquiry; a portal is told the person's bundle (docs/protocol 40.8).",
    federation.Provided,
    CARRIED,
)
USAGE_PERIOD = _line(
    federation.USAGE_PERIOD,
    "いつからの利用記録があるか",
    "From when on there are entries, for a member that has a portal.",
    federation.Period,
    may_refuse=False,
)
CONVERT = _line(
    federation.CONVERT,
    "符号の変換",
    "A converter converts what it cannot read.",
    federation.Done,
    CARRIED,
)
RECEIPT = _line(
    federation.RECEIPT,
    "受領証",
    "The log operator promises that the entry will stand in its log.",
    federation.Receipted,
    CARRIED,
)
CONVERT_ISSUANCE = _line(
    federation.CONVERT_ISSUANCE,
    "付番の変換",
    "A converter converts an issuance.",
    federation.Issued,
    ISSUED,
    may_refuse=False,
)
ENROL = _line(
    federation.ENROL,
    "付番の登録",
    "The log operator enrols whose code was issued.",
    Named("Enrolled", {"type": "object"}),
    ISSUED,
    may_refuse=False,
)
ISSUE = _line(
    federation.ISSUE,
    "付番",
    "The registrar issues codes for an organisation's people.",
    federation.Issued,
    Content(federation.Acquisition),
    may_refuse=False,
)
FOLLOWING = _line(
    federation.FOLLOWING,
    "符号の引継ぎ",
    "The registrar tells an organisation which of its codes follow others, or end.",
    federation.Following,
    Content(federation.FollowingAsked),
    may_refuse=False,
)
MOVED = Content(federation.Transferred)
CONVERT_TRANSFER = _line(
    federation.CONVERT_TRANSFER,
    "承継する符号の変換",
    "A converter carries the codes of an organisation over to its successor.",
    federation.Transferred,
    MOVED,
    may_refuse=False,
)
RECEIPT_TRANSFER = _line(
    federation.RECEIPT_TRANSFER,
    "承継の受領証",
    "The log operator promises the entry of a transfer.",
    federation.Transferred,
    MOVED,
    may_refuse=False,
)
BULK = Content(federation.BulkCarried)
CONVERT_BULK = _line(
    federation.CONVERT_BULK,
    "一括照会の符号の変換",
    "A converter adds its step to a batch.",
    federation.Stepped,
    BULK,
)
RECEIPT_BULK = _line(
    federation.RECEIPT_BULK,
    "一括照会の受領証",
    "The log operator promises an entry for each person of a batch.",
    federation.BulkReceipted,
    BULK,
)
ANSWER_BULK = _line(
    federation.ANSWER_BULK,
    "一括照会への回答",
    "The holder answers about each person of a batch.",
    federation.BulkProvided,
    BULK,
)
QUOTIENT = _line(
    federation.QUOTIENT,
    "符号の更新",
    "A converter hands an organisation the quotient of two versions of its codes.",
    Named("Quotient", {"type": "object"}),
    Content(federation.QuotientAsked),
    may_refuse=False,
)
CLOSE = _line(
    federation.CLOSE,
    "符号の閉鎖",
    "The log operator closes the handles of persons.",
    Named("Closed", {"type": "object"}),
    ISSUED,
    may_refuse=False,
)
EXCHANGES_ON = _line(
    exchange_lists.EXCHANGES,
    "一日の照会の一覧",
    "What is entered here of a day's exchanges with the member that asks.",
    exchange_lists.Listed,
    may_refuse=False,
)
FINDINGS = _line(
    findings_told.FINDINGS,
    "三者の突合で分かったことの通知",
    "What a comparison of logs found is told to whom it names.",
    findings_told.FindingsKept,
    Content(findings_told.Findings),
    may_refuse=False,
)
SIGN_IN_TOKEN = _line(
    member_issuer.TOKEN,
    "職員の認証の引換え",
    "A member brings the code of one of our staff (docs/protocol/sign-in.md).",
    Named("IdToken", {"type": "object"}),
    Content(Named("CodeForm", {"type": "object"}), "application/x-www-form-urlencoded"),
    may_refuse=False,
)
SIGN_IN_KEYS = _line(
    member_issuer.KEYS,
    "IDトークンの鍵",
    "The keys that ID tokens are verified by.",
    Named("Jwks", {"type": "object"}),
    may_refuse=False,
)
LINES: dict[Role, tuple[Operation, ...]] = {
    "node": (
        *(STATE, EXCHANGES_ON, FINDINGS, ANSWER, ANSWER_BULK, USAGE_PERIOD),
        *(SIGN_IN_TOKEN, SIGN_IN_KEYS),
    ),
    "converter": (
        *(STATE, EXCHANGES_ON, FINDINGS),
        *(CONVERT, CONVERT_ISSUANCE, CONVERT_TRANSFER, CONVERT_BULK, QUOTIENT),
    ),
    "registrar": (STATE, EXCHANGES_ON, FINDINGS, ISSUE, FOLLOWING),
    "log": (STATE, EXCHANGES_ON, FINDINGS, RECEIPT, ENROL, RECEIPT_TRANSFER, RECEIPT_BULK, CLOSE),
}
"""Role → what its door for members answers."""
