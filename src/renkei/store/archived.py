"""Reading what was moved away: with the archive's own right, against a permit, leaving an entry."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from renkei import audit
from renkei.kit import Connection, Tenant
from renkei.law import Permit
from renkei.standard import Entity
from renkei.store import archive as archives
from renkei.store.errors import PermitElsewhere


@dataclass(frozen=True, slots=True)
class ArchivedRecord:
    """The permitted items of one version, and the days it held."""

    values: Mapping[str, object]
    valid_from: date
    valid_to: date | None


def read_archived(
    conn: Connection,
    archive: Connection,
    tenant: Tenant,
    permit: Permit,
    entity: Entity,
    key: Mapping[str, str],
    *,
    request: str,
    by: str,
    mode: audit.Mode,
    at: datetime,
) -> list[ArchivedRecord]:
    """Return the versions of a record in the archive, and enter that it was looked at.

    `archive` is a connection under the role `renkei_archive`; the entry stands in `conn`.
    """
    if permit.request.holder != tenant:
        raise PermitElsewhere(holder=permit.request.holder, tenant=tenant)
    named = {item.id: item.name for item in entity.items}
    items = [named.get(number, number) for number in permit.request.items]
    found = archives.read(archive, tenant, entity.name, [key[name] for name in entity.key])
    audit.append(
        conn,
        tenant,
        audit.Entry(
            kind=audit.Kind.VIEW,
            request=request,
            at=at,
            asker=tenant,
            holder=tenant,
            procedure=permit.request.procedure,
            outcome="answered" if found else "not-held",
            mode=mode,
            items=permit.request.items,
            provision=permit.provision,
            table=permit.table,
            details={"by": by, "archive": entity.name, "versions": str(len(found))},
        ),
    )
    return [
        ArchivedRecord({name: record.get(name) for name in items}, valid_from, valid_to)
        for record, valid_from, valid_to in found
    ]
