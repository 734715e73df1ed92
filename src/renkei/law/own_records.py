"""What a unit keeps it may use for its own procedures; no row of the table is needed for that.

The provision table says who may ask *another* unit or body. A unit's own records were gathered for
its own affair (利用目的, 個人情報保護法61条), and using them for it is what they are for: 69条1項
forbids a use beside the purpose, and the authority's answers (個人情報保護委員会 行政機関等向け
FAQ 3-3-2) say the converse in so many words. What is handled with special care (個人番号,
住民票コード, 本籍 and the like) stays closed here too: for that a row is needed.
"""

from datetime import date

from renkei.law.decisions import Permit, Reason, Refusal, Request
from renkei.law.provisions import ProvisionTable
from renkei.standard import OWN, Care, Catalogue, DefinitionUnknown

CITATION = "個人情報保護法69条1項（利用目的の範囲内での自らの利用）"
OPEN = frozenset({Care.ordinary, Care.personal})


def decide_own_records(
    request: Request, standard: Catalogue, table: ProvisionTable, on: date
) -> Permit | Refusal:
    """Permit a unit to use what it keeps itself, for a procedure of its own in force on a day."""
    if request.holder_kind != OWN or request.holder != request.asker:
        return Refusal(request, Reason.HOLDER_NOT_NAMED, table.version, on)
    try:
        procedure = standard.procedure(request.procedure)
        held = [standard.holder_of(item) for item in request.items]
    except DefinitionUnknown as unknown:
        is_item = unknown.facts["kind"] == "item"
        reason = Reason.ITEM_NOT_NAMED if is_item else Reason.PROCEDURE_NOT_NAMED
        return Refusal(request, reason, table.version, on)
    if procedure.unit != request.asker_unit:
        return Refusal(request, Reason.PROCEDURE_NOT_NAMED, table.version, on)
    if on < procedure.since or (procedure.until is not None and procedure.until < on):
        return Refusal(request, Reason.NOT_IN_FORCE, table.version, on)
    for entity, item in held:
        if entity.unit != request.asker_unit or item.handling.care not in OPEN:
            return Refusal(request, Reason.ITEM_NOT_NAMED, table.version, on)
    if not held:
        return Refusal(request, Reason.ITEM_NOT_NAMED, table.version, on)
    return Permit(request, f"OWN-{request.asker_unit}", CITATION, table.version, on)
