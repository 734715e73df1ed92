"""An inquiry about many in the six desks' world: opened by A, brought to each party in turn."""

from dataclasses import dataclass, replace
from datetime import datetime
from secrets import token_bytes

import msgspec
from tests.federation.desks import AT, H1, H2, ITEMS, YEAR, A, B, Desks, L, as_tenant, log_signer
from tests.store.rows import register_number

from renkei import audit, exchange, federation, identity, kit
from renkei.federation.inquiry import Refused

FEWEST = 2


@dataclass
class Bulks:
    """What A asks about some people, and where it is brought."""

    conn: kit.Connection
    desks: Desks
    calls: int = 0

    def decided(
        self,
        *people: int | federation.BulkPerson,
        order: federation.Order = "ordered",
        fewest: int = FEWEST,
        procedure: str = "JT99000000001501",
        unit: str = "15",
        items: str = ITEMS,
        by: tuple[str | None, str | None] = (None, None),
        handed_at: datetime | None = None,
    ) -> federation.BulkDecided:
        """Let A decide a list, `by` whom its unit names."""
        envelope = exchange.Envelope(
            exchange.client(f"JP/MUN/{A}/{unit}"),
            "m-1",
            procedure=procedure,
            purpose="児童手当の現況確認",
            mode=audit.Mode.TEST,
            user_id=by[0],
            second=by[1],
        )
        call = exchange.service_call(f"/r1/JP/MUN/{B}/06/income/{YEAR}", f"items={items}")
        lines = tuple(
            federation.BulkPerson(register_number(one)) if isinstance(one, int) else one
            for one in people
        )
        asked = federation.BulkAsked(envelope, call, "bulk-1", order, lines, handed_at=handed_at)
        as_tenant(self.conn, A)
        desk, keys = self.desks.desk[A], self.desks.node[A]
        return federation.open_bulk(self.conn, desk, keys, asked, fewest=fewest, at=AT)

    def opened(self, *people: int, order: federation.Order = "ordered") -> federation.BulkOpened:
        """Let A decide a list that goes in one batch."""
        (opened,) = self.decided(*people, order=order).batches
        return opened

    def blinded(self, opened: federation.BulkOpened) -> federation.BulkCarried:
        """Blind a batch, as A does before it travels."""
        bulk = opened.bulk
        batch = identity.blind_batch(
            [(token_bytes(16), nym) for nym in opened.nyms],
            B,
            self.desks.desk[A].directory,
            mode=bulk.order,
            context=bulk.parties["context"],
        )
        return federation.BulkCarried(bulk, msgspec.Raw(identity.render(batch.request)))

    def brought(
        self, party: kit.Tenant, carried: federation.BulkCarried, *, at=AT, caller=A, nonce=""
    ) -> federation.BulkResponse:
        """Bring it to a party, as a message of its own."""
        self.calls += 1
        who = self.desks.caller(caller, nonce or f"{self.calls:022}")
        who = replace(who, envelope=replace(who.envelope, release=None))
        desk, facts = self.desks.desk[party], {"fewest": FEWEST, "at": at}
        as_tenant(self.conn, party)
        if party in (H1, H2):
            keys = self.desks.converter[party]
            return federation.convert_bulk(self.conn, desk, keys, who, carried, **facts)
        if party == L:
            return federation.receipt_bulk(self.conn, desk, self.desks.log, who, carried, **facts)
        return federation.answer_bulk(self.conn, desk, self.desks.node[B], who, carried, **facts)

    def converted(self, carried: federation.BulkCarried) -> federation.BulkCarried:
        """Let both converters add their step."""
        for party in (H1, H2):
            told = self.brought(party, carried)
            assert isinstance(told, federation.Stepped)
            steps = (*carried.conversions, told.step)
            carried = msgspec.structs.replace(carried, conversions=steps)
        return carried

    def receipted(self, carried: federation.BulkCarried) -> federation.BulkCarried:
        """Let the log operator enter each person and sign for them."""
        told = self.brought(L, carried)
        assert isinstance(told, federation.BulkReceipted)
        receipts = tuple(one.receipt for one in told.persons)
        return msgspec.structs.replace(carried, receipts=receipts)

    def at_door(self, *people: int, order: federation.Order = "ordered") -> federation.BulkCarried:
        """Take a list to the holder's door."""
        return self.receipted(self.converted(self.blinded(self.opened(*people, order=order))))

    def answered(self, carried: federation.BulkCarried) -> tuple[federation.ProvidedPerson, ...]:
        """Let B answer."""
        told = self.brought(B, carried)
        assert isinstance(told, federation.BulkProvided)
        return told.persons

    def refused(self, party: kit.Tenant, carried: federation.BulkCarried) -> str:
        """Let a party refuse all of it, and return why."""
        told = self.brought(party, carried)
        assert isinstance(told, Refused)
        assert told.by == party
        return told.reason

    def entries(self, tenant: kit.Tenant, bulk: federation.Bulk) -> list[audit.Entry]:
        """Return what a party entered: of the batch, then of each person by place."""
        as_tenant(self.conn, tenant)
        signer = log_signer(tenant)
        audit.sequence(self.conn, tenant, signer, at=AT)
        assert audit.verify(self.conn, tenant, signer.verifier) == []
        names = [bulk.inquiry.id, *(bulk.person(n + 1).id for n in range(bulk.persons))]
        return [
            logged.entry
            for name in names
            for logged in audit.entries_for_request(self.conn, tenant, name)
        ]
