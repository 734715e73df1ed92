"""What a node does with another organisation's inquiry about many; it is counted as one."""

import time
from collections.abc import Callable
from datetime import datetime

from renkei import exchange, federation, kit
from renkei.app.bulk.gate import BulkGate
from renkei.app.hub import bulk_answer
from renkei.app.operations.running import Running
from renkei.app.passing.provider_door import provided
from renkei.app.site import Site
from renkei.exchange import Answer
from renkei.federation import Caller, Refused


def bulk_handler(site: Site, running: Running) -> Callable[[Caller, datetime], Answer]:
    """Return the holder's part."""
    keys, gate = site.keys.node(), BulkGate(site.settings.bulk.at_once)

    def handle(caller: Caller, at: datetime) -> Answer:
        begun, size, desk = time.perf_counter(), len(caller.question.body), site.desk
        with gate.entered():
            carried = federation.parse_bulk(caller.question.body)
            inquiry = carried.bulk.inquiry
            series, told = provided(inquiry.holder_unit, inquiry.service, caller.member.id), 0
            try:
                with site.database.transaction(desk.tenant) as conn:
                    reply = federation.answer_bulk(
                        conn, desk, keys, caller, carried, fewest=site.settings.bulk.fewest, at=at
                    )
                release = caller.envelope.release or desk.releases.own.edition.edition
                answer = bulk_answer(reply).with_fields((exchange.RELEASE, release))
                told = len(answer.body)
                if isinstance(reply, Refused):
                    series = series._replace(outcome="refused", error=reply.reason)
            except Exception as error:
                series = series._replace(outcome="failed", error=kit.code_of(error))
                raise
            finally:
                running.records.add(series, time.perf_counter() - begun, size, told)
        return answer

    return handle
