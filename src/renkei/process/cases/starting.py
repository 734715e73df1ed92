"""Cases that a message begins: by the definition in force that has a start event for it.

Where a case of that process already runs under the same key, none begins: the message waits for it.
"""

from datetime import datetime
from uuid import UUID

from renkei import kit
from renkei.kit import Connection, Tenant, queries
from renkei.process import bpmn
from renkei.process.bpmn import Variables
from renkei.process.bpmn.elements.start_event import StartEvent
from renkei.process.cases.cases import Begun, begin
from renkei.process.cases.definitions import Deployed, Library

sql = queries("renkei.process")

MESSAGE = "messageEventDefinition"


def woken_by(definition: bpmn.Definition, name: str) -> str:
    """Return the start event of the main process that a message of this name wakes; or nothing."""
    for element in definition.main.elements:
        if isinstance(element, StartEvent) and any(
            one.tag == MESSAGE and one.name == name for one in element.triggers
        ):
            return element.id
    return ""


def begin_by(
    conn: Connection,
    tenant: Tenant,
    held: Deployed,
    element: str,
    variables: Variables,
    library: Library,
    *,
    actor: str,
    business_key: str,
    at: datetime,
    basis: str = "",
) -> UUID | None:
    """Begin a case at a start event; return its number, or None where one runs under the key.

    What keeps it from beginning is raised, and nothing of it stays.
    """
    if business_key:
        asked = {"tenant": tenant, "process": held.process, "business_key": business_key}
        row = conn.execute(sql.runs_under, asked).fetchone()
        if row is not None and row[0]:
            return None
    id_, day = UUID(kit.timed_number()), kit.day_of(at)
    start = bpmn.Start(at, variables, element)
    one = Begun(id_, held, day, start, actor, basis, business_key)
    with conn.transaction():
        begin(conn, tenant, [one], library, at=at)
    return id_
