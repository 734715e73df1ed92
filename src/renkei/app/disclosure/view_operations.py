"""The views in the house as they are described: what may be asked under `/own/`, how it ends."""

from renkei import exchange, federation, store
from renkei.app.disclosure.views import List, LookUp, PayTo, SendTo, Sent, View, Wanted
from renkei.app.openapi.operation import Content, Operation, Parameter, Reply, shared_header
from renkei.app.openapi.terms import DRAINING, UNIT, UNIT_ERRORS
from renkei.app.units.rest_answers import FAULT

UNIT_AND_SERVICE = (
    Parameter(
        "unit", "path", "業務ユニット番号", {"type": "string", "pattern": "^[A-Za-z0-9]{1,16}$"}
    ),
    Parameter(
        "service", "path", "サービス", {"type": "string", "pattern": "^[a-z][a-z0-9_]{0,63}$"}
    ),
)
HEADERS = (
    *("X-Road-Client", "X-Road-Id", "X-Road-UserId", "PF-Second"),
    *("PF-Procedure", "PF-Purpose", "PF-Consent", "PF-Mode"),
)
ERRORS = (
    *UNIT_ERRORS,
    exchange.BodyLate,
    exchange.BodyTooLarge,
    exchange.HeaderMalformed,
    exchange.HeaderMissing,
    exchange.HeaderTwice,
    exchange.HeaderUnknown,
    exchange.PersonalNumberInHeader,
    federation.InquiryIncomplete,
    federation.InquiryMalformed,
    federation.ModeDiffers,
    federation.ServiceUnknown,
    store.CursorStrange,
    store.ItemNotInEntity,
    store.ItemNotListed,
    store.LookupsFull,
    store.SelectionNotPermitted,
    store.SelectionUnfit,
    store.TooManyFound,
)


def _view(name: str, ja: str, en: str, asks: type[Wanted], told: type[View | Sent]) -> Operation:
    """Return the operation of one view."""
    return Operation(
        "POST",
        f"/own/{{unit}}/{{service}}/{name}",
        ja,
        en,
        (
            Reply(200, f"{ja}、または該当なし", Content(told)),
            Reply(403, "拒否。根拠か職員の権限がない", FAULT.content),
            DRAINING,
        ),
        FAULT,
        ERRORS,
        (UNIT,),
        (*UNIT_AND_SERVICE, *(shared_header(one) for one in (*HEADERS, "PF-On"))),
        Content(asks),
    )


SEND = _view("send-to", "送付先", "To whom something for a person is sent.", SendTo, Sent)
PAY = _view("pay-to", "口座", "Into which account money for a person goes.", PayTo, Sent)
LOOK = _view("look-up", "自団体の記録の照会", "Records of our own town by an item.", LookUp, View)
LISTED = _view("list", "自団体の記録の一覧", "A page of records of our own town.", List, View)
