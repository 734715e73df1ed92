"""Taking a list in, whoever brings it: checked whole, divided into batches, kept durably."""

from datetime import datetime

from renkei import federation, identity, kit
from renkei.app.bulk.bulk_list import check_list, parts_of
from renkei.app.bulk.kept_bulk import KeptBulk, encode_people
from renkei.app.bulk.plan import BulkPlan
from renkei.app.errors import BulkSetSmall
from renkei.exchange import bulks, tasks
from renkei.federation import BulkPerson, Desk


def take(
    conn: kit.Connection,
    desk: Desk,
    plan: BulkPlan,
    kept: KeptBulk,
    people: tuple[BulkPerson, ...],
    *,
    at: datetime,
    expires_at: datetime,
    seal: identity.Seal,
) -> tasks.Accepted:
    """Keep a list to be asked about, or raise what is wrong with it; the same again is no harm."""
    instance = desk.members.instance
    asked = kept.asked(people, "", instance=instance)
    if asked.order == "shuffled" and len(people) < plan.fewest:
        raise BulkSetSmall(found=len(people), least=plan.fewest)
    check_list(asked, instance=instance)
    federation.check_bulk(desk, asked, at=at)
    holder = desk.members.by_id(asked.call.service.provider.organisation.code)
    way = [holder.id, desk.directory.log_operator, *desk.directory.converters]
    is_relayed = any(desk.members.by_id(one).via not in ("", desk.tenant) for one in way)
    size = plan.step_of(kept.order, is_relayed=is_relayed)
    parts = [bulks.Handed(len(one), encode_people(one)) for one in parts_of(people, size)]
    envelope = asked.envelope
    return bulks.accept(
        conn,
        desk.tenant,
        envelope.client,
        envelope.id,
        kept.encoded(),
        parts,
        at=at,
        expires_at=expires_at,
        seal=seal,
    )
