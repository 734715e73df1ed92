"""Who looked at a person's data the person may see, through a portal of another house too.

No row of the table is needed: it is the person's own right against each house. What is decided is
who may carry the question there: a unit that the members list names as a portal, for the person who
is logged in there and for nobody else, and for the access record alone.
"""

from collections.abc import Collection
from datetime import date

from renkei.law.decisions import Permit, Reason, Refusal, Request
from renkei.law.provisions import ProvisionTable
from renkei.standard import OWN

OWN_ACCESS = "OWN-ACCESS"
"""The procedure and the provision of such a question: the person's own access record."""
ACCESS_RECORD = "access-record"
"""The information and the one item that is asked for."""
CITATION = "個人情報保護法76条（本人の開示請求権）、番号法附則6条3項（情報提供等記録開示システム）"


def decide_own_access(
    request: Request, portals: Collection[str], table: ProvisionTable, on: date
) -> Permit | Refusal:
    """Permit a portal to ask another house for the access record of who is logged in there."""
    lacks = {
        Reason.PROCEDURE_NOT_NAMED: request.procedure != OWN_ACCESS,
        Reason.ASKER_NOT_NAMED: request.asker_unit not in portals,
        Reason.HOLDER_NOT_NAMED: request.holder_kind == OWN or request.holder == request.asker,
        Reason.INFORMATION_NOT_NAMED: request.information != ACCESS_RECORD,
        Reason.ITEM_NOT_NAMED: request.items != (ACCESS_RECORD,),
        # 代理: whether somebody may act for the person only the house itself can look into.
        Reason.PERSON_NOT_NAMED: request.relation != "applicant",
    }
    for reason, is_lacking in lacks.items():
        if is_lacking:
            return Refusal(request, reason, table.version, on)
    return Permit(request, OWN_ACCESS, CITATION, table.version, on)
